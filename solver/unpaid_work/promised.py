"""The most minutes a week that placements can promise after the horizon, whatever is booked in it: for bounds.

The checker counts a placement that still runs, half for a fortnight, and sees in the two full weeks after the horizon
that what is promised keeps one project a day and the limits of the day and the week. So the even and the odd calendar
weeks are reckoned apart. A placement needs an appointment in its slot, or it continues an allocation that rests.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.unpaid_work.person import ExistingAllocation
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.regular import goes_on_after
from solver.unpaid_work.slots import NO_SLOT, Bools, Ints, longest_stay


class _Where(NamedTuple):
    """What a placement and the appointments that follow from it have in common."""

    project: int
    weekday: int
    start: int


def stays_of(facts: RosterFacts) -> Ints:
    """Minutes that each can be booked in each session, under some supervisor: int64 (n, s)."""
    under = facts.acceptable.astype(np.float64) @ facts.able.T.astype(np.float64) > 0
    possible = under | ~facts.supervised[facts.sessions.project]
    return np.where(possible & _after_induction(facts, possible), facts.open_minutes, 0)


@dataclass(frozen=True)
class Promises:
    """What each could promise. minutes (n, slots): in each slot. resting (n): a week, in no slot of ours. int64."""

    facts: RosterFacts
    minutes: Ints
    resting: Ints
    turns: tuple[Bools, Bools]

    def alone(self) -> Ints:
        """The most minutes a week that placements of each requirement can promise: int64 (n,)."""
        limits = self.facts.rules.limits
        halves = np.zeros(len(self.minutes), dtype=np.int64)
        for recurs in self.turns:
            here = np.where(recurs, self.minutes, 0)
            few = np.sort(here, axis=1)[:, ::-1][:, : limits.slots_a_week].sum(axis=1)
            by_the_day = np.minimum(_by_the_day(self.facts, here), few)
            halves += np.minimum(by_the_day, self.facts.weekly_most[self.facts.body])
        found: Ints = -(-halves // 2) + self.resting
        return found

    def together(self, numbers: Sequence[int]) -> int:
        """The most minutes a week that placements of a body's requirements can promise together."""
        mine = list(numbers)
        minutes = self.minutes[mine].max(axis=0, keepdims=True)
        most = int(self.facts.weekly_most[self.facts.body[mine[0]]])
        by_the_day = [_by_the_day(self.facts, np.where(recurs, minutes, 0)) for recurs in self.turns]
        halves = sum(min(most, int(each[0])) for each in by_the_day)
        return -(-halves // 2) + int(self.resting[mine].sum())


def promises_of(facts: RosterFacts, stay: Ints) -> Promises:
    """What could be promised. stay: of stays_of."""
    return Promises(facts, _minutes(facts, stay), _resting(facts, stay), _turns(facts))


def keeps_promises(facts: RosterFacts) -> Bools:
    """Whose promises count, and are checked therefore: bool (n,)."""
    kept: Bools = facts.full_weeks >= 1
    return kept


def may_rest(facts: RosterFacts) -> Bools:
    """Who has a counted allocation that the rules over a person and a recurring slot allow: bool (n,)."""
    return np.array([any(True for _ in _continuable(facts, n)) for n in range(len(facts.problem.people))])


def surely_changed(facts: RosterFacts) -> Ints:
    """The counted allocations of each that the rules over a person and a recurring slot forbid: int64 (n,)."""
    people = range(len(facts.problem.people))
    return np.array(
        [len(facts.counted_allocations(n)) - sum(1 for _ in _continuable(facts, n)) for n in people],
        dtype=np.int64,
    )


def _continuable(facts: RosterFacts, number: int) -> Iterator[tuple[_Where, ExistingAllocation]]:
    """The counted allocations of a requirement that a placement can continue."""
    for each in facts.counted_allocations(number):
        project = facts.problem.project_numbers.get(each.project_code)
        if project is None or not facts.suits[number, project]:
            continue
        bits = facts.half_days[number : number + 1]
        longest = longest_stay(bits, each.day_of_week.number, each.start_time, each.end_time)
        if int(longest[0]) == each.end_time - each.start_time:
            yield _Where(project, each.day_of_week.number, each.start_time), each


def _after_induction(facts: RosterFacts, possible: Bools) -> Bools:
    """Which sessions an induction can come before, where one is needed; that is the induction itself, too."""
    sessions = facts.sessions
    first = facts.open_to & possible & facts.induction[sessions.project]
    days = np.where(first, sessions.day[None, :], len(facts.problem.days)).min(
        axis=1, initial=len(facts.problem.days)
    )
    later = sessions.day[None, :] > days[:, None]
    allowed: Bools = facts.inducted[:, None] | first | later
    return allowed


def _slots(facts: RosterFacts) -> list[_Where]:
    slots = facts.slots
    rows = zip(slots.project.tolist(), slots.weekday.tolist(), slots.start.tolist(), strict=True)
    return [_Where(*row) for row in rows]


def _sessions(facts: RosterFacts) -> list[_Where]:
    sessions, days = facts.sessions, facts.problem.days
    rows = zip(sessions.project.tolist(), sessions.day.tolist(), sessions.start.tolist(), strict=True)
    return [_Where(project, days[day].weekday(), start) for project, day, start in rows]


def _minutes(facts: RosterFacts, stay: Ints) -> Ints:
    """How long each can go on in each slot, 0 where nothing can be booked there: int64 (n, slots)."""
    booked_at = _sessions(facts)
    found = np.where(goes_on_after(facts), facts.recurring_minutes, 0)
    for slot, where in enumerate(_slots(facts)):
        here = [session for session, other in enumerate(booked_at) if other == where]
        reached: Bools = np.asarray((stay[:, here] > 0).any(axis=1))
        for number in np.flatnonzero(~reached & (found[:, slot] > 0)).tolist():
            reached[number] = any(other == where for other, _ in _continuable(facts, number))
        found[:, slot] = np.where(reached & ~facts.induction[where.project], found[:, slot], 0)
    return found


def _turns(facts: RosterFacts) -> tuple[Bools, Bools]:
    """Which slots recur in each of the two full weeks after the horizon: bool (slots,), their ends not regarded."""
    first = facts.problem.end + dt.timedelta(days=(-facts.problem.end.weekday()) % 7)
    records = [dataclasses.replace(each, end_date_exclusive=None) for each in facts.slots.records]
    one, other = (
        np.array(
            [
                any(each.open_on(first + dt.timedelta(days=week + day)) for day in range(7))
                for each in records
            ],
            dtype=np.bool_,
        )
        for week in (0, 7)
    )
    return one, other


def _by_the_day(facts: RosterFacts, minutes: Ints) -> Ints:
    """The most a week by the rules of a day: one project, and its limit. minutes: int64 (n, slots); int64 (n,)."""
    slots = facts.slots
    by_day = np.zeros((len(minutes), 7), dtype=np.int64)
    for weekday, project in sorted(set(zip(slots.weekday.tolist(), slots.project.tolist(), strict=True))):
        here = (slots.weekday == weekday) & (slots.project == project)
        by_day[:, weekday] = np.maximum(by_day[:, weekday], minutes[:, here].sum(axis=1))
    found: Ints = np.minimum(by_day, facts.rules.limits.day_minutes).sum(axis=1)
    return found


def _resting(facts: RosterFacts, stay: Ints) -> Ints:
    """Minutes a week of allocations and told stretches in no slot of ours that might go on all the same: int64 (n,)."""
    sessions, there = facts.sessions, set(_slots(facts))
    stretches = np.flatnonzero(sessions.slot == NO_SLOT)
    found: Ints = (np.where(stay[:, stretches] > 0, _room_for(facts, stretches), 0)).sum(axis=1)
    for number in range(len(found)):
        for where, each in _continuable(facts, number):
            if where not in there:
                found[number] += each.end_time - each.start_time
    return found


def _room_for(facts: RosterFacts, stretches: Ints) -> Ints:
    """How long a placement from the start of each stretch can be: to the end of the slot, and no longer than a day."""
    sessions, slots = facts.sessions, facts.slots
    found = sessions.minutes[stretches].copy()
    for place, session in enumerate(stretches.tolist()):
        weekday = facts.problem.days[int(sessions.day[session])].weekday()
        here = (slots.project == sessions.project[session]) & (slots.weekday == weekday)
        around = here & (slots.start <= sessions.start[session]) & (slots.end >= sessions.end[session])
        longest = int((slots.end[around] - sessions.start[session]).max(initial=0))
        found[place] = min(facts.rules.limits.day_minutes, max(int(found[place]), longest))
    return found
