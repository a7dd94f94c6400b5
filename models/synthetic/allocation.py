"""A whole invented allocation problem, from a seed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from models.allocation.officer import Officer, OfficerKey
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade, Leave, TierScheme
from models.errors import UsageError
from models.policy.policy import default_policy
from models.synthetic.caseload import draw_caseload, table_of_kinds, tilted
from models.synthetic.draws import Generator, Ints, some
from models.synthetic.holding import MayHold, hold
from models.synthetic.links import add_links
from models.synthetic.parameters import AllocationParameters
from models.synthetic.planting import plant as plant_waiting
from models.synthetic.records import Unit, add_demands, add_due_dates, draw_cases, draw_days_held
from models.synthetic.staff import Names, draw_staff

AS_OF = dt.date(2026, 11, 23)
"""The plan date of generated problems where none is given."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated problem; planted: who takes each waiting case, by CRN, in a plan known to be feasible."""

    problem: AllocationProblem
    planted: Mapping[str, OfficerKey] | None


def generate_allocation(  # noqa: PLR0913 - each is an option of its own, by name
    parameters: AllocationParameters,
    *,
    seed: int,
    cases: int = 2300,
    officers: int = 100,
    fill: float | None = None,
    waiting: float | None = None,
    plant: bool = False,
    as_of: dt.date = AS_OF,
    scheme: TierScheme = TierScheme.V2,
) -> Generated:
    """An invented unit of `cases` cases and `officers` officers; the same arguments give the same problem.

    officers: rows in all, the seniors and second teams included. fill: mean Workload of those with the least
    availability or more, before anything waiting is placed (1.18 is 118 %). waiting: the share of cases that
    wait. plant: also a plan for them that breaks no hard rule under the default policy and leaves nothing out.
    Where cases are too many for the fill, lighter ones are drawn; where they are few, base points fill the gap.
    Raises UsageError when no such unit can be made.
    """
    wanted = Wanted(cases, officers, fill, waiting, plant, as_of, scheme)
    return generate_unit(np.random.default_rng(seed), parameters, Names(parameters.unit.region), wanted)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What unit is asked for: the arguments of generate_allocation."""

    cases: int
    officers: int
    fill: float | None = None
    waiting: float | None = None
    plant: bool = False
    as_of: dt.date = AS_OF
    scheme: TierScheme = TierScheme.V2


def generate_unit(
    rng: Generator, parameters: AllocationParameters, names: Names, wanted: Wanted
) -> Generated:
    """As generate_allocation, with the codes and the random numbers of the caller."""
    fill = parameters.workload.fill if wanted.fill is None else wanted.fill
    share = parameters.waiting.share if wanted.waiting is None else wanted.waiting
    _check(names, wanted, fill, share)
    policy = default_policy()
    staff = draw_staff(rng, parameters, policy, names, wanted.officers, wanted.as_of)
    kinds = table_of_kinds(parameters, policy, wanted.scheme)
    waiting = round(share * wanted.cases)
    usual = staff.available[staff.available >= policy.limits.least_available_points]
    room = fill * (1 - parameters.workload.least_base_of_all) * float(usual.sum())
    shares = tilted(kinds, room / max(1, wanted.cases - waiting))
    caseload = draw_caseload(rng, parameters, policy, staff, kinds, shares, wanted.cases, waiting)
    may = MayHold(parameters, policy, staff, caseload)
    holding = hold(rng, parameters, policy, staff, caseload, may, fill)
    caseload = replace(caseload, required=holding.required)
    base, planted = holding.base, dict[int, int]()
    if wanted.plant:
        planting = plant_waiting(rng, policy, staff, caseload, holding, may)
        base, planted, caseload = planting.base, planting.rows, planting.caseload
    unit = Unit(
        rng,
        parameters,
        policy,
        wanted.as_of,
        staff,
        caseload,
        may,
        holder=holding.holder,
        planted=planted,
        gone=holding.gone,
    )
    days = draw_days_held(unit)
    records = draw_cases(unit, days)
    add_demands(unit, records)
    add_links(unit, records)
    add_due_dates(unit, records)
    problem = AllocationProblem(
        as_of=wanted.as_of,
        officers=_officers(unit, base, days),
        cases=tuple(sorted(records, key=lambda case: case.crn)),
        tier_scheme=TierScheme.V3 if wanted.scheme is TierScheme.V3 else None,
        oversight_limits=_oversight_limits(unit),
    )
    keys = {records[case].crn: staff.officers[row].key for case, row in sorted(planted.items())}
    return Generated(problem, MappingProxyType(keys) if wanted.plant else None)


def _check(names: Names, wanted: Wanted, fill: float, waiting: float) -> None:
    if wanted.officers < 1:
        raise UsageError("a unit needs an officer; ask for at least 1 officer")
    if not 0 <= wanted.cases <= names.crn_count:
        raise UsageError(f"{wanted.cases} cases cannot be made; ask for 0 to {names.crn_count} cases")
    if not 0.3 <= fill <= 1.6:
        raise UsageError(f"a fill of {fill:g} cannot be made; ask for 0.3 to 1.6, where 1.18 is 118 %")
    if not 0 <= waiting <= 1:
        raise UsageError(f"{waiting:g} is no share of cases; ask for 0 to 1, where 0.03 is 3 %")


def _counted(unit: Unit) -> list[tuple[int, int]]:
    """(case, row) of everything held or planted that counts for an officer."""
    return [*((c, r) for c, r in unit.holder.items() if c not in unit.gone), *unit.planted.items()]


def _letters(unit: Unit) -> Counter[tuple[int, str]]:
    """Cases of each tier letter by row, after the planted plan."""
    kinds, kind = unit.caseload.kinds, unit.caseload.kind
    return Counter((row, kinds[int(kind[case])].tier.letter) for case, row in _counted(unit))


def _officers(unit: Unit, base: Ints, days: Ints) -> tuple[Officer, ...]:
    """The officers with base points, the week's new cases, leave and limits; seniors last."""
    rng, staff, table = unit.rng, unit.staff, unit.parameters.standing
    rows = len(staff.officers)
    new = Counter(row for case, row in unit.holder.items() if days[case] <= 7 and case not in unit.gone)
    letters = _letters(unit)
    limited = some(rng, table.tier_limit, rows)
    away = some(rng, table.on_leave, staff.people)
    leaves = [_draw_leave(rng, unit.as_of) if each else () for each in away.tolist()]
    lower = "C" if unit.caseload.kinds[0].tier.scheme is TierScheme.V2 else "E"
    made = []
    for row, officer in enumerate(staff.officers):
        limits: dict[str, int] = {"A": letters[row, "A"]} if staff.newly_qualified[row] else {}
        if limited[row]:
            letter = "B" if officer.grade is Grade.PO else lower
            limits[letter] = letters[row, letter] + int(rng.integers(0, 4))
        made.append(
            replace(
                officer,
                base_points=int(base[row]),
                new_cases_last_7_days=new[row],
                tier_limits=limits,
                leave=leaves[int(staff.person[row])],
            )
        )
    return (*made, *staff.seniors)


def _draw_leave(rng: Generator, as_of: dt.date) -> tuple[Leave, ...]:
    first = as_of + dt.timedelta(days=int(rng.integers(-5, 28)))
    return (Leave(first, first + dt.timedelta(days=int(rng.integers(4, 19)))),)


def _oversight_limits(unit: Unit) -> Mapping[str, int]:
    """For some seniors, a limit a little above what their officers hold and are planted to receive."""
    high: Counter[str] = Counter()
    for case, row in _counted(unit):
        senior = unit.staff.officers[row].senior_code
        tier = unit.caseload.kinds[int(unit.caseload.kind[case])].tier
        if senior is not None and unit.policy.limits.high_risk(tier):
            high[senior] += 1
    limited = some(unit.rng, unit.parameters.standing.oversight_limit, len(unit.staff.seniors))
    return {
        senior.staff_code: high[senior.staff_code] + int(unit.rng.integers(0, 8))
        for senior, has in zip(unit.staff.seniors, limited, strict=True)
        if has
    }
