"""People, projects, supervisors and header to a problem, when nothing is wrong; else every fault."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from models.extracts.records import Records, RecordT
from models.extracts.refusal import refusal
from models.faults import Fault
from models.record import CAMEL, Day, OptionalDay
from models.unpaid_work.checks import Places, unpaid_work_faults
from models.unpaid_work.person import Person
from models.unpaid_work.problem import AttendanceRecord, UnpaidWorkProblem, Weeks
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import ProjectType

_ANY_DAY = dt.date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class UnpaidHeader:
    """The problem's own fields, as the table `problem` or the top of the JSON states them."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    first: Annotated[OptionalDay, Field(alias="from")] = None
    weeks: Weeks | None = None
    non_working_days: tuple[Day, ...] | None = None


@dataclass(frozen=True, slots=True)
class UnpaidGathered:
    """All that was read. header: None when it has faults or could not be read. faults: by file."""

    people: Records[Person]
    projects: Records[Project]
    supervisors: Records[Supervisor]
    history: Records[AttendanceRecord]
    header: UnpaidHeader | None
    faults: tuple[Fault, ...]


def unpaid_problem_of(
    gathered: UnpaidGathered, places: Places, *, first: dt.date | None, weeks: int | None, most: int
) -> UnpaidWorkProblem:
    """The problem. Raises InputError with every fault, by file and row; of one file at most about 2 * `most`.

    first, weeks: None when the input does not say and nothing else does.
    """
    faults = list(gathered.faults)
    if gathered.header is not None:
        for field, value, fault, expected in (
            ("from", first, "there is no first day", "a date such as 2026-11-23"),
            ("weeks", weeks, "there is no number of weeks", "1 to 26"),
        ):
            if value is None:
                faults.append(dataclasses.replace(places.problem(field), problem=fault, expected=expected))
    sound = not faults
    problem = UnpaidWorkProblem(
        first=first or _ANY_DAY,
        weeks=weeks or 1,
        people=_records(gathered.people, _NOBODY),
        projects=_records(gathered.projects, _NO_PROJECT),
        supervisors=tuple(gathered.supervisors.records),
        non_working_days=gathered.header.non_working_days if gathered.header is not None else None,
        attendance_history=tuple(gathered.history.records),
    )
    between = unpaid_work_faults(problem, places)
    if not between and sound:
        return problem
    raise refusal(faults, between, most)


_NOBODY = Person("X000000", 0, _ANY_DAY, _ANY_DAY, ())
_NO_PROJECT = Project("(unread)", ProjectType.GROUP, 10_000)


def _records(found: Records[RecordT], unread: RecordT) -> tuple[RecordT, ...]:
    """The records; where some were not read, one instead of none, so that nobody says that there is none."""
    return tuple(found.records) or (() if found.known else (unread,))
