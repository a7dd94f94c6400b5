"""A lower bound, recomputed from its multipliers in whole numbers, without the solver that claims it.

The claim: no plan that skips at most `skip_budget` (by weight) has a smaller total than `bound`. Why it is true:
take the rules "one agent per task", "intake of an owner", "moves" and "counted limits" out of the problem and
charge for breaking them instead. With any prices (of any sign for the first, none negative for the others) the
least of what remains is at most the least total. What remains falls apart by agent, and the least of one agent
is a knapsack over its load, solved exactly here over the tasks in doubt and bounded for the others (`_least`).

Arrays, all whole numbers, int64 unless said. n tasks, m agents, the *pool* (where skipped tasks are) after them:

    problem   pair_price (n, m); weight (n,) or (n, m); eligible bool (n, m); base_load (m,); bands.edges (m, K + 1),
              bands.prices (m, K); home (n,), -1 for a new task; owner (m,); skip_weight (n,); may_skip;
              capacity, intake_ceiling (m,) or None; intake_limit (owners,) or None; move_budget or None;
              together, apart: links with tasks and fixed_owners; count_limits: tasks, agents, base_count, limit
    proof     scale; skip_budget; task (n,); owner (owners + 1,), the pool's last; move; row (count limits,);
              load, entry, reach (m + 1,), the pool's last; bound
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.errors import UsageError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LARGEST = 1 << 61
"""Sums must stay below this, so that 64 bits hold them."""

MOST_CELLS = 40_000_000
"""The largest table that is filled for one agent; beyond it the linear bound is taken."""


class BandArrays(Protocol):
    """The price of load, agent by agent."""

    @property
    def edges(self) -> Ints: ...
    @property
    def prices(self) -> Ints: ...


class LinkArrays(Protocol):
    """Tasks together or apart."""

    @property
    def tasks(self) -> Ints: ...
    @property
    def fixed_owners(self) -> Ints: ...


class CountArrays(Protocol):
    """A counted limit."""

    @property
    def tasks(self) -> Ints: ...
    @property
    def agents(self) -> Ints: ...
    @property
    def base_count(self) -> int: ...
    @property
    def limit(self) -> int: ...


class ProblemArrays(Protocol):
    """The problem, as the module's docstring lists it."""

    @property
    def pair_price(self) -> Ints: ...
    @property
    def weight(self) -> Ints: ...
    @property
    def eligible(self) -> Bools: ...
    @property
    def base_load(self) -> Ints: ...
    @property
    def bands(self) -> BandArrays: ...
    @property
    def home(self) -> Ints: ...
    @property
    def owner(self) -> Ints: ...
    @property
    def skip_weight(self) -> Ints: ...
    @property
    def may_skip(self) -> bool: ...
    @property
    def capacity(self) -> Ints | None: ...
    @property
    def intake_limit(self) -> Ints | None: ...
    @property
    def intake_ceiling(self) -> Ints | None: ...
    @property
    def move_budget(self) -> int | None: ...
    @property
    def together(self) -> Sequence[LinkArrays]: ...
    @property
    def apart(self) -> Sequence[LinkArrays]: ...
    @property
    def count_limits(self) -> Sequence[CountArrays]: ...


class ProofArrays(Protocol):
    """The multipliers and the claim."""

    @property
    def scale(self) -> int: ...
    @property
    def skip_budget(self) -> int: ...
    @property
    def task(self) -> Ints: ...
    @property
    def owner(self) -> Ints: ...
    @property
    def move(self) -> int: ...
    @property
    def row(self) -> Ints: ...
    @property
    def load(self) -> Ints: ...
    @property
    def entry(self) -> Ints: ...
    @property
    def reach(self) -> Ints: ...
    @property
    def bound(self) -> int: ...


def bound_holds(problem: ProblemArrays, proof: ProofArrays) -> bool:
    """Whether the multipliers of `proof` prove its bound. Raises UsageError when they do not fit the problem."""
    return recomputed_bound(problem, proof) >= proof.bound


def recomputed_bound(problem: ProblemArrays, proof: ProofArrays) -> int:
    """The bound that the multipliers of `proof` prove, whatever it claims.

    Raises UsageError when shapes do not fit, a price that must not be negative is, or numbers are too large.
    """
    return Relaxed(problem, proof, allowed_pairs(problem)).bound


class Relaxed:
    """What remains of a problem with the multipliers charged, over plans that use `allowed` pairs, bool (n, m), alone.

    bound: none of those plans has a smaller total. Raises as `recomputed_bound`.
    """

    def __init__(self, problem: ProblemArrays, proof: ProofArrays, allowed: Bools) -> None:
        _check_shapes(problem, proof)
        _check_size(problem, proof)
        self._problem, self._proof = problem, proof
        self._enters = _enters(problem)
        self._cost = _charged(problem, proof, self._enters)
        by_agent = [
            _agent_least(
                problem, proof, agent, self._cost[:, agent], allowed[:, agent], self._enters[:, agent]
            )
            for agent in range(problem.eligible.shape[1])
        ]
        self._value = _constant(problem, proof) + _pool_least(problem, proof)
        self._value += sum(least for least, _ in by_agent)
        self._beyond = np.array([least - linear for least, linear in by_agent], dtype=np.int64)
        self.bound = -(-self._value // proof.scale)

    def least(self) -> Ints:
        """int64 (n, m): none of those plans that uses a pair has a smaller total than this.

        An agent whose choice has a certain task costs at least its linear bound (`_least`) and, where that is above
        nothing, the task's r.
        """
        proof = self._proof
        r = self._cost + proof.load[:-1] * _weights(self._problem) + proof.entry[:-1] * self._enters
        if abs(self._value) + int(self._beyond.max(initial=0)) + int(r.max(initial=0)) >= LARGEST * 4:
            raise UsageError("the numbers of the proof are too large to be added up safely")
        return np.asarray(-(-(self._value - self._beyond + np.maximum(r, 0)) // proof.scale))


def _check_shapes(problem: ProblemArrays, proof: ProofArrays) -> None:
    tasks, agents = problem.eligible.shape
    limit = problem.intake_limit
    owners = len(limit) if limit is not None else int(problem.owner.max(initial=-1)) + 1
    wanted = {"task": tasks, "owner": owners + 1, "row": len(problem.count_limits)}
    wanted |= {"load": agents + 1, "entry": agents + 1, "reach": agents + 1}
    for name, size in wanted.items():
        if np.shape(getattr(proof, name)) != (size,):
            raise UsageError(f"the proof's {name} does not have {size} numbers")
    free = (limit is None and bool(proof.owner.any())) or bool(proof.owner[-1])
    if free or (problem.move_budget is None and proof.move):
        raise UsageError("the proof prices a limit that the problem does not have")
    negative = min(int(proof.owner.min(initial=0)), proof.move, int(proof.row.min(initial=0)))
    if proof.scale < 1 or proof.skip_budget < 0 or min(negative, int(proof.entry.min(initial=0))) < 0:
        raise UsageError("the proof has a negative price of a limit")


def _check_size(problem: ProblemArrays, proof: ProofArrays) -> None:
    """Refuse numbers whose sums could leave 64 bits, in Python's own integers."""
    tasks = problem.eligible.shape[0] + 2
    weights = int(np.abs(problem.weight).max(initial=0)) * tasks + int(problem.base_load.max(initial=0))
    weights += int(problem.skip_weight.sum()) + proof.skip_budget
    steepest = int(np.abs(problem.bands.prices).max(initial=0)) * proof.scale
    slope = int(np.abs(proof.load).max(initial=0))
    largest = [proof.task, proof.owner, proof.row, proof.entry, proof.reach]
    multiplier = max(int(np.abs(some).max(initial=0)) for some in largest) + abs(int(proof.move))
    pairs = int(np.abs(problem.pair_price).max(initial=0)) * proof.scale
    sums = weights * (steepest + slope) + tasks * (pairs + multiplier * (3 + len(problem.count_limits)))
    if sums >= LARGEST * 2:
        raise UsageError("the numbers of the proof are too large to be added up safely")


def _weights(problem: ProblemArrays) -> Ints:
    if problem.weight.ndim == 2:
        return problem.weight
    return np.broadcast_to(problem.weight[:, None], problem.eligible.shape)


def _enters(problem: ProblemArrays) -> Bools:
    """bool (n, m): the agent's owner is not the owner of the task's home."""
    home_owner = np.where(problem.home >= 0, problem.owner[problem.home], -1)
    return np.asarray(problem.owner[None, :] != home_owner[:, None])


def allowed_pairs(problem: ProblemArrays) -> Bools:
    """bool (n, m): pairs that some plan within the rules may use."""
    enters = _enters(problem)
    held = problem.home >= 0
    at_home = problem.home[:, None] == np.arange(problem.eligible.shape[1])[None, :]
    alone = problem.base_load[None, :] + _weights(problem)
    allowed = problem.eligible.copy()
    for most in (problem.capacity, problem.intake_ceiling):
        if most is not None:
            allowed &= at_home | (alone <= most[None, :])
    if problem.intake_limit is not None:
        allowed &= ~enters | (problem.intake_limit > 0)[problem.owner][None, :]
    if problem.move_budget is not None and problem.move_budget <= 0:
        allowed &= ~enters | ~held[:, None]
    for limit in problem.count_limits:
        if limit.base_count >= limit.limit:
            lives = np.isin(problem.home[limit.tasks], limit.agents)
            allowed[np.ix_(limit.tasks[~lives], limit.agents)] = False
    for link in problem.together:
        homes = problem.home[link.tasks]
        known = {*link.fixed_owners.tolist(), *problem.owner[homes[homes >= 0]].tolist()}
        if len(link.fixed_owners):
            strange = ~np.isin(problem.owner, sorted(known))
            allowed[link.tasks] &= ~(enters[link.tasks] & strange[None, :])
    for link in problem.apart:
        taken = np.isin(problem.owner, link.fixed_owners)
        allowed[link.tasks] &= ~(enters[link.tasks] & taken[None, :])
    return np.asarray(allowed | at_home, dtype=np.bool_)


def _charged(problem: ProblemArrays, proof: ProofArrays, enters: Bools) -> Ints:
    """int64 (n, m): scaled price of each pair less the task's worth, with what the limits charge."""
    cost = problem.pair_price * proof.scale - proof.task[:, None]
    cost = cost + np.where(enters, proof.owner[problem.owner][None, :], 0)
    cost += proof.move * (enters & (problem.home >= 0)[:, None])
    for price, limit in zip(proof.row.tolist(), problem.count_limits, strict=True):
        cost[np.ix_(np.unique(limit.tasks), np.unique(limit.agents))] += price
    return np.asarray(cost, dtype=np.int64)


def _constant(problem: ProblemArrays, proof: ProofArrays) -> int:
    """What the multipliers earn whatever is chosen."""
    value = sum(proof.task.tolist())
    if problem.intake_limit is not None:
        most = [max(0, limit) for limit in problem.intake_limit.tolist()]
        value -= sum(price * limit for price, limit in zip(proof.owner.tolist()[:-1], most, strict=True))
    if problem.move_budget is not None:
        value -= int(proof.move) * min(max(0, problem.move_budget), len(problem.home))
    for price, limit in zip(proof.row.tolist(), problem.count_limits, strict=True):
        living = int(np.isin(problem.home[np.unique(limit.tasks)], limit.agents).sum())
        value -= price * max(limit.limit - limit.base_count, living)
    return int(value)


def _agent_least(
    problem: ProblemArrays, proof: ProofArrays, agent: int, cost: Ints, allowed: Bools, enters: Bools
) -> tuple[int, int]:
    """The least that `agent` can cost, with newcomers under the ceiling or with its own tasks alone.

    And the linear bound on that, as `_least` has it.
    """
    edges, prices = problem.bands.edges[agent], problem.bands.prices[agent]
    weight, own = _weights(problem)[:, agent], problem.home == agent
    base, reachable = int(problem.base_load[agent]), int(problem.base_load[agent] + weight[allowed].sum())
    most = reachable if problem.capacity is None else min(reachable, int(problem.capacity[agent]))
    alone = min(most, base + int(weight[allowed & own].sum()))
    ceiling = most if problem.intake_ceiling is None else min(most, int(problem.intake_ceiling[agent]))
    intake = int(allowed.sum())
    if problem.intake_limit is not None:
        intake = min(intake, max(0, int(problem.intake_limit[problem.owner[agent]])))
    guide = (int(proof.load[agent]), int(proof.entry[agent]), int(proof.reach[agent]))

    def least(tasks: Bools, top: int, newcomers: int) -> tuple[int, int] | None:
        if top < base:
            return None
        knapsack = _Knapsack(edges, prices, proof.scale, base, top)
        return _least(knapsack, cost[tasks], weight[tasks], enters[tasks], newcomers, guide)

    newcomers = least(allowed, ceiling, intake)
    if newcomers is not None and ceiling >= alone:  # a choice of its own tasks alone is among those
        return newcomers
    own_alone = least(allowed & own, alone, 0)
    cases = [case for case in (newcomers, own_alone) if case is not None]
    return min(case[0] for case in cases), min(case[1] for case in cases)


class _Knapsack:
    """The scaled price of load of one agent between its base load and its highest load."""

    def __init__(self, edges: Ints, prices: Ints, scale: int, base: int, top: int) -> None:
        self.edges, self.prices, self.scale, self.base, self.top = edges, prices, scale, base, top
        self._at_edge = np.concatenate([[0], np.cumsum(np.diff(edges) * prices)]).astype(np.int64)

    def price(self, load: Ints) -> Ints:
        """The scaled price of each load."""
        band = np.clip(np.searchsorted(self.edges, load, side="right") - 1, 0, len(self.prices) - 1)
        return np.asarray(self.scale * (self._at_edge[band] + (load - self.edges[band]) * self.prices[band]))

    def least_linear(self, slope: int) -> int:
        """min over loads of price less slope times what is above the base: at an edge or an end."""
        inside = self.edges[(self.edges > self.base) & (self.edges < self.top)]
        corners = np.concatenate([[self.base, self.top], inside]).astype(np.int64)
        return int((self.price(corners) - slope * (corners - self.base)).min())


def _least(
    knapsack: _Knapsack, cost: Ints, weight: Ints, enters: Bools, newcomers: int, guide: tuple[int, int, int]
) -> tuple[int, int]:
    """A safe least cost of one agent's choice, exact when only tasks and loads in doubt matter; and `linear` below.

    With r = cost + slope * weight + entry * enters, every choice is worth at least
    linear = sum of min(0, r) + least_linear - entry * newcomers, at least linear + |r| of any task that it
    treats against the sign of r, and at least linear + what its load is priced beyond least_linear. So tasks with
    |r| > reach may be settled by sign, and loads priced further beyond than reach left out, if the result is capped by
    linear + the least that this could cost.
    """
    slope, entry, reach = guide
    r = cost + slope * weight + entry * enters
    flat = knapsack.least_linear(slope)
    linear = int(np.minimum(r, 0).sum()) + flat - entry * newcomers
    core = np.abs(r) <= reach
    if reach < 0 or int(np.abs(cost[core]).sum()) >= LARGEST // 2:
        return linear, linear
    settled = ~core & (r < 0)
    caps = [] if core.all() else [linear + int(np.abs(r[~core]).min())]
    begin = int(weight[settled].sum())
    room = min(knapsack.top - knapsack.base - begin, int(weight[core].sum()))
    places = min(newcomers - int(enters[settled].sum()), int(enters[core].sum()))
    if room < 0 or places < 0:
        return min(caps, default=linear), linear
    if (room + 1) * (places + 1) > MOST_CELLS:
        return linear, linear
    loads = knapsack.base + begin + np.arange(room + 1, dtype=np.int64)
    price = knapsack.price(loads)
    near = np.flatnonzero(price - slope * (loads - knapsack.base) - flat <= reach)
    if len(near) <= room:
        caps.append(linear + reach + 1)
    if len(near):
        first, last = int(near[0]), int(near[-1])
        row = _last_row(cost[core], weight[core], enters[core], (first, last), places)
        found = row < LARGEST // 2
        if found.any():
            least = int((row[found] + price[first : last + 1][found]).min())
            caps.append(least + int(cost[settled].sum()))
    return min(caps, default=linear), linear


def _last_row(cost: Ints, weight: Ints, enters: Bools, window: tuple[int, int], places: int) -> Ints:
    """int64: least cost of tasks with each load of the window and at most so many newcomers; beyond LARGEST / 2: none.

    Tasks that are no newcomers come first, while the table has one row; of loads it holds those that can be reached
    and can still end in the window. What is nowhere stays beyond LARGEST / 2, as all costs together are less.
    """
    first, last = window
    order = np.argsort(enters, kind="stable")
    table = np.full((places + 1, last + 1), LARGEST, dtype=np.int64)
    table[0, 0] = 0
    used, high, rest = 0, 0, int(weight.sum())
    spare = np.empty_like(table)
    for price, load, new in zip(*(some[order].tolist() for some in (cost, weight, enters)), strict=True):
        if new and used < places:
            used += 1
            table[used] = table[used - 1]
        rest -= load
        high = min(last, high + load)
        low = max(load, first - rest)
        if low > high or new > used:
            continue
        sums = spare[: used + 1 - new, low : high + 1]
        np.add(table[: used + 1 - new, low - load : high + 1 - load], price, out=sums)
        target = table[new : used + 1, low : high + 1]
        np.minimum(target, sums, out=target)
    return table[used, first:]


def _pool_least(problem: ProblemArrays, proof: ProofArrays) -> int:
    """The least that skipping can cost: a knapsack of skip weights within the budget, nothing but -task to gain."""
    may = (problem.home < 0) & (problem.skip_weight <= proof.skip_budget) & problem.may_skip
    cost, weight = -proof.task[may], problem.skip_weight[may]
    top = min(proof.skip_budget, int(weight.sum()))
    flat = _Knapsack(np.array([0, max(top, 1)]), np.zeros(1, dtype=np.int64), proof.scale, 0, top)
    guide = (int(proof.load[-1]), 0, int(proof.reach[-1]))
    least, _ = _least(flat, cost, weight, np.zeros(len(cost), dtype=np.bool_), len(cost), guide)
    return least
