"""What a batch is asked, and its record in the store: enough to go on with it after anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.store.records import Actor, ActorKind

BATCH_ACTOR = Actor("evenhand batch", ActorKind.SERVICE)
"""Who asks in the name of the batch: a service, which may decide nothing."""


@dataclass(frozen=True)
class BatchAsked:
    """A batch.

    folder: where the PDUs lie; None for region, the stored problems of PDUs whose code begins so. policy_hash: of the
    policy kept in the store. seconds: wall time for all of it, None with a work limit alone. work: deterministic work
    for all of it. workers: how many solve at a time, by which wall time becomes solving time. day: the plan date of
    extracts that state none.
    """

    folder: str | None
    region: str | None
    policy_hash: str
    seconds: float | None
    work: float | None
    seed: int
    workers: int
    day: dt.date

    def as_json(self) -> dict[str, Any]:
        """The batch as the store keeps it."""
        return {
            "folder": self.folder,
            "region": self.region,
            "policyHash": self.policy_hash,
            "seconds": self.seconds,
            "work": self.work,
            "seed": self.seed,
            "workers": self.workers,
            "day": self.day.isoformat(),
        }

    @staticmethod
    def of_json(value: Mapping[str, Any]) -> BatchAsked:
        """What `as_json` wrote."""
        return BatchAsked(
            value["folder"],
            value["region"],
            value["policyHash"],
            value["seconds"],
            value["work"],
            value["seed"],
            value["workers"],
            dt.date.fromisoformat(value["day"]),
        )

    @property
    def where(self) -> str:
        """The batch's place in words."""
        return f"{self.folder}" if self.region is None else f"region {self.region}"
