"""What is arranged already: placements and told appointments that keep the rules, and a little that no longer does."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from models.synthetic.draws import about, pick, quota, some
from models.synthetic.unpaid_slots import RunningSlot, has_room, suits, weekly_minutes
from models.synthetic.unpaid_team import Team
from models.unpaid_work.defaults import (
    attendance_probability,
    min_people,
    weekly_minutes_max,
    weekly_minutes_min,
)
from models.unpaid_work.person import ExistingAllocation, Person, ToldAppointment
from models.unpaid_work.reckoning import remaining_minutes, travel_minutes_each_way
from models.unpaid_work.terms import Absence, ProjectType, Weekday

_SHORTEST = 60  # nobody is called for less
_COMPANY = 7  # minutes of travel that are worth each person who goes there already: clerks fill groups up

GONE = "P00"
"""The code of a project that is no longer there."""

Placed = dict[int, list[RunningSlot]]
"""The running slots of people, by position."""


def with_bookings(team: Team, people: list[Person], running: Sequence[RunningSlot]) -> list[Person]:
    """The people with their allocations and told appointments; only the first event of a person has any.

    All told appointments together keep every hard rule under the default policy, but for those that were told before
    the person went away (`existing.impossible`). Allocations to projects that are gone are `existing.gone`.
    """
    table = team.parameters.existing
    first: dict[str, int] = {}
    for number, person in enumerate(people):
        open_still = remaining_minutes(person, team.policy) > 0 and person.complete_by >= team.start
        if open_still and person.sentence_date <= team.start:
            first.setdefault(person.crn, number)
    begun = [number for number in first.values() if people[number].induction_done]
    chosen = [
        number
        for number, mark in zip(begun, some(team.rng, table.allocated, len(begun)), strict=True)
        if mark
    ]
    placed = _place(team, people, chosen, running)
    placed |= _induct(team, people, [n for n in first.values() if not people[n].induction_done], running)
    gone = _gone(team, placed)
    told = _tell(team, people, {number: slots[number in gone :] for number, slots in placed.items()})
    found = list(people)
    for number, slots in placed.items():
        regular = [each for each in slots if each.project.project_type is not ProjectType.INDUCTION]
        allocations = [_allocation(team, people[number], each) for each in regular]
        if number in gone:
            allocations[0] = dataclasses.replace(allocations[0], project_code=GONE)
        found[number] = dataclasses.replace(
            people[number],
            allocations=tuple(allocations),
            appointments=tuple(sorted(told.get(number, ()), key=lambda each: each.date)),
        )
    return _away_since(team, found)


def _gone(team: Team, placed: Placed) -> frozenset[int]:
    """The people whose first regular placement turns out to be at a project that is gone."""
    regular = [
        number
        for number, slots in sorted(placed.items())
        if slots[0].project.project_type is not ProjectType.INDUCTION
    ]
    count = about(team.rng, team.parameters.existing.gone * len(regular))
    return frozenset(regular[place] for place in team.rng.permutation(len(regular))[:count].tolist())


def _place(
    team: Team, people: Sequence[Person], chosen: Sequence[int], running: Sequence[RunningSlot]
) -> Placed:
    """A regular slot for each, two on different days where one would not do; mostly a near one that others have."""
    regular = [each for each in running if each.project.project_type is not ProjectType.INDUCTION]
    placed: Placed = {}
    for number in (chosen[place] for place in team.rng.permutation(len(chosen)).tolist()):
        person = people[number]
        fitting = sorted(
            (each for each in regular if suits(team, person, each)),
            key=lambda each: (
                travel_minutes_each_way(person, each.project, team.policy)
                + team.whole(0, 30)
                - _COMPANY * min(len(each.members), 6)
            ),
        )
        for each in fitting:
            mine = placed.get(number, [])
            days = {other.slot.day_of_week for other in mine}
            minutes = sum(map(weekly_minutes, mine)) + weekly_minutes(each)
            if len(mine) == _slots_wanted(team, person):
                break
            if each.slot.day_of_week in days or minutes > weekly_minutes_max(person, team.policy):
                continue
            if has_room(people, number, each):
                each.members.append(number)
                placed.setdefault(number, []).append(each)
    return placed


def _slots_wanted(team: Team, person: Person) -> int:
    """Two where one offer a week would not be enough by the last day, else one."""
    weeks = max(1, (person.complete_by - team.start).days // 7)
    expected = attendance_probability(person, team.policy) * weekly_minutes_min(person, team.policy) * weeks
    return 2 if expected < remaining_minutes(person, team.policy) else 1


def _induct(
    team: Team, people: Sequence[Person], new: Sequence[int], running: Sequence[RunningSlot]
) -> Placed:
    """An induction for some who have had none, at the first slot that they can come to."""
    inductions = [each for each in running if each.project.project_type is ProjectType.INDUCTION]
    placed: Placed = {}
    for number, mark in zip(new, some(team.rng, team.parameters.existing.told / 2, len(new)), strict=True):
        fitting = [
            each
            for each in inductions
            if suits(team, people[number], each) and has_room(people, number, each)
        ]
        if mark and fitting:
            fitting[0].members.append(number)
            placed[number] = [fitting[0]]
    return placed


def _tell(team: Team, people: Sequence[Person], placed: Placed) -> dict[int, list[ToldAppointment]]:
    """The next appointments of most who are placed; none in a session that would be too small to run."""
    table = team.parameters.existing
    order = sorted(placed)
    informed = some(team.rng, table.told, len(order))
    weeks = quota(team.rng, table.told_week_shares, len(order))
    told: dict[int, list[ToldAppointment]] = {}
    for place, number in enumerate(order):
        if informed[place] or not people[number].induction_done:
            until = team.start + dt.timedelta(days=7 * table.told_weeks[int(weeks[place])])
            told[number] = _appointments(team, people[number], placed[number], until)
    return _without_small_sessions(team, people, told, placed)


def _appointments(
    team: Team, person: Person, slots: Sequence[RunningSlot], until: dt.date
) -> list[ToldAppointment]:
    """Appointments in date order until the day or until the hours are done; the last ends when they are."""
    left = remaining_minutes(person, team.policy)
    found = []
    for day, running in sorted(
        ((day, each) for each in slots for day in each.dates), key=lambda pair: pair[0]
    ):
        possible = day < until and not person.away(day) and person.sentence_date <= day <= person.complete_by
        minutes = min(running.minutes, left)
        if not possible or minutes < _SHORTEST:
            continue
        start = running.slot.start_time
        found.append(ToldAppointment(running.project.project_code, day, start, start + minutes))
        left -= minutes
        if not person.induction_done:
            break
    return found


def _without_small_sessions(
    team: Team, people: Sequence[Person], told: dict[int, list[ToldAppointment]], placed: Placed
) -> dict[int, list[ToldAppointment]]:
    """Without appointments in group sessions whose expected attendance is below the least."""
    groups = {
        each.project.project_code: each.project
        for slots in placed.values()
        for each in slots
        if each.project.project_type is ProjectType.GROUP
    }
    expected: defaultdict[tuple[str, dt.date], float] = defaultdict(float)
    for number, appointments in told.items():
        for each in appointments:
            expected[each.project_code, each.date] += attendance_probability(people[number], team.policy)

    def runs(appointment: ToldAppointment) -> bool:
        project = groups.get(appointment.project_code)
        key = appointment.project_code, appointment.date
        return project is None or expected[key] >= min_people(project, team.policy)

    return {number: list(filter(runs, appointments)) for number, appointments in told.items()}


def _allocation(team: Team, person: Person, running: RunningSlot) -> ExistingAllocation:
    """The placement, from a date some weeks ago on which the slot was open (or the first one after the start)."""
    slot = running.slot
    begin = max(person.sentence_date, slot.start_date_inclusive, team.day(-140, -14))
    first = next(
        day for day in (begin + dt.timedelta(days=number) for number in range(15)) if slot.open_on(day)
    )
    return ExistingAllocation(
        project_code=running.project.project_code,
        day_of_week=Weekday(slot.day_of_week),
        frequency=slot.frequency,
        start_time=slot.start_time,
        end_time=slot.end_time,
        start_date_inclusive=first,
    )


def _away_since(team: Team, people: list[Person]) -> list[Person]:
    """Some people are away by now on a day of which they were told."""
    told = [number for number, person in enumerate(people) if person.appointments]
    count = about(team.rng, team.parameters.existing.impossible * len(told))
    for number in (told[place] for place in team.rng.permutation(len(told))[:count].tolist()):
        person = people[number]
        day = person.appointments[pick(team.rng, range(len(person.appointments)))].date
        away = (*person.unavailable, Absence(day, day + dt.timedelta(days=team.whole(0, 3))))
        people[number] = dataclasses.replace(person, unavailable=away)
    return people
