"""How records are declared: frozen slotted dataclasses, camelCase outside, snake_case inside.

A record is a plain dataclass, cheap enough for 250,000 of them; pydantic validates it at the door through
`Reader`. Values made in code are not checked again: validate what comes from outside, trust what is inside.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

RecordT = TypeVar("RecordT")

CAMEL = ConfigDict(
    alias_generator=to_camel,
    populate_by_name=True,
    extra="forbid",
    str_strip_whitespace=True,
    allow_inf_nan=False,
)
"""The pydantic configuration of every record (`__pydantic_config__`)."""

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?")


def parse_date(value: object) -> object:
    """A date from ISO text, dd/mm/yyyy text or midnight date-times; anything else is left for pydantic to refuse.

    Raises ValueError with the remedy for text that is no date.
    """
    if isinstance(value, dt.datetime):
        if value.time() != dt.time(0):
            raise ValueError("this is a time of day, not a date; expected a date such as 2026-11-23")
        return value.date()
    if isinstance(value, dt.date) or value is None:
        return value
    if isinstance(value, str):
        return _date_of_text(value.strip())
    raise ValueError("this is not a date; expected a date such as 2026-11-23 or 23/11/2026")


@functools.lru_cache(maxsize=65536)
def _date_of_text(text: str) -> dt.date:
    try:
        if slashed := _SLASHED.fullmatch(text):
            day, month, year = (int(part) for part in slashed.groups())
            return dt.date(year, month, day)
        if midnight := _MIDNIGHT.fullmatch(text):
            text = midnight.group(1)
        if len(text) != 10:
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        shown = text if len(text) <= 30 else text[:27] + "..."
        raise ValueError(
            f"'{shown}' is not a date; expected a date such as 2026-11-23 or 23/11/2026"
        ) from None


_CODE = re.compile(r"[^\s;,=\x00-\x1f]{1,40}")


@functools.lru_cache(maxsize=65536)
def _checked_code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(
            "this is not a code; expected 1 to 40 characters without blanks, commas or semicolons"
        )
    return text


@functools.lru_cache(maxsize=4096)
def _checked_crn(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][0-9]{6}", text):
        shown = text if len(text) <= 20 else text[:17] + "..."
        raise ValueError(f"'{shown}' is not a CRN; expected a letter and six digits, such as X123456")
    return text.upper()


_LABEL = re.compile(r"[^;,=\x00-\x1f]{1,60}")


@functools.lru_cache(maxsize=65536)
def _checked_label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise ValueError("this is not a label; expected 1 to 60 characters without commas or semicolons")
    return text


@functools.lru_cache(maxsize=4096)
def _checked_skill(text: str) -> str:
    return _checked_label("_".join(text.upper().split()))


def _empty_text(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Day = Annotated[dt.date, BeforeValidator(parse_date)]
"""A date."""
OptionalDay = Annotated[dt.date | None, BeforeValidator(lambda value: parse_date(_empty_text(value)))]
"""A date or None; empty text is None."""
Code = Annotated[str, AfterValidator(_checked_code)]
"""A staff, team or project code."""
OptionalLabel = Annotated[Annotated[str, AfterValidator(_checked_label)] | None, BeforeValidator(_empty_text)]
"""A name of the user's own that records share, or None."""
Skills = tuple[Annotated[str, AfterValidator(_checked_skill)], ...]
"""A list of skills; "domestic abuse" and DOMESTIC_ABUSE are one."""
OptionalCode = Annotated[Code | None, BeforeValidator(_empty_text)]
"""A code or None; empty text is None."""
Crn = Annotated[str, AfterValidator(_checked_crn)]
"""A case reference number: a letter and six digits, upper case."""
Codes = tuple[Code, ...]
"""A list of codes."""
WholeNumber = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""A whole number of points, cases or minutes, not negative."""
CasePoints = Annotated[int, Field(ge=0, le=10_000)]
"""Points of one case: four full-time officers' work and more. Each 5 % of an officer's points is a band of its own, and
with a thousand million points there would be more bands than memory."""
StandingPoints = Annotated[int, Field(ge=0, le=100_000)]
"""Points of an officer's other work."""


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def reader(kind: type[RecordT]) -> TypeAdapter[RecordT]:
    """The pydantic adapter that validates and writes records of this kind, made once."""
    hashable: Any = kind
    return _adapter(hashable)


def as_json(record: object) -> dict[str, Any]:
    """A record as JSON-ready data with camelCase names."""
    dumped: Mapping[str, Any] = reader(type(record)).dump_python(record, mode="json", by_alias=True)
    return dict(dumped)
