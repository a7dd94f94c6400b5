"""An assignment problem as a mixed-integer linear programme: every limit, conditional ones by tight big-M rows.

A binary per eligible pair, a binary per task that may be skipped, and a continuous column per band and agent whose
sum is the load above the base load; as prices rise, cheap bands fill first. Each big-M follows from the data: what
stands at home when nothing enters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from solver.assignment.problem import NOWHERE, AssignmentProblem, CountLimit, Ints, Link

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Milp:
    """Minimise price @ x + constant, lower <= rows @ x <= upper, 0 <= x <= most, x whole where `whole` is 1.

    price, most: float64 (columns,); whole: int64 (columns,); rows: sparse (r, columns); lower, upper: float64 (r,).
    tasks, agents: int64 (pairs,): what the first columns stand for.
    """

    price: Floats
    most: Floats
    whole: Ints
    rows: csr_array
    lower: Floats
    upper: Floats
    constant: int
    tasks: Ints
    agents: Ints
    task_count: int

    def assignment(self, x: Floats) -> Ints:
        """int64 (n,): the agent of each task in a solution, NOWHERE when skipped."""
        chosen = np.full(self.task_count, NOWHERE, dtype=np.int64)
        on = np.flatnonzero(x[: len(self.tasks)] > 0.5)
        chosen[self.tasks[on]] = self.agents[on]
        return chosen


class _Builder:
    """Columns and rows of one problem. `build` is the table of contents."""

    def __init__(
        self, problem: AssignmentProblem, skip_budget: int, loads: tuple[Ints, Ints] | None = None
    ) -> None:
        self.problem = problem
        self.skip_budget = skip_budget
        self.between = loads
        self.constant = 0
        self.tasks, self.agents = (each.astype(np.int64) for each in np.nonzero(problem.eligible))
        self.home = problem.home[self.tasks]
        self.owner = problem.owner[self.agents]
        self.home_owner = np.where(self.home == NOWHERE, NOWHERE, problem.owner[self.home])
        self.weight = problem.weights[self.tasks, self.agents]
        self.price: list[float] = problem.pair_price[self.tasks, self.agents].astype(float).tolist()
        self.most: list[float] = [1.0] * len(self.price)
        self.whole: list[int] = [1] * len(self.price)
        self.cells: list[tuple[list[int], list[float]]] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def build(self) -> Milp:
        """Every limit of the problem."""
        self._one_agent_each()
        self._loads()
        self._intake_limit()
        self._move_budget()
        for limit in self.problem.count_limits:
            self._count_limit(limit)
        for link in self.problem.together:
            self._together(link)
        for link in self.problem.apart:
            self._apart(link)
        return self._milp()

    def _column(self, price: float, most: float, *, whole: bool) -> int:
        self.price.append(price)
        self.most.append(most)
        self.whole.append(int(whole))
        return len(self.price) - 1

    def _row(
        self, columns: Iterable[int], values: Iterable[float], lower: float = -np.inf, upper: float = np.inf
    ) -> None:
        self.cells.append((list(columns), list(values)))
        self.lower.append(lower)
        self.upper.append(upper)

    def _sum_at_most(self, columns: list[int], most: float) -> None:
        if len(columns) > most:
            self._row(columns, [1.0] * len(columns), upper=most)

    def _forbid(self, columns: Iterable[int]) -> None:
        for column in columns:
            self.most[column] = 0.0

    def _one_agent_each(self) -> None:
        """A task has one agent, or is skipped where it may be, within the budget for that."""
        starts = np.searchsorted(self.tasks, np.arange(self.problem.tasks + 1))
        skips = []
        for task in range(self.problem.tasks):
            columns = list(range(int(starts[task]), int(starts[task + 1])))
            if self.problem.may_skip and self.problem.home[task] == NOWHERE:
                skip = self._column(0.0, 1.0, whole=True)
                skips.append((skip, float(self.problem.skip_weight[task])))
                columns.append(skip)
            self._row(columns, [1.0] * len(columns), 1.0, 1.0)
        if sum(weight for _, weight in skips) > self.skip_budget:
            columns, weights = [skip for skip, _ in skips], [weight for _, weight in skips]
            self._row(columns, weights, upper=float(self.skip_budget))

    def _loads(self) -> None:
        """Load in bands, below capacity, and below the ceiling where anything enters."""
        for agent in range(self.problem.agents):
            columns = np.flatnonzero(self.agents == agent)
            at_home = columns[self.home[columns] == agent]
            standing = int(self.problem.base_load[agent])
            with_home = standing + int(self.weight[at_home].sum())
            most = standing + int(self.weight[columns].sum())
            if self.problem.capacity is not None:
                room = int(self.problem.capacity[agent]) - standing
                self._load_at_most(columns, room)
                most = min(most, standing + max(0, room))
            if self.problem.intake_ceiling is not None:
                ceiling = int(self.problem.intake_ceiling[agent])
                self._ceiling(agent, columns, ceiling, standing, with_home)
                most = min(most, max(ceiling, with_home))
            self._bands(agent, columns, standing, most)

    def _load_at_most(self, columns: Ints, room: int, enters: int | None = None, more: int = 0) -> None:
        """The weight of these pairs is at most `room`, or `room + more` when column `enters` is 0."""
        if int(self.weight[columns].sum()) <= room:
            return
        if enters is None:
            self._row(columns.tolist(), self.weight[columns].astype(float).tolist(), upper=float(room))
        else:
            self._row(
                [*columns.tolist(), enters],
                [*self.weight[columns].astype(float).tolist(), float(more)],
                upper=float(room + more),
            )

    def _ceiling(self, agent: int, columns: Ints, ceiling: int, standing: int, with_home: int) -> None:
        entering = columns[self.home[columns] != agent]
        if not entering.size:
            return
        if standing > ceiling:
            self._forbid(entering.tolist())
        elif with_home <= ceiling:
            self._load_at_most(columns, ceiling - standing)
        else:
            enters = self._enters(entering)
            self._load_at_most(columns, ceiling - standing, enters, with_home - ceiling)

    def _enters(self, entering: Ints) -> int:
        """A binary that is 1 when any of these pairs is used."""
        enters = self._column(0.0, 1.0, whole=True)
        for column in entering.tolist():
            self._row([column, enters], [1.0, -1.0], upper=0.0)
        return enters

    def _bands(self, agent: int, columns: Ints, standing: int, most: int) -> None:
        """Load above the least = what lies in the bands above that; beyond the last edge the last price goes on."""
        bands = self.problem.bands
        edges, prices = bands.edges[agent], bands.prices[agent]
        last = len(prices) - 1
        low = standing
        if self.between is not None:
            low, most = max(low, int(self.between[0][agent])), min(most, int(self.between[1][agent]))
        self.constant += bands.cost_of(agent, low)
        parts = []
        for band, price in enumerate(prices):
            begins = max(int(edges[band]), low)
            ends = int(edges[band + 1]) if band < last else max(most, begins)
            if ends > begins and begins < most:
                parts.append(self._column(float(price), float(min(ends, most) - begins), whole=False))
        self._row(
            [*columns.tolist(), *parts],
            [*self.weight[columns].astype(float).tolist(), *([-1.0] * len(parts))],
            float(low - standing),
            float(low - standing),
        )

    def _intake_limit(self) -> None:
        """No more tasks enter an owner than its limit."""
        if self.problem.intake_limit is None:
            return
        for owner, limit in enumerate(self.problem.intake_limit):
            entering = np.flatnonzero((self.owner == owner) & (self.home_owner != owner)).tolist()
            self._sum_at_most(entering, float(max(0, int(limit))))

    def _move_budget(self) -> None:
        """At most so many tasks with a home change owner."""
        if self.problem.move_budget is None or self.problem.move_budget >= int(
            (self.problem.home != NOWHERE).sum()
        ):
            return
        moves = np.flatnonzero((self.home_owner != NOWHERE) & (self.owner != self.home_owner)).tolist()
        self._sum_at_most(moves, float(self.problem.move_budget))

    def _count_limit(self, limit: CountLimit) -> None:
        """When any of the tasks enters the agents, their number there is within the limit."""
        counted = np.flatnonzero(np.isin(self.tasks, limit.tasks) & np.isin(self.agents, limit.agents))
        home_inside = np.isin(self.home[counted], limit.agents)
        entering = counted[~home_inside]
        at_home = int(np.isin(self.problem.home[limit.tasks], limit.agents).sum())
        room = limit.limit - limit.base_count
        if not entering.size:
            return
        if room <= 0:
            self._forbid(entering.tolist())
        elif at_home <= room:
            self._sum_at_most(counted.tolist(), float(room))
        elif len(counted) > room:
            enters = self._enters(entering)
            more = float(at_home - room)
            self._row([*counted.tolist(), enters], [*([1.0] * len(counted)), more], upper=float(room) + more)

    def _members(self, link: Link) -> tuple[Ints, Ints]:
        """Columns of a link's members: those that enter their owner, and those that stay."""
        mine = np.flatnonzero(np.isin(self.tasks, link.tasks))
        enters = self.owner[mine] != self.home_owner[mine]
        return mine[enters], mine[~enters]

    def _together(self, link: Link) -> None:
        """Members that enter share one owner, with one that stays where any stays."""
        entering, staying = self._members(link)
        fixed = set(link.fixed_owners.tolist())
        chosen = {
            owner: self._column(0.0, 1.0, whole=True) for owner in np.unique(self.owner[entering]).tolist()
        }
        self._sum_at_most(list(chosen.values()), 1.0)
        for column in entering.tolist():
            self._row([column, chosen[int(self.owner[column])]], [1.0, -1.0], upper=0.0)
        for owner, choice in chosen.items():
            here = staying[self.owner[staying] == owner].tolist()
            if owner in fixed:
                continue
            if fixed:
                self._row([*here, choice], [*([1.0] * len(here)), -1.0], 0.0)
                continue
            elsewhere = staying[self.owner[staying] != owner]
            for task in np.unique(self.tasks[elsewhere]):
                there = elsewhere[self.tasks[elsewhere] == task].tolist()
                values = [*([1.0] * len(here)), -1.0, *([-1.0] * len(there))]
                self._row([*here, choice, *there], values, -1.0)

    def _apart(self, link: Link) -> None:
        """A member that enters an owner finds no other member there."""
        entering, staying = self._members(link)
        fixed = set(link.fixed_owners.tolist())
        for owner in np.unique(self.owner[entering]).tolist():
            here = entering[self.owner[entering] == owner].tolist()
            if owner in fixed:
                self._forbid(here)
                continue
            self._sum_at_most(here, 1.0)
            at_home = staying[self.owner[staying] == owner]
            for task in np.unique(self.tasks[at_home]):
                self._sum_at_most([*here, *at_home[self.tasks[at_home] == task].tolist()], 1.0)

    def _milp(self) -> Milp:
        lengths = [len(columns) for columns, _ in self.cells]
        row = np.repeat(np.arange(len(lengths)), lengths)
        column = np.concatenate([np.zeros(0, np.int64), *(columns for columns, _ in self.cells)]).astype(
            np.int64
        )
        value = np.concatenate([np.zeros(0), *(values for _, values in self.cells)])
        return Milp(
            price=np.array(self.price),
            most=np.array(self.most),
            whole=np.array(self.whole, dtype=np.int64),
            rows=csr_array((value, (row, column)), shape=(len(lengths), len(self.price))),
            lower=np.array(self.lower),
            upper=np.array(self.upper),
            constant=self.constant,
            tasks=self.tasks,
            agents=self.agents,
            task_count=self.problem.tasks,
        )


def milp_of(problem: AssignmentProblem, skip_budget: int, loads: tuple[Ints, Ints] | None = None) -> Milp:
    """The second level of `problem` with at most `skip_budget` skipped by weight.

    loads: int64 (m,) each, the least and the greatest load that each agent may have; the narrower, the fewer columns.
    """
    return _Builder(problem, skip_budget, loads).build()
