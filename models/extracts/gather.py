"""The records of one table, or of one list in JSON, with every fault and a stand-in for each faulty record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from models.errors import InputError
from models.extracts.grid import Source, refuse
from models.extracts.limits import Limits
from models.extracts.records import FaultList, Records, RecordT
from models.extracts.register import Register, Sheet
from models.extracts.table import validated_rows
from models.faults import Fault, json_faults
from models.record import reader

AddStandIn = Callable[[Records[RecordT], int, Mapping[str, Any], Set[str]], None]
"""Adds a stand-in: the records so far, the row or position, what the record said, and the fields with faults."""

HeaderT = TypeVar("HeaderT")


def records_of_table(
    source: Source,
    sheet: Sheet,
    kind: type[RecordT],
    add_stand_in: AddStandIn[RecordT],
    limits: Limits,
    faults: list[Fault],
) -> Records[RecordT]:
    """The records of a table; none when it is optional and not there."""
    found: Records[RecordT] = Records()
    if sheet.name not in source.openers:
        return found
    listed = FaultList(source.files[sheet.name], limits.faults)
    try:
        grid = source.openers[sheet.name]()
        for row in validated_rows(grid, sheet, reader(kind).validate_python, limits, listed):
            if row.record is not None:
                found.add(row.record, row.number)
            else:
                add_stand_in(found, row.number, row.values, row.bad)
    except InputError as error:
        listed.add(*error.faults)
        found.known = False
    faults += listed.faults
    return found


def header_of_table(
    source: Source, sheet: Sheet, kind: type[HeaderT], limits: Limits, faults: list[Fault]
) -> HeaderT | None:
    """What the one row of the table `problem` says; None when it has faults."""
    if sheet.name not in source.openers:
        return kind()
    listed = FaultList(source.files[sheet.name], limits.faults)
    found: list[HeaderT | None] = []
    try:
        grid = source.openers[sheet.name]()
        for row in validated_rows(grid, sheet, reader(kind).validate_python, limits, listed):
            found.append(row.record)
            if len(found) > 1:
                raise refuse("there is more than one row", "one row", grid.file, row.number)
    except InputError as error:
        listed.add(*error.faults)
    faults += listed.faults
    if listed.faults:
        return None
    return found[0] if found else kind()


def table_place(
    files: Mapping[str, str], sheet: Sheet, rows: Sequence[int], number: int, field: str | None
) -> Fault:
    """A fault, its clauses still empty, at a field of the record with this position."""
    row = rows[number] if number < len(rows) else None
    return Fault("", "", file=files[sheet.name], row=row, column=field)


def refuse_another_kind(top: Mapping[str, Any], register: Register, other: Register, file: str) -> None:
    """Raises InputError when the JSON is plainly a problem of the other kind."""
    if other.own & set(top) and not register.own & set(top):
        raise refuse(f"this is {other.problem}", register.problem, file)


def records_of_json(
    top: Mapping[str, Any],
    name: str,
    kind: type[RecordT],
    add_stand_in: AddStandIn[RecordT],
    file: str | None,
    limits: Limits,
    faults: list[Fault],
) -> Records[RecordT]:
    """The records of a list in JSON."""
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
            bad = names | {_outside(name) for name in names}  # fields are read by either name
            values = {_outside(name): value for name, value in item.items()} if isinstance(item, dict) else {}
            add_stand_in(found, number, values, bad)
            if listed.full:
                found.known = False
                break
    faults += listed.faults
    return found


def _outside(name: str) -> str:
    """A field's name as the contract writes it. One without an underscore is that already (t2a, not t2A)."""
    return to_camel(name) if "_" in name else name


def header_of_json(
    top: Mapping[str, Any], lists: Collection[str], kind: type[HeaderT], file: str | None, faults: list[Fault]
) -> HeaderT | None:
    """What the JSON says beside its lists; None when it has faults."""
    own = {name: value for name, value in top.items() if name not in lists}
    try:
        return reader(kind).validate_python(own)
    except ValidationError as error:
        faults += json_faults(error, file=file)
        return None
