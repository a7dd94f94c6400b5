"""The complete CP-SAT model of an assignment problem: every limit and link, one method each.

It is the judge of feasibility and the solver of small problems. Variables carry no names, so that no record's
contents can leak into a model. Both levels of the objective are solved in turn by `solve_full`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, CountLimit, Ints, Link
from solver.engine import Limits, Run, Stop, Watcher, run

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


class FullModel:
    """One AssignmentProblem as a CP-SAT model. `add_constraints` is the table of contents."""

    def __init__(self, problem: AssignmentProblem) -> None:
        from ortools.sat.python import cp_model as cp

        self.problem = problem
        self.model: cp_model.CpModel = cp.CpModel()
        self._sum = cp.LinearExpr.sum
        self._weighted = cp.LinearExpr.weighted_sum
        self._weights = problem.weights
        self._at: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in range(problem.agents)]
        self._of: list[dict[int, cp_model.IntVar]] = []
        self._skips: dict[int, cp_model.IntVar] = {}
        self._home_owner: Ints = np.where(problem.home == NOWHERE, NOWHERE, problem.owner[problem.home])
        self._owned: list[list[int]] = [[] for _ in range(int(problem.owner.max(initial=-1)) + 1)]
        for agent, owner in enumerate(problem.owner):
            self._owned[owner].append(agent)
        self._add_variables()
        self.add_constraints()

    def _add_variables(self) -> None:
        for task in range(self.problem.tasks):
            mine = {
                int(agent): self.model.new_bool_var("")
                for agent in np.flatnonzero(self.problem.eligible[task])
            }
            self._of.append(mine)
            for agent, variable in mine.items():
                self._at[agent].append((task, variable))
            if self.problem.may_skip and self.problem.home[task] == NOWHERE:
                self._skips[task] = self.model.new_bool_var("")

    def add_constraints(self) -> None:
        """Every hard limit of the problem."""
        self._one_agent_each()
        self._capacity()
        self._intake_limit()
        self._intake_ceiling()
        self._move_budget()
        for link in self.problem.together:
            self._together(link)
        for link in self.problem.apart:
            self._apart(link)
        for limit in self.problem.count_limits:
            self._count_limit(limit)

    def _one_agent_each(self) -> None:
        """A task has one agent, or is skipped where it may be."""
        for task, mine in enumerate(self._of):
            skip = [self._skips[task]] if task in self._skips else []
            self.model.add_exactly_one([*mine.values(), *skip])

    def _capacity(self) -> None:
        """No load above the capacity."""
        if self.problem.capacity is None:
            return
        for agent, capacity in enumerate(self.problem.capacity):
            self._load_at_most(agent, int(capacity))

    def _load_at_most(self, agent: int, limit: int, only_if: cp_model.IntVar | None = None) -> None:
        tasks = [task for task, _ in self._at[agent]]
        coefficients = [int(weight) for weight in self._weights[tasks, agent]]
        room = limit - int(self.problem.base_load[agent])
        if sum(coefficients) <= room:
            return
        load = self._weighted([variable for _, variable in self._at[agent]], coefficients)
        constraint = self.model.add(load <= room)
        if only_if is not None:
            constraint.only_enforce_if(only_if)

    def _intake_limit(self) -> None:
        """No more tasks enter an owner than its limit."""
        if self.problem.intake_limit is None:
            return
        for owner, limit in enumerate(self.problem.intake_limit):
            entering = [
                variable
                for agent in self._owned[owner]
                for task, variable in self._at[agent]
                if self._home_owner[task] != owner
            ]
            if len(entering) > limit:
                self.model.add(self._sum(entering) <= int(limit))

    def _intake_ceiling(self) -> None:
        """An agent that any task enters ends at or below its ceiling."""
        if self.problem.intake_ceiling is None:
            return
        for agent, ceiling in enumerate(self.problem.intake_ceiling):
            entering = [variable for task, variable in self._at[agent] if self.problem.home[task] != agent]
            at_home = [task for task, _ in self._at[agent] if self.problem.home[task] == agent]
            standing = int(self.problem.base_load[agent])
            with_home = standing + int(self._weights[at_home, agent].sum())
            self._when_entering(
                entering,
                never=standing > int(ceiling),
                always=with_home <= int(ceiling),
                bind=functools.partial(self._load_at_most, agent, int(ceiling)),
            )

    def _when_entering(
        self,
        entering: list[cp_model.IntVar],
        *,
        never: bool,
        always: bool,
        bind: Callable[[cp_model.IntVar | None], None],
    ) -> None:
        """Bind a limit when anything enters; `always`: what stands respects it already, so bind it outright."""
        if not entering:
            return
        if never:
            for variable in entering:
                self.model.add(variable == 0)
        elif always:
            bind(None)
        else:
            enters = self.model.new_bool_var("")
            for variable in entering:
                self.model.add_implication(variable, enters)
            bind(enters)

    def _move_budget(self) -> None:
        """At most so many tasks with a home change owner."""
        if self.problem.move_budget is None:
            return
        moves = [
            variable
            for task in np.flatnonzero(self.problem.home != NOWHERE)
            for agent, variable in self._of[task].items()
            if self.problem.owner[agent] != self._home_owner[task]
        ]
        if moves:
            self.model.add(self._sum(moves) <= self.problem.move_budget)

    def _count_limit(self, limit: CountLimit) -> None:
        """When any of the tasks enters the agents, their number there is within the limit."""
        inside = {int(agent) for agent in limit.agents}
        counted, entering, at_home = [], [], 0
        for task in limit.tasks:
            home_inside = int(self.problem.home[task]) in inside
            at_home += home_inside
            for agent, variable in self._of[task].items():
                if agent in inside:
                    counted.append(variable)
                    if not home_inside:
                        entering.append(variable)
        room = limit.limit - limit.base_count

        def bind(only_if: cp_model.IntVar | None) -> None:
            if len(counted) > room:
                constraint = self.model.add(self._sum(counted) <= room)
                if only_if is not None:
                    constraint.only_enforce_if(only_if)

        self._when_entering(entering, never=room <= 0, always=at_home <= room, bind=bind)

    def _by_owner(self, tasks: Iterable[int]) -> dict[int, dict[int, list[cp_model.IntVar]]]:
        """The variables of these tasks: owner -> task -> variables."""
        found: dict[int, dict[int, list[cp_model.IntVar]]] = {}
        for task in tasks:
            for agent, variable in self._of[task].items():
                found.setdefault(int(self.problem.owner[agent]), {}).setdefault(task, []).append(variable)
        return found

    def _together(self, link: Link) -> None:
        """Members that enter share one owner, with one that stays where any stays."""
        tasks = [int(task) for task in link.tasks]
        fixed = {int(owner) for owner in link.fixed_owners}
        by_owner = self._by_owner(tasks)
        chosen = {owner: self.model.new_bool_var("") for owner in by_owner}
        self.model.add_at_most_one(chosen.values())
        stays: dict[int, list[cp_model.IntVar]] = {
            task: by_owner[int(self._home_owner[task])].get(task, [])
            for task in tasks
            if self._home_owner[task] != NOWHERE and int(self._home_owner[task]) in by_owner
        }
        for owner, members in by_owner.items():
            for task, variables in members.items():
                if self._home_owner[task] != owner:
                    for variable in variables:
                        self.model.add_implication(variable, chosen[owner])
            if owner in fixed:
                continue
            staying = [
                each for task, mine in stays.items() if self._home_owner[task] == owner for each in mine
            ]
            if fixed:
                self.model.add_bool_or([*staying, chosen[owner].negated()])
                continue
            for task, mine in stays.items():
                if self._home_owner[task] != owner:
                    for variable in mine:
                        self.model.add_bool_or([*staying, chosen[owner].negated(), variable.negated()])

    def _apart(self, link: Link) -> None:
        """A member that enters an owner finds no other member there."""
        fixed = {int(owner) for owner in link.fixed_owners}
        for owner, members in self._by_owner(int(task) for task in link.tasks).items():
            entering = [
                each for task, mine in members.items() if self._home_owner[task] != owner for each in mine
            ]
            if owner in fixed:
                for variable in entering:
                    self.model.add(variable == 0)
                continue
            self.model.add_at_most_one(entering)
            for task, mine in members.items():
                if self._home_owner[task] == owner:
                    for stay in mine:
                        for variable in entering:
                            self.model.add_at_most_one([stay, variable])

    def skipped_weight(self) -> cp_model.LinearExprT:
        """The first level as an expression."""
        return self._weighted(
            list(self._skips.values()), [int(self.problem.skip_weight[task]) for task in self._skips]
        )

    def minimise_skipped(self) -> None:
        """Make the first level the objective."""
        self.model.minimize(self.skipped_weight())

    def minimise_total(self, skip_budget: int) -> None:
        """Make the second level the objective, with at most `skip_budget` of the first."""
        if self._skips:
            self.model.add(self.skipped_weight() <= skip_budget)
        variables: list[cp_model.IntVar] = []
        prices: list[int] = []
        for task, mine in enumerate(self._of):
            variables.extend(mine.values())
            prices.extend(int(self.problem.pair_price[task, agent]) for agent in mine)
        for agent in range(self.problem.agents):
            variables.append(self._load_price(agent))
            prices.append(1)
        self.model.minimize(self._weighted(variables, prices))

    def _load_price(self, agent: int) -> cp_model.IntVar:
        """A variable at least the price of the agent's load: above each band's line, which is exact as prices rise."""
        bands = self.problem.bands
        least, most = self._load_range(agent)
        edges, prices = bands.edges[agent], bands.prices[agent]
        alone = OneAgentBands(edges, prices)
        variable = self.model.new_int_var(alone.cost(least), alone.cost(most), "")
        tasks = [task for task, _ in self._at[agent]]
        literals = [each for _, each in self._at[agent]]
        weights = [int(weight) for weight in self._weights[tasks, agent]]
        base = int(self.problem.base_load[agent])
        for price, intercept in alone.lines(least, most):
            coefficients = [price * weight for weight in weights]
            self.model.add(variable - self._weighted(literals, coefficients) >= price * base - intercept)
        return variable

    def _load_range(self, agent: int) -> tuple[int, int]:
        """Loads that can occur at an agent: home work and, where intake is limited, its heaviest entries."""
        base = int(self.problem.base_load[agent])
        tasks = np.array([task for task, _ in self._at[agent]], dtype=np.int64)
        weights = self._weights[tasks, agent]
        enters = self._home_owner[tasks] != self.problem.owner[agent]
        heaviest = np.sort(weights[enters])[::-1]
        if self.problem.intake_limit is not None:
            heaviest = heaviest[: int(self.problem.intake_limit[self.problem.owner[agent]])]
        return base, base + int(weights[~enters].sum()) + int(heaviest.sum())

    def hint(self, assignment: Ints) -> None:
        """Suggest a start to CP-SAT; NOWHERE is skipped."""
        for task, mine in enumerate(self._of):
            for agent, variable in mine.items():
                self.model.add_hint(variable, int(assignment[task] == agent))
            if task in self._skips:
                self.model.add_hint(self._skips[task], int(assignment[task] == NOWHERE))

    def assignment(self, values: Ints) -> Ints:
        """int64 (n,): the agent of each task in these values, NOWHERE when skipped."""
        chosen = np.full(self.problem.tasks, NOWHERE, dtype=np.int64)
        for task, mine in enumerate(self._of):
            for agent, variable in mine.items():
                if values[variable.index]:
                    chosen[task] = agent
        return chosen


@dataclass(frozen=True)
class OneAgentBands:
    """The price of one agent's load. edges: int64 (K + 1,), prices: int64 (K,), both ascending."""

    edges: Ints
    prices: Ints

    def cost(self, load: int) -> int:
        """The price of `load`; beyond the last edge the last price goes on."""
        within = np.clip(load - self.edges[:-1], 0, np.diff(self.edges))
        return int((within * self.prices).sum()) + max(0, load - int(self.edges[-1])) * int(self.prices[-1])

    def lines(self, least: int, most: int) -> list[tuple[int, int]]:
        """(price, intercept) of each band that loads from `least` to `most` touch: cost = price * load - intercept."""
        found: list[tuple[int, int]] = []
        last = len(self.prices) - 1
        for band, price in enumerate(self.prices):
            begins, ends = int(self.edges[band]), int(self.edges[band + 1])
            if (ends > least or band == last) and (begins < most or band == 0):
                found.append((int(price), int(price) * begins - self.cost(begins)))
        return found


CPSAT_WORK = 1.8
"""Work units of one unit of CP-SAT's own deterministic time, which was 1.6 to 2.2 processor seconds of one worker."""


def in_cpsat(limits: Limits) -> Limits:
    """Limits with the work in CP-SAT's own unit, and then one worker: several would find another plan."""
    return limits if limits.work is None else replace(limits, work=limits.work / CPSAT_WORK, threads=1)


def solve_full(
    problem: AssignmentProblem,
    limits: Limits,
    *,
    skip_budget: int,
    start: Ints | None = None,
    stop: Stop | None = None,
    watch: Watcher | None = None,
    workers: int | None = None,
) -> tuple[Run, Ints | None]:
    """Solve the second level by CP-SAT alone. Returns the run and the assignment found, None when none was."""
    full = FullModel(problem)
    full.minimise_total(skip_budget)
    if start is not None:
        full.hint(start)
    result = run(full.model, in_cpsat(limits), stop=stop, watch=watch, workers=workers)
    return result, None if result.values is None else full.assignment(result.values)


def least_skipped(
    problem: AssignmentProblem,
    limits: Limits,
    *,
    start: Ints | None = None,
    stop: Stop | None = None,
) -> tuple[Run, Ints | None]:
    """Solve the first level by CP-SAT alone: the least weight of skipped tasks. Returns the run and an assignment."""
    full = FullModel(problem)
    full.minimise_skipped()
    if start is not None:
        full.hint(start)
    result = run(full.model, in_cpsat(limits), stop=stop)
    return result, None if result.values is None else full.assignment(result.values)
