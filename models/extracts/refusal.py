"""All faults of an input together, in order: the error that refuses it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Sequence

from models.errors import InputError
from models.faults import Fault

_FIRST_YEAR, _LAST_YEAR = 1950, 2150  # other days are reckoned from the first one, which must leave them room


def out_of_range(day: dt.date) -> bool:
    """Whether a day from which others are reckoned lies in no possible year."""
    return not _FIRST_YEAR <= day.year <= _LAST_YEAR


def out_of_range_fault(place: Fault, name: str, day: dt.date) -> Fault:
    """The fault that says so, at its place; name: what day it is."""
    return dataclasses.replace(
        place,
        problem=f"{name} is in the year {day.year}",
        expected=f"a day from {_FIRST_YEAR} to {_LAST_YEAR}",
    )


def refusal(faults: Iterable[Fault], between: Sequence[Fault], most: int) -> InputError:
    """The error with all faults of single records and, at most `most`, those between records."""
    return InputError(in_order([*faults, *_at_most(between, most)]))


def _at_most(faults: Sequence[Fault], most: int) -> list[Fault]:
    if len(faults) <= most:
        return list(faults)
    return [
        *faults[:most],
        Fault(
            f"there are {len(faults) - most:,} more faults between records",
            "these to be mended first",
            file=faults[most].file,
        ),
    ]


_INDEX = re.compile(r"(\w+)\[(\d+)\]")


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """The faults by file, and within a file by row or position; otherwise as they came."""
    given = list(faults)
    files: dict[tuple[str | None, str | None], int] = {}

    def key(fault: Fault) -> tuple[int, int]:
        match = _INDEX.match(fault.path or "")
        part = match[1] if match else None
        rank = files.setdefault((fault.file, part), len(files))
        if match:
            return rank, int(match[2])
        return rank, fault.row or 0

    return sorted(given, key=key)
