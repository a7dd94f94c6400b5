"""Compile the kernel once, so that the first answer on a new machine is as quick as the others.

    python -m solver.assignment.warm

Compiled functions are kept on disk beside their sources (or in the user's cache where those cannot be written) and
are made again when a source changes. Set-up runs this; a service may call `warm_up` before it takes requests.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.capacitated import solve_gap
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, CountLimit, Link
from solver.engine import Limits

LITTLE = Limits(seconds=None, work=0.5, threads=1)
"""Enough work to pass through every step."""


def _problem(*, one_weight: bool, seed: int = 1) -> AssignmentProblem:
    """A small problem with every kind of limit and link, and weights per task or per pair."""
    rng = np.random.default_rng(seed)
    tasks, agents = 40, 6
    weights = rng.integers(10, 60, size=(tasks, agents))
    home = rng.integers(0, agents, size=tasks)
    home[::5] = NOWHERE
    eligible = rng.random((tasks, agents)) < 0.8
    eligible[np.flatnonzero(home != NOWHERE), home[home != NOWHERE]] = True
    return AssignmentProblem(
        pair_price=rng.integers(0, 400, size=(tasks, agents)),
        weight=weights[:, 0].copy() if one_weight else weights,
        eligible=eligible,
        base_load=rng.integers(0, 100, size=agents),
        bands=Bands(
            np.tile(np.arange(0, 4000, 20, dtype=np.int64), (agents, 1)),
            np.tile(np.arange(199, dtype=np.int64), (agents, 1)),
        ),
        home=home,
        owner=np.array([0, 0, 1, 2, 3, 4]),
        skip_weight=np.where(home == NOWHERE, 3, 0),
        intake_limit=np.full(5, 4),
        intake_ceiling=np.full(agents, 600),
        move_budget=9,
        together=(Link(np.array([1, 2]), np.array([], dtype=np.int64)),),
        apart=(Link(np.array([3, 4]), np.array([2])),),
        count_limits=(CountLimit(np.arange(12), np.array([1, 2]), 1, 6),),
    )


def warm_up() -> None:
    """Pass once through everything that is compiled."""
    for one_weight in (True, False):
        solve(_problem(one_weight=one_weight), limits=LITTLE, skip_budget=9)
        solve(_problem(one_weight=one_weight), limits=Limits(seconds=1.0, threads=2), skip_budget=9)
    rng = np.random.default_rng(2)
    weight = rng.integers(5, 25, size=(24, 4))
    capacity = np.full(4, int(weight.mean() * 24 / 4 * 1.1))
    solve_gap(rng.integers(10, 50, size=(24, 4)), weight, capacity, limits=LITTLE)
    solve_gap(rng.integers(10, 50, size=(24, 4)), weight, capacity, limits=Limits(seconds=1.0, threads=2))


if __name__ == "__main__":
    warm_up()
