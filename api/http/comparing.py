"""Two plans for one problem, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from api.http.views.plans import ComparisonView, Difference, Figures

Stored = tuple[str, Mapping[str, Any]]
"""A plan's id and content."""


def comparison(first: Stored, second: Stored, hidden: Set[str]) -> ComparisonView:
    """Figures of both, and who is treated differently, by CRN. hidden: restricted cases, listed apart."""
    one, other = treatments(first[1]), treatments(second[1])
    crns = sorted(one.keys() | other.keys())
    different = [crn for crn in crns if one.get(crn) != other.get(crn)]
    return ComparisonView(
        first=_figures(*first),
        second=_figures(*second),
        same=len(crns) - len(different),
        different=tuple(Difference(crn=crn, first=one.get(crn), second=other.get(crn)) for crn in different),
        restricted_crns=tuple(sorted(hidden)),
    )


def treatments(content: Mapping[str, Any]) -> dict[str, str | None]:
    """What a plan does with each person: the officer, or the slots and appointments in words; None for nothing."""
    if "assignments" in content:
        nobody = {entry["crn"]: None for entry in content["unallocated"]}
        return {
            **nobody,
            **{each["crn"]: f"{each['staffCode']} {each['teamCode']}" for each in content["assignments"]},
        }
    found: dict[str, list[str]] = {}
    for each in content["placements"]:
        found.setdefault(each["crn"], []).append(
            f"{each['projectCode']} {each['frequency']} {each['dayOfWeek']} {each['startTime']}-{each['endTime']}"
        )
    for each in content["appointments"]:
        found.setdefault(each["crn"], []).append(
            f"{each['projectCode']} {each['date']} {each['startTime']}-{each['endTime']}"
        )
    unplaced: dict[str, str | None] = {entry["crn"]: None for entry in content["unplaced"]}
    return {**unplaced, **{crn: "; ".join(sorted(lines)) for crn, lines in found.items()}}


def _figures(plan_id: str, content: Mapping[str, Any]) -> Figures:
    return Figures(
        plan_id=plan_id,
        status=content["status"],
        objective=content["objective"],
        bound=content["bound"],
        gap=content["gap"],
    )
