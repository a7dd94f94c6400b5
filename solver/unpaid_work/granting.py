"""What goes on after the horizon at the most, by what was kept up of it. Compiled.

A requirement may have many slots to go on in; a few digits say which of them were kept up, and how near the horizon's
end. Slots of one weekday share a digit at first, and the others count as kept up; a digit more is noted where what
somebody chooses does not keep up what it is granted.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import REMAINING, Board
from solver.unpaid_work.promised import (
    ANYWAY,
    AS_BOOKED,
    DAY_OF_WEEK,
    EVEN,
    IN_TURN,
    KEY,
    LATELY,
    LENGTH,
    MOST_DIGITS,
    RESTS,
    WHEN_DONE,
    WHERE,
    Promised,
)
from solver.unpaid_work.relaxed import Relaxation
from solver.unpaid_work.slots import Ints


@compiled_inside
def joined(one: int, other: int, digits: int) -> int:
    """The digits of both: the nearer of each to the end, and both weeks in turn are as good as the last fortnight."""
    if one == 0 or other == 0:
        return one + other
    found = 0
    for place in range(digits):
        first, second = one >> (2 * place) & 3, other >> (2 * place) & 3
        both = LATELY if first == IN_TURN and second == IN_TURN else max(first, second)
        found |= both << (2 * place)
    return found


@compiled_inside
def covers(one: int, other: int, digits: int) -> bool:
    """Whether no digit of `other` is above that of `one`."""
    found = True
    for place in range(digits):
        found = found and (one >> (2 * place) & 3) >= (other >> (2 * place) & 3)
    return found


@compiled_inside
def _in_week(q: Promised, p: int, level: Ints, unit: Ints, weeks: int, odd: int) -> int:
    """Minutes of one week by the rules of a day and the number of placements. weeks: of each unit, 1 for the odd."""
    total, of_day, of_project, day, project = 0, 0, 0, -1, -1
    longest = np.zeros(q.limits[1], dtype=np.int64)
    for row in range(q.begins[p], q.begins[p + 1]):
        here = row - q.begins[p]
        if level[here] < IN_TURN or q.those[row, EVEN + odd] == 0:
            continue
        if level[here] == IN_TURN and unit[here] >= 0 and (weeks >> unit[here] & 1) != odd:
            continue
        if q.those[row, DAY_OF_WEEK] != day:
            total += min(max(of_day, of_project), q.limits[0])
            day, project, of_day, of_project = q.those[row, DAY_OF_WEEK], -1, 0, 0
        if q.those[row, WHERE] != project:
            of_day, of_project, project = max(of_day, of_project), 0, q.those[row, WHERE]
        minutes = q.those[row, LENGTH]
        of_project += minutes
        for place in range(longest.shape[0]):
            if minutes > longest[place]:
                longest[place], minutes = minutes, longest[place]
    found: int = min(total + min(max(of_day, of_project), q.limits[0]), longest.sum())
    return found


@compiled_inside
def _granted(q: Promised, p: int, level: Ints, unit: Ints, units: int, most: int) -> int:
    """The most minutes in two weeks. level: how each was kept up; unit: what in turn goes on in one week alone."""
    best = 0
    for weeks in range(1 << units):
        total = 0
        for odd in range(2):
            total += min(most, _in_week(q, p, level, unit, weeks, odd))
        best = max(best, total)
    return best


@compiled_inside
def minutes_on(q: Promised, p: int, mask: int, most: int) -> float:
    """Minutes a week that go on at the most with these digits, some of what remains not being booked."""
    if q.on[p, mask] < 0:
        begin, count = q.begins[p], q.begins[p + 1] - q.begins[p]
        level, unit = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
        units, of_digit = 0, np.full(MOST_DIGITS, -1, dtype=np.int64)
        for digit in range(q.many[p]):
            if mask >> (2 * digit) & 3 == IN_TURN:
                of_digit[digit] = units
                units += 1
        for here in range(count):
            digit = (
                q.digit[p, q.those[begin + here, KEY]] if q.those[begin + here, RESTS] == AS_BOOKED else -1
            )
            if q.those[begin + here, RESTS] == ANYWAY or (
                q.those[begin + here, RESTS] == AS_BOOKED and digit < 0
            ):
                level[here] = LATELY
            elif digit >= 0:
                level[here], unit[here] = mask >> (2 * digit) & 3, of_digit[digit]
        q.on[p, mask] = _granted(q, p, level, unit, units, most) / 2.0
    found: float = q.on[p, mask]
    return found


@compiled
def grant_all(q: Promised, most: Ints) -> None:
    """Write what goes on with everything kept up. most: int64 (n,), minutes a week of each body."""
    for p in range(most.shape[0]):
        level = np.full(q.begins[p + 1] - q.begins[p], LATELY)
        unit = np.full(level.shape[0], -1, dtype=np.int64)
        q.every[p] = _granted(q, p, level, unit, 0, most[p]) / 2.0


@compiled_inside
def _kept_up(q: Promised, taken: Ints) -> Ints:
    """How near the horizon's end each key was booked: int64 (keys,). taken: the sessions, -1 for no more."""
    found = np.zeros(q.digit.shape[1], dtype=np.int64)
    for s in taken:
        if s < 0:
            break
        key, late = q.key[s], q.late[s]
        found[key] = LATELY if found[key] == IN_TURN and late == IN_TURN else max(found[key], late)
    return found


@compiled_inside
def _levels(q: Promised, p: int, held: Ints, level: Ints, noted: Ints) -> None:
    """How each was kept up: level, in truth; noted, as the digits say it."""
    of_digit = np.zeros(MOST_DIGITS, dtype=np.int64)
    for key in range(held.shape[0]):
        digit = q.digit[p, key]
        if digit >= 0:
            twice = of_digit[digit] == IN_TURN and held[key] == IN_TURN
            of_digit[digit] = LATELY if twice else max(of_digit[digit], held[key])
    for row in range(q.begins[p], q.begins[p + 1]):
        here = row - q.begins[p]
        if q.those[row, RESTS] == ANYWAY:
            level[here] = noted[here] = LATELY
        elif q.those[row, RESTS] == WHEN_DONE:
            level[here] = noted[here] = 0
        else:
            level[here] = held[q.those[row, KEY]]
            digit = q.digit[p, q.those[row, KEY]]
            noted[here] = LATELY if digit < 0 else of_digit[digit]


@compiled_inside
def _unfounded(q: Promised, p: int, level: Ints, noted: Ints, most: int, need: float) -> int:
    """The row that counts as kept up without it and without which least would be granted; -1 for none."""
    unit = np.full(level.shape[0], -1, dtype=np.int64)
    if min(float(_granted(q, p, noted, unit, 0, most)), need) <= _granted(q, p, level, unit, 0, most):
        return -1
    found, least, longest = -1, 0, 0
    for here in range(level.shape[0]):
        if level[here] < noted[here] and noted[here] >= IN_TURN:
            before, noted[here] = noted[here], level[here]
            left = _granted(q, p, noted, unit, 0, most)
            noted[here] = before
            row = q.begins[p] + here
            if found < 0 or left < least or (left == least and q.those[row, LENGTH] > longest):
                found, least, longest = row, left, q.those[row, LENGTH]
    return found


@compiled_inside
def _note(q: Promised, p: int, row: int) -> None:
    """A digit for the weekday of a row, or for the row alone where it has part in one."""
    if q.digit[p, q.those[row, KEY]] < 0:
        for other in range(q.begins[p], q.begins[p + 1]):
            same = q.those[other, DAY_OF_WEEK] == q.those[row, DAY_OF_WEEK]
            if same and q.those[other, RESTS] == AS_BOOKED and q.digit[p, q.those[other, KEY]] < 0:
                q.digit[p, q.those[other, KEY]] = q.many[p]
    q.digit[p, q.those[row, KEY]] = q.many[p]
    q.many[p] += 1
    q.on[p, :] = -1.0


@compiled_inside
def note_more(b: Board, r: Relaxation, q: Promised, p: int, taken: Ints) -> bool:
    """One digit more where what is chosen does not keep up what it is granted; whether there was need of one."""
    booked = 0
    for s in taken:
        if s < 0:
            break
        booked += r.stay[p, s]
    if q.many[p] == MOST_DIGITS or booked == 0:
        return False
    held, count = _kept_up(q, taken), q.begins[p + 1] - q.begins[p]
    level, noted = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    _levels(q, p, held, level, noted)
    missing = b.people[p, REMAINING] - b.chance[p] * booked
    if r.full[p] > 0 and booked < b.people[p, REMAINING]:
        row = _unfounded(q, p, level, noted, r.most[p], 2 * missing / r.full[p])
        if row >= 0:
            _note(q, p, row)
            return True
    for place in range(q.before[p], q.before[p + 1]):
        key = q.before_key[place]
        if held[key] == 0 and q.digit[p, key] < 0:
            q.digit[p, key] = q.many[p]
            q.many[p] += 1
            q.on[p, :] = -1.0
            return True
    return False


@compiled_inside
def note_nothing(q: Promised, p: int) -> None:
    """No digits any more."""
    q.digit[p, :] = -1
    q.many[p] = 0
    q.on[p, :] = -1.0
