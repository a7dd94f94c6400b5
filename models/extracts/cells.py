"""Cells to values: lists, pairs and spans of days; the rest is validated as text by the records themselves."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from models.extracts.grid import shown
from models.extracts.register import Column, Kind
from models.unpaid_work.terms import HalfDay

Convert = Callable[[str], Any]
"""Takes a cell's text, gives what the record's field validates. Raises ValueError with both clauses."""


@functools.lru_cache(maxsize=65536)
def _items(text: str) -> tuple[str, ...]:
    return tuple(item for part in text.split(";") if (item := part.strip()))


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in _items(text):
        name, equals, number = (part.strip() for part in item.partition("="))
        if not (name and equals and number):
            raise ValueError(f"{shown(item)} is not a pair; expected pairs such as A=10;B=20")
        if name in found:
            raise ValueError(f"{shown(name)} is there twice; expected each name once")
        found[name] = number
    return found


_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})\s*/\s*(\d{4}-\d{2}-\d{2})|(\S+)\s+to\s+(\S+)", re.IGNORECASE)


def _spans(text: str) -> list[dict[str, str]]:
    found = []
    for item in _items(text):
        match = _SPAN.fullmatch(item)
        if match is None:
            raise ValueError(f"{shown(item)} is not a span of days; expected 2026-11-20/2026-11-27")
        first, last = (match[1], match[2]) if match[1] else (match[3], match[4])
        found.append({"from": first, "to": last})
    return found


def _word(text: str) -> str:
    return text.upper().replace(" ", "_").replace("-", "_")


NONE = "none"
"""How a list that must be stated says that it is empty; a blank cell does not state it."""


def _nothing(text: str) -> bool:
    return text.casefold() == NONE


def _days(text: str) -> tuple[str, ...]:
    return () if _nothing(text) else _items(text)


@functools.lru_cache(maxsize=4096)
def _half_days(text: str) -> tuple[str, ...]:
    if _nothing(text):
        return ()
    for item in _items(text):
        if _word(item) not in HalfDay.__members__:
            raise ValueError(f"{shown(item)} is not a half-day; expected half-days such as TUESDAY_MORNING")
    return tuple(map(_word, _items(text)))


_DAY_ZERO = re.compile(r"1899-12-3[01][ T]")
_FRACTION = re.compile(r"0(\.\d+)?")


def _time(text: str) -> int | str:
    """A time as spreadsheets keep it: on their day zero, or as a fraction of a day; other text as it is."""
    if _FRACTION.fullmatch(text):
        minutes = float(text) * 1440
        if abs(minutes - round(minutes)) < 0.01:
            return round(minutes)
    return _DAY_ZERO.sub("", text)


_BOOLEANS = {"1.0": "1", "0.0": "0"}


def _yes_no(text: str) -> str:
    return _BOOLEANS.get(text, text)


@functools.cache
def _word_finder(words: tuple[str, ...]) -> Convert:
    """Words whatever their case, with blanks or hyphens for underscores; what is no such word stays as it is."""
    known: Mapping[str, str] = {word.casefold(): word for word in words}

    def find(text: str) -> str:
        return known.get(text.casefold().replace(" ", "_").replace("-", "_"), text)

    return find


_CONVERTERS: Mapping[Kind, Convert] = {
    Kind.CODES: _items,
    Kind.SKILLS: _items,
    Kind.LIMITS: _pairs,
    Kind.LEAVE: _spans,
    Kind.YES_NO: _yes_no,
    Kind.DAYS: _days,
    Kind.HALF_DAYS: _half_days,
    Kind.TIME: _time,
}


def converter(column: Column) -> Convert | None:
    """How the column's cells become values; None when the text itself is validated."""
    if column.kind is Kind.CHOICE:
        return _word_finder(column.words)
    return _CONVERTERS.get(column.kind)
