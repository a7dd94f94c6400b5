"""What each requirement could promise after the horizon, and what must be booked for it: for bounds.

The checker counts a placement that still runs, half for a fortnight, when an appointment in its slot lies in the last
14 days of the horizon (28 for a fortnightly one, policy) or all that remains is booked, or when it continues an
allocation on whose dates nobody could come then. In the two full weeks after the horizon what is promised keeps one
project a day and the limits of the day and the week.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from models.unpaid_work.person import ExistingAllocation
from models.unpaid_work.terms import Frequency
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.regular import goes_on_after
from solver.unpaid_work.slots import NO_SLOT, Bools, Ints, longest_stay, open_days

KEY, DAY_OF_WEEK, WHERE, LENGTH, EVEN, ODD, RESTS = range(7)
"""Columns of Promised.those."""
AS_BOOKED, ANYWAY, WHEN_DONE = 0, 1, 2
"""In the column RESTS: goes on when it was kept up; without any booking; only when all that remains is booked."""
MOST_DIGITS = 5
"""Of one requirement; each has four values, none and the three that follow."""
EARLIER, IN_TURN, LATELY = 1, 2, 3
"""How near the horizon's end a session lies: before the last 28 days, in them, in the last 14 (28 for a fortnight)."""
SHARED = 30
"""Minutes in two weeks by which two requirements share what goes on."""
RECURRING = Frequency.WEEKLY, Frequency.FORTNIGHTLY


class _Where(NamedTuple):
    """What a placement and the appointments that follow from it have in common."""

    project: int
    weekday: int
    start: int


class Promised(NamedTuple):
    """What could go on, requirement by requirement; what placements and appointments have in common is a key.

    begins (n + 1): rows of `those` of each requirement. those (k, 7): KEY (-1 for none), DAY_OF_WEEK, WHERE (project),
    LENGTH in minutes, whether it recurs in the EVEN and the ODD week, RESTS; by weekday and project. key (s), late (s):
    of each session, EARLIER, IN_TURN or LATELY. before, before_key: as begins and those, the keys of allocations that
    are changed when nothing is booked in them. resting (n): minutes a week of what goes on without any booking.
    changed (n): allocations that no placement can continue. limits (2,): minutes of a day, placements at a time.
    inducted (n). All int64.

    What solver.unpaid_work.granting writes: digit (n, keys), the digit in which it is noted how a key was kept up, -1
    for none; many (n): digits of each. digit_before (n, keys): bool, keys of `before`. on (n, states of the digits):
    float64, minutes a week that go on, -1 where not known. every (n): float64, with everything kept up.
    """

    begins: Ints
    those: Ints
    key: Ints
    late: Ints
    before: Ints
    before_key: Ints
    resting: Ints
    changed: Ints
    limits: Ints
    inducted: Ints
    digit: Ints
    many: Ints
    digit_before: Bools
    on: Floats
    every: Floats


def stays_of(facts: RosterFacts) -> Ints:
    """Minutes that each can be booked in each session, under some supervisor: int64 (n, s)."""
    under = facts.acceptable.astype(np.float64) @ facts.able.T.astype(np.float64) > 0
    possible = under | ~facts.supervised[facts.sessions.project]
    return np.where(possible & _after_induction(facts, possible), facts.open_minutes, 0)


def keeps_promises(facts: RosterFacts) -> Bools:
    """Whose promises count, and are checked therefore: bool (n,)."""
    kept: Bools = facts.full_weeks >= 1
    return kept


def promised_of(facts: RosterFacts, stay: Ints) -> Promised:
    """What could be promised. stay: of stays_of."""
    reading = _Reading(facts, stay)
    people = range(len(facts.problem.people))
    those = [reading.of_requirement(number) for number in people]
    before = [reading.to_be_booked(number) for number in people]
    rests = [sum(each.end_time - each.start_time for _, each in reading.rests[number]) for number in people]
    changed = [
        len(facts.counted_allocations(number)) - len(reading.allocations[number]) + len(reading.lost[number])
        for number in people
    ]
    return Promised(
        begins=_begins([len(each) for each in those]),
        those=_ints([row for each in those for row in each]).reshape(-1, 7),
        key=reading.key,
        late=reading.late,
        before=_begins([len(each) for each in before]),
        before_key=_ints([key for each in before for key in each]),
        resting=_ints(rests),
        changed=_ints(changed),
        limits=_ints([facts.rules.limits.day_minutes, facts.rules.limits.slots_a_week]),
        inducted=facts.inducted.astype(np.int64),
        digit=np.full((len(stay), len(reading.keys)), -1, dtype=np.int64),
        many=np.zeros(len(stay), dtype=np.int64),
        digit_before=_marked(before, len(reading.keys)),
        on=np.full((len(stay), 4**MOST_DIGITS), -1.0),
        every=np.zeros(len(stay)),
    )


def shares_of(facts: RosterFacts, promised: Promised, both: Sequence[int]) -> Floats:
    """How two requirements of a body can share what goes on: float64 (k, 2), minutes a week of each at the most.

    A day of the even or the odd week belongs to one of them, or to both where a project has several slots. A placement
    may be shorter than its slot, so that the weekly limit can be shared by SHARED minutes in two weeks.
    """
    most = int(facts.weekly_most[facts.body[both[0]]])
    even, odd = (_beside(_in_one_week(promised, both, turn), most) for turn in (EVEN, ODD))
    halves = np.full(2 * most + 1, -1, dtype=np.int64)
    for first, second in enumerate(even.tolist()):
        if second >= 0:
            here = halves[first : first + most + 1]
            np.maximum(here, np.where(odd >= 0, second + odd, -1), out=here)
    last = int(np.flatnonzero(halves >= 0)[-1])
    rows = [(0, int(halves[0]))]
    for begin in range(0, last, SHARED):
        end, beside = min(begin + SHARED, last), int(halves[begin + 1])
        if rows[-1][1] == beside and len(rows) > 1:
            rows.pop()
        rows.append((end, beside))
    return np.array(rows, dtype=np.float64) / 2


def _in_one_week(promised: Promised, both: Sequence[int], turn: int) -> set[tuple[int, int]]:
    """What the days of one week can bring the two of them: minutes of each, those that no other beats."""
    days: dict[int, dict[int, list[int]]] = {}
    slots: dict[tuple[int, int], set[int]] = {}
    for which, number in enumerate(both):
        for place in range(int(promised.begins[number]), int(promised.begins[number + 1])):
            row = promised.those[place].tolist()
            if row[turn]:
                here = days.setdefault(row[DAY_OF_WEEK], {}).setdefault(row[WHERE], [0, 0])
                here[which] = min(here[which] + row[LENGTH], int(promised.limits[0]))
                slots.setdefault((row[DAY_OF_WEEK], row[WHERE]), set()).add(row[KEY])
    found = {(0, 0)}
    for day, projects in days.items():
        ways = {(0, 0)}
        for project, (first, second) in projects.items():
            several = len(slots[day, project]) > 1
            ways |= {(first, second)} if several else {(first, 0), (0, second)}
        sums = {(a + first, c + second) for a, c in found for first, second in ways}
        found = {
            each for each in sums if not any(o != each and o[0] >= each[0] and o[1] >= each[1] for o in sums)
        }
    return found


def _beside(ways: set[tuple[int, int]], most: int) -> Ints:
    """The most minutes of the second beside so many of the first, -1 for never: int64 (most + 1,)."""
    found = np.full(most + 1, -1, dtype=np.int64)
    for first, second in ways:
        reach = min(first, most)
        left = np.minimum(second, most - np.arange(reach + 1))
        found[: reach + 1] = np.maximum(found[: reach + 1], left)
    return found


def _marked(rows: list[list[int]], width: int) -> Bools:
    found = np.zeros((len(rows), width), dtype=np.bool_)
    for number, row in enumerate(rows):
        found[number, row] = True
    return found


class _Reading:
    """One problem, key by key."""

    def __init__(self, facts: RosterFacts, stay: Ints) -> None:
        self.facts, sessions = facts, facts.sessions
        self.keys: dict[_Where, int] = {}
        self.key = _ints([self.keys.setdefault(where, len(self.keys)) for where in _sessions(facts)])
        for where in _slots(facts):
            self.keys.setdefault(where, len(self.keys))
        self._wheres = list(self.keys)
        self._length, self._turns = _lengths(facts, stay, self.keys, self.key)
        left, only = len(facts.problem.days) - sessions.day, (self._turns[0] != self._turns[1])[self.key]
        weekly, fortnight = (facts.rules.limits.kept_up(each) for each in RECURRING)
        lately = left <= np.where(only, fortnight, weekly)
        in_turn = np.where(left <= fortnight, IN_TURN, EARLIER)
        self.late: Ints = np.where(lately, LATELY, in_turn).astype(np.int64)
        self._ever = np.zeros((len(stay), len(self.keys)), dtype=np.bool_)
        self._kept_up = self._ever.copy()
        for session, key in enumerate(self.key.tolist()):
            self._ever[:, key] |= stay[:, session] > 0
            if self.late[session] >= IN_TURN:
                self._kept_up[:, key] |= stay[:, session] > 0
        people = range(len(facts.problem.people))
        self.allocations = [list(_continuable(facts, number)) for number in people]
        self.rests = [
            [each for each in self.allocations[number] if _may_rest(facts, number, *each)]
            for number in people
        ]
        self.lost = [
            [
                each
                for where, each in self.allocations[number]
                if each.frequency is not Frequency.ONCE
                and (where, each) not in self.rests[number]
                and not self._may_be_booked(number, where)
            ]
            for number in people
        ]

    def _may_be_booked(self, number: int, where: _Where) -> bool:
        key = self.keys.get(where)
        return key is not None and bool(self._ever[number, key])

    def to_be_booked(self, number: int) -> list[int]:
        """The keys of the allocations that only a booking continues."""
        return [
            self.keys[where]
            for where, each in self.allocations[number]
            if each.frequency is not Frequency.ONCE
            and (where, each) not in self.rests[number]
            and self._may_be_booked(number, where)
        ]

    def of_requirement(self, number: int) -> list[tuple[int, ...]]:
        """The rows of a requirement in Promised.those."""
        anyway = {where: each.end_time - each.start_time for where, each in self.rests[number]}
        rows = []
        for key in np.flatnonzero(self._length[number] > 0).tolist():
            where, turns = self._wheres[key], self._turns[:, key].astype(int).tolist()
            how = ANYWAY if where in anyway else AS_BOOKED if self._kept_up[number, key] else WHEN_DONE
            if how is not WHEN_DONE or self._ever[number, key]:
                length = int(self._length[number, key])
                rows.append((key, where.weekday, where.project, length, *turns, how))
                anyway.pop(where, None)
        for where, length in anyway.items():
            rows.append((self.keys.get(where, -1), where.weekday, where.project, length, 1, 1, ANYWAY))
        return sorted(rows, key=lambda row: row[DAY_OF_WEEK:LENGTH])


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


def _may_rest(facts: RosterFacts, number: int, where: _Where, each: ExistingAllocation) -> bool:
    """Whether nobody could come on the dates of an allocation in the days in which it would be kept up.

    A fortnight may begin in either week.
    """
    if each.frequency is Frequency.ONCE:
        return False
    problem, project = facts.problem, facts.problem.projects[where.project]
    first = len(problem.days) - facts.rules.limits.kept_up(each.frequency)
    dates = {
        day
        for record in project.availability
        if record.start_time <= each.start_time and each.end_time <= record.end_time
        for day in open_days(problem, facts.question, project, record)
        if day >= first and facts.there[number, day] and problem.days[day].weekday() == where.weekday
    }
    return len({day // 7 % 2 for day in dates}) < (2 if each.frequency is Frequency.FORTNIGHTLY else 1)


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


def _lengths(facts: RosterFacts, stay: Ints, keys: dict[_Where, int], key: Ints) -> tuple[Ints, Bools]:
    """How long each can go on, int64 (n, keys), and the weeks in which that recurs, bool (2, keys)."""
    found = np.zeros((len(stay), len(keys)), dtype=np.int64)
    recurs = np.zeros((2, len(keys)), dtype=np.bool_)
    onward, turns = goes_on_after(facts), _turns(facts)
    for slot, where in enumerate(_slots(facts)):
        if onward[slot] and not facts.induction[where.project]:
            here = keys[where]
            found[:, here] = np.maximum(found[:, here], facts.recurring_minutes[:, slot])
            recurs[:, here] |= turns[:, slot]
    stretches = np.flatnonzero(facts.sessions.slot == NO_SLOT)
    for session, room in zip(stretches.tolist(), _room_for(facts, stretches).tolist(), strict=True):
        here = int(key[session])
        found[:, here] = np.maximum(found[:, here], np.where(stay[:, session] > 0, room, 0))
        recurs[:, here] = True
    return found, recurs


def _turns(facts: RosterFacts) -> Bools:
    """Which slots recur in each of the two full weeks after the horizon: bool (2, slots), their ends not regarded."""
    first = facts.problem.end + dt.timedelta(days=(-facts.problem.end.weekday()) % 7)
    records = [dataclasses.replace(each, end_date_exclusive=None) for each in facts.slots.records]
    found = [
        [any(each.open_on(first + dt.timedelta(days=week + day)) for day in range(7)) for each in records]
        for week in (0, 7)
    ]
    return np.array(found, dtype=np.bool_).reshape(2, len(records))


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


def _begins(lengths: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def _ints(values: list[int] | list[tuple[int, ...]]) -> Ints:
    return np.array(values, dtype=np.int64)
