"""Changes to a roster that are tried and kept or taken back, in compiled code.

Every try takes some people out of what they were not told of, perhaps gives a supervisor another session, lets those
people choose again one after the other, and closes groups that have become too small. What is worse than the present
roster by more than the try allows is taken back.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    APART,
    APART_END,
    BETWEEN,
    COLLECTED,
    DAY,
    INDUCTED,
    INDUCTION,
    LEAST_PEOPLE,
    MATES,
    MATES_END,
    MINUTES,
    OPEN,
    OPEN_END,
    OPENING,
    PROJECT,
    RISK_LIMIT,
    RISKY,
    SEATS,
    SLOT,
    START,
    SUPERVISED,
    WEEK,
    WHO,
    WHO_END,
    Board,
)
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.response import clear, respond, room_for, settle
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    COST_NOW,
    FREE,
    HAVE,
    HELD_OPEN,
    IS_SHUT,
    LEAVE,
    LENGTH,
    PINNED,
    RIDES,
    RISKS,
    SIZE,
    TOTAL,
    UNDER_WHOM,
    WHERE,
    Table,
    below,
    has_room,
    join,
    leave,
    may_begin,
    shut_down,
    take_back,
    take_over,
)

CROWD = 10
"""The most people of each kind that one try moves."""
ENOUGH = 1e-9
"""Rounding that is forgiven where expected attendance is compared with the least number."""


@compiled_inside
def too_small(b: Board, t: Table, s: int) -> bool:
    """Whether a group runs with fewer people expected than it needs."""
    result: bool = t.sessions[s, SIZE] > 0 and t.expected[s] < b.sessions[s, LEAST_PEOPLE] - ENOUGH
    return result


@compiled_inside
def close(b: Board, t: Table, s: int, people: Ints, count: int) -> int:
    """Shut a session and take everybody out; they are added to `people`, whose new length is returned."""
    shut_down(t, s, True)
    while t.sessions[s, SIZE] > 0:
        p = t.members[s, t.sessions[s, SIZE] - 1]
        leave(b, t, p, s)
        there = False
        for place in range(count):
            there = there or people[place] == p
        if not there and count < people.shape[0]:
            people[count] = p
            count += 1
        elif not there:
            settle(b, t, p)
    return count


@compiled_inside
def shuffle(t: Table, people: Ints, count: int) -> None:
    """Put the first `count` into another order."""
    for place in range(count - 1, 0, -1):
        other = below(t, place + 1)
        people[place], people[other] = people[other], people[place]


@compiled_inside
def choose_again(b: Board, t: Table, people: Ints, count: int, toll: Floats) -> None:
    """Let these people choose, who hold nothing they were not told of; then close what has become too small."""
    for place in range(count):
        respond(b, t, people[place], toll)
    line = 0
    crowd = np.empty(256, dtype=np.int64)
    while line < min(t.state[LENGTH], t.journal.shape[0]):
        if t.journal[line, 0] == LEAVE or t.journal[line, 0] == 0:
            s = t.journal[line, 2]
            if too_small(b, t, s) and not t.sessions[s, HELD_OPEN]:
                moved = close(b, t, s, crowd, 0)
                for place in range(moved):
                    clear(b, t, crowd[place])
                    respond(b, t, crowd[place], t.nothing)
        line += 1


@compiled_inside
def sound(b: Board, t: Table) -> bool:
    """Whether no session that the journal names is too small, and the journal is whole."""
    wrong = int(t.state[LENGTH] > t.journal.shape[0])
    for line in range(min(t.state[LENGTH], t.journal.shape[0])):
        wrong += t.journal[line, 0] == LEAVE and too_small(b, t, t.journal[line, 2])
    return wrong == 0


@compiled
def build(b: Board, t: Table, order: Ints, toll: Floats) -> None:
    """Let everybody choose in this order, then close groups that are too small, the smallest first."""
    for place in range(order.shape[0]):
        respond(b, t, order[place], toll)
    crowd = np.empty(256, dtype=np.int64)
    while True:
        least, worst = -1, 1e300
        for s in range(t.sessions.shape[0]):
            if too_small(b, t, s) and not t.sessions[s, HELD_OPEN] and t.expected[s] < worst:
                least, worst = s, t.expected[s]
        if least < 0:
            break
        count = close(b, t, least, crowd, 0)
        for place in range(count):
            clear(b, t, crowd[place])
            respond(b, t, crowd[place], toll)
    for s in range(t.sessions.shape[0]):
        if t.sessions[s, SIZE] == 0 and b.sessions[s, LEAST_PEOPLE] > 0:
            t.sessions[s, IS_SHUT] = True
    t.state[LENGTH] = 0


@compiled_inside
def _pick_people(b: Board, t: Table, s: int, people: Ints, count: int, floor: Ints, most: int) -> int:
    """Add people to whom the session is open and who are not in it, mostly such as could be better off."""
    begin, end = b.sessions[s, WHO], b.sessions[s, WHO_END]
    if end == begin:
        return count
    offset, added = below(t, end - begin), 0
    for step in range(end - begin):
        p = b.links[begin + (offset + step) % (end - begin)]
        if added == most or count == people.shape[0]:
            break
        if t.people[p, COST_NOW] <= floor[p] and below(t, 6) > 0:
            continue
        there = False
        for place in range(count):
            there = there or people[place] == p
        if not there:
            people[count] = p
            count += 1
            added += 1
    return count


@compiled_inside
def _pick_members(t: Table, s: int, people: Ints, count: int, most: int) -> int:
    """Add members of the session, any of them."""
    size = t.sessions[s, SIZE]
    if size == 0:
        return count
    offset, added = below(t, size), 0
    for step in range(size):
        p = t.members[s, (offset + step) % size]
        there = added == most or count == people.shape[0]
        for place in range(count):
            there = there or people[place] == p
        if not there:
            people[count] = p
            count += 1
            added += 1
    return count


@compiled_inside
def _regroup(b: Board, t: Table, floor: Ints, people: Ints) -> int:
    """People in and around one session, in any order."""
    s = below(t, t.sessions.shape[0])
    count = _pick_members(t, s, people, 0, 1 + below(t, CROWD))
    count = _pick_people(b, t, s, people, count, floor, 1 + below(t, CROWD))
    shuffle(t, people, count)
    return count


@compiled_inside
def _who_could_gain(t: Table, floor: Ints) -> int:
    """Somebody who could be better off: the worst of a few, or of many."""
    best, draws = below(t, t.people.shape[0]), 1 << below(t, 8)
    for _ in range(draws):
        p = below(t, t.people.shape[0])
        if t.people[p, COST_NOW] - floor[p] > t.people[best, COST_NOW] - floor[best]:
            best = p
    return best


@compiled_inside
def _in_their_way(b: Board, t: Table, p: int, s: int, people: Ints, count: int) -> int:
    """Add the members of a session whose leaving would make room for a requirement where places alone would not."""
    begin, end = b.people[p, APART], b.people[p, APART_END]
    for member in range(t.sessions[s, SIZE]):
        q = t.members[s, member]
        wrong = (
            b.people[p, RISKY] > 0
            and b.people[q, RISKY] > 0
            and t.sessions[s, RISKS] >= b.sessions[s, RISK_LIMIT]
        )
        wrong = wrong or (
            b.people[p, COLLECTED] > 0
            and b.people[q, COLLECTED] > 0
            and t.sessions[s, RIDES] >= b.sessions[s, SEATS]
        )
        for place in range(begin, end):
            wrong = wrong or b.links[place] == q
        for place in range(count):
            wrong = wrong and people[place] != q
        if wrong and count < people.shape[0]:
            people[count] = q
            count += 1
    return count


@compiled_inside
def _under_another(b: Board, t: Table, p: int, s: int, people: Ints, count: int) -> int:
    """Give a session a supervisor whom a requirement may have; everybody in it chooses again. -1: that cannot be."""
    best, fewest = -1, 1 << 40
    for supervisor in range(b.duty.shape[0]):
        if b.able[s, supervisor] and b.acceptable[p, supervisor]:
            cost = 8 * _in_the_way(b, t, s, supervisor) + below(t, 24)
            if cost < fewest:
                best, fewest = supervisor, cost
    if best < 0 or t.sessions[s, HELD_OPEN] > 0 or not may_begin(b, t, s):
        return -1
    count = close(b, t, s, people, count)
    count = _free_hands(b, t, s, best, people, count)
    if count >= 0:
        take_over(b, t, s, best)
        shut_down(t, s, False)
    return count


@compiled_inside
def _push_in(b: Board, t: Table, floor: Ints, people: Ints) -> int:
    """Somebody who could be better off first, then those in the way in one slot that would suit them."""
    p = _who_could_gain(t, floor)
    begin, end = b.people[p, OPEN], b.people[p, OPEN_END]
    if end == begin:
        return 0
    people[0] = p
    count = 1
    s = b.links[begin + below(t, end - begin)]
    slot, each, series = b.sessions[s, SLOT], 1 + below(t, 3), below(t, 3)
    for place in range(begin, end):
        other = b.links[place]
        if (other != s and series == 0) or b.sessions[other, SLOT] != slot or count >= people.shape[0] - 32:
            continue
        under = t.sessions[other, UNDER_WHOM]
        unfit = under >= 0 and under < b.duty.shape[0] and not b.acceptable[p, under]
        if b.sessions[other, SUPERVISED] > 0 and (unfit or under < 0):
            found = _under_another(b, t, p, other, people, count)
            if found < 0 and other == s:
                return -1
            if found < 0:
                continue
            count = found
        count = _in_their_way(b, t, p, other, people, count)
        count = _pick_members(t, other, people, count, each if other == s else below(t, 3))
    return count


@compiled_inside
def _free_hands(b: Board, t: Table, s: int, supervisor: int, people: Ints, count: int) -> int:
    """Take a supervisor out of whatever stands in the way of a session; -1 when told sessions do."""
    week, left = b.sessions[s, WEEK], b.duty[supervisor] - b.sessions[s, MINUTES]
    for other in range(b.week_at[week], b.week_at[week + 1]):
        if (
            t.sessions[other, UNDER_WHOM] != supervisor
            or other == s
            or b.sessions[other, DAY] != b.sessions[s, DAY]
        ):
            continue
        apart = max(b.sessions[s, START], b.sessions[other, START]) - min(
            b.sessions[s, START] + b.sessions[s, MINUTES],
            b.sessions[other, START] + b.sessions[other, MINUTES],
        )
        least = 0 if b.sessions[s, PROJECT] == b.sessions[other, PROJECT] else b.numbers[BETWEEN]
        if apart < least:
            if t.sessions[other, HELD_OPEN]:
                return -1
            count = close(b, t, other, people, count)
            take_over(b, t, other, FREE)
    # Then whatever is empty, and at last what is smallest, until the hours are enough.
    while t.worked[supervisor, week] > left:
        worst, least_size = -1, 1 << 40
        for other in range(b.week_at[week], b.week_at[week + 1]):
            if (
                t.sessions[other, UNDER_WHOM] == supervisor
                and not t.sessions[other, HELD_OPEN]
                and other != s
                and t.sessions[other, SIZE] < least_size
            ):
                worst, least_size = other, t.sessions[other, SIZE]
        if worst < 0:
            return -1
        count = close(b, t, worst, people, count)
        take_over(b, t, worst, FREE)
    return count


@compiled_inside
def _in_the_way(b: Board, t: Table, s: int, supervisor: int) -> int:
    """How many people sit in what a supervisor would have to give up for a session."""
    week, found = b.sessions[s, WEEK], 0
    for other in range(b.week_at[week], b.week_at[week + 1]):
        if (
            t.sessions[other, UNDER_WHOM] == supervisor
            and other != s
            and b.sessions[other, DAY] == b.sessions[s, DAY]
        ):
            apart = max(b.sessions[s, START], b.sessions[other, START]) - min(
                b.sessions[s, START] + b.sessions[s, MINUTES],
                b.sessions[other, START] + b.sessions[other, MINUTES],
            )
            least = 0 if b.sessions[s, PROJECT] == b.sessions[other, PROJECT] else b.numbers[BETWEEN]
            if apart < least:
                found += t.sessions[other, SIZE] + (1000 if t.sessions[other, HELD_OPEN] else 0)
    if t.worked[supervisor, week] + b.sessions[s, MINUTES] > b.duty[supervisor]:
        found += 4
    return found


@compiled_inside
def _open(b: Board, t: Table, s: int, people: Ints, count: int) -> int:
    """Let an empty session be joined, under whoever is freest for it, or anybody; -1 where that cannot be."""
    if not may_begin(b, t, s):
        return -1
    if b.sessions[s, SUPERVISED] and t.sessions[s, UNDER_WHOM] < 0:
        best, fewest = -1, 1 << 40
        any_of_them = below(t, 3) == 0
        for supervisor in range(b.duty.shape[0]):
            if b.able[s, supervisor]:
                cost = below(t, 1000) if any_of_them else 8 * _in_the_way(b, t, s, supervisor) + below(t, 8)
                if cost < fewest:
                    best, fewest = supervisor, cost
        if best < 0:
            return -1
        count = _free_hands(b, t, s, best, people, count)
        if count < 0:
            return -1
        take_over(b, t, s, best)
    shut_down(t, s, False)
    return count


@compiled_inside
def _another_session(b: Board, t: Table, floor: Ints, people: Ints, toll: Floats) -> int:
    """Open an empty session, or all empty ones of its slot from then on, for people to whom it is open."""
    s = below(t, t.sessions.shape[0])
    for _ in range(50):
        if t.sessions[s, SIZE] == 0:
            break
        s = below(t, t.sessions.shape[0])
    if t.sessions[s, SIZE] > 0:
        return -1
    series = below(t, 2)
    count = 0
    for other in range(s, t.sessions.shape[0]):
        if t.sessions[other, SIZE] == 0 and (
            other == s or (series == 1 and b.sessions[other, SLOT] == b.sessions[s, SLOT])
        ):
            found = _open(b, t, other, people, count)
            if found < 0 and other == s:
                return -1
            if found < 0:
                return -1
            count = found
            toll[other] = -float(b.sessions[other, OPENING])
    count = _pick_people(b, t, s, people, count, floor, 2 * CROWD)
    shuffle(t, people, count)
    return count


@compiled_inside
def _do_without(b: Board, t: Table, people: Ints) -> int:
    """Close a session that runs, or all of its slot from then on."""
    s = below(t, t.sessions.shape[0])
    for _ in range(50):
        if t.sessions[s, SIZE] > 0 and not t.sessions[s, HELD_OPEN] and b.sessions[s, LEAST_PEOPLE] > 0:
            break
        s = below(t, t.sessions.shape[0])
    if t.sessions[s, SIZE] == 0 or t.sessions[s, HELD_OPEN]:
        return -1
    series = below(t, 2)
    count = 0
    for other in range(s, t.sessions.shape[0]):
        same = other == s or (series == 1 and b.sessions[other, SLOT] == b.sessions[s, SLOT])
        if same and t.sessions[other, SIZE] > 0 and not t.sessions[other, HELD_OPEN]:
            count = close(b, t, other, people, count)
    return count


@compiled_inside
def _give_up(b: Board, t: Table, s: int) -> bool:
    """Take somebody out of a session who has another day and was not told of this one; their other days stay."""
    size = t.sessions[s, SIZE]
    offset = below(t, max(1, size))
    for step in range(size):
        q = t.members[s, (offset + step) % size]
        told = t.people[q, HAVE] < 2
        for place in range(t.people[q, HAVE]):
            told = told or (t.mine[q, place, WHERE] == s and t.mine[q, place, PINNED] > 0)
        if not told:
            leave(b, t, q, s)
            settle(b, t, q)
            return True
    return False


@compiled_inside
def _make_way(b: Board, t: Table, p: int, s: int) -> None:
    """Take the other requirements of a body out of the week of a session, but for what they were told of."""
    for mate in range(b.people[p, MATES], b.people[p, MATES_END]):
        q = b.links[mate]
        place = t.people[q, HAVE] - 1
        while place >= 0:
            other = t.mine[q, place, WHERE]
            held = t.mine[q, place, PINNED] > 0 or b.sessions[other, INDUCTION] > 0
            if b.sessions[other, WEEK] == b.sessions[s, WEEK] and not held:
                leave(b, t, q, other)
                settle(b, t, q)
            place -= 1


@compiled_inside
def _one_day(b: Board, t: Table, floor: Ints) -> int:
    """Give somebody who has nothing, or could gain, one day of somebody who has several; -1 where that cannot be."""
    p = _who_could_gain(t, floor)
    begin, end = b.people[p, OPEN], b.people[p, OPEN_END]
    if end == begin or (not b.people[p, INDUCTED] and t.people[p, HAVE] == 0):
        return -1
    s = b.links[begin + below(t, end - begin)]
    if t.sessions[s, SIZE] == 0 or b.sessions[s, INDUCTION]:
        return -1
    for place in range(t.people[p, HAVE]):
        day = b.sessions[t.mine[p, place, WHERE], DAY]
        if day == b.sessions[s, DAY] or (
            b.sessions[t.mine[p, place, WHERE], INDUCTION] and day > b.sessions[s, DAY]
        ):
            return -1
    _make_way(b, t, p, s)
    minutes = room_for(b, t, p, s)
    tries = 0
    while minutes > 0 and tries < 3 and not has_room(b, t, p, s):
        tries += 1
        if not _give_up(b, t, s):
            return -1
    if minutes <= 0 or not has_room(b, t, p, s):
        return -1
    join(b, t, p, s, minutes, False)
    settle(b, t, p)
    return 0


@compiled_inside
def _one_try(b: Board, t: Table, floor: Ints, people: Ints, toll: Floats) -> int:
    """Make one change; returns how many people are to choose again, who are written to `people`; negative: none."""
    kind = below(t, 20)
    if kind < 5:
        return _regroup(b, t, floor, people)
    if kind < 13:
        return _push_in(b, t, floor, people)
    if kind < 14:
        return _one_day(b, t, floor)
    if kind < 18:
        return _another_session(b, t, floor, people, toll)
    return _do_without(b, t, people)


@compiled
def improve(b: Board, t: Table, floor: Ints, tries: int, slack: float) -> int:
    """Make so many tries; what is worse by at most `slack` (a little less or more, at random) is kept, too.

    floor: int64 (n,), a price below which nobody can come. Returns how many tries were kept for being better.
    """
    people, toll, better = np.empty(96, dtype=np.int64), np.zeros(t.sessions.shape[0]), 0
    if t.sessions.shape[0] == 0 or t.people.shape[0] == 0:
        return 0  # nothing to draw from, and compiled code does not look at the ends of arrays
    for _ in range(tries):
        t.state[LENGTH] = 0
        before = t.state[TOTAL]
        count = _one_try(b, t, floor, people, toll)
        if count > 0:
            for place in range(count):
                clear(b, t, people[place])
            choose_again(b, t, people, count, toll)
        toll[:] = 0.0
        allowed = slack * (1 + below(t, 1000)) / 1000.0
        if count < 0 or t.state[TOTAL] > before + allowed or not sound(b, t):
            take_back(b, t)
        elif t.state[TOTAL] < before:
            better += 1
    t.state[LENGTH] = 0
    return better
