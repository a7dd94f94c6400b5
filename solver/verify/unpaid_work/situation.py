"""An unpaid work problem under a policy: what the rules ask about again and again, reckoned once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from models.policy.policy import Policy
from models.policy.unpaid_work import UnpaidWorkPolicy
from models.unpaid_work.defaults import (
    attendance_probability,
    induction_done,
    max_group,
    weekly_minutes_max,
)
from models.unpaid_work.person import ExistingAllocation
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.reckoning import remaining_minutes
from models.unpaid_work.roster import Placement, RosterQuestion
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import HalfDay, ProjectType, Weekday, half_days_touched, show_time
from solver.verify.unpaid_work.attendance import exactly


class Slot(NamedTuple):
    """A stretch of one day at a project; start and end in minutes after midnight on the clock.

    Its length is end - start. No slot crosses midnight, and the clock changes at night, so a Sunday with a clock
    change is as long as any other.
    """

    project_code: str
    date: dt.date
    start: int
    end: int

    @property
    def minutes(self) -> int:
        return self.end - self.start

    @property
    def half_days(self) -> tuple[HalfDay, ...]:
        """The half-days that it touches."""
        return half_days_touched(Weekday.of(self.date), self.start, self.end)

    def overlaps(self, other: Slot) -> bool:
        """Whether the two share time on one day, wherever."""
        return self.date == other.date and self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{self.project_code} on {self.date}, {show_time(self.start)} to {show_time(self.end)}"


def monday(day: dt.date) -> dt.date:
    """The first day of the calendar week."""
    return day - dt.timedelta(days=day.weekday())


def recurrence(of: Placement | ExistingAllocation) -> OpenSlot:
    """When a placement recurs, in the form of a project's slot."""
    last = of.end_date_inclusive
    end = None if last is None or last == dt.date.max else last + dt.timedelta(days=1)
    return OpenSlot(of.day_of_week, of.start_date_inclusive, of.start_time, of.end_time, of.frequency, end)


@dataclass(frozen=True)
class RosterSituation:
    """A problem under a policy. Everything is numbered as in the input: people[i], projects[i], supervisors[i].

    question: a repair's supervisors who are not there and projects that are closed, on its dates (none: on all days).
    A *requirement* is one record of people (a person under one event); a *body* is a CRN with all its requirements.
    """

    problem: UnpaidWorkProblem
    policy: Policy
    question: RosterQuestion

    @property
    def rules(self) -> UnpaidWorkPolicy:
        """The policy's numbers for unpaid work."""
        return self.policy.unpaid_work

    @cached_property
    def remaining(self) -> tuple[int, ...]:
        """The minutes that remain of each requirement."""
        return tuple(remaining_minutes(person, self.rules) for person in self.problem.people)

    @cached_property
    def chances(self) -> tuple[Fraction, ...]:
        """How likely each person comes, exactly as stated."""
        return tuple(exactly(attendance_probability(person, self.rules)) for person in self.problem.people)

    @cached_property
    def inducted(self) -> tuple[bool, ...]:
        """Whether each requirement's induction is done."""
        return tuple(induction_done(person, self.rules) for person in self.problem.people)

    @cached_property
    def bodies(self) -> Mapping[str, tuple[int, ...]]:
        """The requirements of each CRN."""
        found: dict[str, list[int]] = {}
        for number, person in enumerate(self.problem.people):
            found.setdefault(person.crn, []).append(number)
        return {crn: tuple(numbers) for crn, numbers in found.items()}

    @cached_property
    def weekly_limits(self) -> Mapping[str, int]:
        """The most minutes a week of each body: the least of its records."""
        people = self.problem.people
        return {
            crn: min(weekly_minutes_max(people[number], self.rules) for number in numbers)
            for crn, numbers in self.bodies.items()
        }

    @cached_property
    def kept_apart(self) -> Mapping[str, frozenset[str]]:
        """With whom each CRN never shares a session, whichever of the two names the other."""
        found: dict[str, set[str]] = {}
        for person in self.problem.people:
            for other in person.keep_apart_crns:
                found.setdefault(person.crn, set()).add(other)
                found.setdefault(other, set()).add(person.crn)
        return {crn: frozenset(others) for crn, others in found.items()}

    @cached_property
    def weeks(self) -> tuple[dt.date, ...]:
        """The Mondays of the calendar weeks that the horizon touches."""
        return tuple(dict.fromkeys(monday(day) for day in self.problem.days))

    def in_horizon(self, day: dt.date) -> bool:
        """Whether the roster is about this day."""
        return self.problem.first <= day < self.problem.end

    def asked_about(self, day: dt.date) -> bool:
        """Whether the question's supervisors and projects are missing on this day."""
        return not self.question.dates or day in self.question.dates

    def away(self, supervisor: Supervisor, day: dt.date) -> bool:
        """Whether the supervisor is not there, by the input or by the question."""
        code = supervisor.staff_code
        missing = code in self.question.without_supervisors and self.asked_about(day)
        return missing or self.question.disruption.is_away(code, day) or supervisor.away(day)

    def closed(self, code: str, day: dt.date) -> bool:
        """Whether the question closes the project."""
        asked = code in self.question.closed_projects and self.asked_about(day)
        return asked or self.question.disruption.is_closed(code, day)

    def places(self, project: Project, supervisor: Supervisor | None) -> int:
        """The most who may attend: the project's places, and no more than the supervisor looks after."""
        if supervisor is None:
            return project.places
        return min(project.places, max_group(supervisor, self.rules))

    def why_closed(self, project: Project, slot: Slot) -> Iterator[str]:
        """Why no session may run there and then; nothing when one may."""
        if project.project_type is ProjectType.ETE:
            yield f"{project.project_code} is education, training or employment, which is not rostered"
        if not self.in_horizon(slot.date):
            yield f"{slot.date} is outside the horizon"
        if slot.date in self.problem.closed_days:
            yield f"{slot.date} is a non-working day"
        if self.closed(project.project_code, slot.date):
            yield f"{project.project_code} is closed on {slot.date}"
        if not project.open_between(slot.date):
            yield f"{project.project_code} does not run on {slot.date}"
        if not any(fits(slot, each) for each in project.availability):
            yield f"{slot} is not within the project's availability"


def fits(slot: Slot, within: OpenSlot) -> bool:
    """Whether a slot lies within a recurring one, on one of its dates."""
    return within.start_time <= slot.start and slot.end <= within.end_time and bool(within.open_on(slot.date))
