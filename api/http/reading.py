"""Bodies read with care: JSON problems and uploaded extracts, through the same readers as the command's files.

A body lies in a private folder only while it is read, because the readers work on files.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile

from api.http.errors import AnswerError, ErrorCode
from api.settings import ServiceLimits
from models.allocation.problem import AllocationProblem
from models.errors import InputError
from models.extracts import read_allocation, read_unpaid_work
from models.extracts.json_problem import problem_of_json
from models.extracts.json_text import object_of, read_json
from models.extracts.limits import LIMITS, MEGABYTE, Limits
from models.extracts.unpaid_json import unpaid_problem_of_json
from models.faults import Fault
from models.unpaid_work.problem import UnpaidWorkProblem

KINDS = ("ALLOCATION", "UNPAID_WORK")
_CODE = re.compile(r"[^\s;,=\x00-\x1f]{1,40}")
_FILE = re.compile(r"[A-Za-z0-9_. -]{1,80}\.(csv|parquet|xlsx|json)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """A problem as it came, sound."""

    pdu: str
    kind: str
    problem: AllocationProblem | UnpaidWorkProblem


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The fields of an upload, as text, and its files. faults: of the fields alone; the files can be read."""

    pdu: str
    kind: str
    day: dt.date | None
    files: Sequence[UploadFile]
    faults: Sequence[Fault]


def limits_of(limits: ServiceLimits) -> Limits:
    """The readers' limits under those of the service."""
    body = limits.body_megabytes * MEGABYTE
    return dataclasses.replace(
        LIMITS,
        file_bytes=min(body, LIMITS.file_bytes),
        json_bytes=min(body, LIMITS.json_bytes),
        workbook_bytes=min(body, LIMITS.workbook_bytes),
        unpacked_bytes=min(8 * body, LIMITS.unpacked_bytes),
        rows=min(limits.rows, LIMITS.rows),
        workbook_rows=min(limits.rows, LIMITS.workbook_rows),
    )


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that this user alone can read, gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="evenhand-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def problem_of_body(body: bytes, limits: Limits) -> Given:
    """The problem in a JSON body {pdu, kind, problem}. Raises InputError with every fault, each with its path."""
    with _folder() as folder:
        path = folder / "body.json"
        path.write_bytes(body)
        try:
            data, repeated = read_json(path, limits)
            return _given(object_of(data, path.name), repeated, limits)
        except InputError as error:
            raise InputError([dataclasses.replace(fault, file=None) for fault in error.faults]) from None


def _given(top: Mapping[str, Any], repeated: list[Fault], limits: Limits) -> Given:
    faults = list(repeated)
    faults += [
        Fault("this field is unknown", "only pdu, kind and problem", path=str(name)[:60])
        for name in top
        if name not in {"pdu", "kind", "problem"}
    ]
    faults += pdu_faults(top.get("pdu")) + kind_faults(top.get("kind"))
    inner = top.get("problem")
    if not isinstance(inner, dict):
        raise InputError([*faults, Fault("this is no object", "a problem", path="problem")])
    read = unpaid_problem_of_json if top.get("kind") == "UNPAID_WORK" else problem_of_json
    try:
        problem = read(inner, None, limits=limits, repeated=[])
    except InputError as error:
        inside = [dataclasses.replace(fault, path=_inside(fault.path)) for fault in error.faults]
        raise InputError([*faults, *inside]) from None
    if faults:
        raise InputError(faults)
    return Given(top["pdu"], top["kind"], problem)


def _inside(path: str | None) -> str:
    return "problem" if path is None else f"problem.{path}"


def pdu_faults(value: Any) -> list[Fault]:
    """What is wrong with the code of a PDU."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return []
    return [
        Fault("this is no PDU", "a code of 1 to 40 characters without blanks, such as N03PDU1", path="pdu")
    ]


def kind_faults(value: Any) -> list[Fault]:
    """What is wrong with the kind of a problem."""
    return [] if value in KINDS else [Fault("this kind is unknown", " or ".join(KINDS), path="kind")]


def uploaded_of(fields: Mapping[str, Sequence[UploadFile | str]]) -> Uploaded:
    """What an upload's form holds. Raises InputError with every fault of it where its files cannot be read."""
    faults: list[Fault] = []
    texts: dict[str, str] = {}
    files: list[UploadFile] = []
    for name, values in fields.items():
        if name == "files":
            files += [value for value in values if isinstance(value, UploadFile)]
        elif name not in {"pdu", "kind", "asOf"}:
            faults.append(Fault("this field is unknown", "pdu, kind, asOf and files", path=name[:60]))
        elif len(values) != 1 or not isinstance(values[0], str):
            faults.append(Fault("this is not one text", "one text", path=name))
        else:
            texts[name] = values[0].strip()
    faults += pdu_faults(texts.get("pdu")) + kind_faults(texts.get("kind"))
    day = _day(texts.get("asOf"), faults)
    if not files:
        faults.append(Fault("there is no file", "extracts, an XLSX workbook or a JSON file", path="files"))
    unnamed = list(_name_faults([file.filename or "" for file in files]))
    if unnamed or not files or texts.get("kind") not in KINDS:
        raise InputError([*faults, *unnamed])
    return Uploaded(texts.get("pdu", ""), texts["kind"], day, files, faults)


def _day(text: str | None, faults: list[Fault]) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        faults.append(Fault("this is no date", "a date such as 2026-11-23", path="asOf"))
        return None


def _name_faults(names: Sequence[str]) -> Iterator[Fault]:
    for position, name in enumerate(names):
        if not _FILE.fullmatch(name):
            yield Fault(
                "this is no name of an extract",
                "a plain file name that ends in .csv, .parquet, .xlsx or .json",
                path=f"files[{position}]",
            )
    if len({name.casefold() for name in names}) < len(names):
        yield Fault("two files have the same name", "each file once", path="files")
    whole = [name for name in names if name.casefold().endswith((".xlsx", ".json"))]
    if whole and len(names) > 1:
        yield Fault("there are other files beside a whole problem", "one XLSX or JSON alone", path="files")


def problem_of_files(uploaded: Uploaded, today: dt.date, limits: Limits) -> Given:
    """The problem in uploaded extracts. Tables that state no day are of `today`.

    Raises InputError with every fault, those of the form's fields included.
    """
    try:
        problem = _read_files(uploaded, today, limits)
    except InputError as error:
        raise InputError([*uploaded.faults, *error.faults]) from None
    if uploaded.faults:
        raise InputError(uploaded.faults)
    return Given(uploaded.pdu, uploaded.kind, problem)


def _read_files(uploaded: Uploaded, today: dt.date, limits: Limits) -> AllocationProblem | UnpaidWorkProblem:
    with _folder() as folder:
        for file in uploaded.files:
            assert file.filename is not None
            with (folder / file.filename).open("xb") as target:
                shutil.copyfileobj(file.file, target)
        (first, *_) = uploaded.files
        whole = (first.filename or "").casefold().endswith((".xlsx", ".json"))
        path = folder / str(first.filename) if whole else folder
        if uploaded.kind == "ALLOCATION":
            return read_allocation(path, as_of=uploaded.day, default_as_of=today, limits=limits)
        return read_unpaid_work(path, start=uploaded.day, default_start=today, limits=limits)


def media_type_of(content_type: str | None) -> str:
    """The media type of a Content-Type header, without its parameters."""
    return (content_type or "").partition(";")[0].strip().casefold()


def must_be(content_type: str | None, expected: str) -> None:
    """Raises AnswerError unless the body is of this media type."""
    if media_type_of(content_type) != expected:
        raise AnswerError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, f"Send {expected}.")
