"""What goes wrong with a roster: who is not there, what is closed, which vehicle is off the road, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from pydantic import ConfigDict

from models.record import CAMEL, Code, Crn, Day, OptionalDay
from models.unpaid_work.project import Count, Project


@dataclass(frozen=True, slots=True)
class SupervisorAway:
    """A supervisor who is not there on a day."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    staff_code: Code
    date: Day


@dataclass(frozen=True, slots=True)
class ProjectClosed:
    """A project where nothing runs on a day."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: Code
    date: Day


@dataclass(frozen=True, slots=True)
class PersonAbsent:
    """A person who does not come on a day."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    date: Day


@dataclass(frozen=True, slots=True)
class VehicleOff:
    """A project's vehicle on a day on which it takes only so many people, 0 when it is off the road."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: Code
    date: Day
    seats: Count = 0


@dataclass(frozen=True)
class Disruption:
    """What a repair is asked to do without. Days outside the horizon and unknown codes are no matter.

    first_day: the day from which the roster may change; what people were told for the days before stands. None: the
    first day of the horizon.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    supervisors_away: tuple[SupervisorAway, ...] = ()
    projects_closed: tuple[ProjectClosed, ...] = ()
    people_absent: tuple[PersonAbsent, ...] = ()
    vehicles_off: tuple[VehicleOff, ...] = ()
    first_day: OptionalDay = None

    @cached_property
    def _there(self) -> frozenset[tuple[object, ...]]:
        return frozenset(self._keys())

    def _keys(self) -> Iterator[tuple[object, ...]]:
        yield from (("supervisor", each.staff_code, each.date) for each in self.supervisors_away)
        yield from (("project", each.project_code, each.date) for each in self.projects_closed)
        yield from (("person", each.crn, each.date) for each in self.people_absent)

    def is_away(self, staff_code: str, day: dt.date) -> bool:
        """Whether the supervisor is not there."""
        return ("supervisor", staff_code, day) in self._there

    def is_closed(self, project_code: str, day: dt.date) -> bool:
        """Whether the project is closed."""
        return ("project", project_code, day) in self._there

    def is_absent(self, crn: str, day: dt.date) -> bool:
        """Whether the person does not come."""
        return ("person", crn, day) in self._there

    def seats(self, project: Project, day: dt.date) -> int | None:
        """How many people the project's vehicle collects on a day, None for no limit."""
        limits = [
            each.seats
            for each in self.vehicles_off
            if each.project_code == project.project_code and each.date == day
        ]
        if project.vehicle_seats is not None:
            limits.append(project.vehicle_seats)
        return min(limits, default=None)

    def is_past(self, day: dt.date) -> bool:
        """Whether the day is one that the repair leaves alone."""
        return self.first_day is not None and day < self.first_day
