"""An unpaid work problem under its policy as index arrays: who may go where, who may supervise what, what was told.

Written without the checker. Requirement i is problem.people[i], project j problem.projects[j], supervisor u
problem.supervisors[u]; slots and sessions are numbered as in solver.unpaid_work.slots; bodies are the CRNs in the
order in which they first appear.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.allocation.terms import Sex
from models.policy.policy import Policy
from models.policy.unpaid_work import UnpaidWorkPolicy
from models.unpaid_work import defaults
from models.unpaid_work.person import ExistingAllocation, Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.reckoning import remaining_minutes, travel_minutes_each_way
from models.unpaid_work.roster import RosterQuestion
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Frequency, PlacementPreference, ProjectType, TravelMode
from solver.unpaid_work.slots import (
    NO_SLOT,
    Bools,
    Ints,
    Sessions,
    Slots,
    half_day_bits,
    longest_stay,
    sessions_of,
    slots_of,
)

Floats = npt.NDArray[np.float64]

Recurring = tuple[str, int, Frequency, int, int]
"""What makes two placements the same: project, weekday (0 Monday), frequency, start, end."""


@dataclass(frozen=True)
class RosterFacts:
    """The problem under its policy. question: what a repair takes away; nothing for a roster."""

    problem: UnpaidWorkProblem
    policy: Policy
    question: RosterQuestion = field(default_factory=RosterQuestion)

    @property
    def rules(self) -> UnpaidWorkPolicy:
        """The policy's numbers for unpaid work."""
        return self.policy.unpaid_work

    # -- slots and sessions

    @cached_property
    def slots(self) -> Slots:
        """Recurring slots."""
        return slots_of(self.problem.projects)

    @cached_property
    def sessions(self) -> Sessions:
        """Dated sessions that may run."""
        return sessions_of(self.problem, self.question, self.slots)

    @cached_property
    def weeks(self) -> int:
        """How many calendar weeks the horizon touches."""
        return (self.problem.first.weekday() + len(self.problem.days) - 1) // 7 + 1

    @cached_property
    def week_of_day(self) -> Ints:
        """The calendar week of each day of the horizon: int64 (days,)."""
        return (np.arange(len(self.problem.days)) + self.problem.first.weekday()) // 7

    def date(self, session: int) -> dt.date:
        """The date of a session."""
        return self.problem.days[int(self.sessions.day[session])]

    # -- people

    @cached_property
    def remaining(self) -> Ints:
        """Minutes that remain of each requirement: int64 (n,)."""
        return _ints(remaining_minutes(person, self.rules) for person in self.problem.people)

    @cached_property
    def chances(self) -> tuple[Fraction, ...]:
        """How likely each comes, as the decimal that is written."""
        return tuple(
            Fraction(repr(float(defaults.attendance_probability(person, self.rules))))
            for person in self.problem.people
        )

    @cached_property
    def chance(self) -> Floats:
        """The same as floats: float64 (n,)."""
        return np.array([float(chance) for chance in self.chances], dtype=np.float64)

    @cached_property
    def weekly_least(self) -> Ints:
        """Minutes a week to be offered: int64 (n,)."""
        return _ints(defaults.weekly_minutes_min(person, self.rules) for person in self.problem.people)

    @cached_property
    def inducted(self) -> Bools:
        """Whose induction is done: bool (n,)."""
        return _bools(defaults.induction_done(person, self.rules) for person in self.problem.people)

    @cached_property
    def full_weeks(self) -> Ints:
        """Full weeks from the horizon's end to the date to complete by: int64 (n,)."""
        end = self.problem.end
        return _ints(max(0, (person.complete_by - end).days // 7) for person in self.problem.people)

    @cached_property
    def owed(self) -> Bools:
        """The calendar weeks that overlap the order, in which the weekly minimum is due: bool (n, weeks)."""
        first = self.problem.first - dt.timedelta(days=self.problem.first.weekday())
        mondays = [first + dt.timedelta(days=7 * week) for week in range(self.weeks)]
        rows = [
            [
                person.sentence_date <= monday + dt.timedelta(days=6) and monday <= person.complete_by
                for monday in mondays
            ]
            for person in self.problem.people
        ]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), self.weeks)

    @cached_property
    def risky(self) -> Bools:
        """Who has issues that matter in a supervised group: bool (n,)."""
        return _bools(person.risk_in_group for person in self.problem.people)

    @cached_property
    def collected(self) -> Bools:
        """Who is collected by the project's vehicle: bool (n,)."""
        return _bools(person.travel_mode is TravelMode.PICK_UP for person in self.problem.people)

    # -- bodies

    @cached_property
    def body_numbers(self) -> Mapping[str, int]:
        """The number of each CRN."""
        return {crn: number for number, crn in enumerate(dict.fromkeys(p.crn for p in self.problem.people))}

    @cached_property
    def body(self) -> Ints:
        """The body of each requirement: int64 (n,)."""
        return _ints(self.body_numbers[person.crn] for person in self.problem.people)

    @cached_property
    def bodies(self) -> tuple[tuple[int, ...], ...]:
        """The requirements of each body."""
        found: list[list[int]] = [[] for _ in self.body_numbers]
        for number, body in enumerate(self.body.tolist()):
            found[body].append(number)
        return tuple(tuple(each) for each in found)

    @cached_property
    def weekly_most(self) -> Ints:
        """The most minutes a week of each body, the least of its records: int64 (bodies,)."""
        people = self.problem.people
        return _ints(
            min(defaults.weekly_minutes_max(people[number], self.rules) for number in numbers)
            for numbers in self.bodies
        )

    @cached_property
    def apart(self) -> tuple[frozenset[int], ...]:
        """The bodies with whom each body never shares a session."""
        found: list[set[int]] = [set() for _ in self.bodies]
        for person in self.problem.people:
            one = self.body_numbers[person.crn]
            for crn in person.keep_apart_crns:
                other = self.body_numbers.get(crn)
                if other is not None:
                    found[one].add(other)
                    found[other].add(one)
        return tuple(frozenset(each) for each in found)

    # -- people and projects

    @cached_property
    def induction(self) -> Bools:
        """Which projects are inductions: bool (projects,)."""
        return _bools(project.project_type is ProjectType.INDUCTION for project in self.problem.projects)

    @cached_property
    def travel(self) -> Ints:
        """Minutes each way: int64 (n, projects)."""
        return np.array(
            [
                [travel_minutes_each_way(person, project, self.rules) for project in self.problem.projects]
                for person in self.problem.people
            ],
            dtype=np.int64,
        ).reshape(len(self.problem.people), len(self.problem.projects))

    @cached_property
    def suits(self) -> Bools:
        """Suitable project, group preference and journey: bool (n, projects)."""
        fits = np.array(
            [[suits(person, project) for project in self.problem.projects] for person in self.problem.people],
            dtype=np.bool_,
        ).reshape(self.travel.shape)
        most = _ints(defaults.max_travel_minutes(person, self.rules) for person in self.problem.people)
        return np.asarray(fits & (self.travel <= most[:, None]), dtype=np.bool_)

    @cached_property
    def half_days(self) -> Ints:
        """The half-days of each requirement as bits: int64 (n,)."""
        return _ints(half_day_bits(person.availability) for person in self.problem.people)

    @cached_property
    def there(self) -> Bools:
        """The days from sentence to the date to complete by, without those away: bool (n, days)."""
        days = self.problem.days
        found = np.zeros((len(self.problem.people), len(days)), dtype=np.bool_)
        for number, person in enumerate(self.problem.people):
            first, last = _within(person.sentence_date, person.complete_by, days)
            found[number, first:last] = True
            for absence in person.unavailable:
                first, last = _within(absence.first, absence.last, days)
                found[number, first:last] = False
            for absent in self.question.disruption.people_absent:
                if absent.crn == person.crn and absent.date in days:
                    found[number, (absent.date - days[0]).days] = False
        return found

    @cached_property
    def recurring_minutes(self) -> Ints:
        """How long each can stay in each slot, 0 where they may not go at all: int64 (n, slots).

        By half-days, suitability, preference, journey, the limit of a day, and induction done (not whether it comes
        first, which is a matter of the whole diary).
        """
        found = np.zeros((len(self.problem.people), len(self.slots)), dtype=np.int64)
        for slot in range(len(self.slots)):
            found[:, slot] = self._stay(
                int(self.slots.project[slot]),
                int(self.slots.weekday[slot]),
                int(self.slots.start[slot]),
                int(self.slots.end[slot]),
            )
        return found

    @cached_property
    def allowed(self) -> Bools:
        """Whom the rules over one person and one slot allow it, in part at least: bool (n, slots)."""
        return np.asarray(self.recurring_minutes > 0, dtype=np.bool_)

    @cached_property
    def open_minutes(self) -> Ints:
        """How long each can stay in each session, 0 where they may not come: int64 (n, sessions)."""
        sessions = self.sessions
        found = np.zeros((len(self.problem.people), len(sessions)), dtype=np.int64)
        for session, slot in enumerate(sessions.slot.tolist()):
            day = int(sessions.day[session])
            if slot == NO_SLOT:
                weekday = self.problem.days[day].weekday()
                stay = self._stay(
                    int(sessions.project[session]),
                    weekday,
                    int(sessions.start[session]),
                    int(sessions.end[session]),
                )
            else:
                stay = self.recurring_minutes[:, slot]
            found[:, session] = np.where(self.there[:, day], stay, 0)
        return found

    @cached_property
    def open_to(self) -> Bools:
        """Whom the rules over one person and one session allow it, in part at least: bool (n, sessions)."""
        return np.asarray(self.open_minutes > 0, dtype=np.bool_)

    def _stay(self, project: int, weekday: int, start: int, end: int) -> Ints:
        stay = longest_stay(self.half_days, weekday, start, min(end, start + self.rules.limits.day_minutes))
        may = self.suits[:, project] & (self.remaining > 0)
        if self.induction[project]:
            may = may & ~self.inducted
        return np.asarray(np.where(may, stay, 0), dtype=np.int64)

    # -- supervisors

    @cached_property
    def supervised(self) -> Bools:
        """Which projects need a supervisor: bool (projects,)."""
        return _bools(project.supervisor_needed for project in self.problem.projects)

    @cached_property
    def supervisor_minutes(self) -> Ints:
        """The most minutes a week of each supervisor: int64 (supervisors,)."""
        return _ints(defaults.supervisor_minutes_max(each, self.rules) for each in self.problem.supervisors)

    @cached_property
    def able(self) -> Bools:
        """Who may supervise which session, whatever else they do: bool (sessions, supervisors).

        Only where a supervisor is needed: by skills, half-days, leave, the question, and minutes of a week.
        """
        sessions, problem = self.sessions, self.problem
        found = np.zeros((len(sessions), len(problem.supervisors)), dtype=np.bool_)
        bits = _ints(half_day_bits(each.availability) for each in problem.supervisors)
        here = self._supervisors_there()
        for session in range(len(sessions)):
            project = int(sessions.project[session])
            if not self.supervised[project]:
                continue
            day, start, end = (int(each[session]) for each in (sessions.day, sessions.start, sessions.end))
            stay = longest_stay(bits, problem.days[day].weekday(), start, end)
            whole = (stay == end - start) & (end - start <= self.supervisor_minutes)
            found[session] = whole & here[day] & self._skilled[project]
        return found

    def _supervisors_there(self) -> Bools:
        """bool (days, supervisors)."""
        problem, question = self.problem, self.question
        return np.array(
            [
                [
                    not each.away(day)
                    and not question.disruption.is_away(each.staff_code, day)
                    and not (
                        each.staff_code in question.without_supervisors
                        and (not question.dates or day in question.dates)
                    )
                    for each in problem.supervisors
                ]
                for day in problem.days
            ],
            dtype=np.bool_,
        ).reshape(len(problem.days), len(problem.supervisors))

    @cached_property
    def _skilled(self) -> Bools:
        """bool (projects, supervisors)."""
        return np.array(
            [
                [set(project.required_skills) <= set(each.skills) for each in self.problem.supervisors]
                for project in self.problem.projects
            ],
            dtype=np.bool_,
        ).reshape(len(self.problem.projects), len(self.problem.supervisors))

    @cached_property
    def acceptable(self) -> Bools:
        """Under whom each requirement may be: bool (n, supervisors)."""
        return np.array(
            [
                [acceptable(person, each) for each in self.problem.supervisors]
                for person in self.problem.people
            ],
            dtype=np.bool_,
        ).reshape(len(self.problem.people), len(self.problem.supervisors))

    @cached_property
    def max_group(self) -> Ints:
        """The most people whom each supervisor looks after: int64 (supervisors,)."""
        return _ints(defaults.max_group(each, self.rules) for each in self.problem.supervisors)

    @cached_property
    def places(self) -> Ints:
        """The most who attend at each project, whoever supervises: int64 (projects,)."""
        return _ints(project.places for project in self.problem.projects)

    def places_under(self, session: int, supervisor: int | None) -> int:
        """The most who attend a session under a supervisor."""
        places = int(self.places[self.sessions.project[session]])
        return places if supervisor is None else min(places, int(self.max_group[supervisor]))

    def seats(self, session: int) -> int | None:
        """How many people are collected for a session, None for no limit."""
        project = self.problem.projects[int(self.sessions.project[session])]
        return self.question.disruption.seats(project, self.date(session))

    def together(self, one: int, other: int) -> bool:
        """Whether one supervisor can have both sessions: no overlap, and time between two projects."""
        sessions = self.sessions
        if sessions.day[one] != sessions.day[other]:
            return True
        apart = max(sessions.start[one], sessions.start[other]) - min(sessions.end[one], sessions.end[other])
        between = self.rules.limits.minutes_between_projects
        least = 0 if sessions.project[one] == sessions.project[other] else between
        return bool(apart >= least)

    @cached_property
    def least_people(self) -> Ints:
        """Least expected attendance of a running session, 0 where one booking is enough: int64 (projects,)."""
        return _ints(
            defaults.min_people(project, self.rules) if project.project_type is ProjectType.GROUP else 0
            for project in self.problem.projects
        )

    # -- what is there already

    def counted_allocations(self, number: int) -> tuple[ExistingAllocation, ...]:
        """The allocations of a requirement with minutes left that have not ended before the horizon."""
        if self.remaining[number] <= 0:
            return ()
        return tuple(
            each
            for each in self.problem.people[number].allocations
            if each.end_date_inclusive is None or each.end_date_inclusive >= self.problem.first
        )

    @cached_property
    def overflow(self) -> Fraction:
        """The highest chance that more attend than there are places."""
        return Fraction(repr(float(self.rules.limits.overflow)))


def recurring(of: ExistingAllocation) -> Recurring:
    """What makes an allocation the same as a placement."""
    return of.project_code, of.day_of_week.number, of.frequency, of.start_time, of.end_time


def suits(person: Person, project: Project) -> bool:
    """Whether restrictions, exclusions, needs and the group preference allow the project."""
    if project.project_type is ProjectType.ETE or project.project_code in person.excluded_project_codes:
        return False
    if set(project.tags) & set(person.restrictions) or not set(person.needs) <= set(project.features):
        return False
    if project.female_only and person.sex is not Sex.FEMALE:
        return False
    if project.project_type in {ProjectType.INDUCTION, ProjectType.INDIVIDUAL}:
        return True
    if person.placement_preference is PlacementPreference.INDIVIDUAL:
        return False
    return project.female_only or person.placement_preference is not PlacementPreference.FEMALE_ONLY_GROUP


def acceptable(person: Person, supervisor: Supervisor) -> bool:
    """Whether the person may be under the supervisor."""
    if supervisor.staff_code in person.excluded_supervisor_codes:
        return False
    if person.no_male_supervisor and supervisor.sex is not Sex.FEMALE:
        return False
    return not (person.no_female_supervisor and supervisor.sex is not Sex.MALE)


def _within(first: dt.date, last: dt.date, days: tuple[dt.date, ...]) -> tuple[int, int]:
    """The days from `first` to `last` as a range of positions."""
    begin = max(0, (first - days[0]).days)
    return begin, max(begin, min(len(days), (last - days[0]).days + 1))


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=np.bool_)
