"""What runs without a roster: the sessions of told appointments and existing allocations, under whoever is free.

This is no roster and claims none: a session may have too many or too few. It says where one more person finds room.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from models.unpaid_work.person import ExistingAllocation, Person
from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import Frequency
from solver.unpaid_work.facts import RosterFacts, acceptable
from solver.unpaid_work.placing.cost import counted_allocations
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.team import Duty, Entry, LoadedTeam, Running, Start, with_members
from solver.unpaid_work.slots import open_days

Ends = Mapping[tuple[int, int], list[tuple[int, int]]]
"""When a project is open on a day: starts and ends."""


def team_of_today(facts: RosterFacts) -> LoadedTeam:
    """The team as people were told and are placed."""
    hours = _hours(facts)
    members: dict[Start, list[tuple[int, Entry]]] = {}
    for number, entry in _bookings(facts, hours):
        members.setdefault((entry.project, entry.day, entry.start), []).append((number, entry))
    bare = LoadedTeam(facts, False, {}, {}, {}, tuple(() for _ in facts.problem.supervisors))
    duties: list[list[Duty]] = [[] for _ in facts.problem.supervisors]
    running: dict[Start, Running] = {}
    diaries: dict[str, list[Entry]] = {}
    taken: dict[tuple[int, int], list[Running]] = {}
    for where in sorted(members, key=lambda each: (each[1], -len(members[each]), each)):
        session = _session(where, members[where], hours)
        there = taken.setdefault((session.project, session.day), [])
        if any(other.start < session.end and session.start < other.end for other in there):
            continue
        supervised = _under_somebody(
            dataclasses.replace(bare, duties=tuple(map(tuple, duties))), session, members[where]
        )
        if supervised is None:
            continue
        session, coming = supervised
        there.append(session)
        running[where] = with_members(facts, session, [number for number, _ in coming])
        if session.supervisor is not None:
            duty = Duty(session.day, session.project, session.start, session.end)
            duties[session.supervisor].append(duty)
        for number, entry in coming:
            diaries.setdefault(facts.problem.people[number].crn, []).append(entry)
    return dataclasses.replace(
        bare,
        running=running,
        diaries={crn: tuple(sorted(entries)) for crn, entries in diaries.items()},
        placements={
            person.key: tuple(
                _continued(person, each) for each in counted_allocations(Newcomer.of(facts, person))
            )
            for person in facts.problem.people
            if person.allocations
        },
        duties=tuple(map(tuple, duties)),
    )


def _continued(person: Person, allocation: ExistingAllocation) -> Placement:
    """An existing allocation as the placement that it goes on as."""
    return Placement(
        crn=person.crn,
        delius_event_number=person.event_number,
        project_code=allocation.project_code,
        day_of_week=allocation.day_of_week,
        frequency=allocation.frequency,
        start_time=allocation.start_time,
        end_time=allocation.end_time,
        start_date_inclusive=allocation.start_date_inclusive,
        end_date_inclusive=allocation.end_date_inclusive,
    )


def _hours(facts: RosterFacts) -> Ends:
    """When each project is open on each day of the horizon."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    slots = facts.slots
    for slot, record in enumerate(slots.records):
        number = int(slots.project[slot])
        project = facts.problem.projects[number]
        for day in open_days(facts.problem, facts.question, project, record):
            found.setdefault((number, day), []).append((record.start_time, record.end_time))
    return found


def _bookings(facts: RosterFacts, hours: Ends) -> Iterator[tuple[int, Entry]]:
    """Who is where by what they were told and where they are placed, as far as their own rules allow."""
    taken: dict[str, dict[int, int]] = {}
    for number, person in enumerate(facts.problem.people):
        newcomer, left = Newcomer.of(facts, person), int(facts.remaining[number])
        booked = taken.setdefault(person.crn, {})
        for entry in (*_told(facts, person), *_placed(facts, newcomer)):
            within = hours.get((entry.project, entry.day), ())
            is_open = any(begin <= entry.start and entry.end <= end for begin, end in within)
            week = int(facts.week_of_day[entry.day])
            this_week = sum(m for day, m in booked.items() if int(facts.week_of_day[day]) == week)
            minutes = min(entry.minutes, left)
            if not is_open or minutes <= 0 or entry.day in booked:
                continue
            away = newcomer.not_there(facts.problem.days[entry.day])
            if away is not None or this_week + minutes > newcomer.weekly_most:
                continue
            booked[entry.day] = minutes
            left -= minutes
            yield number, entry._replace(end=entry.start + minutes)


def _told(facts: RosterFacts, person: Person) -> Iterator[Entry]:
    problem = facts.problem
    for told in sorted(person.appointments, key=lambda each: (each.date, each.start_time)):
        project, day = problem.project_numbers.get(told.project_code), (told.date - problem.first).days
        if project is not None and 0 <= day < len(problem.days):
            yield Entry(day, project, told.start_time, told.end_time, person.event_number)


def _placed(facts: RosterFacts, newcomer: Newcomer) -> Iterator[Entry]:
    """The days of existing allocations, by date."""
    problem, found = facts.problem, []
    for each in counted_allocations(newcomer):
        project = problem.project_numbers.get(each.project_code)
        if project is None:
            continue
        first = (each.day_of_week.number - each.start_date_inclusive.weekday()) % 7
        for day, date in enumerate(problem.days):
            since = (date - each.start_date_inclusive).days - first
            last = each.end_date_inclusive
            step = {Frequency.ONCE: 0, Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}[each.frequency]
            on = since == 0 or (step > 0 and since > 0 and since % step == 0)
            if on and (last is None or date <= last):
                event = newcomer.person.event_number
                found.append(Entry(day, project, each.start_time, each.end_time, event))
    yield from sorted(found)


def _session(where: Start, members: Iterable[tuple[int, Entry]], hours: Ends) -> Running:
    """The session in which they are: the whole slot where it begins then, else as long as the longest of them."""
    project, day, start = where
    least = max(entry.end for _, entry in members)
    ends = [end for begin, end in hours[project, day] if begin == start and end >= least]
    return Running(project, day, start, min(ends, default=least), None, 0)


def _under_somebody(
    team: LoadedTeam, session: Running, members: list[tuple[int, Entry]]
) -> tuple[Running, list[tuple[int, Entry]]] | None:
    """The session under the free supervisor whom most may have, without those who may not; None without any."""
    facts = team.facts
    project, people = facts.problem.projects[session.project], facts.problem.people
    if not project.supervisor_needed:
        return dataclasses.replace(session, places=project.places), members
    duty = Duty(session.day, session.project, session.start, session.end)
    best: tuple[int, int, int] | None = None
    for number, supervisor in enumerate(facts.problem.supervisors):
        if team.free(number, duty):
            may = sum(acceptable(people[each], supervisor) for each, _ in members)
            best = max(best or (0, 0, 0), (may, min(project.places, int(facts.max_group[number])), -number))
    if best is None or best[0] == 0:
        return None
    who = facts.problem.supervisors[-best[2]]
    coming = [each for each in members if acceptable(people[each[0]], who)]
    return dataclasses.replace(session, supervisor=-best[2], places=best[1]), coming
