"""A quarter under one practice, day by day: what people were told, who came, who was turned away, what changed.

A day planned is somebody who was told, by the evening before, to come on it, or is booked on it all the same; it is
lost when they come (as drawn) and are turned away or sent home: too many for the places, no supervisor, or called off
on the day itself. An appointment is changed when somebody had been told of it and it is moved or called off before the
day is over, other than because their hours are done.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.quarter_practices import Away, Practice
from benchmarks.quarter_world import Situation, World
from benchmarks.roster_measures import places_of
from models.unpaid_work.person import ExistingAllocation, RequirementKey, ToldAppointment
from models.unpaid_work.roster import Appointment
from models.unpaid_work.terms import ProjectType
from solver.verify.unpaid_work import Drawn

HORIZON = 6
"""Weeks that each Monday's roster looks ahead."""

TOLD_DAYS = 14
"""Days ahead for which people have been told."""


@dataclass
class Tally:
    """What happened in a week."""

    days_planned: int = 0
    lost_to_numbers: int = 0
    lost_to_supervision: int = 0
    days_worked: int = 0
    minutes: int = 0
    changed: int = 0


Booked = dict[tuple[RequirementKey, dt.date], Appointment]


@dataclass
class Quarter:
    """One practice through one world. told: what people know of, by person and date."""

    world: World
    practice: Practice
    situation: Situation = field(init=False)
    lines: Drawn = field(default_factory=Drawn)
    told: Booked = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.situation = Situation(self.world)
        self.told = {
            (person.key, each.date): _as_appointment(person.key, each)
            for person in self.world.team.people
            for each in person.appointments
        }
        self.allocations = {person.key: person.allocations for person in self.world.team.people}

    def week(self, number: int) -> Tally:
        """A Monday's roster and the seven days after."""
        tally = Tally()
        monday = self.world.first + dt.timedelta(days=7 * number)
        for after in range(7):
            day = monday + dt.timedelta(days=after)
            self.situation.morning(day)
            if after == 0:
                self._roster(monday, tally)
            expected = {who: each for (who, date), each in self.told.items() if date == day}
            self.lines = self.practice.morning(day, self._away(day))
            self._tell(day, tally)
            self._day(day, expected, tally)
        return tally

    def _away(self, day: dt.date) -> Away:
        ahead = (day + dt.timedelta(days=number) for number in range(TOLD_DAYS))
        codes = self.situation.away
        return frozenset((code, on) for on in ahead for code in codes if self.situation.is_away(code, on))

    def _roster(self, monday: dt.date, tally: Tally) -> None:
        told: dict[RequirementKey, list[ToldAppointment]] = defaultdict(list)
        for (who, date), each in self.told.items():
            if self.practice.keeps and date >= monday:
                told[who].append(ToldAppointment(each.project_code, date, each.start_time, each.end_time))
        problem = self.situation.problem(
            monday, HORIZON, self.allocations, {who: tuple(each) for who, each in told.items()}
        )
        self.lines = self.practice.monday(problem)
        self.allocations = _allocations_of(self.lines, monday)
        self._tell(monday, tally)

    def _tell(self, day: dt.date, tally: Tally) -> None:
        """People hear of what is new in the next days, and of what has changed."""
        until = day + dt.timedelta(days=TOLD_DAYS)
        now = {
            (RequirementKey(each.crn, each.delius_event_number), each.date): each
            for each in self.lines.appointments
            if day <= each.date < until
        }
        for key, each in self.told.items():
            if key[1] >= day and key[0] in self.situation.people and not self._still(each, now.get(key)):
                tally.changed += self._matters(key, now)
        self.told = now

    def _still(self, was: Appointment, now: Appointment | None) -> bool:
        """The same project, day and start; an earlier end because hours are nearly done is no change."""
        return now is not None and (was.project_code, was.start_time) == (now.project_code, now.start_time)

    def _matters(self, key: tuple[RequirementKey, dt.date], now: Booked) -> bool:
        """Whether the hours are not simply done by the appointments before it."""
        who, date = key
        before = sum(each.minutes for (other, on), each in now.items() if other == who and on < date)
        return before < self.situation.left(who)

    def _day(self, day: dt.date, expected: Mapping[RequirementKey, Appointment], tally: Tally) -> None:
        """Who comes, who is turned away, who works."""
        situation, problem = self.situation, self.world.team
        booked: dict[tuple[str, int], list[RequirementKey]] = defaultdict(list)
        mine: dict[RequirementKey, Appointment] = {}
        for each in self.lines.appointments:
            who = RequirementKey(each.crn, each.delius_event_number)
            if each.date == day and who in situation.people and situation.left(who) > 0:
                booked[each.project_code, each.start_time].append(who)
                mine[who] = each
        called = {who for who in expected if who in situation.people and situation.left(who) > 0}
        tally.days_planned += len(called | set(mine))
        for who in called - set(mine):
            tally.lost_to_supervision += self._comes(who, day)
        for session in self.lines.sessions:
            if session.date != day:
                continue
            come = [who for who in booked[session.project_code, session.start_time] if self._comes(who, day)]
            places = places_of(problem, session, self.world.policy)
            away = max(0, len(come) - places)
            unsupervised = session.supervisor_code is None and places == 0
            if unsupervised:
                tally.lost_to_supervision += away
            else:
                tally.lost_to_numbers += away
            project = problem.projects[problem.project_numbers[session.project_code]]
            come.sort(key=lambda who: self.world.turn(who, day))
            for who in come[:places]:
                tally.days_worked += 1
                induction = project.project_type is ProjectType.INDUCTION
                tally.minutes += situation.works(who, mine[who].minutes, induction=induction)

    def _comes(self, who: RequirementKey, day: dt.date) -> bool:
        return self.world.comes(who, day, self.situation.chance(who))


def _as_appointment(who: RequirementKey, told: ToldAppointment) -> Appointment:
    minutes = told.end_time - told.start_time
    return Appointment(*who, told.project_code, told.date, told.start_time, told.end_time, None, minutes)


def _allocations_of(lines: Drawn, monday: dt.date) -> dict[RequirementKey, tuple[ExistingAllocation, ...]]:
    """What everybody has from now on, as the next Monday finds it."""
    found: dict[RequirementKey, list[ExistingAllocation]] = defaultdict(list)
    for each in lines.placements:
        if each.end_date_inclusive is None or each.end_date_inclusive > monday + dt.timedelta(days=6):
            found[RequirementKey(each.crn, each.delius_event_number)].append(
                ExistingAllocation(
                    each.project_code,
                    each.day_of_week,
                    each.frequency,
                    each.start_time,
                    each.end_time,
                    each.start_date_inclusive,
                    each.end_date_inclusive,
                )
            )
    return {who: tuple(mine) for who, mine in found.items()}
