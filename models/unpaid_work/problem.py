"""The unpaid work problem: people, projects and supervisors over some weeks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field

from models.record import CAMEL, Code, Crn, Day, as_json
from models.unpaid_work.bank_holidays import bank_holidays
from models.unpaid_work.person import Person, RequirementKey
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor

Weeks = Annotated[int, Field(ge=1, le=26)]
"""How many weeks a horizon has."""


@dataclass(frozen=True, slots=True)
class AttendanceRecord:
    """One past day on which somebody was booked, and whether they came. They need not be among the people now."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    project_code: Code
    date: Day
    attended: bool


@dataclass(frozen=True)
class UnpaidWorkProblem:
    """Who, where and under whom, from a day for so many weeks.

    first: the first day of the horizon (`from` outside). non_working_days: the days without any session; None: the
    bank holidays of England and Wales. `closed_days` is what counts. attendance_history: what chances of attendance
    are estimated from where a person's is blank (models.unpaid_work.attendance).
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    first: Annotated[Day, Field(alias="from")]
    weeks: Weeks
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    supervisors: tuple[Supervisor, ...]
    non_working_days: tuple[Day, ...] | None = None
    attendance_history: tuple[AttendanceRecord, ...] = ()

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """Every day of the horizon."""
        return tuple(self.first + dt.timedelta(days=number) for number in range(7 * self.weeks))

    @property
    def end(self) -> dt.date:
        """The first day after the horizon."""
        return self.first + dt.timedelta(days=7 * self.weeks)

    @cached_property
    def closed_days(self) -> frozenset[dt.date]:
        """The days of the horizon on which nothing runs: exactly those given, else the bank holidays."""
        given = self.non_working_days
        named = bank_holidays(self.first, self.end) if given is None else given
        return frozenset(day for day in named if self.first <= day < self.end)

    @cached_property
    def person_numbers(self) -> Mapping[RequirementKey, int]:
        """The position of each requirement in `people`."""
        return {person.key: number for number, person in enumerate(self.people)}

    @cached_property
    def project_numbers(self) -> Mapping[str, int]:
        """The position of each project in `projects`, by code."""
        return {project.project_code: number for number, project in enumerate(self.projects)}

    @cached_property
    def supervisor_numbers(self) -> Mapping[str, int]:
        """The position of each supervisor in `supervisors`, by staff code."""
        return {supervisor.staff_code: number for number, supervisor in enumerate(self.supervisors)}

    def as_json(self) -> dict[str, Any]:
        """The problem in the names of the contract."""
        return as_json(self)

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 over the problem's canonical JSON."""
        canonical = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()
