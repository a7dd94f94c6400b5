"""An unpaid work problem as extracts: the folder that `read_unpaid_work` reads back to an equal problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from models.extracts.unpaid_columns import (
    ALLOCATIONS,
    APPOINTMENTS,
    ATTENDANCE_HISTORY,
    PEOPLE,
    PROJECT_AVAILABILITY,
    PROJECTS,
    SUPERVISORS,
    UNPAID_PROBLEM,
)
from models.extracts.write import write_table
from models.unpaid_work.problem import UnpaidWorkProblem


def write_unpaid_work(problem: UnpaidWorkProblem, folder: Path) -> None:
    """Writes the extracts of the problem into `folder`, which is made when it is missing.

    Seven, and attendance_history where the problem has some.
    The problem must be one that reading accepts. Raises OSError as writing does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = problem.as_json()
    people, projects = data["people"], data["projects"]
    write_table(PEOPLE, folder, people)
    write_table(PROJECTS, folder, projects)
    write_table(PROJECT_AVAILABILITY, folder, _entries(projects, ("projectCode",), "availability"))
    write_table(SUPERVISORS, folder, data["supervisors"])
    write_table(ALLOCATIONS, folder, _entries(people, ("crn", "eventNumber"), "allocations"))
    write_table(APPOINTMENTS, folder, _entries(people, ("crn", "eventNumber"), "appointments"))
    if data["attendanceHistory"]:
        write_table(ATTENDANCE_HISTORY, folder, data["attendanceHistory"])
    write_table(UNPAID_PROBLEM, folder, [data])


def _entries(
    records: Iterable[Mapping[str, Any]], key: tuple[str, ...], name: str
) -> Iterator[Mapping[str, Any]]:
    """What belongs to each record, with the record's key."""
    for record in records:
        for entry in record[name]:
            yield {each: record[each] for each in key} | entry
