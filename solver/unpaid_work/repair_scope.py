"""What of a damaged roster may change: the sessions hit and those beside them, and the people who lost something."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from solver.unpaid_work.dated_model import Pair, Scope
from solver.unpaid_work.draft import Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.repair_reading import Before
from solver.unpaid_work.slots import Bools

WEEKS_AROUND = 1
"""How many weeks before and after the damage somebody who lost an appointment may get another."""


def scope_around(facts: RosterFacts, before: Before, draft: Draft) -> Scope | None:
    """What lies near the damage, None when nothing is damaged.

    Free to change: sessions that were lost or lost people or their supervisor, all that run on the same days, what else
    could run in those weeks, and every booking of people who lost one or are new, in weeks near it. The days gone by
    stay as they are, and so does everybody else.
    """
    damage = _Damage(facts, before, draft)
    if not damage.sessions and not damage.people:
        return None
    free = damage.free_sessions()
    pairs = damage.pairs(free)
    booked: dict[Pair, int] = {}
    for booking in draft.bookings:
        pair = booking.requirement, booking.session
        if not pairs[pair]:
            booked[pair] = booking.minutes
    supervisors = {session: under for session, under in draft.supervisor.items() if session not in free}
    return Scope(pairs, booked, supervisors, frozenset(free))


class _Damage:
    """What the first repair could not keep."""

    def __init__(self, facts: RosterFacts, before: Before, draft: Draft) -> None:
        self._facts = facts
        self._before = before
        self._draft = draft
        sessions = range(len(facts.sessions))
        self._future: Bools = np.array([not _is_past(facts, each) for each in sessions], dtype=np.bool_)
        there = set(draft.bookings)
        self._lost = [each for each in before.bookings if each not in there]
        self.sessions = self._hit_sessions()
        self.people = self._hit_people()

    def _hit_sessions(self) -> set[int]:
        found = {each.session for each in self._lost}
        for session, under in self._before.supervisor.items():
            if self._draft.supervisor.get(session, under) != under:
                found.add(session)
        return {session for session in found if self._future[session]}

    def _hit_people(self) -> dict[int, set[int]]:
        """Who lost an appointment, with the weeks of it, and who is new and has none, with all weeks."""
        facts = self._facts
        found: dict[int, set[int]] = {}
        for each in self._lost:
            found.setdefault(each.requirement, set()).add(int(facts.sessions.week[each.session]))
        for number, appointment in self._before.lost:
            day = (appointment.date - facts.problem.first).days
            found.setdefault(number, set()).add((day + facts.problem.first.weekday()) // 7)
        had = {each.requirement for each in self._before.bookings} | found.keys() | self._before.had_none
        for number in np.flatnonzero(facts.remaining > 0).tolist():
            if number not in had:
                found.setdefault(number, set()).update(range(facts.weeks))
        return found

    def free_sessions(self) -> set[int]:
        """Those hit, those that run on the same days, and those that could run for who was hit, in weeks near it."""
        facts = self._facts
        days = {int(facts.sessions.day[session]) for session in self.sessions}
        found = set(self.sessions)
        found |= {session for session in self._draft.supervisor if int(facts.sessions.day[session]) in days}
        wanted = np.zeros(len(facts.sessions), dtype=np.bool_)
        for number, weeks in self.people.items():
            wanted |= (facts.open_minutes[number] > 0) & self._near(weeks)
        found |= set(np.flatnonzero(wanted).tolist()) - set(self._draft.supervisor)
        return {session for session in found if self._future[session]}

    def _near(self, weeks: Iterable[int]) -> Bools:
        """The sessions of these weeks and of those around them."""
        near = np.zeros(self._facts.weeks + 2 * WEEKS_AROUND, dtype=np.bool_)
        for week in weeks:
            near[week : week + 2 * WEEKS_AROUND + 1] = True
        return np.asarray(near[self._facts.sessions.week + WEEKS_AROUND], dtype=np.bool_)

    def pairs(self, free: set[int]) -> Bools:
        """Who may be booked where: who was hit, near it; and in free sessions whoever is or was in them."""
        facts = self._facts
        found = np.zeros(facts.open_minutes.shape, dtype=np.bool_)
        mates = {
            mate: weeks
            for number, weeks in self.people.items()
            for mate in facts.bodies[int(facts.body[number])]
        }
        for number, weeks in mates.items():
            found[number] = self._near(self.people.get(number, weeks))
        for each in (*self._before.bookings, *self._draft.bookings):
            if each.session in free:
                found[each.requirement, each.session] = True
        return np.asarray(found & self._future[None, :] & (facts.open_minutes > 0), dtype=np.bool_)


def _is_past(facts: RosterFacts, session: int) -> bool:
    return facts.question.disruption.is_past(facts.date(session))
