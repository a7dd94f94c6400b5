"""The last touch, exactly: what no try could put right is dropped, and nobody is left out whom a session could take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.unpaid_work.roster import Roster
from solver.unpaid_work.chance import fits
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.regular import placements_of


def mended(facts: RosterFacts, draft: Draft) -> Draft:
    """The draft without groups that are too small and without work before an induction, and with nobody left out."""
    bookings = set(draft.bookings)
    while True:
        wrong = set(_before_induction(facts, bookings)) | set(_too_small(facts, bookings))
        if not wrong:
            break
        bookings -= wrong
    for booking in _late_comers(facts, draft, bookings):
        bookings.add(booking)
    running = {booking.session for booking in bookings}
    supervisor = {session: under for session, under in draft.supervisor.items() if session in running}
    done = tuple(sorted(bookings))
    return Draft(supervisor, done, placements_of(facts, done))


def _before_induction(facts: RosterFacts, bookings: set[Booking]) -> Iterator[Booking]:
    """Everything of those who need an induction and whose first booking is none."""
    first: dict[int, Booking] = {}
    for booking in sorted(bookings, key=lambda each: each.session):
        first.setdefault(booking.requirement, booking)
    wrong = {
        number
        for number, booking in first.items()
        if not facts.inducted[number] and not facts.induction[facts.sessions.project[booking.session]]
    }
    return (booking for booking in bookings if booking.requirement in wrong)


def _too_small(facts: RosterFacts, bookings: set[Booking]) -> Iterator[Booking]:
    """Everybody in groups that expect fewer people than they need."""
    members = _members(bookings)
    small = {
        session
        for session, those in members.items()
        if sum(facts.chances[each.requirement] for each in those)
        < int(facts.least_people[facts.sessions.project[session]])
    }
    return (booking for booking in bookings if booking.session in small)


def _members(bookings: set[Booking]) -> dict[int, list[Booking]]:
    found: dict[int, list[Booking]] = {}
    for booking in sorted(bookings):
        found.setdefault(booking.session, []).append(booking)
    return found


def _late_comers(facts: RosterFacts, draft: Draft, bookings: set[Booking]) -> Iterator[Booking]:
    """One booking for each with nothing at all, in the first session that can take them by every rule, exactly."""
    members = _members(bookings)
    booked = {booking.requirement for booking in bookings}
    for number in np.flatnonzero(facts.remaining > 0).tolist():
        if number in booked:
            continue
        for session in sorted(members):
            minutes = min(int(facts.sessions.minutes[session]), int(facts.remaining[number]))
            booking = Booking(number, session, minutes)
            if _could_join(facts, draft, booking, members):
                members[session].append(booking)
                yield booking
                break


def _could_join(
    facts: RosterFacts, draft: Draft, booking: Booking, members: dict[int, list[Booking]]
) -> bool:
    number, session, minutes = booking
    project = int(facts.sessions.project[session])
    if facts.open_minutes[number, session] < minutes or bool(facts.induction[project]) == bool(
        facts.inducted[number]
    ):
        return False
    if not _diary_allows(facts, booking, members):
        return False
    there = [each.requirement for each in members[session]]
    group, under = [*there, number], draft.supervisor[session]
    if under is not None and not facts.acceptable[number, under]:
        return False
    limit, seats = facts.problem.projects[project].risk_limit, facts.seats(session)
    if limit is not None and np.count_nonzero(facts.risky[group]) > limit:
        return False
    if seats is not None and np.count_nonzero(facts.collected[group]) > seats:
        return False
    if facts.apart[int(facts.body[number])] & {int(facts.body[each]) for each in there}:
        return False
    return fits([facts.chances[each] for each in group], facts.places_under(session, under), facts.overflow)


def _diary_allows(facts: RosterFacts, booking: Booking, members: dict[int, list[Booking]]) -> bool:
    """Whether the day is free of the body's other events, and the week has room."""
    number, session, minutes = booking
    others = set(facts.bodies[int(facts.body[number])]) - {number}
    theirs = (
        [each for those in members.values() for each in those if each.requirement in others] if others else []
    )
    sessions = facts.sessions
    if any(sessions.day[each.session] == sessions.day[session] for each in theirs):
        return False
    week = sum(each.minutes for each in theirs if sessions.week[each.session] == sessions.week[session])
    return bool(week + minutes <= facts.weekly_most[facts.body[number]])


def draft_from(facts: RosterFacts, roster: Roster) -> Draft | None:
    """A roster as a draft; None when it names what the problem does not have."""
    problem, there = facts.problem, facts.sessions.number_of
    supervisor: dict[int, int | None] = {}
    begins: dict[tuple[int, int, int], int] = {}
    for each in roster.sessions:
        project, day = problem.project_numbers.get(each.project_code, -1), (each.date - problem.first).days
        session = there.get((project, day, each.start_time, each.end_time))
        under = each.supervisor_code
        if session is None or (under is not None and under not in problem.supervisor_numbers):
            return None
        supervisor[session] = None if under is None else problem.supervisor_numbers[under]
        begins[project, day, each.start_time] = session
    bookings = []
    numbers = {(person.crn, person.event_number): number for number, person in enumerate(problem.people)}
    for appointment in roster.appointments:
        number = numbers.get((appointment.crn, appointment.delius_event_number))
        place = (
            problem.project_numbers.get(appointment.project_code, -1),
            (appointment.date - problem.first).days,
            appointment.start_time,
        )
        if number is None or place not in begins:
            return None
        bookings.append(Booking(number, begins[place], appointment.minutes))
    return Draft(supervisor, tuple(sorted(bookings)), roster.placements)
