"""Seeded problems for the kernel's own benchmarks: one probation delivery unit as plain arrays.

The shape follows the contract: published points, officers of 20 to 37 hours, grades that may not hold every
tier, scarce skills, prices of change and fit, bands of 5 % and the new-case limit. What is protected is base load.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Bools, Ints

POINTS = np.array(
    [
        [206, 158, 146, 110, 146, 115, 102, 72, 79, 63, 50, 35, 51, 41, 29, 29],
        [219, 175, 163, 110, 161, 132, 119, 72, 77, 65, 52, 35, 51, 43, 31, 29],
        [75, 60, 59, 35, 59, 48, 47, 24, 30, 24, 23, 23, 17, 14, 13, 13],
    ],
    dtype=np.int64,
)
"""Points by case type (community, licence, custody) and tier (A3 A2 A1 A0 B3 ... D0)."""

TIER_SHARE = np.array([0.12, 0.27, 0.36, 0.25])
TYPE_SHARE = np.array([0.52, 0.28, 0.20])
SKIP_WEIGHT = np.array([8, 4, 2, 1], dtype=np.int64)
SKILLS = 6
FULL_TIME = 2176


@dataclass(frozen=True)
class Unit:
    """A generated unit: the rebalance problem with every unprotected case free, and what it stands on."""

    problem: AssignmentProblem
    fixed: int
    available: Ints


def band_table(available: Ints, most: int) -> Bands:
    """The default policy's bands for each officer, wide enough for a load of `most`."""
    basis = np.maximum(available, FULL_TIME // 10 + 1)
    count = int(most * 20 // int(basis.min())) + 2
    steps = np.arange(count + 1, dtype=np.int64)
    edges = basis[:, None] * 5 * steps[None, :] // 100
    k = np.arange(count, dtype=np.int64)
    price = np.where(k < 20, k, np.where(k < 22, 20 + 3 * (k - 20), 26 + 5 * (k - 22)))
    return Bands(edges, np.broadcast_to(price, (len(basis), count)).copy())


def _homes(
    rng: np.random.Generator, points: Ints, eligible: Bools, available: Ints, tiers: Ints, spread: float
) -> Ints:
    """Where the held cases stand: officers fill up unevenly, the harder tiers first."""
    want = available * rng.lognormal(0.0, spread, len(available))
    load = np.zeros(len(available))
    home = np.full(len(points), NOWHERE, dtype=np.int64)
    for task in np.lexsort((rng.random(len(points)), tiers > 1)):
        able = np.flatnonzero(eligible[task])
        some = able if len(able) <= 12 else rng.choice(able, 12, replace=False)
        agent = some[np.argmin((load[some] + points[task]) / want[some])]
        home[task] = agent
        load[agent] += points[task]
    return home


def generate(
    tasks: int, agents: int, fill: float, seed: int, *, waiting: float = 0.03, spread: float = 0.18
) -> Unit:
    """One unit of `agents` officers and about `tasks` cases with mean workload `fill` (1.18 is 118 %)."""
    rng = np.random.default_rng([seed, tasks, agents, int(1000 * fill)])
    hours = np.where(rng.random(agents) < 0.45, 37.0, rng.integers(20, 38, agents))
    share = np.outer(TYPE_SHARE, np.repeat(TIER_SHARE, 4) / 4).ravel()
    kind = rng.choice(len(share), tasks, p=share)
    points, tiers = POINTS.ravel()[kind], (kind % 16) // 4
    available = np.trunc(hours * points.sum() / (fill * hours.sum())).astype(np.int64)

    officer = rng.choice(3, agents, p=[0.62, 0.3, 0.08])
    eligible = np.ones((tasks, agents), dtype=np.bool_)
    eligible[np.ix_(tiers < 2, officer == 1)] = False
    eligible[np.ix_(tiers < 2, officer == 2)] = False
    has = rng.random((agents, SKILLS)) < rng.uniform(0.25, 0.6, SKILLS)[None, :]
    needs = rng.random((tasks, SKILLS)) < 0.05
    prefers = rng.random((tasks, SKILLS)) < 0.05
    eligible &= ~((needs.astype(int) @ (~has).astype(int).T) > 0)
    no_one = ~eligible.any(axis=1)
    eligible[no_one] = officer[None, :] == 0
    home = _homes(rng, points, eligible, available, tiers, spread)

    place_t, place_a = rng.uniform(0, 30, (tasks, 2)), rng.uniform(0, 30, (agents, 2))
    distance = np.hypot(place_t[:, None, 0] - place_a[None, :, 0], place_t[:, None, 1] - place_a[None, :, 1])
    fit = 4 * (prefers.astype(np.int64) @ (~has).astype(np.int64).T)
    fit += np.minimum(12, 2 * np.maximum(0, (distance // 10).astype(np.int64) - 1))
    least = np.maximum(points, 20)
    months, earlier = rng.geometric(1 / 14, tasks) - 1, rng.poisson(0.6, tasks)
    change = np.minimum(20, 8 + months // 2) + 4 * earlier

    new = rng.random(tasks) < waiting
    protected = ~new & (rng.random(tasks) < 0.1)
    home[new] = NOWHERE
    away = np.arange(agents)[None, :] != home[:, None]
    price = least[:, None] * (fit + np.where(away & ~new[:, None], change[:, None], 0))
    base = np.zeros(agents, dtype=np.int64)
    np.add.at(base, home[protected], points[protected])
    free = np.flatnonzero(~protected)
    recent = rng.choice(4, agents, p=[0.6, 0.2, 0.15, 0.05])
    problem = AssignmentProblem(
        pair_price=price[free],
        weight=points[free],
        eligible=eligible[free],
        base_load=base,
        bands=band_table(available, int(points.sum()) if agents < 5 else int(4 * available.max())),
        home=home[free],
        owner=np.arange(agents, dtype=np.int64),
        skip_weight=SKIP_WEIGHT[tiers[free]],
        intake_limit=np.maximum(0, 5 - recent).astype(np.int64),
        intake_ceiling=150 * available // 100,
    )
    return Unit(problem, int(problem.bands.cost(base).sum()), available)


def only_waiting(unit: Unit) -> Unit:
    """The allocate problem of the same unit: what is held stays, what waits is placed."""
    problem = unit.problem
    new, held = np.flatnonzero(problem.home == NOWHERE), np.flatnonzero(problem.home != NOWHERE)
    base = problem.base_load.copy()
    np.add.at(base, problem.home[held], problem.weight[held])
    smaller = AssignmentProblem(
        pair_price=problem.pair_price[new],
        weight=problem.weight[new],
        eligible=problem.eligible[new],
        base_load=base,
        bands=problem.bands,
        home=problem.home[new],
        owner=problem.owner,
        skip_weight=problem.skip_weight[new],
        intake_limit=problem.intake_limit,
        intake_ceiling=problem.intake_ceiling,
    )
    return Unit(smaller, int(problem.bands.cost(base).sum()), unit.available)
