"""A loaded team: the sessions that run with who is in them, everybody's diary, every supervisor's duties."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Protocol

from models.errors import UsageError
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Appointment, Placement, Session
from models.unpaid_work.terms import HalfDay, Weekday, half_days_touched, show_time
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.placing.newcomer import Newcomer

Start = tuple[int, int, int]
"""A project, a day (after the horizon's first) and a time: they name a session, for those of a project are apart."""


class Entry(NamedTuple):
    """One booking of a body: the day, the project, from when to when, and of which event."""

    day: int
    project: int
    start: int
    end: int
    event: int

    @property
    def minutes(self) -> int:
        return self.end - self.start


class Duty(NamedTuple):
    """One session of a supervisor."""

    day: int
    project: int
    start: int
    end: int


@dataclass(frozen=True)
class Running:
    """A session that runs or could. chances: of those booked; crns, risky, collected: who they are."""

    project: int
    day: int
    start: int
    end: int
    supervisor: int | None
    places: int
    chances: tuple[Fraction, ...] = ()
    crns: frozenset[str] = frozenset()
    risky: int = 0
    collected: int = 0

    @property
    def expected(self) -> Fraction:
        """The expected attendance."""
        return sum(self.chances, Fraction(0))

    @cached_property
    def _at_most(self) -> tuple[Fraction, Fraction]:
        """P(attendees <= places) and P(attendees <= places - 1) before anybody joins."""
        # Numerators over the product of all denominators: whole numbers, so that no step divides.
        ways, denominator = [1] + [0] * self.places, 1
        for chance in self.chances:
            comes, base = chance.numerator, chance.denominator
            denominator *= base
            for number in range(self.places, 0, -1):
                ways[number] = ways[number] * (base - comes) + ways[number - 1] * comes
            ways[0] *= base - comes
        full = sum(ways)
        return Fraction(full, denominator), Fraction(full - ways[-1], denominator)

    def overflow_with(self, chance: Fraction) -> Fraction:
        """P(attendees > places) with one more, exactly."""
        if len(self.chances) < self.places:
            return Fraction(0)
        full, less = self._at_most
        return 1 - ((1 - chance) * full + chance * less)

    def joined_by(self, newcomer: Newcomer) -> Running:
        """The same with one more booked."""
        return dataclasses.replace(
            self,
            chances=(*self.chances, newcomer.chance),
            crns=self.crns | {newcomer.crn},
            risky=self.risky + newcomer.person.risk_in_group,
            collected=self.collected + newcomer.collected,
        )


class RosterLines(Protocol):
    """What a roster decides; models.unpaid_work.roster.Roster is one."""

    @property
    def placements(self) -> tuple[Placement, ...]: ...
    @property
    def sessions(self) -> tuple[Session, ...]: ...
    @property
    def appointments(self) -> tuple[Appointment, ...]: ...


@dataclass(frozen=True)
class LoadedTeam:
    """What runs. sound: it comes from a roster, so that rules over others bind too.

    running: sessions by where and when. diaries: by CRN, in order. placements: by requirement. duties: by supervisor.
    dropped: told appointments that the roster dropped, with the requirement's number.
    """

    facts: RosterFacts
    sound: bool
    running: Mapping[Start, Running]
    diaries: Mapping[str, tuple[Entry, ...]]
    placements: Mapping[RequirementKey, tuple[Placement, ...]]
    duties: tuple[tuple[Duty, ...], ...]
    dropped: tuple[tuple[int, Entry], ...] = ()

    @cached_property
    def left_out(self) -> tuple[Newcomer, ...]:
        """Those with minutes remaining and no appointment."""
        people = self.facts.problem.people
        return tuple(
            Newcomer.of(self.facts, people[number])
            for number, left in enumerate(self.facts.remaining.tolist())
            if left > 0 and not self.entries_of(people[number].key)
        )

    @cached_property
    def ran(self) -> Mapping[tuple[int, int], int]:
        """How many sessions of a project run in a calendar week."""
        found: dict[tuple[int, int], int] = {}
        for project, day, _ in self.running:
            where = project, int(self.facts.week_of_day[day])
            found[where] = found.get(where, 0) + 1
        return found

    @cached_property
    def of_day(self) -> Mapping[tuple[int, int], tuple[Running, ...]]:
        """The sessions of a project on a day."""
        found: dict[tuple[int, int], list[Running]] = {}
        for (project, day, _), session in self.running.items():
            found.setdefault((project, day), []).append(session)
        return {where: tuple(sessions) for where, sessions in found.items()}

    def entries_of(self, key: RequirementKey) -> tuple[Entry, ...]:
        """The bookings of one requirement, in order."""
        return tuple(each for each in self.diaries.get(key.crn, ()) if each.event == key.event_number)

    def date(self, day: int) -> dt.date:
        """The date of a day of the horizon."""
        return self.facts.problem.days[day]

    def code(self, project: int) -> str:
        """The code of a project."""
        return self.facts.problem.projects[project].project_code

    def name(self, project: int, day: int, start: int, end: int) -> str:
        """A session in words."""
        return f"{self.code(project)} on {self.date(day)}, {show_time(start)} to {show_time(end)}"

    def free(self, supervisor: int, duty: Duty, more: Iterable[Duty] = ()) -> bool:
        """Whether a supervisor could have one more session, beside `more` of their own."""
        facts = self.facts
        if not self.able(supervisor, duty):
            return False
        week, minutes = int(facts.week_of_day[duty.day]), duty.end - duty.start
        between = facts.rules.limits.minutes_between_projects
        for other in (*self.duties[supervisor], *more):
            if other.day == duty.day:
                least = 0 if other.project == duty.project else between
                if max(other.start, duty.start) - min(other.end, duty.end) < least:
                    return False
            if int(facts.week_of_day[other.day]) == week:
                minutes += other.end - other.start
        return bool(minutes <= facts.supervisor_minutes[supervisor])

    def able(self, supervisor: int, duty: Duty) -> bool:
        """Whether a supervisor could have the session if they had no other: skills, half-days, leave."""
        problem, question = self.facts.problem, self.facts.question
        who, day = problem.supervisors[supervisor], self.date(duty.day)
        if not set(problem.projects[duty.project].required_skills) <= set(who.skills):
            return False
        named = who.staff_code in question.without_supervisors
        if named and (not question.dates or day in question.dates):
            return False
        if who.away(day) or question.disruption.is_away(who.staff_code, day):
            return False
        return self._half_days_of(Weekday.of(day), duty.start, duty.end) <= self._available[supervisor]

    @cached_property
    def _available(self) -> tuple[frozenset[HalfDay], ...]:
        return tuple(frozenset(each.availability) for each in self.facts.problem.supervisors)

    @cached_property
    def _touched(self) -> dict[tuple[Weekday, int, int], frozenset[HalfDay]]:
        return {}

    def _half_days_of(self, weekday: Weekday, start: int, end: int) -> frozenset[HalfDay]:
        where = weekday, start, end
        if where not in self._touched:
            self._touched[where] = frozenset(half_days_touched(weekday, start, end))
        return self._touched[where]

    def without(self, key: RequirementKey) -> LoadedTeam:
        """The team without what one requirement has: its bookings and placements, and sessions left empty."""
        gone = set(self.entries_of(key))
        newcomer = Newcomer.of(self.facts, self.facts.problem.people[self.facts.problem.person_numbers[key]])
        running = dict(self.running)
        emptied = set[Duty]()
        for entry in gone:
            where = entry.project, entry.day, entry.start
            session = running.pop(where)
            left = _without(session, newcomer)
            if left.chances:
                running[where] = left
            else:
                emptied.add(Duty(session.day, session.project, session.start, session.end))
        return dataclasses.replace(
            self,
            running=running,
            diaries={
                **self.diaries,
                key.crn: tuple(e for e in self.diaries.get(key.crn, ()) if e not in gone),
            },
            placements={each: those for each, those in self.placements.items() if each != key},
            duties=tuple(tuple(each for each in mine if each not in emptied) for mine in self.duties),
        )


def _without(session: Running, newcomer: Newcomer) -> Running:
    chances = list(session.chances)
    chances.remove(newcomer.chance)
    return dataclasses.replace(
        session,
        chances=tuple(chances),
        crns=session.crns - {newcomer.crn},
        risky=session.risky - newcomer.person.risk_in_group,
        collected=session.collected - newcomer.collected,
    )


def team_of(facts: RosterFacts, lines: RosterLines) -> LoadedTeam:
    """The team as a roster has it. Raises UsageError for a roster that was made from another input."""
    problem = facts.problem
    running: dict[Start, Running] = {}
    duties: list[list[Duty]] = [[] for _ in problem.supervisors]
    for each in lines.sessions:
        project, day = _where(facts, each.project_code, each.date)
        under = None if each.supervisor_code is None else problem.supervisor_numbers.get(each.supervisor_code)
        if each.supervisor_code is not None and under is None:
            raise _another_input()
        places = int(facts.places[project])
        if under is not None:
            places = min(places, int(facts.max_group[under]))
            duties[under].append(Duty(day, project, each.start_time, each.end_time))
        running[project, day, each.start_time] = Running(
            project, day, each.start_time, each.end_time, under, places
        )
    diaries: dict[str, list[Entry]] = {}
    members: dict[Start, list[int]] = {}
    for line in lines.appointments:
        project, day = _where(facts, line.project_code, line.date)
        key = RequirementKey(line.crn, line.delius_event_number)
        number, start = problem.person_numbers.get(key), (project, day, line.start_time)
        if number is None or start not in running:
            raise _another_input()
        members.setdefault(start, []).append(number)
        entry = Entry(day, project, line.start_time, line.end_time, line.delius_event_number)
        diaries.setdefault(line.crn, []).append(entry)
    placements: dict[RequirementKey, list[Placement]] = {}
    for placement in lines.placements:
        key = RequirementKey(placement.crn, placement.delius_event_number)
        placements.setdefault(key, []).append(placement)
    return LoadedTeam(
        facts,
        sound=True,
        running={where: with_members(facts, each, members.get(where, ())) for where, each in running.items()},
        diaries={crn: tuple(sorted(entries)) for crn, entries in diaries.items()},
        placements={key: tuple(those) for key, those in placements.items()},
        duties=tuple(map(tuple, duties)),
        dropped=tuple(_dropped(facts, diaries)),
    )


def with_members(facts: RosterFacts, session: Running, numbers: Iterable[int]) -> Running:
    """The session with these requirements booked."""
    those = list(numbers)
    people = facts.problem.people
    return dataclasses.replace(
        session,
        chances=tuple(facts.chances[number] for number in those),
        crns=frozenset(people[number].crn for number in those),
        risky=sum(bool(facts.risky[number]) for number in those),
        collected=sum(bool(facts.collected[number]) for number in those),
    )


def _where(facts: RosterFacts, code: str, date: dt.date) -> tuple[int, int]:
    project, day = facts.problem.project_numbers.get(code), (date - facts.problem.first).days
    if project is None or not 0 <= day < len(facts.problem.days):
        raise _another_input()
    return project, day


def _another_input() -> UsageError:
    return UsageError("the roster was made from another input than the one that is asked about")


def _dropped(facts: RosterFacts, diaries: Mapping[str, list[Entry]]) -> Iterable[tuple[int, Entry]]:
    """The told appointments of the horizon that are in nobody's diary."""
    problem = facts.problem
    for number, person in enumerate(problem.people):
        there = set(diaries.get(person.crn, ()))
        for told in person.appointments:
            project, day = problem.project_numbers.get(told.project_code), (told.date - problem.first).days
            if project is None or not 0 <= day < len(problem.days):
                continue
            entry = Entry(day, project, told.start_time, told.end_time, person.event_number)
            if entry not in there:
                yield number, entry
