"""A person with unpaid work to do under one event (sentence); someone with several events is several records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from pydantic import ConfigDict, Field

from models.allocation.terms import Location, SexField
from models.record import CAMEL, Code, Codes, Crn, Day, OptionalDay, Skills
from models.unpaid_work.terms import (
    Absence,
    Frequency,
    HalfDay,
    Minutes,
    PlacementPreference,
    TimeOfDay,
    TravelMode,
    Weekday,
)

EventNumber = Annotated[int, Field(ge=1, le=1000)]
"""The number of a person's event (sentence)."""


class RequirementKey(NamedTuple):
    """What names a requirement: the person and the event (sentence)."""

    crn: str
    event_number: int

    def __str__(self) -> str:
        return f"{self.crn} (event {self.event_number})"


@dataclass(frozen=True, slots=True)
class ExistingAllocation:
    """A recurring placement that a person has today: a project, a weekday, from a date until a date."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: Code
    day_of_week: Weekday
    frequency: Frequency
    start_time: TimeOfDay
    end_time: TimeOfDay
    start_date_inclusive: Day
    end_date_inclusive: OptionalDay = None


@dataclass(frozen=True, slots=True)
class ToldAppointment:
    """One dated attendance of which the person has been told."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: Code
    date: Day
    start_time: TimeOfDay
    end_time: TimeOfDay


@dataclass(frozen=True, slots=True)
class Person:
    """One person's requirement as the extract describes it; all lengths in whole minutes.

    adjustment_minutes: signed. credited_minutes does not count credited_ete_minutes (education, training, employment).
    availability: half-days of every week; unavailable: dated exceptions. restrictions: tags of projects to avoid.
    needs: features a project must have. travel_minutes: the true journey each way where it is known.
    None in weekly_minutes_min, weekly_minutes_max, attendance_probability and max_travel_minutes: the policy's default.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    required_minutes: Minutes
    sentence_date: Day
    complete_by: Day
    availability: tuple[HalfDay, ...]
    event_number: EventNumber = 1
    adjustment_minutes: Annotated[int, Field(ge=-10_000_000, le=10_000_000)] = 0
    credited_minutes: Minutes = 0
    credited_ete_minutes: Minutes = 0
    induction_done: bool | None = None
    unavailable: tuple[Absence, ...] = ()
    weekly_minutes_min: Minutes | None = None
    weekly_minutes_max: Minutes | None = None
    attendance_probability: Annotated[float, Field(ge=0, le=1)] | None = None
    risk_in_group: bool = False
    sex: SexField = None
    placement_preference: PlacementPreference = PlacementPreference.MIXED_GROUP
    no_male_supervisor: bool = False
    no_female_supervisor: bool = False
    restrictions: Skills = ()
    needs: Skills = ()
    excluded_project_codes: Codes = ()
    excluded_supervisor_codes: Codes = ()
    keep_apart_crns: tuple[Crn, ...] = ()
    travel_mode: TravelMode = TravelMode.PUBLIC
    max_travel_minutes: Minutes | None = None
    travel_minutes: Minutes | None = None
    location: Location | None = None
    allocations: tuple[ExistingAllocation, ...] = ()
    appointments: tuple[ToldAppointment, ...] = ()

    @property
    def key(self) -> RequirementKey:
        return RequirementKey(self.crn, self.event_number)

    def away(self, day: dt.date) -> bool:
        """Whether a dated exception covers the day."""
        return any(absence.covers(day) for absence in self.unavailable)
