"""A roster that people were told of, read back against an input that has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Appointment, Roster, Session
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts


@dataclass(frozen=True)
class Before:
    """What there was, as far as the input still knows it.

    bookings: those whose requirement and session are still there. supervisor: who had each session, None without one or
    with one who is gone. lost: appointments of people who are still there, in sessions that are not. had_none: who was
    left without an appointment.
    """

    bookings: tuple[Booking, ...]
    supervisor: dict[int, int | None]
    lost: tuple[tuple[int, Appointment], ...]
    had_none: frozenset[int]

    def members(self) -> dict[int, list[Booking]]:
        """The bookings by session."""
        found: dict[int, list[Booking]] = {session: [] for session in self.supervisor}
        for booking in self.bookings:
            found[booking.session].append(booking)
        return found


def read_back(facts: RosterFacts, roster: Roster) -> Before:
    """The roster in the numbers of the facts."""
    found: dict[tuple[str, object, int], tuple[int, str | None]] = {}
    for session in roster.sessions:
        number = _session_of(facts, session)
        if number is not None:
            found[session.project_code, session.date, session.start_time] = number, session.supervisor_code
    bookings, lost = [], []
    for each in roster.appointments:
        person = facts.problem.person_numbers.get(RequirementKey(each.crn, each.delius_event_number))
        if person is None:
            continue
        where = found.get((each.project_code, each.date, each.start_time))
        if where is None:
            lost.append((person, each))
        else:
            bookings.append(Booking(person, where[0], each.minutes))
    numbers = facts.problem.supervisor_numbers
    supervisor = {session: None if code is None else numbers.get(code) for session, code in found.values()}
    keys = (RequirementKey(each.crn, each.delius_event_number) for each in roster.unplaced)
    people = facts.problem.person_numbers
    had_none = frozenset(people[key] for key in keys if key in people)
    return Before(tuple(bookings), supervisor, tuple(lost), had_none)


def _session_of(facts: RosterFacts, session: Session) -> int | None:
    """The number of a session, None when it may not run any more."""
    project = facts.problem.project_numbers.get(session.project_code)
    day = (session.date - facts.problem.first).days
    if project is None:
        return None
    return facts.sessions.number_of.get((project, day, session.start_time, session.end_time))


def hash_of(roster: Roster) -> str:
    """SHA-256 over the appointments, which say what people were told."""
    rows = sorted(
        [
            each.crn,
            each.delius_event_number,
            each.project_code,
            each.date.isoformat(),
            each.start_time,
            each.end_time,
        ]
        for each in roster.appointments
    )
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode("ascii")).hexdigest()
