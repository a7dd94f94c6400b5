"""The price of a plan, recomputed from the input alone. The formulas are those of docs/model.md, What is better."""

from __future__ import annotations

import datetime as dt
import itertools
from math import gcd

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.plan import Objective, QuestionKind
from models.allocation.workload import full_months
from models.policy.policy import PressurePolicy
from solver.verify.facts import PlanFacts
from solver.verify.pairs import may_take
from solver.verify.situation import Situation, Standing


def objective_of(facts: PlanFacts, fixed: int | None = None) -> Objective:
    """The objective by item, in band-points but for the weight of what is unallocated.

    fixed: `fixed_price` of the situation, where it has been looked up.
    """
    pressure = _pressure_of_all(facts.situation, facts.loads)
    change = sum(change_price(facts.situation, number, facts.changed[number]) for number in facts.moved)
    fit = _fit_of_all(facts.situation, facts.places)
    return Objective(
        unallocated_weight=unallocated_weight(facts),
        pressure=pressure,
        change_of_officer=change,
        fit=fit,
        total=pressure + change + fit,
        fixed=fixed_price(facts.situation) if fixed is None else fixed,
    )


def unallocated_weight(facts: PlanFacts) -> int:
    """The weights of the waiting cases that nobody gets, by tier, more when one is due within days."""
    situation = facts.situation
    limits, day = situation.policy.limits, situation.problem.as_of
    weight = 0
    for number, case in enumerate(situation.problem.cases):
        if situation.standings[number] is not Standing.WAITING or facts.places[number] is not None:
            continue
        urgent = case.due_by is not None and case.due_by <= day + dt.timedelta(days=limits.urgent_days)
        of_tier = situation.policy.unallocated.weight(situation.problem.tier(case))
        weight += of_tier * limits.urgent_factor if urgent else of_tier
    return weight


def fixed_price(situation: Situation) -> int:
    """The pressure and fit of what the question cannot move.

    ALLOCATE: base points and all held work. REBALANCE: base points and held cases that are protected or pinned
    to their holder.
    """
    fixed = tuple(
        home if home is not None and _stays(situation, number, home) else None
        for number, home in enumerate(situation.homes)
    )
    return _pressure_of_all(situation, situation.loads(fixed)) + _fit_of_all(situation, fixed)


def _stays(situation: Situation, number: int, home: int) -> bool:
    case = situation.problem.cases[number]
    return (
        situation.question.kind is QuestionKind.ALLOCATE
        or case.protected(situation.problem.as_of)
        or case.pinned_staff_code == situation.staff_code(home)
    )


def _pressure_of_all(situation: Situation, loads: tuple[int, ...]) -> int:
    prices = Pressure(situation.policy.prices.pressure)
    return sum(
        prices.of(points, available) for points, available in zip(loads, situation.available, strict=True)
    )


class Pressure:
    """The price of an officer's points, band by band.

    Work beyond the lower edge of a band costs, a point, what that band costs more than the one before it; so the
    price is the sum over all edges passed of (points - edge) * step. The steps differ for the first bands and are
    the same for all that follow, which are summed at once, however many there are.
    """

    def __init__(self, prices: PressurePolicy) -> None:
        last = max(step.below_percent or 0 for step in prices.steps)
        bands = [prices.band_price(band) for band in range(-(-last // prices.band_percent) + 2)]
        self._steps = [dearer - cheaper for cheaper, dearer in itertools.pairwise(bands)]
        self._prices = prices

    def of(self, points: int, available: int) -> int:
        """The price of so many points for an officer with so many available."""
        a = max(available, self._prices.least_available_points)
        *first, always = self._steps
        price = sum(step * max(0, points - self._edge(a, band)) for band, step in enumerate(first, start=1))
        return price + always * self._beyond(points, a, len(first) + 1)

    def _edge(self, available: int, band: int) -> int:
        """Where a band begins, in points."""
        return available * self._prices.band_percent * band // 100

    def _beyond(self, points: int, available: int, first: int) -> int:
        """The sum of max(0, points - edge) over the edges of the bands from `first` on.

        Edges repeat: `period` bands later an edge is higher by exactly `rise` points. So each of the first `period`
        edges begins a row edge, edge + rise, edge + 2 rise ..., whose sum has a closed form.
        """
        period = 100 // gcd(100, self._prices.band_percent)
        rise = available * self._prices.band_percent * period // 100
        total = 0
        for band in range(first, first + period):
            above = points - self._edge(available, band)
            if above > 0:
                rows = -(-above // rise)
                total += rows * above - rise * (rows * (rows - 1) // 2)
        return total


def change_price(situation: Situation, number: int, officer: int) -> int:
    """The price of taking held case `number` to another person's officer."""
    case, prices = situation.problem.cases[number], situation.policy.prices.change
    months = full_months(case.held_since, situation.problem.as_of)
    for_time = min(prices.most_for_time, prices.base + months // prices.months_for_one_more)
    return _weight(situation, number, officer) * (
        for_time + prices.each_earlier_change * case.officer_changes
    )


def _weight(situation: Situation, number: int, officer: int) -> int:
    """p': the case's points for this officer, and at least the policy's least."""
    return max(situation.points(number, officer), situation.policy.prices.fit.least_points)


def _fit_of_all(situation: Situation, places: tuple[int | None, ...]) -> int:
    return sum(
        fit_price(situation, number, place) for number, place in enumerate(places) if place is not None
    )


def fit_price(situation: Situation, number: int, officer: int) -> int:
    """The price of what does not fit between case `number` and an officer."""
    case, other = situation.problem.cases[number], situation.problem.officers[officer]
    bands = (
        missing_skills_price(situation, case, other)
        + sex_price(situation, case, other)
        + travel_price(situation, case, other)
    )
    if situation.standings[number] is Standing.WAITING:
        bands += previous_officer_price(situation, case, other) + leave_price(situation, case, other)
    return bands * _weight(situation, number, officer) if bands else 0


def missing_skills_price(situation: Situation, case: Case, officer: Officer) -> int:
    """Bands for each preferred skill that the officer lacks."""
    missing = sum(skill not in officer.skills for skill in case.preferred_skills)
    return situation.policy.prices.fit.missing_preferred_skill * missing


def sex_price(situation: Situation, case: Case, officer: Officer) -> int:
    """Bands for a preferred sex that is not the officer's; an unknown sex meets no preference."""
    met = case.preferred_officer_sex is None or case.preferred_officer_sex == officer.sex
    return 0 if met else situation.policy.prices.fit.preferred_sex_not_met


def travel_price(situation: Situation, case: Case, officer: Officer) -> int:
    """Bands for every full step of the straight distance beyond the free ones; nothing where a place is unknown."""
    if case.location is None or officer.location is None:
        return 0
    prices = situation.policy.prices.fit
    steps = case.location.whole_steps_from(officer.location, prices.travel_step_metres)
    return min(prices.travel_most, prices.travel_each_step * max(0, steps - prices.travel_free_steps))


def previous_officer_price(situation: Situation, case: Case, officer: Officer) -> int:
    """Bands for a waiting case that goes past every previous officer although one may take it by the pair alone."""
    problem = situation.problem
    if officer.staff_code in case.previous_staff_codes:
        return 0
    passed_over = any(
        may_take(situation, case, problem.officers[number])
        for code in case.previous_staff_codes
        for number in problem.officers_of.get(code, ())
    )
    return situation.policy.prices.fit.previous_officer_passed_over if passed_over else 0


def leave_price(situation: Situation, case: Case, officer: Officer) -> int:
    """Bands for a waiting case whose officer is on leave every day from the plan date until it is due."""
    day = situation.problem.as_of
    if case.due_by is None or not officer.on_leave_throughout(day, case.due_by):
        return 0
    return situation.policy.prices.fit.leave_over_first_appointment
