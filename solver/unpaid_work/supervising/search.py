"""Large neighbourhoods for a fixed number of people: free some of the duties of some people, place as many as can be.

Two kinds take turns: all duties of a few people (others who rest may step in), and the duties of a stretch of time
of many people, whose other duties stay. Each kind's size follows what CP-SAT still solves quickly. A duty that
stays without anyone grows dearer, so the search does not leave the same ones over.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from solver.engine import Clock, Limits, Status, Stop, run
from solver.unpaid_work.supervising.construct import construct
from solver.unpaid_work.supervising.duties import NOBODY, Bools, Duties, Ints
from solver.unpaid_work.supervising.model import Pairs, Part

SMALLEST, LARGEST = 60, 6000
"""Able pairs in a neighbourhood."""

GROW, SHRINK = 1.15, 0.8
STEP_SECONDS, STEP_WORK = 1.0, 0.5
"""The most that one neighbourhood may take."""

EXTRA = 3
"""People at rest who may step in."""

PRICE, BREEZE, DEARER = 1000, 10, 50
"""A duty left over costs PRICE and DEARER more each time it is; pairs cost 0 to BREEZE - 1 by chance."""


@dataclass
class Sizes:
    """How many able pairs each kind of neighbourhood takes in."""

    people: float = 600.0
    stretch: float = 600.0


@dataclass
class Search:
    """The state for one number of people. holder: int64 (n,), NOBODY for duties that are left over."""

    duties: Duties
    clashes: Bools
    target: int
    holder: Ints
    draw: np.random.Generator
    sizes: Sizes = field(default_factory=Sizes)
    dearness: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.dearness = np.full(self.duties.count, PRICE, np.int64)

    @property
    def left_over(self) -> Ints:
        """int64: the duties without anyone."""
        return np.flatnonzero(self.holder == NOBODY)

    @property
    def active(self) -> Ints:
        """int64: the people who hold something."""
        return np.unique(self.holder[self.holder != NOBODY])

    def step(self, limits: Limits) -> None:
        """Solve one neighbourhood; keep its plan when what is left over costs no more than before."""
        by_people = bool(self.draw.integers(2))
        part = self._people() if by_people else self._stretch()
        status, found = self._solve(part, limits)
        size = self.sizes.people if by_people else self.sizes.stretch
        size = float(np.clip(size * (GROW if status is Status.OPTIMAL else SHRINK), SMALLEST, LARGEST))
        if by_people:
            self.sizes.people = size
        else:
            self.sizes.stretch = size
        if found is not None:
            before, after = self.holder[part.duties] == NOBODY, found == NOBODY
            if self.dearness[part.duties[after]].sum() <= self.dearness[part.duties[before]].sum():
                self.holder[part.duties] = found
        self.dearness[self.left_over] += DEARER

    def retire(self) -> None:
        """One person fewer: who holds the fewest duties gives them up."""
        people, counts = np.unique(self.holder[self.holder != NOBODY], return_counts=True)
        self.holder[self.holder == people[int(counts.argmin())]] = NOBODY
        self.target = len(people) - 1

    def _wanted(self) -> int:
        return int(self.draw.choice(self.left_over))

    def _people(self) -> Part:
        """All duties of people chosen by chance, those first who could take one that is left over."""
        wanted, active = self._wanted(), self.active
        liking = self.draw.random(len(active)) * np.where(self.duties.qualified[wanted, active], 1.0, 0.4)
        resting = np.setdiff1d(np.arange(self.duties.people), active)
        # With room to spare, people who rest may be needed besides those who hold something.
        extra = self.draw.permutation(resting)[:EXTRA]
        chosen: list[int] = extra.tolist()
        free = self.holder == NOBODY
        for person in active[np.argsort(-liking)].tolist():
            chosen.append(person)
            free |= self.holder == person
            if self.duties.qualified[np.ix_(free, chosen)].sum() >= self.sizes.people:
                break
        people = np.array(chosen, np.int64)
        room = self.target - len(np.setdiff1d(active, people))
        able = self.duties.qualified[np.ix_(free, people)]
        return Part(np.flatnonzero(free), people, able, np.ones(len(people), np.bool_), room)

    def _stretch(self) -> Part:
        """The duties that meet a stretch of time around one that is left over, of as many people as fit."""
        wanted, active = self._wanted(), self.active
        starts, ends = self.duties.starts, self.duties.ends
        whole = int(ends.max() - starts.min())
        margin = int(whole * self.draw.uniform(0.02, 0.35))
        near = (starts < ends[wanted] + margin) & (ends > starts[wanted] - margin)
        free = (self.holder == NOBODY) & near
        chosen: list[int] = []
        blocked = np.zeros((self.duties.count, 0), np.bool_)
        liking = self.draw.random(len(active)) * np.where(self.duties.qualified[wanted, active], 1.0, 0.6)
        pairs = 0
        for person in active[np.argsort(-liking)].tolist():
            mine = self.holder == person
            chosen.append(person)
            free |= mine & near
            stays = self.clashes[:, mine & ~near].any(axis=1)
            blocked = np.column_stack([blocked, stays])
            pairs = int((self.duties.qualified[np.ix_(free, chosen)] & ~blocked[free]).sum())
            if pairs >= self.sizes.stretch:
                break
        people = np.array(chosen, np.int64)
        able = self.duties.qualified[np.ix_(free, people)] & ~blocked[free]
        return Part(np.flatnonzero(free), people, able, np.zeros(len(people), np.bool_), 0)

    def _solve(self, part: Part, limits: Limits) -> tuple[Status, Ints | None]:
        from ortools.sat.python import cp_model as cp

        model = cp.CpModel()
        pairs = Pairs(model, self.duties, part)
        place = {int(person): column for column, person in enumerate(part.people.tolist())}
        left = [model.new_bool_var("") for _ in part.duties]
        for row, variable in enumerate(left):
            model.add_exactly_one([*pairs.of_duty[row], variable])
            model.add_hint(variable, int(self.holder[part.duties[row]] == NOBODY))
        stands = [place.get(person, NOBODY) for person in self.holder[part.duties].tolist()]
        for variable, row, column in zip(
            pairs.chosen, pairs.rows.tolist(), pairs.columns.tolist(), strict=True
        ):
            model.add_hint(variable, int(stands[row] == column))
        if pairs.used:
            model.add(cp.LinearExpr.sum(list(pairs.used.values())) <= part.room)
        prices = [
            *self.dearness[part.duties].tolist(),
            *self.draw.integers(0, BREEZE, len(pairs.chosen)).tolist(),
        ]
        model.minimize(cp.LinearExpr.weighted_sum([*left, *pairs.chosen], prices))
        found = run(model, limits, workers=1)
        return found.status, None if found.values is None else pairs.holders(part, found.values)


class Budget:
    """What a search may still spend: wall time of a clock until `until`, steps where work is limited.

    Requests to end come through `stops`.
    """

    def __init__(
        self, limits: Limits, clock: Clock, until: float | None, steps: int | None, stops: tuple[Stop, ...]
    ) -> None:
        self.limits, self.clock, self.until, self.stops = limits, clock, until, stops
        self.steps = steps
        self._parent: Budget | None = None

    def part(self, share: float) -> Budget:
        """A share of what is left; what it spends is spent here too."""
        left = self.left
        until = None if left is None else self.clock.elapsed + share * left
        steps = None if self.steps is None else min(self.steps, max(1, round(share * self.steps)))
        found = Budget(self.limits, self.clock, until, steps, self.stops)
        found._parent = self
        return found

    @property
    def left(self) -> float | None:
        """Seconds left, None without a limit."""
        return None if self.until is None else max(0.0, self.until - self.clock.elapsed)

    @property
    def spent(self) -> bool:
        over = self.left == 0.0 or self.steps == 0
        return over or any(stop.requested for stop in self.stops)

    def take(self) -> Limits:
        """The limits of one more step, counted."""
        self._count()
        seed = int(self.limits.seed)
        if self.steps is not None:
            return Limits(seconds=self.left, work=STEP_WORK, seed=seed, threads=1)
        left = self.left
        return Limits(seconds=STEP_SECONDS if left is None else min(STEP_SECONDS, left), seed=seed, threads=1)

    def _count(self) -> None:
        if self.steps is not None:
            self.steps -= 1
        if self._parent is not None:
            self._parent._count()


BEGINNINGS = 5
"""Plans constructed before the best is searched from."""


def begin(duties: Duties, target: int, draw: np.random.Generator) -> Search:
    """The best of a few constructed plans for `target` people."""
    clashes = duties.clashes()
    best: Ints | None = None
    for _ in range(BEGINNINGS):
        found = construct(duties, clashes, target, draw)
        if best is None or (found == NOBODY).sum() < (best == NOBODY).sum():
            best = found
        if (best != NOBODY).all():
            break
    assert best is not None
    return Search(duties, clashes, target, best, draw)


def complete(search: Search, budget: Budget) -> bool:
    """Search until every duty has someone or the budget is spent; whether it has."""
    while len(search.left_over) and not budget.spent:
        search.step(budget.take())
    return not len(search.left_over)
