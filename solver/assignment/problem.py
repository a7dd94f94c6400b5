"""What the kernel decides: tasks to agents under bands, limits and links, as arrays.

The kernel knows nothing of probation. A *task* has one *agent* or is skipped; an *agent* has a load; agents
with the same *owner* are one body for links, intake and moves (a person who works in two teams is one owner
with two agents). A task with a *home* stands somewhere today; a task without one is new.

The problem, with x[t, a] = 1 when task t is at agent a and s[t] = 1 when it is skipped:

    first   minimise  sum_t skip_weight[t] * s[t]
    then    minimise  sum_a F_a(load_a) - and sum_{t, a} pair_price[t, a] * x[t, a]  added to it
    where   load_a = base_load[a] + sum_t weight[t, a] * x[t, a]
            sum_a x[t, a] + s[t] = 1, s[t] = 0 for a task with a home, x[t, a] = 0 where not eligible

F_a is the convex piecewise-linear price of load given by `Bands`. "Enters" means: is at an agent (owner, set
of agents) where its home is not. Limits bind what a plan changes, so most are conditional on something
entering; what already stands above a limit may stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOWHERE = -1
"""The index that stands for "no agent" in `home` and in assignments (numpy has no None)."""


@dataclass(frozen=True)
class Bands:
    """The convex price of load, agent by agent.

    edges: int64 (m, K + 1), ascending along each row, edges[:, 0] == 0.
    prices: int64 (m, K), ascending along each row: the price of one unit of load between edges k and k + 1.
    Load beyond the last edge costs the last price; make K large enough that it cannot happen or is meant.
    """

    edges: Ints
    prices: Ints

    def cost(self, load: Ints) -> Ints:
        """The price of `load`, int64 (m,), agent by agent: sum over bands of price times the load within."""
        width = np.diff(self.edges, axis=1)
        within = np.clip(load[:, None] - self.edges[:, :-1], 0, width)
        beyond = np.maximum(load - self.edges[:, -1], 0)
        cost: Ints = (within * self.prices).sum(axis=1) + beyond * self.prices[:, -1]
        return cost

    def cost_of(self, agent: int, load: int) -> int:
        """The price of one agent's load."""
        one = Bands(self.edges[agent : agent + 1], self.prices[agent : agent + 1])
        return int(one.cost(np.array([load], dtype=np.int64))[0])


@dataclass(frozen=True)
class CountLimit:
    """If any of `tasks` enters `agents`, then base_count + the number of `tasks` at `agents` <= limit.

    tasks, agents: int64 index arrays. base_count: counted work that is not a task of this problem.
    """

    tasks: Ints
    agents: Ints
    base_count: int
    limit: int


@dataclass(frozen=True)
class Link:
    """Tasks that belong together, or apart; `fixed_owners` are owners of members that are not tasks here.

    Together: every member that enters an owner shares that owner with every other member that does, and,
    where any member stays (or is fixed), with one that stays (or is fixed). Skipped members are free.
    Apart: a member that enters an owner shares it with no other member, neither entering nor staying nor fixed.
    """

    tasks: Ints
    fixed_owners: Ints


@dataclass(frozen=True)
class AssignmentProblem:
    """One problem for the kernel: n tasks, m agents, numbered from 0. All numbers are whole.

    pair_price: int64 (n, m), what this pair costs beside the load; any value where not eligible.
    weight: int64 (n,) when every agent feels a task alike, else (n, m); never negative.
    eligible: bool (n, m); a task's home is always eligible.
    base_load: int64 (m,), load that no task here brings.
    home: int64 (n,), the agent that has the task today, NOWHERE for a new one. Tasks with a home are never skipped.
    owner: int64 (m,), owners numbered from 0.
    skip_weight: int64 (n,), first-level weight of leaving a new task undone. `may_skip` False forbids it
        even for new tasks (the plain generalised assignment problem).
    capacity: int64 (m,) or None, a load that is never exceeded whatever enters.
    intake_limit: int64 (owners,) or None, the most tasks that may enter each owner.
    intake_ceiling: int64 (m,) or None: an agent that any task enters ends with load <= its ceiling.
    move_budget: the most tasks with a home whose owner changes, None for no limit.
    """

    pair_price: Ints
    weight: Ints
    eligible: Bools
    base_load: Ints
    bands: Bands
    home: Ints
    owner: Ints
    skip_weight: Ints
    may_skip: bool = True
    capacity: Ints | None = None
    intake_limit: Ints | None = None
    intake_ceiling: Ints | None = None
    move_budget: int | None = None
    together: tuple[Link, ...] = field(default=())
    apart: tuple[Link, ...] = field(default=())
    count_limits: tuple[CountLimit, ...] = field(default=())

    @property
    def tasks(self) -> int:
        return int(self.eligible.shape[0])

    @property
    def agents(self) -> int:
        return int(self.eligible.shape[1])

    @property
    def weights(self) -> Ints:
        """int64 (n, m), a read-only view when every agent feels a task alike."""
        if self.weight.ndim == 2:
            return self.weight
        return np.broadcast_to(self.weight[:, None], self.eligible.shape)

    def loads(self, assignment: Ints) -> Ints:
        """int64 (m,): base load plus the weight of what `assignment` (n,; NOWHERE: skipped) puts at each agent."""
        placed = np.flatnonzero(assignment != NOWHERE)
        agents = assignment[placed]
        loads = self.base_load.copy()
        np.add.at(loads, agents, self.weights[placed, agents])
        return loads

    def skipped_weight(self, assignment: Ints) -> int:
        """The first level: the weight of what is skipped."""
        return int(self.skip_weight[assignment == NOWHERE].sum())

    def total(self, assignment: Ints) -> int:
        """The second level: price of loads plus price of pairs, base loads included."""
        placed = np.flatnonzero(assignment != NOWHERE)
        pairs = int(self.pair_price[placed, assignment[placed]].sum())
        return int(self.bands.cost(self.loads(assignment)).sum()) + pairs
