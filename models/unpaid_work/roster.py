"""The roster: who goes where on which regular day, which sessions run under whom, and what that costs."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field

from models.record import CAMEL, Day, OptionalDay, as_json
from models.unpaid_work.disruption import Disruption
from models.unpaid_work.terms import Frequency, TimeOfDay, Weekday


class RosterKind(enum.StrEnum):
    """ROSTER: a new plan for the horizon. REPAIR: the fewest changes to a roster after something went wrong."""

    ROSTER = "ROSTER"
    REPAIR = "REPAIR"


@dataclass(frozen=True, slots=True)
class RosterQuestion:
    """What was asked.

    strategy: how the roster was made. disruption: what a repair did without, day by day; without_supervisors and
    closed_projects say the same for all of `dates` (none: every day). repaired_from: the hash of the appointments
    that a repair began from.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    kind: RosterKind = RosterKind.ROSTER
    strategy: str = "optimise"
    without_supervisors: tuple[str, ...] = ()
    closed_projects: tuple[str, ...] = ()
    dates: tuple[dt.date, ...] = ()
    repaired_from: str | None = None
    disruption: Disruption = field(default_factory=Disruption)


@dataclass(frozen=True, slots=True)
class RosterObjective:
    """The items in their own units, and total: their weighted sum in tenths of a minute."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    unplaced_people: int
    lost_minutes: int
    short_of_offer_minutes: int
    supervised_minutes: int
    travel_minutes: int
    allocations_changed: int
    appointments_dropped: int
    commitment_minutes_unmet: int
    total: int


@dataclass(frozen=True, slots=True)
class Placement:
    """One person's recurring slot, from a date until a date (None: beyond the horizon, until the hours are done)."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    delius_event_number: int
    project_code: str
    day_of_week: Weekday
    frequency: Frequency
    start_time: TimeOfDay
    end_time: TimeOfDay
    start_date_inclusive: Day
    end_date_inclusive: OptionalDay = None
    reason: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One dated session that runs. overflow_probability: exact chance that more attend than there are places."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: str
    date: Day
    start_time: TimeOfDay
    end_time: TimeOfDay
    supervisor_code: str | None
    places: int
    booked: int
    expected_attendance: float
    overflow_probability: float


@dataclass(frozen=True, slots=True)
class Appointment:
    """One person's dated attendance; minutes are end_time - start_time."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    delius_event_number: int
    project_code: str
    date: Day
    start_time: TimeOfDay
    end_time: TimeOfDay
    supervisor_officer_code: str | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A person with hours left and no appointment: the rules that forbid every slot, and the remedy, in a sentence."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    delius_event_number: int
    rules: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a person is expected to finish (None: not by complete_by), and the minutes expected short by then."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    delius_event_number: int
    remaining_minutes: int
    booked_minutes: int
    expected_finish: OptionalDay
    minutes_expected_short: int


@dataclass(frozen=True, slots=True)
class RosterFinding:
    """The untidiness of what was there: a told appointment that a hard rule no longer allows, a stale allocation."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rule: str
    crn: str | None
    project_code: str | None
    date: OptionalDay
    sentence: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change a repair makes for one person, ready to tell. before, after: what was told, and what is now."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    kind: str
    before: Annotated[str | None, Field(alias="from")]
    after: Annotated[str | None, Field(alias="to")]


@dataclass(frozen=True, slots=True)
class RosterProvenance:
    """Where a roster comes from: enough to make it again. first_day: the first of the horizon."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    input_hash: str
    policy_hash: str
    policy_version: str
    engine_version: str
    seed: int
    time_limit: float | None
    work_limit: float | None = None
    threads: int | None = None
    first_day: OptionalDay = None


@dataclass(frozen=True, slots=True)
class Roster:
    """A proposal for the horizon.

    bound: a proven lower bound on the total, None when unknown. gap: (total - bound) / total. gap_net:
    (total - bound) / (total - own_best), own_best the sum of each person's best without competition and of no
    sessions' cost.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    status: str
    objective: RosterObjective
    bound: int | None
    gap: float | None
    gap_net: float | None
    own_best: int | None
    wall_seconds: float
    question: RosterQuestion
    findings: tuple[RosterFinding, ...]
    placements: tuple[Placement, ...]
    sessions: tuple[Session, ...]
    appointments: tuple[Appointment, ...]
    unplaced: tuple[Unplaced, ...]
    forecast: tuple[Forecast, ...]
    provenance: RosterProvenance
    changes: tuple[Change, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The roster in the names of the contract."""
        return as_json(self)
