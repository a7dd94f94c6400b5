"""When and where work can be done: recurring slots of the projects, and dated sessions of the horizon.

Everything is an index array: slot k is one entry of a project's availability, session s is a slot on a date on which
it is open, or a stretch of one that somebody was told of and that is no whole slot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.roster import RosterQuestion
from models.unpaid_work.terms import PART_ENDS, Frequency, HalfDay, ProjectType

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_SLOT = -1
"""In `Sessions.slot`: the session is no whole slot."""


@dataclass(frozen=True)
class Slots:
    """Recurring slots of the projects that are rostered, project by project in the input's order.

    project, weekday (0 Monday), start, end (minutes after midnight): int64 (k,). records: the entries themselves.
    """

    project: Ints
    weekday: Ints
    start: Ints
    end: Ints
    records: tuple[OpenSlot, ...]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def minutes(self) -> Ints:
        """How long each is: int64 (k,)."""
        return self.end - self.start

    @cached_property
    def times_a_week_halves(self) -> Ints:
        """How often each recurs, in halves of a week: 2 weekly, 1 fortnightly, 0 once. int64 (k,)."""
        halves = {Frequency.WEEKLY: 2, Frequency.FORTNIGHTLY: 1, Frequency.ONCE: 0}
        return np.array([halves[record.frequency] for record in self.records], dtype=np.int64)


@dataclass(frozen=True)
class Sessions:
    """Dated sessions that may run, by date, start, project.

    slot: the recurring slot, NO_SLOT where it is no whole one. project, start, end: as in Slots. day: days after the
    horizon's first. week: the calendar week, 0 for the first that the horizon touches. All int64 (s,).
    """

    slot: Ints
    project: Ints
    day: Ints
    week: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def minutes(self) -> Ints:
        """How long each is: int64 (s,)."""
        return self.end - self.start

    @cached_property
    def number_of(self) -> dict[tuple[int, int, int, int], int]:
        """The session at (project, day, start, end)."""
        rows = zip(
            self.project.tolist(), self.day.tolist(), self.start.tolist(), self.end.tolist(), strict=True
        )
        return {row: number for number, row in enumerate(rows)}

    @cached_property
    def clashes(self) -> tuple[tuple[int, ...], ...]:
        """The other sessions of the same project that overlap each: at most one of them runs."""
        together: dict[tuple[int, int], list[int]] = {}
        for number, where in enumerate(zip(self.project.tolist(), self.day.tolist(), strict=True)):
            together.setdefault(where, []).append(number)
        found: list[tuple[int, ...]] = [() for _ in range(len(self))]
        for numbers in together.values():
            for one in numbers:
                found[one] = tuple(
                    other
                    for other in numbers
                    if other != one
                    and self.start[one] < self.end[other]
                    and self.start[other] < self.end[one]
                )
        return tuple(found)


def slots_of(projects: Sequence[Project]) -> Slots:
    """Every entry of the availability of projects that are rostered (all but ETE)."""
    rows = [
        (number, record)
        for number, project in enumerate(projects)
        if project.project_type is not ProjectType.ETE
        for record in project.availability
    ]
    return Slots(
        _ints(number for number, _ in rows),
        _ints(record.day_of_week.number for _, record in rows),
        _ints(record.start_time for _, record in rows),
        _ints(record.end_time for _, record in rows),
        tuple(record for _, record in rows),
    )


def sessions_of(problem: UnpaidWorkProblem, question: RosterQuestion, slots: Slots) -> Sessions:
    """Every slot on every date on which it is open, and what was told of within one.

    A day closes for a project by its own dates, as a non-working day, or by the question of a repair.
    """
    monday = problem.first.weekday()
    found: dict[tuple[int, int, int, int], int] = {}
    open_slots: dict[tuple[int, int], list[int]] = {}
    for slot, record in enumerate(slots.records):
        number = int(slots.project[slot])
        for day in open_days(problem, question, problem.projects[number], record):
            found.setdefault((number, day, record.start_time, record.end_time), slot)
            open_slots.setdefault((number, day), []).append(slot)
    for where in _told_stretches(problem, slots, open_slots):
        found.setdefault(where, NO_SLOT)
    order = sorted(found, key=lambda where: (where[1], where[2], where[0], where[3]))
    days = _ints(where[1] for where in order)
    return Sessions(
        slot=_ints(found[where] for where in order),
        project=_ints(where[0] for where in order),
        day=days,
        week=(days + monday) // 7,
        start=_ints(where[2] for where in order),
        end=_ints(where[3] for where in order),
    )


def open_days(
    problem: UnpaidWorkProblem, question: RosterQuestion, project: Project, record: OpenSlot
) -> Iterator[int]:
    """The days of the horizon, counted from its first, on which a slot of a project is open."""
    ahead = (record.day_of_week.number - problem.first.weekday()) % 7
    for number in range(ahead, len(problem.days), 7):
        day = problem.days[number]
        if (
            record.open_on(day)
            and project.open_between(day)
            and day not in problem.closed_days
            and not closed_by(question, project, day)
        ):
            yield number


def closed_by(question: RosterQuestion, project: Project, day: dt.date) -> bool:
    """Whether the question of a repair closes the project on that day."""
    named = project.project_code in question.closed_projects and (not question.dates or day in question.dates)
    return named or question.disruption.is_closed(project.project_code, day)


def _told_stretches(
    problem: UnpaidWorkProblem, slots: Slots, open_slots: dict[tuple[int, int], list[int]]
) -> list[tuple[int, int, int, int]]:
    """The stretches told of that begin within an open slot, as long as the longest told of.

    One that begins with a slot is held in that slot, unless nobody could supervise all of the slot but somebody the
    stretch.
    """
    latest: dict[tuple[int, int, int], int] = {}
    for person in problem.people:
        for told in person.appointments:
            number = problem.project_numbers.get(told.project_code)
            if number is None:
                continue
            day = (told.date - problem.first).days
            within = [
                slot
                for slot in open_slots.get((number, day), ())
                if slots.start[slot] <= told.start_time and told.end_time <= slots.end[slot]
            ]
            at_start = [slot for slot in within if slots.start[slot] == told.start_time]
            part = problem.projects[number], told.date, told.start_time
            held = any(_has_supervisor(problem, *part, int(slots.end[slot])) for slot in at_start)
            if within and not held and (not at_start or _has_supervisor(problem, *part, told.end_time)):
                where = number, day, told.start_time
                latest[where] = max(latest.get(where, 0), told.end_time)
    return [(*where, end) for where, end in latest.items()]


def _has_supervisor(
    problem: UnpaidWorkProblem, project: Project, date: dt.date, start: int, end: int
) -> bool:
    """Whether somebody could supervise there and then, whatever else they do, or nobody is needed."""
    bits = _ints(half_day_bits(each.availability) for each in problem.supervisors)
    there = longest_stay(bits, date.weekday(), start, end) == end - start
    return not project.supervisor_needed or any(
        able
        and not each.away(date)
        and set(project.required_skills) <= set(each.skills)
        and (each.weekly_minutes_max is None or end - start <= each.weekly_minutes_max)
        for each, able in zip(problem.supervisors, there.tolist(), strict=True)
    )


_BITS = {half_day: 1 << place for place, half_day in enumerate(HalfDay)}


def half_day_bits(available: Sequence[HalfDay]) -> int:
    """Half-days as bits, Monday morning lowest."""
    return sum(_BITS[each] for each in set(available))


def longest_stay(bits: Ints, weekday: int, start: int, end: int) -> Ints:
    """How long somebody available in the half-days `bits` can stay from `start`, until `end` at most.

    An appointment begins with its session and may end early, so somebody who is free in the morning alone can come
    to the morning of a whole day. bits: int64 (n,); returns minutes, int64 (n,), 0 where the start is not theirs.
    """
    stay, there, begins = np.zeros(len(bits), dtype=np.int64), np.ones(len(bits), dtype=np.bool_), 0
    for part, ends in enumerate(PART_ENDS.values()):
        if start < ends and end > begins:
            there = there & ((bits >> (3 * weekday + part)) & 1 > 0)
            stay[there] = min(end, ends) - start
        begins = ends
    return stay


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
