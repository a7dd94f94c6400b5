"""Whom and what a try takes: people in and around a session, those in somebody's way, a supervisor's time. Compiled."""

from __future__ import annotations

from solver.assignment.compiled import compiled_inside
from solver.unpaid_work.board import (
    APART,
    APART_END,
    BETWEEN,
    COLLECTED,
    DAY,
    MINUTES,
    PROJECT,
    RISK_LIMIT,
    RISKY,
    SEATS,
    START,
    SUPERVISED,
    WEEK,
    WHO,
    WHO_END,
    Board,
)
from solver.unpaid_work.choosing import close
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    COST_NOW,
    FOR_WHOM,
    FREE,
    HELD_OPEN,
    IN_VAIN,
    RIDES,
    RISKS,
    SIZE,
    UNDER_WHOM,
    Table,
    below,
    may_begin,
    shut_down,
    take_over,
)


@compiled_inside
def pick_people(b: Board, t: Table, s: int, people: Ints, count: int, floor: Ints, most: int) -> int:
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
def pick_members(t: Table, s: int, people: Ints, count: int, most: int) -> int:
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
def _promise(t: Table, p: int, floor: Ints) -> float:
    """What somebody could gain, less for each try in vain: some never get what they could have alone."""
    result: float = (t.people[p, COST_NOW] - floor[p]) / (1.0 + t.people[p, IN_VAIN])
    return result


@compiled_inside
def who_could_gain(t: Table, floor: Ints) -> int:
    """Somebody who could be better off: the most promising of a few, or of many."""
    best, draws = below(t, t.people.shape[0]), 1 << below(t, 8)
    for _ in range(draws):
        p = below(t, t.people.shape[0])
        if _promise(t, p, floor) > _promise(t, best, floor):
            best = p
    t.state[FOR_WHOM] = best
    return best


@compiled_inside
def in_their_way(b: Board, t: Table, p: int, s: int, people: Ints, count: int) -> int:
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
def under_another(b: Board, t: Table, p: int, s: int, people: Ints, count: int) -> int:
    """Give a session a supervisor whom a requirement may have; everybody in it chooses again. -1: that cannot be."""
    best, fewest = -1, 1 << 40
    for supervisor in range(b.duty.shape[0]):
        if b.able[s, supervisor] and b.acceptable[p, supervisor]:
            cost = 8 * in_the_way(b, t, s, supervisor) + below(t, 24)
            if cost < fewest:
                best, fewest = supervisor, cost
    if best < 0 or t.sessions[s, HELD_OPEN] > 0 or not may_begin(b, t, s):
        return -1
    count = close(b, t, s, people, count)
    count = free_hands(b, t, s, best, people, count)
    if count >= 0:
        take_over(b, t, s, best)
        shut_down(t, s, False)
    return count


@compiled_inside
def free_hands(b: Board, t: Table, s: int, supervisor: int, people: Ints, count: int) -> int:
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
def in_the_way(b: Board, t: Table, s: int, supervisor: int) -> int:
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
def open_up(b: Board, t: Table, s: int, people: Ints, count: int) -> int:
    """Let an empty session be joined, under whoever is freest for it, or anybody; -1 where that cannot be."""
    if not may_begin(b, t, s):
        return -1
    if b.sessions[s, SUPERVISED] and t.sessions[s, UNDER_WHOM] < 0:
        best, fewest = -1, 1 << 40
        any_of_them = below(t, 3) == 0
        for supervisor in range(b.duty.shape[0]):
            if b.able[s, supervisor]:
                cost = below(t, 1000) if any_of_them else 8 * in_the_way(b, t, s, supervisor) + below(t, 8)
                if cost < fewest:
                    best, fewest = supervisor, cost
        if best < 0:
            return -1
        count = free_hands(b, t, s, best, people, count)
        if count < 0:
            return -1
        take_over(b, t, s, best)
    shut_down(t, s, False)
    return count
