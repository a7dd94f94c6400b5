"""The prices of the policy as arrays: bands of load, and what each pair of case and officer costs beside it."""

from __future__ import annotations

import datetime as dt

import numpy as np

from models.allocation.terms import Location
from models.allocation.workload import full_months
from solver.allocation.constraints import Draft, skills_missing
from solver.allocation.facts import Facts
from solver.assignment.problem import NOWHERE, Bands, Bools, Ints


def pressure_bands(facts: Facts, most_load: Ints) -> Bands:
    """The bands of every officer, enough of them that `most_load` (int64 (m,)) lies within.

    Edges of band k: floor(a * band_percent * k / 100), a = max(availablePoints, least_available_points).
    """
    pressure = facts.policy.prices.pressure
    a = np.maximum(facts.available, pressure.least_available_points)
    bands = int((most_load * 100 // (a * pressure.band_percent)).max(initial=0)) + 2
    number = np.arange(bands + 1, dtype=np.int64)
    edges = a[:, None] * (pressure.band_percent * number)[None, :] // 100
    prices = np.array([pressure.band_price(band) for band in range(bands)], dtype=np.int64)
    return Bands(edges, np.broadcast_to(prices, (len(a), bands)).copy())


def counted_points(facts: Facts) -> Ints:
    """int64 (n, m) or (n, 1): points of each case for each officer, at least the policy's least for prices."""
    weights = facts.weights if facts.weights.ndim == 2 else facts.weights[:, None]
    return np.maximum(weights, facts.policy.prices.fit.least_points)


def change_prices(facts: Facts) -> Ints:
    """int64 (n, m): the price of a change of officer, 0 for a waiting case and for the holder's own teams."""
    change = facts.policy.prices.change
    day = facts.problem.as_of
    rate = np.zeros(len(facts.cases), dtype=np.int64)
    for row in np.flatnonzero(facts.home != NOWHERE):
        case = facts.cases[row]
        months = full_months(case.held_since, day)
        for_time = min(change.most_for_time, change.base + months // change.months_for_one_more)
        rate[row] = for_time + change.each_earlier_change * case.officer_changes
    moves = (facts.home_owner[:, None] != NOWHERE) & (facts.owner[None, :] != facts.home_owner[:, None])
    prices: Ints = moves * rate[:, None] * counted_points(facts)
    return prices


def fit_rates(facts: Facts, draft: Draft) -> Ints:
    """int64 (n, m): what does not fit, in bands, before it is multiplied by points."""
    return (
        _preferred_skills(facts)
        + _preferred_sex(facts)
        + _previous_officer(facts, draft)
        + _travel(facts)
        + _leave(facts)
    )


def fit_items(facts: Facts, draft: Draft) -> dict[str, Ints]:
    """int64 (n, m) each: the price of each item of fit, by the id of its soft rule, in band-points."""
    points = counted_points(facts)
    rates = {
        "preferred_skills": _preferred_skills(facts),
        "preferred_sex": _preferred_sex(facts),
        "previous_officer": _previous_officer(facts, draft),
        "travel": _travel(facts),
        "leave": _leave(facts),
    }
    return {item: rate * points for item, rate in rates.items()}


def fit_prices(facts: Facts, draft: Draft) -> Ints:
    """int64 (n, m): the price of fit of every pair, in band-points."""
    return fit_rates(facts, draft) * counted_points(facts)


def _preferred_skills(facts: Facts) -> Ints:
    """A price for each preferred skill that is missing."""
    missing = skills_missing(facts, [case.preferred_skills for case in facts.cases])
    return missing * facts.policy.prices.fit.missing_preferred_skill


def _preferred_sex(facts: Facts) -> Ints:
    """A price where the preferred sex of officer is not met; unknown meets none."""
    price = np.zeros(facts.shape, dtype=np.int64)
    sexes = np.array([officer.sex or "" for officer in facts.officers])
    for row, case in enumerate(facts.cases):
        if case.preferred_officer_sex is not None:
            price[row] = sexes != str(case.preferred_officer_sex)
    return price * facts.policy.prices.fit.preferred_sex_not_met


def _previous_officer(facts: Facts, draft: Draft) -> Ints:
    """A price where a waiting case goes past a previous officer who may take it by the pair alone."""
    price = np.zeros(facts.shape, dtype=np.int64)
    for row in np.flatnonzero(facts.waiting):
        codes = facts.cases[row].previous_staff_codes
        previous = [facts.owner_of[code] for code in codes if code in facts.owner_of]
        if previous:
            theirs = np.isin(facts.owner, previous)
            if (draft.may_take[row] & theirs).any():
                price[row] = ~theirs
    return price * facts.policy.prices.fit.previous_officer_passed_over


def _travel(facts: Facts) -> Ints:
    """A price for each whole step of distance beyond the free ones, up to a most."""
    fit = facts.policy.prices.fit
    cases, case_known = _places([case.location for case in facts.cases])
    officers, officer_known = _places([officer.location for officer in facts.officers])
    squared = ((cases[:, None, :] - officers[None, :, :]) ** 2).sum(axis=2)
    step = fit.travel_step_metres
    steps = np.sqrt(squared.astype(np.float64)).astype(np.int64) // step
    steps += ((steps + 1) * step) ** 2 <= squared  # the square root may have fallen short
    steps -= (steps * step) ** 2 > squared
    price = np.minimum(fit.travel_most, fit.travel_each_step * np.maximum(0, steps - fit.travel_free_steps))
    return np.where(case_known[:, None] & officer_known[None, :], price, 0)


def _places(locations: list[Location | None]) -> tuple[Ints, Bools]:
    """int64 (k, 2) of eastings and northings, zeros where unknown, and bool (k,) where known."""
    known = np.array([location is not None for location in locations], dtype=bool)
    places = [(0, 0) if each is None else (each.easting, each.northing) for each in locations]
    return np.array(places, dtype=np.int64).reshape(len(locations), 2), known


def _leave(facts: Facts) -> Ints:
    """A price where the officer's leave covers every day from the plan date to a waiting case's due date."""
    price = np.zeros(facts.shape, dtype=np.int64)
    day = facts.problem.as_of
    away = [number for number, officer in enumerate(facts.officers) if officer.leave]
    due: dict[dt.date, list[int]] = {}
    for row in np.flatnonzero(facts.waiting):
        by = facts.cases[row].due_by
        if by is not None:
            due.setdefault(by, []).append(int(row))
    for by, rows in due.items():
        for number in away:
            if facts.officers[number].on_leave_throughout(day, by):
                price[rows, number] = facts.policy.prices.fit.leave_over_first_appointment
    return price


def skip_weights(facts: Facts) -> Ints:
    """int64 (n,): what leaving each waiting case unallocated weighs; doubled when it is due soon. 0 for held ones."""
    limits = facts.policy.limits
    urgent = facts.problem.as_of + dt.timedelta(days=limits.urgent_days)
    weights = np.zeros(len(facts.cases), dtype=np.int64)
    for row in np.flatnonzero(facts.waiting):
        due_by = facts.cases[row].due_by
        factor = limits.urgent_factor if due_by is not None and due_by <= urgent else 1
        weights[row] = factor * facts.policy.unallocated.weight(facts.tiers[row])
    return weights
