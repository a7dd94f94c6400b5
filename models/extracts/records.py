"""Records of an input as they are gathered, with a stand-in for each one that has faults.

Faults between records (a CRN twice, a pin to nobody) are looked for even when single records have faults, so that
everything is reported at once. A faulty record is therefore replaced by a stand-in that keeps what is sound and
has harmless values elsewhere, so that it causes no fault of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.faults import Fault
from models.record import reader

RecordT = TypeVar("RecordT")


@dataclass(slots=True)
class Records(Generic[RecordT]):
    """What one table or one JSON list gave so far.

    records: one for each row, stand-ins included. numbers: each record's row, or position in the list.
    known: false when anything was left unread or a record's key is not known, so that "nobody has this key"
    cannot be said.
    """

    records: list[RecordT] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    known: bool = True

    def add(self, record: RecordT, number: int) -> None:
        """A sound record."""
        self.records.append(record)
        self.numbers.append(number)


class FaultList:
    """The faults of one file; beyond the most that are listed it says so once and is full."""

    def __init__(self, file: str | None, most: int) -> None:
        self._file = file
        self._most = most
        self._faults: list[Fault] = []
        self.full = False

    def add(self, *faults: Fault) -> None:
        """Faults in the order of the file."""
        for fault in faults:
            if self.full:
                return
            if len(self._faults) == self._most:
                self.full = True
                self._faults.append(
                    Fault(
                        f"there are more than {self._most:,} faults; the others are not listed",
                        "these to be mended first",
                        file=self._file,
                    )
                )
                return
            self._faults.append(fault)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was added, in order."""
        return tuple(self._faults)


def add_officer_stand_in(
    records: Records[Officer], number: int, values: Mapping[str, Any], bad: Set[str]
) -> None:
    """A stand-in for the officer of these values, of which the fields `bad` have faults."""
    name = stand_in_name(number)
    start = {"staffCode": "X", "teamCode": "X", "grade": "PO", "contractedHours": 80}
    officer, sound = stand_in_of(Officer, start, values, bad)
    if bad & {"contractedHours", "reductionHours"}:
        officer = dataclasses.replace(officer, reduction_hours=0.0)
    if not sound.keys() >= {"staffCode", "teamCode"}:
        officer = dataclasses.replace(officer, staff_code=name, team_code=name)
        records.known = False
    records.add(officer, number)


def add_case_stand_in(records: Records[Case], number: int, values: Mapping[str, Any], bad: Set[str]) -> None:
    """A stand-in for the case of these values, of which the fields `bad` have faults."""
    name = stand_in_name(number)
    case, sound = stand_in_of(Case, {"crn": "X000000", "tier": "A0", "caseType": "COMMUNITY"}, values, bad)
    harmless: dict[str, Any] = {}
    if "crn" not in sound:
        harmless |= {"crn": name}
        records.known = False
    if bad & {"tier", "points"}:
        harmless |= {"tier": "A0"}
    if "currentTeamCode" in bad:
        harmless |= {"current_team_code": name}
    if "currentStaffCode" in bad:
        harmless |= {"current_staff_code": None, "pinned_staff_code": None, "override_reason": None}
    if "pinnedStaffCode" in bad:
        harmless |= {"override_reason": None}
    records.add(dataclasses.replace(case, **harmless), number)


def stand_in_of(
    kind: type[RecordT], start: Mapping[str, Any], values: Mapping[str, Any], bad: Set[str]
) -> tuple[RecordT, Mapping[str, Any]]:
    """The record of what is sound in `values`, with `start` for the rest; and what was sound."""
    sound = {key: value for key, value in values.items() if key not in bad}
    return reader(kind).validate_python({**start, **sound}), sound


def stand_in_name(number: int) -> str:
    """A key that no input can hold, for a record whose own key is not known."""
    return f"(the record at {number})"
