"""The policy: every number that decides something, dated, validated, with its source.

A policy is a TOML file. `default_policy()` is the one shipped; `load_policy(path)` reads another. Its hash goes
into every plan, so that a plan says by which prices it was made.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from models.allocation.terms import CaseType, Grade, Tier, TierScheme
from models.errors import PolicyError
from models.faults import Fault, json_faults
from models.policy.section import Section, Text, Whole
from models.policy.unpaid_work import UnpaidWorkPolicy

DEFAULT_VERSION = "2026-11"

Positive = Annotated[int, Field(ge=1, le=1_000_000)]
PointsTable = Mapping[CaseType, Mapping[str, Whole]]

V2_TIERS = tuple(f"{letter}{digit}" for letter in "ABCD" for digit in "3210")
V3_TIERS = (*"ABCDEFG", "MISSING", "NOT_SUPERVISED")


class WorkloadPolicy(Section):
    """How many points of work a full-time officer can carry."""

    full_time_points: Positive
    full_time_hours: Annotated[float, Field(gt=0, le=80)]
    source: Text


class PointsPolicy(Section):
    """Points by scheme, case type and tier; what suspended and T2A cases take."""

    suspended: Whole
    t2a_case_type: CaseType
    source: Text
    note_v3: str = ""
    v2: PointsTable
    v3: PointsTable

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for table, tiers in ((self.v2, V2_TIERS), (self.v3, V3_TIERS)):
            for case_type in CaseType:
                _same_names(table.get(case_type, {}), tiers, f"points for {case_type}")
        return self


class GradeTiers(Section):
    """The tiers a grade, or a stage of training, may hold."""

    v2: tuple[str, ...]
    v3: tuple[str, ...]
    only_when_pinned: bool = False

    def may_hold(self, tier: Tier) -> bool:
        """Whether the tier, or its letter, is among those listed."""
        listed = self.v2 if tier.scheme is TierScheme.V2 else self.v3
        return tier.letter in listed or tier.name in listed

    @model_validator(mode="after")
    def _known(self) -> Self:
        for listed, tiers in ((self.v2, {*V2_TIERS, *"ABCD"}), (self.v3, {*V3_TIERS})):
            for name in listed:
                if name not in tiers:
                    raise ValueError(f"'{name}' is not a tier; expected tiers of the scheme")
        return self


class StagedTiers(Section):
    """The tiers of each stage of training, the first stage first."""

    stages: Annotated[tuple[GradeTiers, ...], Field(min_length=1, max_length=3)]


class GradesPolicy(Section):
    """Which grade may hold which tier."""

    source: Text
    PO: GradeTiers
    PSO: GradeTiers
    SPO: GradeTiers
    PQIP: StagedTiers

    def of(self, grade: Grade, stage: int | None) -> GradeTiers:
        """The rule for an officer of this grade, at this stage of training (None: the first)."""
        if grade is Grade.PQIP:
            return self.PQIP.stages[min(stage or 1, len(self.PQIP.stages)) - 1]
        rules = {Grade.PO: self.PO, Grade.PSO: self.PSO, Grade.SPO: self.SPO}
        return rules[grade]


class LimitsPolicy(Section):
    """The numbers of the hard rules."""

    new_cases: Whole
    ceiling_percent: Positive
    least_available_points: Positive
    least_tenure_days: Whole
    urgent_days: Whole
    urgent_factor: Positive
    high_risk_v2: tuple[str, ...]
    high_risk_v3: tuple[str, ...]
    source: Text

    def high_risk(self, tier: Tier) -> bool:
        """Whether an oversight limit counts cases of this tier."""
        listed = self.high_risk_v2 if tier.scheme is TierScheme.V2 else self.high_risk_v3
        return tier.letter in listed


class UnallocatedPolicy(Section):
    """What leaving a case unallocated weighs, by tier letter."""

    v2: Mapping[str, Positive]
    v3: Mapping[str, Positive]
    source: Text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _same_names(self.v2, tuple("ABCD"), "unallocated weights of V2")
        _same_names(self.v3, V3_TIERS, "unallocated weights of V3")
        return self

    def weight(self, tier: Tier) -> int:
        """The weight of a case of this tier, before urgency."""
        return (self.v2 if tier.scheme is TierScheme.V2 else self.v3)[tier.letter]


class PressureStep(Section):
    """How much dearer the next band is, for bands that begin below a percentage (None: all the rest)."""

    step: Whole
    below_percent: Positive | None = None


class PressurePolicy(Section):
    """The price of work by how much an officer already has."""

    band_percent: Annotated[int, Field(ge=1, le=100)]
    steps: Annotated[tuple[PressureStep, ...], Field(min_length=1)]
    least_available_points: Positive
    source: Text

    def band_price(self, band: int) -> int:
        """The price of one point of work in `band`, counted from 0: the sum of the steps of the bands before it."""
        price, first = 0, 0
        for each in self.steps:
            end = band
            if each.below_percent is not None:
                end = min(band, -(-each.below_percent // self.band_percent))
            price += each.step * (end - first)
            first = end
        return price

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        ends = [step.below_percent for step in self.steps]
        given = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(given) != len(ends) - 1 or given != sorted(set(given)):
            raise ValueError("steps are out of order; expected ascending below_percent, none on the last")
        return self


class ChangePolicy(Section):
    """The price of a change of officer, in bands."""

    base: Whole
    months_for_one_more: Positive
    most_for_time: Whole
    each_earlier_change: Whole
    source: Text


class FitPolicy(Section):
    """The prices of what does not fit, in bands."""

    least_points: Whole
    missing_preferred_skill: Whole
    preferred_sex_not_met: Whole
    previous_officer_passed_over: Whole
    leave_over_first_appointment: Whole
    travel_step_metres: Positive
    travel_free_steps: Whole
    travel_each_step: Whole
    travel_most: Whole
    source: Text


class PricesPolicy(Section):
    """The one currency, the band-point: pressure, change of officer, fit."""

    pressure: PressurePolicy
    change: ChangePolicy
    fit: FitPolicy


class BatchPolicy(Section):
    """What the overnight batch may change, and how its time is shared out."""

    moves: Whole
    protected_days: Annotated[int, Field(ge=0, le=366)]
    first_pass_percent: Annotated[int, Field(ge=1, le=100)]
    rounds: Annotated[int, Field(ge=0, le=20)]
    target_gap: Annotated[float, Field(ge=0, le=1)]
    minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    source: Text


class Policy(Section):
    """One dated policy."""

    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$")]
    effective_from: dt.date
    title: Text
    workload: WorkloadPolicy
    points: PointsPolicy
    grades: GradesPolicy
    limits: LimitsPolicy
    unallocated: UnallocatedPolicy
    prices: PricesPolicy
    unpaid_work: UnpaidWorkPolicy
    batch: BatchPolicy
    uplift_percent: Mapping[Grade, Whole] = Field(default_factory=dict)

    @functools.cached_property
    def policy_hash(self) -> str:
        """SHA-256 over the canonical JSON of every value, so that layout and comments do not matter."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _same_names(table: Mapping[str, Any], expected: tuple[str, ...], what: str) -> None:
    missing = [name for name in expected if name not in table]
    strange = [name for name in table if name not in expected]
    if missing or strange:
        words = [f"{what}: missing {', '.join(missing)}"] if missing else []
        words += [f"{what}: unknown {', '.join(strange)}"] if strange else []
        raise ValueError(f"{' and '.join(words)}; expected exactly {', '.join(expected)}")


def parse_policy(text: str, *, file: str) -> Policy:
    """The policy in `text` (TOML). Raises PolicyError with every fault, each with its path."""
    try:
        return Policy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([Fault(f"this is not TOML: {error}", "a TOML file", file=file)]) from None
    except ValidationError as error:
        raise PolicyError(json_faults(error, file=file)) from None


def load_policy(path: Path) -> Policy:
    """The policy in a file. Raises PolicyError when it cannot be read or has faults."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            [Fault("this file cannot be read", "a TOML file in UTF-8", file=path.name)]
        ) from None
    return parse_policy(text, file=path.name)


def policy_text(version: str = DEFAULT_VERSION) -> str:
    """The text of a shipped policy, comments and sources included. Raises KeyError for an unknown version."""
    if version not in shipped_versions():
        raise KeyError(version)
    return resources.files("models.policy").joinpath(f"{version}.toml").read_text(encoding="utf-8")


def shipped_versions() -> tuple[str, ...]:
    """The versions of the policies shipped with evenhand, the oldest first."""
    return tuple(sorted(_shipped()))


def _shipped() -> Iterator[str]:
    for entry in resources.files("models.policy").iterdir():
        if entry.name.endswith(".toml"):
            yield entry.name.removesuffix(".toml")


@functools.cache
def default_policy() -> Policy:
    """The policy in force when none is given."""
    return parse_policy(policy_text(), file=f"{DEFAULT_VERSION}.toml")
