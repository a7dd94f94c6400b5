"""An allocation problem from JSON, the contract's own form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from models.allocation.case import Case
from models.allocation.checks import JsonPlaces
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.extracts.assemble import Gathered, problem_of
from models.extracts.grid import refuse
from models.extracts.header import Header
from models.extracts.json_text import object_of, read_json
from models.extracts.limits import Limits
from models.extracts.records import (
    FaultList,
    Records,
    RecordT,
    add_case_stand_in,
    add_officer_stand_in,
)
from models.faults import Fault, json_faults
from models.record import reader

_UNPAID_WORK = frozenset({"people", "projects", "supervisors"})


def read_json_problem(path: Path, *, as_of: dt.date | None, limits: Limits) -> AllocationProblem:
    """The allocation problem in a JSON file. Raises InputError with every fault."""
    file = path.name
    data, repeated = read_json(path, limits)
    top = object_of(data, file)
    if _UNPAID_WORK & set(top) and not {"officers", "cases"} & set(top):
        raise refuse("this is an unpaid work problem", "an allocation problem with officers and cases", file)
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
    header = _header(top, file, faults)
    officers = _records(top, "officers", Officer, add_officer_stand_in, file, limits, faults)
    cases = _records(top, "cases", Case, add_case_stand_in, file, limits, faults)
    day = as_of or (header.as_of if header is not None else None)
    gathered = Gathered(officers, cases, header, tuple(faults))
    return problem_of(gathered, JsonPlaces(file), as_of=day, most=limits.faults)


def _header(top: Mapping[str, Any], file: str | None, faults: list[Fault]) -> Header | None:
    own = {name: value for name, value in top.items() if name not in {"officers", "cases"}}
    try:
        return reader(Header).validate_python(own)
    except ValidationError as error:
        faults += json_faults(error, file=file)
        return None


def _records(
    top: Mapping[str, Any],
    name: str,
    kind: type[RecordT],
    add_stand_in: Callable[[Records[RecordT], int, Mapping[str, Any], Set[str]], None],
    file: str | None,
    limits: Limits,
    faults: list[Fault],
) -> Records[RecordT]:
    found: Records[RecordT] = Records()
    listed = FaultList(file, limits.faults)
    items = top.get(name)
    if not isinstance(items, list):
        problem = "this is not a list" if name in top else "this is missing"
        faults.append(Fault(problem, f"a list of {name}", file=file, path=name))
        found.known = False
        return found
    validate = reader(kind).validate_python
    for number, item in enumerate(items):
        try:
            found.add(validate(item), number)
        except ValidationError as error:
            listed.add(*json_faults(error, file=file, prefix=f"{name}[{number}]"))
            names = {str(details["loc"][0]) for details in error.errors(include_url=False) if details["loc"]}
            bad = names | {to_camel(name) for name in names}  # fields are read by either name
            values = {to_camel(name): value for name, value in item.items()} if isinstance(item, dict) else {}
            add_stand_in(found, number, values, bad)
            if listed.full:
                found.known = False
                break
    faults += listed.faults
    return found
