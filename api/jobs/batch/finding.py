"""Where a batch's units lie: one folder for each PDU, named by its code.

In a PDU's folder, each of the two kinds of problem is either its tables lying there (officers.csv and cases.csv;
people.csv, projects.csv and so on), or a folder, workbook or JSON file named `allocation` or `unpaid-work`. The second
form is needed where both kinds state a `problem.csv`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.store.records import JobKind, ProblemKind
from models.allocation.problem import AllocationProblem
from models.errors import InputError, UsageError
from models.extracts import read_allocation, read_unpaid_work
from models.extracts.columns import ALLOCATION
from models.extracts.json_problem import problem_of_json
from models.extracts.limits import LIMITS
from models.extracts.unpaid_columns import UNPAID_WORK
from models.extracts.unpaid_json import unpaid_problem_of_json
from models.faults import Fault

NAMES: Mapping[ProblemKind, str] = {
    ProblemKind.ALLOCATION: "allocation",
    ProblemKind.UNPAID_WORK: "unpaid-work",
}
ASKS: Mapping[ProblemKind, JobKind] = {
    ProblemKind.ALLOCATION: JobKind.REBALANCE,
    ProblemKind.UNPAID_WORK: JobKind.ROSTER,
}
"""What the batch asks of each kind of problem."""

Accepted = Callable[[dt.date], Mapping[str, dt.date]]
"""Which cases accepted plans protect on a plan date, by CRN, and until when."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_TABLES = (".csv", ".parquet")
_WHOLE = (".xlsx", ".json")


@dataclass(frozen=True)
class Found:
    """One problem of a PDU, where it lies."""

    pdu: str
    kind: ProblemKind
    path: Path


@dataclass(frozen=True)
class Unusable:
    """A PDU's folder, or one kind of problem in it, that cannot be used, with every fault. kind: None for neither."""

    pdu: str
    kind: ProblemKind | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Read:
    """One problem of a PDU, validated. content: the contract's JSON. size: cases or people."""

    pdu: str
    kind: ProblemKind
    content: Mapping[str, Any]
    input_hash: str
    size: int


def find(folder: Path) -> Iterator[Found | Unusable]:
    """Every PDU of a folder, in the order of their codes. Raises UsageError where there is none."""
    try:
        units = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError:
        raise UsageError(
            f"{folder} cannot be read; name the folder that holds one folder for each PDU"
        ) from None
    if not units:
        raise UsageError(f"{folder} holds no folder; expected one for each PDU, named by its code")
    for unit in units:
        yield from _find_in(unit)


def _find_in(unit: Path) -> Iterator[Found | Unusable]:
    if not _CODE.fullmatch(unit.name):
        fault = Fault("this is no code of a PDU", "letters, digits, - and _", file=unit.name)
        yield Unusable(unit.name[:40], None, (fault,))
        return
    entries = [each for each in sorted(unit.iterdir()) if not each.name.startswith(".")]
    tables = {each.stem.strip().casefold() for each in entries if each.suffix.casefold() in _TABLES}
    found = False
    for kind, register in ((ProblemKind.ALLOCATION, ALLOCATION), (ProblemKind.UNPAID_WORK, UNPAID_WORK)):
        named = [each for each in entries if _is_named(each, NAMES[kind])]
        here = [unit] if tables & register.own else []
        if len(named) + len(here) > 1:
            names = " and ".join([each.name for each in named] + ["tables beside it"] * len(here))
            fault = Fault(f"there are {names}", f"only one {NAMES[kind]} problem", file=unit.name)
            yield Unusable(unit.name, kind, (fault,))
        elif named or here:
            yield Found(unit.name, kind, (named or here)[0])
        found = found or bool(named or here)
    if not found:
        fault = Fault(
            "this folder holds no extracts", f"{ALLOCATION.needed}; or {UNPAID_WORK.needed}", unit.name
        )
        yield Unusable(unit.name, None, (fault,))


ROW_BYTES: Mapping[str, int] = {".json": 400, ".xlsx": 60, ".parquet": 40}
"""About what a case or person takes in a file whose rows are not counted."""


def roughly(found: Found) -> int:
    """About how many cases or people a problem holds, without reading it: rows of CSV, or a share of other files."""
    main = "cases" if found.kind is ProblemKind.ALLOCATION else "people"
    files = [found.path] if found.path.is_file() else sorted(found.path.iterdir())
    size = 0
    for file in files:
        suffix = file.suffix.casefold()
        try:
            if suffix == ".csv" and file.stem.strip().casefold() == main:
                size += _lines(file) - 1
            elif suffix in ROW_BYTES and (suffix != ".parquet" or file.stem.strip().casefold() == main):
                size += file.stat().st_size // ROW_BYTES[suffix]
        except OSError:
            continue  # whoever reads it says so
    return max(1, size)


def _lines(file: Path) -> int:
    with file.open("rb") as raw:
        return sum(block.count(b"\n") for block in iter(lambda: raw.read(1 << 20), b""))


def _is_named(entry: Path, name: str) -> bool:
    if entry.is_dir():
        return entry.name.casefold() == name
    return entry.stem.casefold() == name and entry.suffix.casefold() in _WHOLE


def read(
    found: Found, day: dt.date, protected_days: int, accepted: Accepted | None = None
) -> Read | Unusable:
    """A PDU's problem, validated, with every fault where it cannot be used.

    day: for extracts that state none.
    """
    try:
        if found.kind is ProblemKind.ALLOCATION:
            given = read_allocation(found.path, default_as_of=day)
            problem = protected(given, protected_days, None if accepted is None else accepted(given.as_of))
            return Read(found.pdu, found.kind, problem.as_json(), problem.input_hash, len(problem.cases))
        roster = read_unpaid_work(found.path, default_start=day)
        return Read(found.pdu, found.kind, roster.as_json(), roster.input_hash, len(roster.people))
    except InputError as error:
        return Unusable(found.pdu, found.kind, error.faults)


def read_stored(
    pdu: str,
    kind: ProblemKind,
    content: Mapping[str, Any],
    protected_days: int,
    accepted: Accepted | None = None,
) -> Read | Unusable:
    """A problem that the store holds, as it is today: cases may have come under protection since."""
    try:
        if kind is ProblemKind.ALLOCATION:
            given = problem_of_json(content, None, limits=LIMITS, repeated=[])
            problem = protected(given, protected_days, None if accepted is None else accepted(given.as_of))
            return Read(pdu, kind, problem.as_json(), problem.input_hash, len(problem.cases))
        roster = unpaid_problem_of_json(content, None, limits=LIMITS, repeated=[])
        return Read(pdu, kind, roster.as_json(), roster.input_hash, len(roster.people))
    except InputError as error:
        return Unusable(pdu, kind, error.faults)


def protected(
    problem: AllocationProblem, days: int, accepted: Mapping[str, dt.date] | None = None
) -> AllocationProblem:
    """The problem with every held case protected that changed officer less than so many days before the plan date.

    A case has changed officer when officerChanges says so, and heldSince when; or when a plan that moved it was
    accepted, whether or not the extract shows that yet. accepted: until when such plans protect, by CRN. What an
    extract protects for longer stays so.
    """
    cases = []
    for case in problem.cases:
        known = [] if accepted is None or case.crn not in accepted else [accepted[case.crn]]
        if case.held_since is not None and case.officer_changes > 0:
            known.append(case.held_since + dt.timedelta(days=days))
        until = max(known, default=None)
        given = case.protected_until
        if until is None or case.waiting or until < problem.as_of or (given is not None and given >= until):
            cases.append(case)
        else:
            cases.append(replace(case, protected_until=until))
    return replace(problem, cases=tuple(cases))
