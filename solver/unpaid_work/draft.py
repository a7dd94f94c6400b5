"""A roster before it is written out: which sessions run under whom, who is booked, what recurs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from models.unpaid_work.roster import Placement


class Booking(NamedTuple):
    """A requirement in a session from its start, for so many minutes; numbers as in RosterFacts."""

    requirement: int
    session: int
    minutes: int


@dataclass(frozen=True)
class Draft:
    """What a search decides. supervisor: of each session that runs, None where none is needed."""

    supervisor: Mapping[int, int | None]
    bookings: tuple[Booking, ...]
    placements: tuple[Placement, ...] = ()
