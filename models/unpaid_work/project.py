"""A project: where work is done, when it is open, whom it suits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from models.allocation.terms import Location
from models.record import CAMEL, Code, Day, OptionalCode, OptionalDay, Skills
from models.unpaid_work.terms import Frequency, ProjectType, TimeOfDay, Weekday

Count = Annotated[int, Field(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """When a project is open: a weekday and times, recurring. A fortnight counts from the first such date."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    day_of_week: Weekday
    start_date_inclusive: Day
    start_time: TimeOfDay
    end_time: TimeOfDay
    frequency: Frequency = Frequency.WEEKLY
    end_date_exclusive: OptionalDay = None

    def open_on(self, day: dt.date) -> bool:
        """Whether the slot recurs on this date, by weekday, frequency and dates alone."""
        if Weekday.of(day) is not self.day_of_week or day < self.start_date_inclusive:
            return False
        if self.end_date_exclusive is not None and day >= self.end_date_exclusive:
            return False
        first = self.first_date
        if self.frequency is Frequency.ONCE:
            return day == first
        return self.frequency is Frequency.WEEKLY or (day - first).days % 14 == 0

    @property
    def first_date(self) -> dt.date:
        """The first date on or after start_date_inclusive that falls on the weekday: the anchor of a fortnight."""
        ahead = (self.day_of_week.number - self.start_date_inclusive.weekday()) % 7
        return self.start_date_inclusive + dt.timedelta(days=ahead)


@dataclass(frozen=True, slots=True)
class Project:
    """One project as the extract describes it.

    places: the most people who attend. min_people: least expected attendance of a
    running group session, None for the policy's. risk_limit:
    most people with risk issues in a supervised group, None for no limit. tags: what some people must avoid. features:
    what some people need. vehicle_seats: seats for people to be collected, None for no limit.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: Code
    project_type: ProjectType
    places: Count
    team_code: OptionalCode = None
    location: Location | None = None
    min_people: Count | None = None
    risk_limit: Count | None = None
    tags: Skills = ()
    features: Skills = ()
    female_only: bool = False
    required_skills: Skills = ()
    supervisor_needed: bool = True
    vehicle_seats: Count | None = None
    commitment_sessions_per_week: Count = 0
    start_date_inclusive: OptionalDay = None
    end_date_exclusive: OptionalDay = None
    availability: tuple[OpenSlot, ...] = ()

    def open_between(self, day: dt.date) -> bool:
        """Whether the project's own dates include this one."""
        begun = self.start_date_inclusive is None or self.start_date_inclusive <= day
        return begun and (self.end_date_exclusive is None or day < self.end_date_exclusive)
