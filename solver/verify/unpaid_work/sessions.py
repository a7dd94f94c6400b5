"""Rules over sessions as such: open, supervised, and no supervisor in two places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations

from models.rules import Violation
from models.unpaid_work.defaults import supervisor_minutes_max
from solver.verify.unpaid_work.facts import DatedSession, RosterFacts
from solver.verify.unpaid_work.groups import Gathering, conflict, unqualified
from solver.verify.unpaid_work.situation import monday


def gathering(facts: RosterFacts, place: int) -> Gathering:
    """Who is in the session with this number."""
    session = facts.sessions[place]
    members = tuple(booking.number for booking in facts.members[place])
    return Gathering(
        facts.situation, facts.project(session), session.slot, members, facts.supervisor(session)
    )


def project_open(facts: RosterFacts) -> Iterator[Violation]:
    """A session runs only in the project's availability and dates, and not on a non-working day."""
    yield from facts.faults_of("project_open")
    for session in facts.sessions:
        for sentence in facts.situation.why_closed(facts.project(session), session.slot):
            yield Violation("project_open", sentence)
    days: dict[tuple[int, dt.date], list[DatedSession]] = {}
    for session in facts.sessions:
        days.setdefault((session.project_number, session.slot.date), []).append(session)
    for sessions in days.values():
        for one, other in combinations(sessions, 2):
            if one.slot.overlaps(other.slot):
                yield Violation("project_open", f"{one.slot} and {other.slot} overlap")


def supervised(facts: RosterFacts) -> Iterator[Violation]:
    """Every running session that needs one has one supervisor with the required skills, within their hours."""
    for session in facts.sessions:
        sentence = _supervision(facts, session)
        if sentence is not None:
            yield Violation("supervised", sentence, None, session.supervisor_code)
    for number, weeks in minutes_worked(facts).items():
        supervisor = facts.situation.problem.supervisors[number]
        most = supervisor_minutes_max(supervisor, facts.situation.rules)
        for week, minutes in weeks.items():
            if minutes > most:
                code = supervisor.staff_code
                sentence = f"{code} has {minutes} minutes in the week of {week}; the limit is {most}"
                yield Violation("supervised", sentence, None, code)


def _supervision(facts: RosterFacts, session: DatedSession) -> str | None:
    project, supervisor = facts.project(session), facts.supervisor(session)
    if not project.supervisor_needed:
        if session.supervisor_code is None:
            return None
        return f"{session.slot} needs no supervisor and names {session.supervisor_code}"
    if session.supervisor_code is None:
        return f"{session.slot} has no supervisor"
    if supervisor is None:
        return f"{session.supervisor_code} is not among the supervisors"
    sentence = unqualified(facts.situation, supervisor, project, session.slot)
    return None if sentence is None else f"{session.slot}: {sentence}"


def minutes_worked(facts: RosterFacts) -> dict[int, dict[dt.date, int]]:
    """The minutes of each supervisor (by number) in each calendar week (by its Monday)."""
    found: dict[int, dict[dt.date, int]] = {}
    for session in facts.sessions:
        if session.supervisor_number is not None:
            weeks, week = found.setdefault(session.supervisor_number, {}), monday(session.slot.date)
            weeks[week] = weeks.get(week, 0) + session.slot.minutes
    return found


def supervisors_apart(facts: RosterFacts) -> Iterator[Violation]:
    """What one_place_at_a_time asks of supervisors."""
    days: dict[tuple[str, dt.date], list[DatedSession]] = {}
    for session in facts.sessions:
        if session.supervisor_code is not None:
            days.setdefault((session.supervisor_code, session.slot.date), []).append(session)
    for (code, _), sessions in days.items():
        for one, other in combinations(sessions, 2):
            sentence = conflict(facts.situation, one.slot, other.slot)
            if sentence is not None:
                yield Violation("one_place_at_a_time", f"{code}: {sentence}", None, code)
