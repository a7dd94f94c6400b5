"""Officers before and after a plan, and the figures that people judge balance by."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, pstdev

from models.allocation.plan import Balance, BalanceFigures, OfficerLoad
from models.allocation.workload import workload_percent
from solver.verify.facts import PlanFacts
from solver.verify.situation import Situation


def rows_of(facts: PlanFacts) -> tuple[OfficerLoad, ...]:
    """Every officer's points and Workload %, as they stand today and after the plan, in the input's order."""
    situation = facts.situation
    before = situation.loads_today
    rows = []
    for number, officer in enumerate(situation.problem.officers):
        available = situation.available[number]
        rows.append(
            OfficerLoad(
                *officer.key,
                available_points=available,
                points_before=before[number],
                points_after=facts.loads[number],
                workload_before=workload_percent(before[number], available),
                workload_after=workload_percent(facts.loads[number], available),
            )
        )
    return tuple(rows)


def balance_of(facts: PlanFacts) -> Balance:
    """The balance today and after the plan, over the officers with at least the policy's least availability."""
    situation = facts.situation
    return Balance(
        before=_figures(situation, situation.today, situation.loads_today),
        after=_figures(situation, facts.places, facts.loads),
    )


def _figures(situation: Situation, places: tuple[int | None, ...], loads: tuple[int, ...]) -> BalanceFigures:
    least = situation.policy.limits.least_available_points
    counts = situation.counts(places)
    measured = [number for number, available in enumerate(situation.available) if available >= least]
    workloads = [
        percent
        for number in measured
        if (percent := workload_percent(loads[number], situation.available[number])) is not None
    ]
    cases = [counts[number] for number in measured]
    over_100 = sum(percent > 100 for percent in workloads)
    over_110 = sum(percent > 110 for percent in workloads)
    if not workloads:
        return BalanceFigures(None, None, None, None, None, None, over_100, over_110, None, 0)
    return BalanceFigures(
        max_workload=max(workloads),
        min_workload=min(workloads),
        mean_workload=round(fmean(workloads), 3),
        spread=round(max(workloads) - min(workloads), 1),
        standard_deviation=round(pstdev(workloads), 3),
        gini=round(gini(workloads), 4),
        officers_over_100=over_100,
        officers_over_110=over_110,
        mean_cases=round(fmean(cases), 3),
        max_cases=max(cases),
    )


def gini(values: Sequence[float]) -> float:
    """The Gini coefficient: mean absolute difference of all pairs over twice the mean; 0.0 when all are 0.

    By ranks (i from 1, ascending): sum((2 i - n - 1) * x_i) / (n * sum(x)).
    """
    total = sum(values)
    if total == 0:
        return 0.0
    n = len(values)
    ranked = sum((2 * rank - n - 1) * value for rank, value in enumerate(sorted(values), start=1))
    return ranked / (n * total)
