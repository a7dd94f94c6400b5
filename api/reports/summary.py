"""A plan on a page of text, 100 columns wide: for a terminal with styles, for a pipe without."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.text import Text

from api.reports.bars import BAR_WIDTH, bar, mark
from api.reports.view import STRATEGIES, OfficerRow, PlanView, gap_in_words, workload
from models.allocation.plan import Assignment, Plan
from models.rules import ALLOCATION_RULES

WIDTH = 100
MOST_OFFICERS = 120
MOST_LINES = 60
FIRST_FINDINGS = 3

Lines = Iterator[Text]


def plan_summary(view: PlanView, *, peers: Sequence[Plan] = (), blocks: bool = True) -> Lines:
    """The lines of the summary.

    peers: plans of other strategies for the same question, to compare with. blocks: whether block characters can
    be shown; else bars are drawn in ASCII.
    """
    yield from _headline(view)
    yield from _officers(view, blocks=blocks)
    yield from _received(view)
    yield from _moved(view)
    yield from _unallocated(view)
    yield from _findings(view)
    yield from _objective(view)
    yield from _balance(view)
    if peers:
        yield from _peers(view, peers)


def heading(words: str) -> Lines:
    """A blank line and a heading."""
    yield Text()
    yield Text(words, style="bold")


def wrapped(words: str, indent: str, first: str = "", style: str = "") -> Lines:
    """Words in lines of at most WIDTH columns, the first with `first` before it."""
    for line in textwrap.wrap(
        words, WIDTH, initial_indent=first or indent, subsequent_indent=indent, break_on_hyphens=False
    ):
        yield Text(line, style=style)


def counted(count: int, thing: str) -> str:
    """A count of things: "1 case", "1,200 cases"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _headline(view: PlanView) -> Lines:
    plan, changes = view.plan, view.changes
    yield Text(f"{view.title}: {view.headline}", style="bold")
    yield Text()
    placed = f"{len(changes['placed']):,} of {counted(view.waiting, 'waiting case')} placed"
    if plan.unallocated:
        proven = "proven least" if plan.unallocated_proven else "not proven least"
        placed += f"; {len(plan.unallocated):,} unallocated, {proven} by weight"
    yield Text(f"  {placed}", style="yellow" if plan.unallocated else "green")
    yield Text(f"  {counted(len(changes['stays']), 'held case')} stay with their holders")
    if changes["moved"]:
        moved = counted(len(changes["moved"]), "held case")
        yield Text(f"  {moved} of at most {plan.question.moves:,} change officer")
    if changes["transferred"]:
        yield Text(
            f"  {counted(len(changes['transferred']), 'held case')} go to another team of the same person"
        )
    if view.out:
        yield Text(f"  {counted(view.out, 'case')} left out: the holder is not among the officers")
    if plan.findings:
        yield Text(f"  {counted(len(plan.findings), 'finding')} about what is held already (below)")
    yield Text(f"  every rule checked again without the solver; {plan.wall_seconds:.1f} s")


def _officers(view: PlanView, *, blocks: bool) -> Lines:
    rows = view.officers
    if len(rows) > MOST_OFFICERS:
        rows = tuple(row for row in rows if row.received or row.given or mark(row.load.workload_after))
        rows = rows[:MOST_OFFICERS]
    yield from heading("Workload % before and after")
    gained, lost = ("▒ received", "░ given") if blocks else ("+ received", "- given")
    yield Text(f"  {gained}, {lost}, ! above 100 %, !! above 110 %; the bar ends at 160 %", style="dim")
    team = None
    for row in rows:
        if row.load.team_code != team:
            team = row.load.team_code
            yield Text(f"  {team}")
        yield _officer(row, blocks=blocks)
    if len(rows) < len(view.officers):
        yield Text(f"  {counted(len(view.officers) - len(rows), 'officer')} not shown: see the plan")


def _officer(row: OfficerRow, *, blocks: bool) -> Text:
    load = row.load
    warning = mark(load.workload_after)
    changed = " +" + str(len(row.received)) if row.received else ""
    changed += " -" + str(len(row.given)) if row.given else ""
    drawn = bar(load.workload_before, load.workload_after, blocks=blocks)
    words = (
        f"    {load.staff_code[:12]:<12} {row.officer.grade:<4} {workload(load.workload_before):>6} "
        f"{'→' if blocks else '>'} {workload(load.workload_after):>6}  "
    )
    style = {"": "green", "!": "yellow", "!!": "red"}[warning]
    line = Text.assemble(words, (f"{drawn:<{BAR_WIDTH}}", style), f" {warning:<2}{changed}")
    line.rstrip()
    return line


def _label(view: PlanView, assignment: Assignment) -> str:
    return f"{assignment.crn} {view.case(assignment.crn).tier}"


def _capped(lines: Sequence[Text]) -> Lines:
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield Text(f"  and {len(lines) - MOST_LINES:,} more lines: see the plan", style="dim")


def _received(view: PlanView) -> Lines:
    lines: list[Text] = []
    for row in view.officers:
        placed = [each for each in row.received if view.change_of(each) == "placed"]
        if placed:
            who = f"  {row.load.staff_code} ({row.load.team_code}): "
            lines += wrapped(", ".join(_label(view, each) for each in placed), "      ", who)
    if lines:
        yield from heading("Who receives which waiting case")
        yield from _capped(lines)


def _moved(view: PlanView) -> Lines:
    lines: list[Text] = []
    for assignment in (*view.changes["moved"], *view.changes["transferred"]):
        holder = view.holder(assignment.crn)
        words = f"{_label(view, assignment)}: {holder} to {assignment.staff_code} ({assignment.team_code}); "
        lines += wrapped(words + "; ".join(assignment.reason), "      ", "  ")
    if lines:
        yield from heading("What moves")
        yield from _capped(lines)


def _unallocated(view: PlanView) -> Lines:
    if not view.plan.unallocated:
        return
    yield from heading("Unallocated, and why")
    lines: list[Text] = []
    for entry in view.plan.unallocated:
        lines += wrapped(entry.sentence, "      ", f"  {entry.crn} {view.case(entry.crn).tier}: ")
    yield from _capped(lines)


def _findings(view: PlanView) -> Lines:
    if not view.plan.findings:
        return
    yield from heading("Findings: what is already held and would not be given today")
    for rule, found in view.findings_by_rule.items():
        yield from wrapped(f"{rule} ({len(found):,}): {ALLOCATION_RULES[rule].sentence}", "    ", "  ")
        for finding in found[:FIRST_FINDINGS]:
            yield from wrapped(finding.sentence, "      ", "    ", style="dim")
        if len(found) > FIRST_FINDINGS:
            yield Text(f"    and {len(found) - FIRST_FINDINGS:,} more", style="dim")


def _objective(view: PlanView) -> Lines:
    objective, plan = view.plan.objective, view.plan
    yield from heading("Objective (in band-points; unallocated weight comes first)")
    proven = "proven least" if plan.unallocated_proven else "not proven least"
    yield _item("unallocated weight", objective.unallocated_weight, proven)
    yield _item("pressure", objective.pressure)
    yield _item("change of officer", objective.change_of_officer)
    yield _item("fit", objective.fit)
    yield _item("total", objective.total)
    yield _item("  fixed", objective.fixed, "what this question cannot move")
    yield _item("  decided", objective.total - objective.fixed, "what the gap speaks of")
    if plan.bound is None:
        yield Text(f"    {'bound':<20} {'unknown':>14}")
    else:
        yield _item("bound", plan.bound, "no plan that leaves as little unallocated costs less")
    gap = "unknown" if plan.gap is None else gap_in_words(plan.gap)
    yield Text(f"    {'gap':<20} {gap:>14}")


def _item(name: str, value: int, note: str = "") -> Text:
    return Text(f"    {name:<20} {value:>14,}  {note}".rstrip())


def _figures(plan: Plan, *, after: bool) -> list[str]:
    figures = plan.balance.after if after else plan.balance.before
    return [
        workload(figures.max_workload),
        workload(figures.spread),
        "-" if figures.gini is None else f"{figures.gini:.3f}",
        str(figures.officers_over_100),
        str(figures.officers_over_110),
        str(figures.max_cases),
    ]


_FIGURES = (
    "highest Workload %",
    "spread of Workload %",
    "Gini of Workload %",
    "officers over 100 %",
    "officers over 110 %",
    "most cases held",
)


def _balance(view: PlanView) -> Lines:
    yield from heading("Balance")
    yield from _columns(
        ["before", "after"], [_figures(view.plan, after=False), _figures(view.plan, after=True)]
    )


def _columns(
    titles: Sequence[str], columns: Sequence[Sequence[str]], names: Sequence[str] = _FIGURES
) -> Lines:
    widths = [max(len(title), 8) + 2 for title in titles]
    yield Text(
        (" " * 26 + "".join(f"{title:>{width}}" for title, width in zip(titles, widths, strict=True))),
        style="dim",
    )
    for number, name in enumerate(names):
        cells = "".join(f"{column[number]:>{width}}" for column, width in zip(columns, widths, strict=True))
        yield Text(f"    {name:<22}{cells}")


def _peers(view: PlanView, peers: Sequence[Plan]) -> Lines:
    plans = (view.plan, *peers)
    yield from heading("Compared with today's ways, one case at a time within the same rules")
    columns = [
        [
            str(len(plan.unallocated)),
            f"{plan.objective.unallocated_weight:,}",
            f"{plan.objective.total - plan.objective.fixed:,}",
            *_figures(plan, after=True),
        ]
        for plan in plans
    ]
    yield from _columns(
        [STRATEGIES[plan.question.strategy] for plan in plans],
        columns,
        ("unallocated cases", "unallocated weight", "decided band-points", *_FIGURES),
    )
    least = view.plan.objective.unallocated_weight
    if any(peer.objective.unallocated_weight > least for peer in peers):
        words = (
            "A plan that leaves more work unallocated has less to pay for: unallocated weight comes first."
        )
        yield Text(f"    {words}", style="dim")
