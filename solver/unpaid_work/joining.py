"""Who has no appointment although a session that runs could take them, by the exact rules; and seating them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from solver.unpaid_work.chance import fits
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts


class Seating:
    """A draft that people can be added to. Sessions that run stay as they are."""

    def __init__(self, facts: RosterFacts, draft: Draft) -> None:
        self._facts = facts
        self._draft = draft
        self._bookings = list(draft.bookings)
        self._members: dict[int, list[int]] = {session: [] for session in draft.supervisor}
        self._of_body: dict[int, list[Booking]] = {}
        for booking in draft.bookings:
            self._note(booking)

    def _note(self, booking: Booking) -> None:
        self._members[booking.session].append(booking.requirement)
        self._of_body.setdefault(int(self._facts.body[booking.requirement]), []).append(booking)

    @property
    def draft(self) -> Draft:
        """The draft as it now is."""
        bookings = sorted(self._bookings, key=lambda each: (each.session, each.requirement))
        return dataclasses.replace(self._draft, bookings=tuple(bookings))

    def left_out(self) -> Iterator[int]:
        """The requirements with minutes remaining and no booking."""
        booked = {booking.requirement for booking in self._bookings}
        return (
            number for number, left in enumerate(self._facts.remaining) if left > 0 and number not in booked
        )

    def could_join(self, number: int) -> Iterator[int]:
        """The sessions still to come that run and could take somebody, for all of it or what remains to be booked."""
        facts = self._facts
        open_minutes = facts.open_minutes[number]
        for session in sorted(self._draft.supervisor):
            minutes = self._minutes(number, session)
            if (
                0 < minutes <= open_minutes[session]
                and not facts.question.disruption.is_past(facts.date(session))
                and self._has_time(number, session, minutes)
                and self._has_room(number, session)
            ):
                yield session

    def seat(self, number: int, session: int) -> None:
        """Book somebody who could join."""
        booking = Booking(number, session, self._minutes(number, session))
        self._bookings.append(booking)
        self._note(booking)

    def _mine(self, number: int) -> list[Booking]:
        others = self._of_body.get(int(self._facts.body[number]), ())
        return [booking for booking in others if booking.requirement == number]

    def _minutes(self, number: int, session: int) -> int:
        left = int(self._facts.remaining[number]) - sum(each.minutes for each in self._mine(number))
        return min(int(self._facts.sessions.minutes[session]), left)

    def _has_time(self, number: int, session: int, minutes: int) -> bool:
        """Whether the body's other bookings leave the day and the week open, and induction comes first."""
        facts, sessions = self._facts, self._facts.sessions
        body = int(facts.body[number])
        in_week = on_day = minutes
        for other in self._of_body.get(body, ()):
            if sessions.week[other.session] == sessions.week[session]:
                in_week += other.minutes
            if sessions.day[other.session] == sessions.day[session]:
                on_day += other.minutes
                if not self._beside(other, session, minutes):
                    return False
        in_limits = in_week <= facts.weekly_most[body] and on_day <= facts.rules.limits.day_minutes
        return bool(in_limits) and self._inducted_before(number, session)

    def _inducted_before(self, number: int, session: int) -> bool:
        facts, mine = self._facts, self._mine(number)
        if facts.inducted[number]:
            return True
        if facts.induction[facts.sessions.project[session]]:
            return not mine
        return any(
            facts.induction[facts.sessions.project[each.session]] and each.session < session for each in mine
        )

    def _beside(self, other: Booking, session: int, minutes: int) -> bool:
        """Whether both can be on one day: at one project, one after the other."""
        sessions = self._facts.sessions
        start, begins = int(sessions.start[session]), int(sessions.start[other.session])
        apart = start + minutes <= begins or begins + other.minutes <= start
        return bool(sessions.project[other.session] == sessions.project[session]) and apart

    def _has_room(self, number: int, session: int) -> bool:
        """Whether supervisor, company, limits and the chance of overflow allow one more."""
        facts, members, under = self._facts, self._members[session], self._draft.supervisor[session]
        if under is not None and not facts.acceptable[number, under]:
            return False
        apart = facts.apart[int(facts.body[number])]
        if any(int(facts.body[other]) in apart for other in members):
            return False
        together = [*members, number]
        limit = facts.problem.projects[int(facts.sessions.project[session])].risk_limit
        if facts.risky[number] and limit is not None and facts.risky[together].sum() > limit:
            return False
        seats = facts.seats(session)
        if facts.collected[number] and seats is not None and facts.collected[together].sum() > seats:
            return False
        chances = [facts.chances[other] for other in together]
        return fits(chances, facts.places_under(session, under), facts.overflow)


def joinable(facts: RosterFacts, draft: Draft) -> list[tuple[int, int]]:
    """Whoever is left out with each session that could take them."""
    seating = Seating(facts, draft)
    return [(number, session) for number in seating.left_out() for session in seating.could_join(number)]


def seated(facts: RosterFacts, draft: Draft) -> Draft:
    """The draft with everybody who was left out booked where they fit, nearest first, one after the other."""
    seating = Seating(facts, draft)
    for number in list(seating.left_out()):
        journeys = facts.travel[number, facts.sessions.project]
        session = min(seating.could_join(number), key=lambda each: (int(journeys[each]), each), default=None)
        if session is not None:
            seating.seat(number, session)
    return seating.draft
