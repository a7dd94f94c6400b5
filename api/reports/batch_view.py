"""What the report of a batch shows: its units, what would move and why, what is left over, what failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HIDDEN = "not shown: restricted"


@dataclass(frozen=True)
class MoveLine:
    """One held case that would change officer, and why."""

    pdu: str
    crn: str
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class LeftLine:
    """One case or person that cannot be placed, the rules that together forbid it, and why in a sentence."""

    pdu: str
    what: str
    crn: str
    rules: str
    sentence: str


@dataclass(frozen=True)
class FailureLine:
    """One thing that went wrong: a fault of an extract, or a solve that failed."""

    pdu: str
    what: str
    code: str
    sentence: str


@dataclass(frozen=True)
class UnitLine:
    """One PDU's part of one kind. Numbers that are unknown are None."""

    pdu: str
    what: str
    state: str
    size: int | None
    placed: int | None
    moved: int | None
    left: int | None
    status: str | None
    gap: float | None
    highest_before: float | None
    highest_after: float | None


@dataclass(frozen=True)
class BatchView:
    """A batch as its report shows it."""

    batch_id: str
    where: str
    begun: dt.datetime
    ended: dt.datetime | None
    policy_version: str
    units: tuple[UnitLine, ...]
    moves: tuple[MoveLine, ...]
    left: tuple[LeftLine, ...]
    failures: tuple[FailureLine, ...]

    @property
    def done(self) -> int:
        """Parts with a result."""
        return sum(1 for unit in self.units if unit.state == "DONE")

    @property
    def failed(self) -> int:
        """Parts without one."""
        return sum(1 for unit in self.units if unit.state == "FAILED")

    @property
    def open(self) -> int:
        """Parts that are still to be done."""
        return len(self.units) - self.done - self.failed

    @property
    def worst(self) -> UnitLine | None:
        """The part with the widest known gap."""
        known = [unit for unit in self.units if unit.gap is not None]
        return max(known, key=lambda unit: unit.gap or 0.0, default=None)


def unit_of_plan(pdu: str, state: str, plan: Mapping[str, Any], size: int | None) -> UnitLine:
    """The line of an allocation plan."""
    moved = sum(1 for _ in _moved(plan))
    waiting = sum(1 for each in plan["assignments"] if each["previousStaffCode"] is None)
    balance = plan["balance"]
    return UnitLine(
        pdu=pdu,
        what="allocation",
        state=state,
        size=size,
        placed=waiting,
        moved=moved,
        left=len(plan["unallocated"]),
        status=plan["status"],
        gap=plan["gap"],
        highest_before=balance["before"]["maxWorkload"],
        highest_after=balance["after"]["maxWorkload"],
    )


def unit_of_roster(pdu: str, state: str, roster: Mapping[str, Any], size: int | None) -> UnitLine:
    """The line of a roster."""
    return UnitLine(
        pdu=pdu,
        what="unpaid work",
        state=state,
        size=size,
        placed=len({each["crn"] for each in roster["appointments"]}),
        moved=roster["objective"]["allocationsChanged"],
        left=len(roster["unplaced"]),
        status=roster["status"],
        gap=roster["gap"],
        highest_before=None,
        highest_after=None,
    )


def unit_without(pdu: str, what: str, state: str, size: int | None) -> UnitLine:
    """The line of a part without a result."""
    return UnitLine(pdu, what, state, size, None, None, None, None, None, None, None)


def moves_of(pdu: str, plan: Mapping[str, Any], restricted: frozenset[str]) -> Iterator[MoveLine]:
    """What a plan would move and why. Of a restricted case the report says that it moves, and not why."""
    for each in _moved(plan):
        why = HIDDEN if each["crn"] in restricted else " ".join(each["reason"])
        after = f"{each['staffCode']} ({each['teamCode']})"
        yield MoveLine(pdu, each["crn"], each["previousStaffCode"], after, why)


def left_of(
    pdu: str, what: str, lines: list[Mapping[str, Any]], restricted: frozenset[str]
) -> Iterator[LeftLine]:
    """What cannot be placed, and why."""
    for each in lines:
        hidden = each["crn"] in restricted
        rules = HIDDEN if hidden else ", ".join(each["rules"])
        yield LeftLine(pdu, what, each["crn"], rules, HIDDEN if hidden else each["sentence"])


def _moved(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in plan["assignments"]:
        if each["previousStaffCode"] not in (None, each["staffCode"]):
            yield each
