"""Explanations on a page of text: reasons with their rules, and what would fix it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from api.reports.summary import counted, heading, wrapped
from models.allocation.plan import Assignment
from solver.explain.cases import CaseLevers
from solver.explain.levers import LeverReport
from solver.explain.sayings import Explanation


def explanation_lines(found: Explanation) -> Iterator[Text]:
    """The subject, and a line or more for each reason, with the rule that it speaks of."""
    yield Text(found.subject, style="bold")
    for reason in found.reasons:
        rule = "" if reason.rule is None else f" ({reason.rule})"
        yield from wrapped(f"{_upper(reason.sentence)}{rule}.", "    ", "  ")


def lever_lines(found: LeverReport) -> Iterator[Text]:
    """The levers of a roster, the best first, and how they were found."""
    before = found.before
    yield Text(
        f"As it is {before.lost_minutes / 60:,.0f} hours are expected to be lost, "
        f"and {before.unplaced_people:,} people have nothing",
        style="bold",
    )
    useful = [lever for lever in found.levers if lever.total_saved > 0]
    yield from heading("What would fix it" if useful else "Nothing that was tried would fix it")
    for number, lever in enumerate(useful, start=1):
        yield from wrapped(_upper(lever.sentence), "       ", f"  {number:>3}  ")
    for lever in found.levers:
        if lever.total_saved <= 0:
            yield from wrapped(_upper(lever.sentence), "       ", "    -  ", "dim")
    yield Text()
    yield from wrapped(f"{_upper(found.sentence)}.", "", "")


def assignment_lines(assignment: Assignment) -> Iterator[Text]:
    """Why an allocated case is where it is, as the plan says."""
    where = f"{assignment.crn} goes to {assignment.staff_code} ({assignment.team_code})"
    yield Text(where, style="bold")
    for reason in assignment.reason:
        yield from wrapped(f"{_upper(reason)}.", "    ", "  ")


def case_lever_lines(cases: Iterable[CaseLevers]) -> Iterator[Text]:
    """Unallocated cases, each with the single relaxations that would place it."""
    for found in cases:
        yield Text(f"{found.crn} is unallocated", style="bold")
        yield from wrapped(_upper(found.why), "    ", "  ")
        if not found.levers:
            checked = (
                f"{found.solved} of {counted(found.single, 'officer')} whom one rule alone stops were checked"
            )
            yield from wrapped(f"No single change was found that places it; {checked}.", "    ", "  ")
        for lever in found.levers:
            workload = (
                "" if lever.workload_after is None else f", {lever.staff_code} at {lever.workload_after} %"
            )
            words = f"{lever.sentence}: costs {counted(lever.cost, 'band-point')}{workload} ({lever.rule})"
            yield from wrapped(_upper(words), "      ", "    - ")


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:].rstrip(".")
