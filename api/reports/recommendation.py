"""A recommendation on a page of text: who may take the case, at what price, and why the others may not."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from api.reports.summary import counted, heading, wrapped
from api.reports.view import workload
from models.allocation.officer import OfficerKey
from models.allocation.problem import AllocationProblem
from solver.allocation.recommend import Option, Recommendation

_ITEMS = (
    ("pressure", "pressure"),
    ("change_of_officer", "change"),
    ("preferred_skills", "skills"),
    ("preferred_sex", "sex"),
    ("previous_officer", "previous"),
    ("travel", "travel"),
    ("leave", "leave"),
    ("total", "total"),
)
"""The items of a price and their headings; only those that somebody pays are shown, and always the total."""


def recommendation_lines(problem: AllocationProblem, found: Recommendation) -> Iterator[Text]:
    """The lines of a recommendation made for a case of this problem."""
    case = problem.cases[problem.case_numbers[found.crn]]
    may = [option for option in found.options if option.eligible]
    may_not = [option for option in found.options if not option.eligible]
    yield Text(f"{case.crn}, {case.tier} {case.case_type}, as of {problem.as_of.isoformat()}", style="bold")
    if may:
        yield from heading(
            f"{counted(len(may), 'officer')} may take it, the best first (prices in band-points)"
        )
        yield from _table(problem, may)
    else:
        yield Text("No officer may take it.", style="red")
    if may_not:
        yield from heading(f"{counted(len(may_not), 'officer')} may not take it")
        for option in may_not:
            who = f"  {option.staff_code} ({option.team_code}): "
            yield from wrapped(
                " ".join(_sentence(refusal.sentence) for refusal in option.rules), "      ", who
            )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _table(problem: AllocationProblem, options: list[Option]) -> Iterator[Text]:
    items = [
        (name, title)
        for name, title in _ITEMS
        if name == "total" or any(getattr(option.price, name) for option in options)
    ]
    titles = "".join(f"{title:>11}" for _, title in items)
    yield Text(f"  {'rank':>4}  {'officer':<21} {'grade':<5} {'Workload %':<15}{titles}", style="dim")
    for option in options:
        officer = problem.officers[problem.officer_numbers[OfficerKey(option.staff_code, option.team_code)]]
        who = f"{option.staff_code} ({option.team_code})"
        change = f"{workload(option.before):>5} to {workload(option.after):>5}"
        prices = "".join(f"{getattr(option.price, name):>11,}" for name, _ in items)
        holder = "  holds it now" if option.current else ""
        style = "green" if option.rank == 1 else ""
        yield Text(
            f"  {option.rank:>4}  {who:<21} {officer.grade:<5} {change:<15}{prices}{holder}", style=style
        )
