"""An allocation problem from JSON, the contract's own form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.allocation.case import Case
from models.allocation.checks import JsonPlaces
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.extracts.assemble import Gathered, problem_of
from models.extracts.columns import ALLOCATION
from models.extracts.gather import header_of_json, records_of_json, refuse_another_kind
from models.extracts.header import Header
from models.extracts.json_text import object_of, read_json
from models.extracts.limits import Limits
from models.extracts.records import add_case_stand_in, add_officer_stand_in
from models.extracts.unpaid_columns import UNPAID_WORK
from models.faults import Fault


def read_json_problem(path: Path, *, as_of: dt.date | None, limits: Limits) -> AllocationProblem:
    """The allocation problem in a JSON file. Raises InputError with every fault."""
    file = path.name
    data, repeated = read_json(path, limits)
    top = object_of(data, file)
    refuse_another_kind(top, ALLOCATION, UNPAID_WORK, file)
    return problem_of_json(top, file, as_of=as_of, limits=limits, repeated=repeated)


def problem_of_json(
    top: Mapping[str, Any],
    file: str | None,
    *,
    as_of: dt.date | None = None,
    limits: Limits,
    repeated: list[Fault],
) -> AllocationProblem:
    """The allocation problem in an object that was parsed already. Raises InputError with every fault."""
    faults = list(repeated)
    header = header_of_json(top, ("officers", "cases"), Header, file, faults)
    officers = records_of_json(top, "officers", Officer, add_officer_stand_in, file, limits, faults)
    cases = records_of_json(top, "cases", Case, add_case_stand_in, file, limits, faults)
    day = as_of or (header.as_of if header is not None else None)
    gathered = Gathered(officers, cases, header, tuple(faults))
    return problem_of(gathered, JsonPlaces(file), as_of=day, most=limits.faults)
