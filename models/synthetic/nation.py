"""All units of England and Wales, one problem each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.allocation.problem import AllocationProblem
from models.errors import UsageError
from models.synthetic.allocation import Wanted, generate_unit
from models.synthetic.draws import Floats, Ints
from models.synthetic.parameters import AllocationParameters
from models.synthetic.staff import Names

CRN_BLOCK = 20_000
"""CRNs of a unit are drawn from a block of its own, 50 blocks a letter."""


def nation(
    parameters: AllocationParameters,
    *,
    seed: int,
    pdus: int | None = None,
    cases: int | None = None,
    officers: int | None = None,
) -> Iterator[tuple[str, AllocationProblem]]:
    """(code, problem) of every unit: the codes of no two units overlap, the totals are exact.

    Sizes are log-normal; a unit's officers follow its cases with a tenth of noise. Raises UsageError for more units
    than there are codes, or fewer cases or officers than units.
    """
    table = parameters.nation
    units = table.units if pdus is None else pdus
    all_cases = table.cases if cases is None else cases
    all_officers = table.officers if officers is None else officers
    if not 1 <= units <= 26 * table.regions or all_cases < units or all_officers < 4 * units:
        raise UsageError(
            f"{units} units cannot be made; ask for 1 to {26 * table.regions}, with a case and four officers each"
        )
    rng = np.random.default_rng(seed)
    weights = np.exp(rng.normal(0.0, table.size_spread, units))
    staff_weights = weights * np.exp(rng.normal(0.0, table.size_spread * 0.1, units))
    case_counts = apportion(weights, all_cases, 1)
    officer_counts = apportion(staff_weights, all_officers, 4)
    for unit, child in enumerate(rng.spawn(units)):
        region, place = unit % table.regions, unit // table.regions
        names = Names(
            region=f"N{region + 1:02d}",
            team_letter=chr(ord("A") + place),
            staff_letter=chr(ord("A") + place),
            crn_letter=chr(ord("A") + unit // 50),
            crn_first=unit % 50 * CRN_BLOCK,
            crn_count=CRN_BLOCK,
        )
        wanted = Wanted(int(case_counts[unit]), int(officer_counts[unit]))
        made = generate_unit(child, parameters, names, wanted)
        yield f"{names.region}PDU{place + 1:02d}", made.problem


def apportion(weights: Floats, total: int, least: int) -> Ints:
    """`total` split by weight into whole numbers of at least `least`, by largest remainders."""
    free = total - least * len(weights)
    exact = weights / weights.sum() * free
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: free - int(parts.sum())]] += 1
    return np.asarray(parts + least, dtype=np.int64)
