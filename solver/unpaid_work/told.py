"""What people were told of: which of it the input still allows, and who can be kept in which session.

A person's told appointments are taken by date. One stands when its session may run, the person may come for all of
it, it goes with those before it in the diary, and somebody may supervise them there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.unpaid_work.person import ToldAppointment
from solver.unpaid_work.chance import fits
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts


class Told(NamedTuple):
    """A told appointment of the horizon that the input allows, as a booking."""

    booking: Booking
    day: int
    project: int


def told_that_stand(facts: RosterFacts) -> tuple[Told, ...]:
    """Every told appointment that the input still allows beside the same person's earlier ones, by requirement."""
    starts: dict[tuple[int, int, int], list[int]] = {}
    for (project, day, start, _), session in facts.sessions.number_of.items():
        starts.setdefault((project, day, start), []).append(session)
    found: list[Told] = []
    for numbers in facts.bodies:
        mine = sorted(
            (
                (number, each)
                for number in numbers
                for each in facts.problem.people[number].appointments
                if facts.problem.first <= each.date < facts.problem.end
            ),
            key=lambda pair: (pair[1].date, pair[1].start_time, pair[1].end_time),
        )
        standing: list[Told] = []
        for number, each in mine:
            told = _as_booking(facts, number, each, starts)
            if told is not None and _goes_with(facts, told, standing):
                standing.append(told)
        found += standing
    return tuple(sorted(found))


def _as_booking(
    facts: RosterFacts, number: int, told: ToldAppointment, starts: dict[tuple[int, int, int], list[int]]
) -> Told | None:
    """The booking that a told appointment is, None where the rules over one person and one session forbid it."""
    project = facts.problem.project_numbers.get(told.project_code)
    if project is None:
        return None
    day, minutes = (told.date - facts.problem.first).days, told.end_time - told.start_time
    fitting = [
        session
        for session in starts.get((project, day, told.start_time), ())
        if facts.sessions.end[session] >= told.end_time and facts.open_minutes[number, session] >= minutes
    ]
    if not fitting:
        return None
    session = max(fitting, key=lambda each: int(facts.sessions.end[each]))
    if facts.supervised[project] and not (facts.able[session] & facts.acceptable[number]).any():
        return None
    return Told(Booking(number, session, minutes), day, project)


def _goes_with(facts: RosterFacts, told: Told, standing: Sequence[Told]) -> bool:
    """Whether the diary of the body has room for it beside those that stand."""
    sessions, (number, session, minutes) = facts.sessions, told.booking
    begin = int(sessions.start[session])
    day = week = minutes
    mine = minutes
    for other in standing:
        same_day = other.day == told.day
        start = int(sessions.start[other.booking.session])
        if same_day and other.project != told.project:
            return False
        if same_day and begin < start + other.booking.minutes and start < begin + minutes:
            return False
        day += other.booking.minutes if same_day else 0
        week += other.booking.minutes if sessions.week[other.booking.session] == sessions.week[session] else 0
        mine += other.booking.minutes if other.booking.requirement == number else 0
    most = int(facts.weekly_most[facts.body[number]])
    if day > facts.rules.limits.day_minutes or week > most or mine > int(facts.remaining[number]):
        return False
    return _induction_in_order(facts, told, [each for each in standing if each.booking.requirement == number])


def _induction_in_order(facts: RosterFacts, told: Told, mine: Sequence[Told]) -> bool:
    """One induction before everything else, or at least a day left for one."""
    number = told.booking.requirement
    if facts.inducted[number]:
        return True
    if facts.induction[told.project]:
        return not mine
    if any(facts.induction[each.project] for each in mine):
        return True
    sessions = facts.sessions
    earlier = facts.induction[sessions.project] & (sessions.day < told.day)
    return bool((facts.open_to[number] & earlier).any())


def kept_in(
    facts: RosterFacts, session: int, supervisor: int | None, told: Sequence[Booking]
) -> list[Booking]:
    """Those told of a session whom it can hold under a supervisor, the first requirements first."""
    places, seats = facts.places_under(session, supervisor), facts.seats(session)
    project = facts.problem.projects[int(facts.sessions.project[session])]
    kept: list[Booking] = []
    for booking in sorted(told):
        number = booking.requirement
        group = [*(each.requirement for each in kept), number]
        bodies = {int(facts.body[each]) for each in group}
        if (
            (supervisor is None or facts.acceptable[number, supervisor])
            and (project.risk_limit is None or np.count_nonzero(facts.risky[group]) <= project.risk_limit)
            and (seats is None or np.count_nonzero(facts.collected[group]) <= seats)
            and not facts.apart[int(facts.body[number])] & bodies
            and fits([facts.chances[each] for each in group], places, facts.overflow)
        ):
            kept.append(booking)
    return kept
