"""Officers, cases and header to a problem, when nothing is wrong; else every fault, between records too."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass

from models.allocation.case import Case
from models.allocation.checks import Places, problem_faults
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade
from models.extracts.header import Header
from models.extracts.records import Records
from models.extracts.refusal import out_of_range, out_of_range_fault, refusal
from models.faults import Fault


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was read. header: None when it has faults or could not be read. faults: by file."""

    officers: Records[Officer]
    cases: Records[Case]
    header: Header | None
    faults: tuple[Fault, ...]


def problem_of(gathered: Gathered, places: Places, *, as_of: dt.date | None, most: int) -> AllocationProblem:
    """The problem. Raises InputError with every fault, by file and row; of one file at most about 2 * `most`.

    as_of: the plan date, None when there is none.
    """
    header = gathered.header or Header()
    faults = list(gathered.faults)
    if as_of is None and gathered.header is not None:
        place = places.problem("asOf")
        faults.append(
            dataclasses.replace(
                place, problem="there is no plan date", expected="asOf, a date such as 2026-11-23"
            )
        )
    elif as_of is not None and out_of_range(as_of):
        faults.append(out_of_range_fault(places.problem("asOf"), "the plan date", as_of))
    sound = not faults
    problem = AllocationProblem(
        as_of=as_of or dt.date.min,
        officers=tuple(gathered.officers.records),
        cases=tuple(gathered.cases.records),
        tier_scheme=header.tier_scheme,
        oversight_limits=header.oversight_limits,
    )
    between = problem_faults(problem if sound else _without_false_faults(problem, gathered), places)
    if not between and sound:
        return problem
    raise refusal(faults, between, most)


def _without_false_faults(problem: AllocationProblem, gathered: Gathered) -> AllocationProblem:
    """The problem in which nothing looks wrong merely because something else could not be read."""
    officers, cases = problem.officers, problem.cases
    if not gathered.officers.known:
        unknown = {case.pinned_staff_code for case in cases} - set(problem.officers_of) - {None}
        named = sorted(code for code in unknown if code is not None)
        officers += tuple(Officer(code, "(unread)", Grade.PO, 0.0) for code in named or ["(unread)"])
    if gathered.header is None:
        cases = tuple(
            dataclasses.replace(case, tier="A0") if case.tier in {"A", "B", "C", "D"} else case
            for case in cases
        )
    return dataclasses.replace(problem, officers=officers, cases=cases)
