"""An unpaid work problem from JSON, the contract's own form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.extracts.columns import ALLOCATION
from models.extracts.gather import header_of_json, records_of_json, refuse_another_kind
from models.extracts.json_text import object_of, read_json
from models.extracts.limits import Limits
from models.extracts.records import Records
from models.extracts.unpaid_assemble import UnpaidGathered, UnpaidHeader, unpaid_problem_of
from models.extracts.unpaid_columns import UNPAID_WORK
from models.extracts.unpaid_rows import leave_out
from models.extracts.unpaid_stand_ins import (
    add_person_stand_in,
    add_project_stand_in,
    add_supervisor_stand_in,
)
from models.faults import Fault
from models.unpaid_work.checks import JsonPlaces
from models.unpaid_work.person import Person
from models.unpaid_work.problem import AttendanceRecord, UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor

_HISTORY = "attendanceHistory"
_LISTS = ("people", "projects", "supervisors", _HISTORY)


def read_unpaid_json(path: Path, *, start: dt.date | None, limits: Limits) -> UnpaidWorkProblem:
    """The unpaid work problem in a JSON file. Raises InputError with every fault."""
    file = path.name
    data, repeated = read_json(path, limits)
    top = object_of(data, file)
    refuse_another_kind(top, UNPAID_WORK, ALLOCATION, file)
    return unpaid_problem_of_json(top, file, start=start, limits=limits, repeated=repeated)


def unpaid_problem_of_json(
    top: Mapping[str, Any],
    file: str | None,
    *,
    start: dt.date | None = None,
    limits: Limits,
    repeated: list[Fault],
) -> UnpaidWorkProblem:
    """The unpaid work problem in an object that was parsed already. Raises InputError with every fault."""
    faults = list(repeated)
    header = header_of_json(top, _LISTS, UnpaidHeader, file, faults)
    people = records_of_json(top, "people", Person, add_person_stand_in, file, limits, faults)
    projects = records_of_json(top, "projects", Project, add_project_stand_in, file, limits, faults)
    supervisors = records_of_json(
        top, "supervisors", Supervisor, add_supervisor_stand_in, file, limits, faults
    )
    history: Records[AttendanceRecord] = Records()
    if _HISTORY in top:
        history = records_of_json(top, _HISTORY, AttendanceRecord, leave_out, file, limits, faults)
    stated = header or UnpaidHeader()
    return unpaid_problem_of(
        UnpaidGathered(people, projects, supervisors, history, header, tuple(faults)),
        JsonPlaces(file),
        first=start or stated.first,
        weeks=stated.weeks,
        most=limits.faults,
    )
