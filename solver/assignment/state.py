"""A plan being changed: loads, counts and links kept up to date move by move, in compiled code.

A state is always within every limit of the problem but one: the pool may hold more than the skip budget, at a
steep price, so that the search has somewhere to begin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.arrays import Instance
from solver.assignment.compiled import compiled
from solver.assignment.problem import Ints

Small = npt.NDArray[np.int32]


class State(NamedTuple):
    """Where everything is, and what that adds up to.

    assign: int64 (n,). load, cost, entered, size: int64 (m,), per agent its load, the price of it, the tasks
    that entered and the tasks that are there. taken: int64 (o,), entered per owner. moves: int64 (1,).
    row_count, row_entered: int64 (rows,). at: int32 (m, n), the tasks of each agent in no order; place: int32
    (n,), where in that list each task stands. steep: int64 (1,), price of a unit of skip weight over budget.
    """

    assign: Ints
    load: Ints
    cost: Ints
    entered: Ints
    size: Ints
    taken: Ints
    moves: Ints
    row_count: Ints
    row_entered: Ints
    at: Small
    place: Small
    steep: Ints


@compiled
def load_cost(inst: Instance, steep: int, agent: int, load: int) -> int:
    """The price of `load` at `agent`."""
    if agent == inst.base.shape[0] - 1:
        over: int = max(0, load - inst.capacity[agent]) * steep
        return over
    low, high = 0, inst.prices.shape[1] - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if inst.edges[agent, middle] <= load:
            low = middle
        else:
            high = middle - 1
    price: int = inst.cost_at[agent, low] + (load - inst.edges[agent, low]) * inst.prices[agent, low]
    return price


@compiled
def may_go(inst: Instance, task: int, agent: int) -> bool:
    """Whether the search may put `task` at `agent`; into the pool it may always put a new task."""
    may: bool = inst.allowed[task, agent] or (agent == inst.base.shape[0] - 1 and inst.home[task] == agent)
    return may


@compiled
def row_enters(inst: Instance, kind: int, home: int, row: int) -> bool:
    """Whether a task of class `kind` that lives at `home` enters the agents of `row` when it is among them."""
    agents = inst.base.shape[0]
    cell = kind * agents + home
    known = False
    for k in range(inst.cell_start[cell], inst.cell_start[cell + 1]):
        known = known or inst.row_of[k] == row
    return not known


@compiled
def _count(inst: Instance, state: State, task: int, agent: int, sign: int) -> None:
    """Count `task` at `agent` in or out, in everything that counts."""
    pool = inst.base.shape[0] - 1
    home = inst.home[task]
    state.load[agent] += sign * inst.weight[task, agent]
    if agent == pool:
        return
    if home != agent:
        state.entered[agent] += sign
    if inst.owner[agent] != inst.owner[home]:
        state.taken[inst.owner[agent]] += sign
        if home != pool:
            state.moves[0] += sign
    for k in range(inst.class_start[task], inst.class_start[task + 1]):
        kind = inst.class_of[k]
        cell = kind * (pool + 1) + agent
        for j in range(inst.cell_start[cell], inst.cell_start[cell + 1]):
            row = inst.row_of[j]
            state.row_count[row] += sign
            if row_enters(inst, kind, home, row):
                state.row_entered[row] += sign


@compiled
def put(inst: Instance, state: State, task: int, agent: int) -> None:
    """Move `task` to `agent`, whatever the limits say."""
    old = state.assign[task]
    _count(inst, state, task, old, -1)
    last = state.at[old, state.size[old] - 1]
    state.at[old, state.place[task]] = last
    state.place[last] = state.place[task]
    state.size[old] -= 1
    _count(inst, state, task, agent, 1)
    state.assign[task] = agent
    state.at[agent, state.size[agent]] = task
    state.place[task] = state.size[agent]
    state.size[agent] += 1
    state.cost[old] = load_cost(inst, state.steep[0], old, state.load[old])
    state.cost[agent] = load_cost(inst, state.steep[0], agent, state.load[agent])


@compiled
def _together_holds(inst: Instance, state: State, link: int) -> bool:
    """Every member that enters shares its owner with the others that enter, and with one that stays."""
    pool = inst.base.shape[0] - 1
    joined, stayers, met = -1, 0, False
    for k in range(inst.member_start[link], inst.member_start[link + 1]):
        task = inst.member[k]
        owner = inst.owner[state.assign[task]]
        if state.assign[task] != pool and owner != inst.owner[inst.home[task]]:
            if joined not in (-1, owner):
                return False
            joined = owner
    if joined == -1:
        return True
    for k in range(inst.fixed_start[link], inst.fixed_start[link + 1]):
        stayers += 1
        met = met or inst.fixed[k] == joined
    for k in range(inst.member_start[link], inst.member_start[link + 1]):
        task = inst.member[k]
        owner = inst.owner[state.assign[task]]
        if state.assign[task] != pool and owner == inst.owner[inst.home[task]]:
            stayers += 1
            met = met or owner == joined
    return met or stayers == 0


@compiled
def _apart_holds(inst: Instance, state: State, link: int) -> bool:
    """No member that enters shares its owner with another member, entering, staying or fixed."""
    pool = inst.base.shape[0] - 1
    for k in range(inst.member_start[link], inst.member_start[link + 1]):
        task = inst.member[k]
        owner = inst.owner[state.assign[task]]
        if state.assign[task] == pool or owner == inst.owner[inst.home[task]]:
            continue
        for j in range(inst.fixed_start[link], inst.fixed_start[link + 1]):
            if inst.fixed[j] == owner:
                return False
        for j in range(inst.member_start[link], inst.member_start[link + 1]):
            if j != k and inst.owner[state.assign[inst.member[j]]] == owner:
                return False
    return True


@compiled
def _links_hold(inst: Instance, state: State, task: int) -> bool:
    for k in range(inst.link_start[task], inst.link_start[task + 1]):
        link = inst.link_of[k]
        holds = _apart_holds(inst, state, link) if inst.apart[link] else _together_holds(inst, state, link)
        if not holds:
            return False
    return True


@compiled
def _rows_hold(inst: Instance, state: State, task: int, agent: int) -> bool:
    agents = inst.base.shape[0]
    for k in range(inst.class_start[task], inst.class_start[task + 1]):
        cell = inst.class_of[k] * agents + agent
        for j in range(inst.cell_start[cell], inst.cell_start[cell + 1]):
            row = inst.row_of[j]
            over = inst.row_base[row] + state.row_count[row] > inst.row_limit[row]
            if over and state.row_entered[row] > 0:
                return False
    return True


@compiled
def stands(inst: Instance, state: State, task: int) -> bool:
    """Whether every limit that `task` can break where it now is holds (the rest held before it came)."""
    agent = state.assign[task]
    pool = inst.base.shape[0] - 1
    if agent != pool:
        load = state.load[agent]
        owner = inst.owner[agent]
        if load > inst.capacity[agent] or (state.entered[agent] > 0 and load > inst.ceiling[agent]):
            return False
        if owner != inst.owner[inst.home[task]] and (
            state.taken[owner] > inst.intake[owner] or state.moves[0] > inst.budget
        ):
            return False
        if not _rows_hold(inst, state, task, agent):
            return False
    return _links_hold(inst, state, task)


@compiled
def try_put(inst: Instance, state: State, task: int, agent: int) -> bool:
    """Move `task` to `agent` if every limit then holds; else leave all as it was and return False."""
    old = state.assign[task]
    if old == agent:
        return True
    if not may_go(inst, task, agent):
        return False
    put(inst, state, task, agent)
    if stands(inst, state, task):
        return True
    put(inst, state, task, old)
    return False


@compiled
def fill(inst: Instance, state: State) -> None:
    """Set every count of a state from `state.assign`."""
    agents = inst.base.shape[0]
    for agent in range(agents):
        state.load[agent] = inst.base[agent]
        state.entered[agent] = 0
        state.size[agent] = 0
    state.taken[:] = 0
    state.moves[0] = 0
    state.row_count[:] = 0
    state.row_entered[:] = 0
    for task in range(state.assign.shape[0]):
        agent = state.assign[task]
        _count(inst, state, task, agent, 1)
        state.at[agent, state.size[agent]] = task
        state.place[task] = state.size[agent]
        state.size[agent] += 1
    for agent in range(agents):
        state.cost[agent] = load_cost(inst, state.steep[0], agent, state.load[agent])


def steep_price(inst: Instance) -> int:
    """A price per unit of skip weight beyond what placing a task can cost, kept from overflowing."""
    pool = len(inst.base) - 1
    heaviest = int(inst.weight[:, :pool].max(initial=0))
    dearest = int(np.abs(inst.prices).max(initial=0)) * heaviest + int(np.abs(inst.price).max(initial=0))
    skipped = int(inst.weight[:, pool].sum()) + 1
    return max(1, min(4 * dearest + 1, (1 << 60) // skipped))


def at_home(inst: Instance) -> State:
    """The state with every task at home and every new task in the pool: within every limit but the pool's."""
    tasks, agents = inst.price.shape
    state = State(
        assign=inst.home.copy(),
        load=np.zeros(agents, dtype=np.int64),
        cost=np.zeros(agents, dtype=np.int64),
        entered=np.zeros(agents, dtype=np.int64),
        size=np.zeros(agents, dtype=np.int64),
        taken=np.zeros(len(inst.intake), dtype=np.int64),
        moves=np.zeros(1, dtype=np.int64),
        row_count=np.zeros(len(inst.row_base), dtype=np.int64),
        row_entered=np.zeros(len(inst.row_base), dtype=np.int64),
        at=np.zeros((agents, tasks), dtype=np.int32),
        place=np.zeros(tasks, dtype=np.int32),
        steep=np.array([steep_price(inst)], dtype=np.int64),
    )
    fill(inst, state)
    return state


def total(inst: Instance, state: State) -> int:
    """The second level of the plan in `state`; prices of loads and of pairs."""
    pool = len(inst.base) - 1
    pairs = inst.price[np.arange(len(state.assign)), state.assign].sum()
    return int(state.cost[:pool].sum()) + int(pairs)
