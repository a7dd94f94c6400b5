"""Prices of entering, guessed without a linear programme by letting tasks bid for the places that owners have.

A guess at prices of load leaves every task its cheapest agent, and more of them choose an owner than may enter there.
So each crowded owner's price of entering rises until no more of them stay than there are places, as in an auction, and
all bid again. In a few rounds of some milliseconds that gives a bound within one to three percent (2,300 x 100),
where loads' prices alone leave up to eight; the linear programme takes most of a second there.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.arrays import Instance
from solver.assignment.relaxation import Duals, Floats, Tables

ROUNDS = 10
"""Rounds of bids; after ten the bound changes little."""
MOST_BIDS = 3_000_000
"""Pairs that are looked at in all rounds; on large problems there are fewer rounds, but `LEAST_ROUNDS`."""
LEAST_ROUNDS = 2
FALL = 0.9
"""What is left of an owner's price after a round in which places stayed free."""


def rounds_for(inst: Instance) -> int:
    """How many rounds of bids a problem of this size has."""
    return min(ROUNDS, max(LEAST_ROUNDS, MOST_BIDS // max(inst.price.size, 1)))


def bid(inst: Instance, table: Tables, load: Floats) -> Duals:
    """Prices of tasks and of entering from prices of load, float64 (m + 1,), of which the pool's is set here too."""
    load = load.copy()
    load[-1] = _pool_price(inst, load)
    cost = np.where(inst.allowed, inst.price + load[None, :] * inst.weight, np.inf)
    entering = np.zeros(len(inst.intake))
    for _ in range(rounds_for(inst)):
        _raise(inst, table, cost + np.where(table.enters_owner, entering[inst.owner][None, :], 0.0), entering)
    cost += np.where(table.enters_owner, entering[inst.owner][None, :], 0.0)
    least = cost.min(axis=1)
    worth = np.where(np.isfinite(least), least, 0.0)
    return Duals(worth, load, entering, 0.0, np.zeros(len(inst.row_base)))


def _pool_price(inst: Instance, load: Floats) -> float:
    """The price of skip weight at which the dearest tasks by weight fill the budget."""
    cost = np.where(inst.allowed, inst.price + load[None, :] * inst.weight, np.inf)[:, :-1].min(
        axis=1, initial=np.inf
    )
    weight = inst.weight[:, -1]
    may = np.flatnonzero(inst.allowed[:, -1] & np.isfinite(cost) & (weight > 0))
    if not may.size:
        return 0.0
    dear = cost[may] / weight[may]
    order = np.argsort(-dear, kind="stable")
    last = int(np.searchsorted(np.cumsum(weight[may][order]), inst.capacity[-1], side="right"))
    return max(0.0, float(dear[order[last]])) if last < len(order) else 0.0


def _raise(inst: Instance, table: Tables, cost: Floats, entering: Floats) -> None:
    """One round: prices rise where more would enter than may, by what the first one too many would pay; others fall."""
    rows = np.arange(len(cost))
    agent = cost.argmin(axis=1)
    owner = inst.owner[agent]
    elsewhere = np.where(inst.owner[None, :] == owner[:, None], np.inf, cost).min(axis=1)
    here = cost[rows, agent]
    margin = np.zeros(len(cost))
    np.subtract(elsewhere, here, out=margin, where=np.isfinite(elsewhere) & np.isfinite(here))
    enters = table.enters_owner[rows, agent] & np.isfinite(here)
    wanted = np.bincount(owner[enters], minlength=len(entering))
    for one in np.flatnonzero(wanted > inst.intake):
        entering[one] += np.sort(margin[enters & (owner == one)])[::-1][int(inst.intake[one])]
    entering[wanted < inst.intake] *= FALL
