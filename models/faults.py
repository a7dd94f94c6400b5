"""A fault of an input: where it stands, what is wrong, what was expected.

All faults of all files are reported at once. A fault of a table names file, row and column (rows count as a
spreadsheet counts them: the headings are row 1); a fault of JSON names its path (`cases[3].tier`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `problem` and `expected` are clauses a person can act on; unknown places are None."""

    problem: str
    expected: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    path: str | None = None

    @property
    def where(self) -> str:
        """The place in words, for example "cases.csv, row 7, column tier"."""
        parts = [
            self.file,
            None if self.row is None else f"row {self.row}",
            None if self.column is None else f"column {self.column}",
            self.path,
        ]
        return ", ".join(part for part in parts if part) or "the input"

    @property
    def sentence(self) -> str:
        """Place, fault and remedy in one line."""
        return f"{self.where}: {self.problem}; expected {self.expected}"

    def as_json(self) -> dict[str, str | int | None]:
        """The fault as it stands in reports for machines."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "path": self.path,
            "problem": self.problem,
            "expected": self.expected,
        }


_KINDS: Mapping[str, tuple[str, str]] = {
    "missing": ("this is missing", "a value"),
    "extra_forbidden": ("this field is unknown", "only the documented fields"),
    "unexpected_keyword_argument": ("this field is unknown", "only the documented fields"),
    "int_parsing": ("this is not a whole number", "a whole number"),
    "int_from_float": ("this is not a whole number", "a whole number"),
    "int_type": ("this is not a whole number", "a whole number"),
    "int_parsing_size": ("this number is far too large", "a whole number"),
    "float_parsing": ("this is not a number", "a number"),
    "float_type": ("this is not a number", "a number"),
    "finite_number": ("this is not a finite number", "a number"),
    "bool_parsing": ("this is neither yes nor no", "true or false"),
    "bool_type": ("this is neither yes nor no", "true or false"),
    "string_type": ("this is not text", "text"),
    "list_type": ("this is not a list", "a list"),
    "tuple_type": ("this is not a list", "a list"),
    "dict_type": ("this is not an object", "an object"),
    "mapping_type": ("this is not an object", "an object"),
    "dataclass_type": ("this is not an object", "an object"),
    "dataclass_exact_type": ("this is not an object", "an object"),
    "date_type": ("this is not a date", "a date such as 2026-11-23 or 23/11/2026"),
}


def _limit(details: ErrorDetails) -> tuple[str, str] | None:
    context = details.get("ctx", {})
    bounds = {
        "greater_than_equal": ("ge", "too small", "at least"),
        "greater_than": ("gt", "too small", "more than"),
        "less_than_equal": ("le", "too large", "at most"),
        "less_than": ("lt", "too large", "less than"),
    }
    if details["type"] in bounds:
        key, what, words = bounds[details["type"]]
        return f"{_shown(details['input'])} is {what}", f"{words} {context[key]}"
    if details["type"] == "string_too_long":
        return "this text is too long", f"at most {context['max_length']} characters"
    if details["type"] == "string_too_short":
        return "this is empty", "a value"
    return None


def _shown(value: object) -> str:
    text = str(value)
    return f"'{text}'" if len(text) <= 40 else f"'{text[:37]}...'"


def clauses(details: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what was expected, from one pydantic error."""
    if details["type"] in {"value_error", "assertion_error"}:
        problem, _, expected = str(details["ctx"]["error"]).partition("; expected ")
        return problem, expected or "another value"
    limit = _limit(details)
    if limit is not None:
        return limit
    if details["type"] in {"enum", "literal_error"}:
        return f"{_shown(details['input'])} is not known", str(details["ctx"]["expected"])
    problem, expected = _KINDS.get(details["type"], (details["msg"], "another value"))
    if details["type"].endswith(("_parsing", "_from_float")):
        problem = problem.replace("this", _shown(details["input"]), 1)
    return problem, expected


def json_path(location: Iterable[int | str], prefix: str = "") -> str:
    """A pydantic location as a path: ("cases", 3, "tier") becomes `cases[3].tier`."""
    path = prefix
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f"{'.' if path else ''}{part}"
    return path


def json_faults(error: ValidationError, *, file: str | None = None, prefix: str = "") -> list[Fault]:
    """Every fault of a record read from JSON, with its path."""
    found: list[Fault] = []
    details: ErrorDetails
    for details in error.errors(include_url=False):
        problem, expected = clauses(details)
        found.append(Fault(problem, expected, file=file, path=json_path(details["loc"], prefix) or None))
    return found
