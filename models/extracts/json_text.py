"""JSON files opened with care: bounded, strict, duplicate keys noticed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from models.errors import InputError
from models.extracts.grid import refuse, shown
from models.extracts.limits import Limits
from models.extracts.text_file import checked_size, encoding_of
from models.faults import Fault, json_faults
from models.record import reader

RecordT = TypeVar("RecordT")
_WANTED = "a JSON file"
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


class _Repeating(dict[str, Any]):
    """An object in which keys are repeated; `repeated` names them."""

    repeated: tuple[str, ...] = ()


def read_json(path: Path, limits: Limits) -> tuple[Any, list[Fault]]:
    """What a JSON file holds, and a fault for each repeated key.

    Raises InputError when it is no JSON, too large or nested too deeply.
    """
    file = path.name
    checked_size(path, file, limits.json_bytes)
    encoding = encoding_of(path, file, _WANTED, numbered=False)
    if encoding == "cp1252":
        raise refuse("the characters are not UTF-8", "JSON saved as UTF-8", file)
    repeating: list[_Repeating] = []

    def of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        marked = _Repeating(found)
        names = [name for name, _ in pairs]
        marked.repeated = tuple(name for name in found if names.count(name) > 1)
        repeating.append(marked)
        return marked

    try:
        text = path.read_text(encoding=encoding)
        data = json.loads(text, object_pairs_hook=of_pairs, parse_constant=_constant)
        if _HALF_CHARACTER.search(text):
            json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError([Fault(f"this is not JSON ({error.msg})", "JSON", file=file, path=place)]) from None
    except RecursionError:
        raise refuse("this is nested far too deeply", "a problem or plan as documented", file) from None
    except UnicodeEncodeError:
        raise refuse("there is half a character (a surrogate alone)", "whole characters", file) from None
    except (UnicodeDecodeError, OSError):
        raise refuse("this file cannot be read", "a file that can be read", file) from None
    except ValueError as error:
        problem, _, expected = str(error).partition("; expected ")
        raise refuse(
            problem if expected else "there is a number with far too many digits",
            expected or "a number",
            file,
        ) from None
    return data, _repeated_faults(data, "", file) if repeating else []


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON; expected a number or null")


def _repeated_faults(data: Any, path: str, file: str) -> list[Fault]:
    """A fault for each repeated key, with its path. The reader has bounded the depth."""
    found: list[Fault] = []
    if isinstance(data, _Repeating):
        found += [
            Fault(
                f"the key {shown(name)} is there twice",
                "each key once",
                file=file,
                path=f"{path}.{name}" if path else name,
            )
            for name in data.repeated
        ]
    if isinstance(data, dict):
        for name, value in data.items():
            found += _repeated_faults(value, f"{path}.{name}" if path else str(name), file)
    elif isinstance(data, list):
        for position, value in enumerate(data):
            found += _repeated_faults(value, f"{path}[{position}]", file)
    return found


def object_of(data: Any, file: str) -> dict[str, Any]:
    """The data when it is an object. Raises InputError when it is a list or a bare value."""
    if isinstance(data, dict):
        return data
    kind = "a list" if isinstance(data, list) else "a bare value"
    raise refuse(f"the JSON is {kind}", "an object", file)


def record_of_json(path: Path, kind: type[RecordT], limits: Limits) -> RecordT:
    """The one record that a JSON file holds. Raises InputError with every fault."""
    data, faults = read_json(path, limits)
    top = object_of(data, path.name)
    try:
        record = reader(kind).validate_python(top)
    except ValidationError as error:
        raise InputError([*faults, *json_faults(error, file=path.name)]) from None
    if faults:
        raise InputError(faults)
    return record
