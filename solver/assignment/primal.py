"""The plan's side: rounding the relaxation, then rounds of local search from the best plan so far."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from solver.assignment.arrays import Instance
from solver.assignment.problem import Ints
from solver.assignment.relaxation import Floats, rows_of
from solver.assignment.search import Pairs, anneal, ease, make_room, place, send_back
from solver.assignment.state import State, at_home, fill, put, stands, total, try_put

HEAT = (1.0, 0.5, 0.5, 0.3, 0.5, 0.2, 1.0, 0.3, 0.2, 0.5)
"""Temperatures that the rounds begin with, one after the other, as parts of `Primal.heat`."""
PAIRS_PER_TASK, PAIRS = 4, 4_000
"""Pairs that the search tries: so many per task, or so many in all when that is more."""

EASED = 30
"""Tasks that are moved on at most to make room for a group."""

MENDED = 60
"""Changes after which a plan that limits refuse is no longer mended."""

PARTS = 5
"""Parts of a round, between which it may be ended."""


class Primal:
    """The search for plans: `best` is the best assignment within every limit, None until there is one."""

    def __init__(self, inst: Instance, seed: int) -> None:
        self.inst = inst
        self.state = at_home(inst)
        self.best: Ints | None = None
        self.best_total = 0
        self.pairs: Pairs | None = None
        self.heat = 100.0
        self._random = np.array([seed * 2 + 0x9E3779B97F4A7C15], dtype=np.uint64)
        self._round = 0
        self.keep()

    @property
    def pool_fits(self) -> bool:
        """Whether the present state skips no more than the budget."""
        return bool(self.state.load[-1] <= self.inst.capacity[-1])

    def keep(self) -> bool:
        """Remember the present state when it is the best plan so far."""
        if not self.pool_fits or (self.state.load[:-1] > self.inst.capacity[:-1]).any():
            return False
        value = total(self.inst, self.state)
        if self.best is not None and value >= self.best_total:
            return False
        self.best, self.best_total = self.state.assign.copy(), value
        return True

    def load(self, assignment: Ints) -> None:
        """Make `assignment`, known to be within the limits, the present state."""
        self.state.assign[:] = assignment
        fill(self.inst, self.state)

    def mend(self, assignment: Ints) -> bool:
        """Make the present state of an assignment that limits of loads, intake or counts may refuse, by few changes.

        What may not be where it is goes home. From where there is too much is moved on what leaves most cheaply. False
        when that is not enough; other limits are not looked at.
        """
        inst = self.inst
        allowed = inst.allowed[np.arange(len(assignment)), assignment] | (assignment == len(inst.base) - 1)
        self.load(np.where(allowed, assignment, inst.home))
        counted = rows_of(inst)
        for _ in range(MENDED):
            strained = self._strained()
            newcomers = self._too_many(counted)
            if strained is None and newcomers is None:
                return True
            eased = ease(inst, self.state, strained) != -1 if strained is not None else False
            if not eased and not (newcomers is not None and self._moved_on(newcomers)):
                return False
        return False

    def _strained(self) -> int | None:
        """An agent with more load than it may have, None where there is none."""
        inst, state = self.inst, self.state
        over = (state.load > inst.capacity) | ((state.entered > 0) & (state.load > inst.ceiling))
        return int(np.argmax(over[:-1])) if over[:-1].any() else None

    def _too_many(self, counted: tuple[list[Ints], list[Ints]]) -> Ints | None:
        """Tasks that have entered where too many are, by one owner or one counted limit; None where all is well."""
        inst, state = self.inst, self.state
        owner, home_owner = inst.owner[state.assign], inst.owner[inst.home]
        crowded = np.flatnonzero(state.taken > inst.intake)
        if crowded.size:
            return np.flatnonzero((owner == crowded[0]) & (home_owner != crowded[0]))
        over = (inst.row_base + state.row_count > inst.row_limit) & (state.row_entered > 0)
        if not over.any():
            return None
        tasks, agents = (each[int(np.argmax(over))] for each in counted)
        inside = np.isin(state.assign[tasks], agents) & ~np.isin(inst.home[tasks], agents)
        return np.asarray(tasks[inside])

    def _moved_on(self, tasks: Ints) -> bool:
        """Move one of these tasks to where it may be, such that the total is least; False where none can move."""
        inst, state = self.inst, self.state
        pool = len(inst.base) - 1
        best: tuple[int, int, int] | None = None
        for task in tasks.tolist():
            old = int(state.assign[task])
            put(inst, state, task, pool)
            place(inst, state, np.array([task], dtype=np.int64))
            there = int(state.assign[task])
            if there not in (pool, old) and (best is None or total(inst, state) < best[0]):
                best = total(inst, state), task, there
            put(inst, state, task, old)
        if best is not None:
            put(inst, state, best[1], best[2])
        return best is not None

    def bring(self, task: Ints, agent: Ints) -> None:
        """From home, put each task where told as far as the limits allow, in the order given."""
        self.load(self.inst.home)
        _bring(self.inst, self.state, task, agent)

    def place(self) -> bool:
        """Put what is in the pool where it costs least, the hardest to place first; True when that is the best."""
        waiting = np.flatnonzero(self.state.assign == len(self.inst.base) - 1)
        choices = self.inst.allowed[waiting, :-1].sum(axis=1)
        heavy = self.inst.weight[waiting, :-1].max(axis=1, initial=0)
        place(self.inst, self.state, waiting[np.lexsort((-heavy, choices))])
        return self.keep()

    def crowd_in(self, within: int | None = None, tries: int = 12) -> bool:
        """Place what is still in the pool where others can make room; True when that is the best plan.

        within: the weight that may stay in the pool, the skip budget unless told.
        """
        enough = int(self.inst.capacity[-1]) if within is None else within
        inst, state = self.inst, self.state
        pool = len(inst.base) - 1
        for task in np.flatnonzero(state.assign == pool):
            agents = np.flatnonzero(inst.allowed[task, :pool])
            excess = state.load[agents] + inst.weight[task, agents] - inst.ceiling[agents]
            full = state.taken[inst.owner[agents]] >= inst.intake[inst.owner[agents]]
            for agent in agents[np.lexsort((excess, full))][:tries]:
                if state.load[pool] > enough and make_room(inst, state, int(task), int(agent)):
                    break
        return self.keep()

    def follow(self, task: Ints, agent: Ints, value: Floats) -> None:
        """Round a relaxation: pairs by falling value, each where it fits."""
        order = np.argsort(-value, kind="stable")
        order = order[value[order] > 0.2]
        self.bring(task[order], agent[order])
        if not self.pool_fits:
            place(self.inst, self.state, np.flatnonzero(self.state.assign == len(self.inst.base) - 1))

    def near(self, cost: Floats) -> None:
        """Search from now on the pairs of least reduced `cost`: a few per task, more where tasks are few."""
        pool = cost.shape[1] - 1
        finite = cost[:, :pool][np.isfinite(cost[:, :pool])]
        if not len(finite):
            return
        middle = min(len(finite), 4 * len(cost)) - 1
        last = min(len(finite), max(PAIRS_PER_TASK * len(cost), PAIRS)) - 1
        finite.partition(sorted({middle, last}))
        limit = finite[last]
        self.heat = max(float(finite[middle]) / 4.5, 1.0)
        task, agent = np.nonzero(cost <= limit)
        start = np.searchsorted(task, np.arange(len(cost) + 1))
        self.pairs = Pairs(task.astype(np.int64), agent.astype(np.int64), start.astype(np.int64))

    def round(self, steps: int, over: Callable[[], bool] = lambda: False) -> bool:
        """One round of annealing of `steps` steps from the best plan; True when it found a better one.

        over: asked now and then; the round ends early when it says so.
        """
        if self.pairs is None:
            return False
        hot = self.heat * HEAT[self._round % len(HEAT)]
        self._round += 1
        cooler = (self.heat / 200.0 / hot) ** (1.0 / PARTS)
        for _ in range(PARTS):
            if not over():
                anneal(self.inst, self.state, self.pairs, self._random, hot, hot * cooler, steps // PARTS)
                hot *= cooler
        better = self.keep()
        if not better and self.best is not None and self._round % 3 == 0:
            self.load(self.best)
        return better

    def begin_again(self) -> None:
        """Forget the best plan: the present state is the one to better."""
        self.best = None
        self._round = 0
        self.keep()

    def put_whole(self, members: Ints, agent: int) -> bool:
        """Put all `members` at `agent` and move on what makes it too full; False when that is not enough."""
        for task in members.tolist():
            put(self.inst, self.state, task, agent)
        for _ in range(EASED):
            if all(stands(self.inst, self.state, task) for task in members.tolist()):
                return True
            if ease(self.inst, self.state, agent) == -1:
                return False
        return False

    def polish(self) -> None:
        """Undo what does not pay in the best plan."""
        if self.best is None:
            return
        self.load(self.best)
        send_back(self.inst, self.state)
        self.best, self.best_total = self.state.assign.copy(), total(self.inst, self.state)


def _bring(inst: Instance, state: State, task: Ints, agent: Ints) -> None:
    for one, where in zip(task.tolist(), agent.tolist(), strict=True):
        if state.assign[one] == inst.home[one]:
            try_put(inst, state, one, where)
