"""Faults between records: duplicates, tiers without a scheme, pins that contradict each other or name nobody.

What is merely the untidiness of real data (a holder who has left, an unknown previous officer, a linked case in
another unit) is no fault; the solver and the checker report it as a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.allocation.terms import TierScheme
from models.faults import Fault


class Places(Protocol):
    """Where a record of the problem stood in the input."""

    def officer(self, number: int, field: str | None) -> Fault:
        """A fault (its clauses still empty) at this field of the officer with this position."""

    def case(self, number: int, field: str | None) -> Fault:
        """A fault (its clauses still empty) at this field of the case with this position."""

    def problem(self, field: str | None) -> Fault:
        """A fault (its clauses still empty) at this field of the problem itself."""


@dataclass(frozen=True)
class JsonPlaces:
    """Places in a JSON problem, as paths."""

    file: str | None = None

    def officer(self, number: int, field: str | None) -> Fault:
        """The path of an officer's field."""
        return Fault("", "", file=self.file, path=f"officers[{number}]" + (f".{field}" if field else ""))

    def case(self, number: int, field: str | None) -> Fault:
        """The path of a case's field."""
        return Fault("", "", file=self.file, path=f"cases[{number}]" + (f".{field}" if field else ""))

    def problem(self, field: str | None) -> Fault:
        """The path of a field of the problem."""
        return Fault("", "", file=self.file, path=field)


def _fault(place: Fault, problem: str, expected: str) -> Fault:
    return Fault(problem, expected, place.file, place.row, place.column, place.path)


def problem_faults(problem: AllocationProblem, places: Places) -> list[Fault]:
    """Every fault between the records of `problem`, in the order officers, cases, links."""
    return [
        *_officer_faults(problem.officers, places),
        *_case_faults(problem, places),
        *_pin_faults(problem, places),
    ]


def _officer_faults(officers: Sequence[Officer], places: Places) -> Iterator[Fault]:
    if not officers:
        yield _fault(places.problem("officers"), "there is no officer", "at least one officer")
    seen = Counter[tuple[str, str]]()
    for number, officer in enumerate(officers):
        seen[officer.key] += 1
        if seen[officer.key] == 2:
            yield _fault(
                places.officer(number, "staffCode"),
                f"officer {officer.key} is there twice",
                "each staff code once in a team",
            )
        if officer.reduction_hours > officer.contracted_hours:
            yield _fault(
                places.officer(number, "reductionHours"),
                "the reduction is more than the contracted hours",
                f"at most {officer.contracted_hours:g}",
            )
        for leave in officer.leave:
            if leave.last < leave.first:
                yield _fault(
                    places.officer(number, "leave"), "leave ends before it begins", "from on or before to"
                )
        if _ends_before(officer):
            yield _fault(
                places.officer(number, "authorisedUntil"),
                "the authorisation ends before it begins",
                "a date on or after authorisedFrom",
            )
        for letter in officer.tier_limits:
            if letter not in _LETTERS:
                yield _fault(
                    places.officer(number, "tierLimits"),
                    f"'{letter[:20]}' is not a tier letter",
                    "letters A to G, such as A=10",
                )


_LETTERS = frozenset("ABCDEFG") | {"MISSING", "NOT_SUPERVISED"}


def _ends_before(officer: Officer) -> bool:
    return (
        officer.authorised_from is not None
        and officer.authorised_until is not None
        and officer.authorised_until < officer.authorised_from
    )


def _case_faults(problem: AllocationProblem, places: Places) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, case in enumerate(problem.cases):
        if case.crn in seen:
            first = places.case(seen[case.crn], None)
            yield _fault(
                places.case(number, "crn"),
                f"CRN {case.crn} is there twice (first at {first.where})",
                "each CRN once",
            )
        else:
            seen[case.crn] = number
        try:
            tier = problem.tier(case)
        except ValueError as error:
            what, _, expected = str(error).partition("; expected ")
            yield _fault(places.case(number, "tier"), what, expected)
            continue
        if tier.scheme is TierScheme.V2 and tier.digit is None and case.points is None:
            yield _fault(
                places.case(number, "tier"),
                f"tier '{case.tier}' has no digit, so its points are unknown",
                "A0 to D3, or the case's points",
            )
        yield from _holder_faults(problem, number, case, places)


def _holder_faults(problem: AllocationProblem, number: int, case: Case, places: Places) -> Iterator[Fault]:
    if case.waiting or case.current_team_code is not None or case.current_staff_code is None:
        return
    numbers = problem.officers_of.get(case.current_staff_code, ())
    if len({problem.officers[number].team_code for number in numbers}) > 1:
        yield _fault(
            places.case(number, "currentTeamCode"),
            f"{case.current_staff_code} works in more than one team",
            "the team in which the case is held",
        )


def _pin_faults(problem: AllocationProblem, places: Places) -> Iterator[Fault]:
    together: dict[str, tuple[str, Case]] = {}
    apart: dict[tuple[str, str], Case] = {}
    for number, case in enumerate(problem.cases):
        if case.override_reason is not None and case.pinned_staff_code is None:
            yield _fault(
                places.case(number, "overrideReason"),
                "there is an override but no pin",
                "pinnedStaffCode, or no overrideReason",
            )
        pin = case.pinned_staff_code
        if pin is None:
            continue
        place = places.case(number, "pinnedStaffCode")
        if pin not in problem.officers_of:
            yield _fault(
                place, f"the case is pinned to {pin}, who is not among the officers", "an officer's code"
            )
        if case.together_group is not None:
            other_pin, other = together.setdefault(case.together_group, (pin, case))
            if other_pin != pin and not (_at_home(case) and _at_home(other)):
                yield _fault(
                    place,
                    f"{case.crn} is to be held together with {other.crn}, which is pinned to somebody else",
                    "one person for both",
                )
        if case.apart_group is not None:
            neighbour = apart.setdefault((case.apart_group, pin), case)
            if neighbour is not case and not (_at_home(case) and _at_home(neighbour)):
                yield _fault(
                    place,
                    f"{case.crn} is to be kept apart from {neighbour.crn}, which is pinned to the same person",
                    "two persons",
                )


def _at_home(case: Case) -> bool:
    return not case.waiting and case.current_staff_code == case.pinned_staff_code
