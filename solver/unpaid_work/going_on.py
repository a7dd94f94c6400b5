"""What goes on after the horizon: the choice among a body's habits that leaves the fewest minutes lost.

What goes on together keeps, in the even and in the odd calendar weeks, the weekly limit of the body, one project a day
without overlaps and the day's limit, and the policy's number of slots for each requirement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.unpaid_work.terms import Frequency
from solver.unpaid_work.facts import RosterFacts

TURNS, EVERY_WEEK = (1, 2), 3
"""The even and the odd calendar weeks of the horizon, counted from 0, as bits; and both."""
NODES = 2000
"""How many choices are looked at for one body before the best so far is taken."""

GoingOn = dict[tuple[int, int], int]
"""By requirement and slot: the calendar weeks in which it goes on, as TURNS; EVERY_WEEK means as often as it recurs."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A slot that a requirement may go on with.

    ways: as GoingOn, what is most first. weeks: the calendar weeks it runs in. minutes: of one attendance.
    """

    requirement: int
    slot: int
    minutes: int
    ways: tuple[int, ...]
    weeks: int


class _Place(NamedTuple):
    """A candidate's day: where and when."""

    weekday: int
    project: int
    start: int
    end: int


class _Choosing:
    """The search through one body's choices."""

    def __init__(
        self, facts: RosterFacts, candidates: Sequence[Candidate], booked: Mapping[int, int]
    ) -> None:
        self._facts, self._candidates = facts, candidates
        self._numbers = sorted(booked)
        chances = [float(facts.chance[number]) for number in self._numbers]
        self._need = [
            int(facts.remaining[number]) - chance * booked[number]
            for number, chance in zip(self._numbers, chances, strict=True)
        ]
        self._worth = [
            chance * int(facts.full_weeks[number]) / 2
            for number, chance in zip(self._numbers, chances, strict=True)
        ]
        self._whose = [self._numbers.index(each.requirement) for each in candidates]
        self._places = [self._place(each) for each in candidates]
        self._rest = self._most_from_here()
        self._nodes = 0
        self.best: GoingOn = {}
        self._fewest = self._lost([0.0] * len(self._numbers))

    def _place(self, candidate: Candidate) -> _Place:
        slots = self._facts.slots
        start = slots.records[candidate.slot].start_time
        weekday, project = int(slots.weekday[candidate.slot]), int(slots.project[candidate.slot])
        return _Place(weekday, project, start, start + candidate.minutes)

    def _halves(self, candidate: Candidate, way: int) -> int:
        """Minutes that it brings in two weeks."""
        weekly = self._facts.slots.records[candidate.slot].frequency is Frequency.WEEKLY
        return candidate.minutes * (2 if weekly and way == EVERY_WEEK else 1)

    def _most_from_here(self) -> list[list[float]]:
        """By candidate, the most minutes in two weeks that it and those after it may bring each requirement."""
        rest = [[0.0] * len(self._numbers)]
        for whose, each in zip(reversed(self._whose), reversed(self._candidates), strict=True):
            more = list(rest[-1])
            more[whose] += self._halves(each, each.ways[0])
            rest.append(more)
        return rest[::-1]

    def _lost(self, halves: Sequence[float]) -> int:
        """Minutes expected to be lost, each requirement's rounded up."""
        return sum(
            max(0, math.ceil(need - worth * half - 1e-7))
            for need, worth, half in zip(self._need, self._worth, halves, strict=True)
        )

    def fits(self, number: int, way: int, on: GoingOn) -> bool:
        """Whether the rules of one person's diary leave room for a candidate beside what goes on."""
        limits = self._facts.rules.limits
        one, place = self._candidates[number], self._places[number]
        if sum(requirement == one.requirement for requirement, _ in on) >= limits.slots_a_week:
            return False
        most = int(self._facts.weekly_most[self._facts.body[one.requirement]])
        for turn in TURNS:
            if not turn & self._weeks(number, way):
                continue
            week = day = one.minutes
            for other, candidate in enumerate(self._candidates):
                chosen = on.get((candidate.requirement, candidate.slot))
                if chosen is None or not turn & self._weeks(other, chosen):
                    continue
                there = self._places[other]
                week += candidate.minutes
                if there.weekday == place.weekday:
                    day += candidate.minutes
                    if there.project != place.project or (
                        there.start < place.end and place.start < there.end
                    ):
                        return False
            if week > most or day > limits.day_minutes:
                return False
        return True

    def _weeks(self, number: int, way: int) -> int:
        """The calendar weeks that a candidate takes up, gone on with in this way."""
        return way & self._candidates[number].weeks

    def search(self) -> None:
        """Find the best, or the best of as many as may be looked at."""
        self._look(0, {}, [0.0] * len(self._numbers))

    def _look(self, number: int, on: GoingOn, halves: list[float]) -> None:
        self._nodes += 1
        lost = self._lost(halves)
        if lost < self._fewest:
            self._fewest, self.best = lost, dict(on)
        if number == len(self._candidates) or self._nodes > NODES or self._fewest == 0:
            return
        at_best = [half + rest for half, rest in zip(halves, self._rest[number], strict=True)]
        if self._lost(at_best) >= self._fewest:
            return
        one, whose = self._candidates[number], self._whose[number]
        for way in one.ways:
            if self.fits(number, way, on):
                on[one.requirement, one.slot] = way
                halves[whose] += self._halves(one, way)
                self._look(number + 1, on, halves)
                halves[whose] -= self._halves(one, way)
                del on[one.requirement, one.slot]
        self._look(number + 1, on, halves)

    def fill(self) -> None:
        """Whatever still fits goes on too, though nobody needs it: what is regular stays so."""
        for number, one in enumerate(self._candidates):
            here = one.requirement, one.slot
            if (
                here not in self.best
                and one.ways[0] == EVERY_WEEK
                and self.fits(number, EVERY_WEEK, self.best)
            ):
                self.best[here] = EVERY_WEEK


def going_on(facts: RosterFacts, candidates: Sequence[Candidate], booked: Mapping[int, int]) -> GoingOn:
    """Which of a body's candidates go on, in the order of preference given, and how.

    booked: by requirement of the body, its minutes in the horizon.
    """
    choosing = _Choosing(facts, candidates, booked)
    choosing.search()
    choosing.fill()
    return choosing.best
