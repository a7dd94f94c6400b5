"""A roster on a page of text, 100 columns wide: for a terminal with styles, for a pipe without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from api.reports.roster_grid import week_grid, weeks_of
from api.reports.roster_view import RosterView, percent
from api.reports.summary import counted, heading, wrapped
from models.rules import UNPAID_WORK_RULES
from models.unpaid_work.roster import RosterKind

MOST_LINES = 40
FIRST_FINDINGS = 3

Lines = Iterator[Text]


def roster_summary(view: RosterView, *, week: int = 1) -> Lines:
    """The lines of the summary. week: which calendar week of the horizon the grid shows, from 1."""
    yield from _headline(view)
    if view.roster.question.kind is RosterKind.REPAIR:
        yield from changes_lines(view)
    mondays = weeks_of(view)
    if 1 <= week <= len(mondays):
        yield from week_grid(view, mondays[week - 1])
    yield from _unplaced(view)
    yield from _late(view)
    yield from _findings(view)
    yield from _objective(view)


def _headline(view: RosterView) -> Lines:
    roster = view.roster
    yield Text(f"{view.title}: {view.headline}", style="bold")
    yield Text()
    unplaced = len(roster.unplaced)
    placed = (
        f"{view.waiting - unplaced:,} of {counted(view.waiting, 'requirement')} with minutes left are placed"
    )
    yield Text(f"  {placed}", style="yellow" if unplaced else "green")
    supervisors = len({each.supervisor_code for each in roster.sessions if each.supervisor_code is not None})
    yield Text(
        f"  {counted(len(roster.appointments), 'appointment')} in {counted(len(roster.sessions), 'session')} "
        f"under {counted(supervisors, 'supervisor')}; {counted(len(roster.placements), 'placement')}"
    )
    downs = view.stand_downs
    if downs.share is not None:
        yield Text(
            f"  {downs.expected:.1f} days are expected to be stood down for want of a place, "
            f"{percent(downs.share)} of the days planned"
        )
    if view.late:
        minutes = sum(each.minutes_expected_short for each in view.late)
        yield Text(
            f"  {hours(minutes)} hours of {counted(len(view.late), 'requirement')} are expected to be lost (below)"
        )
    if roster.findings:
        yield Text(f"  {counted(len(roster.findings), 'finding')} about what was there already (below)")
    yield Text(f"  every rule checked again without the solver; {roster.wall_seconds:.1f} s")


def hours(minutes: int) -> str:
    """Minutes as hours with one decimal."""
    return f"{minutes / 60:,.1f}"


def changes_lines(view: RosterView) -> Lines:
    """Whom a repair has to tell what."""
    changes = view.roster.changes
    yield from heading(f"Whom to tell ({counted(len(changes), 'change')})")
    if not changes:
        yield Text("  nobody: what was told stands", style="green")
    for change in changes:
        words = " to ".join(part for part in (change.before, change.after) if part is not None)
        yield from wrapped(f"{change.crn}: {change.kind}: {words}", "      ", "  ")


def _capped(lines: Sequence[Text], what: str) -> Lines:
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield Text(f"  and {len(lines) - MOST_LINES:,} more {what}: see the roster", style="dim")


def _unplaced(view: RosterView) -> Lines:
    if not view.roster.unplaced:
        return
    yield from heading("Without an appointment, and why")
    lines: list[Text] = []
    for entry in view.roster.unplaced:
        lines += wrapped(f"{entry.sentence} ({', '.join(entry.rules)})", "      ", "  ")
    yield from _capped(lines, "lines")


def _late(view: RosterView) -> Lines:
    if not view.late:
        return
    yield from heading("Expected not to finish by the date to complete by")
    yield Text(
        f"  {'crn':<9} {'event':>5} {'hours left':>11} {'booked':>8} {'short':>8}  complete by", style="dim"
    )
    lines = []
    for each in view.late:
        by = view.person(each.crn, each.delius_event_number).complete_by
        figures = (each.remaining_minutes, each.booked_minutes, each.minutes_expected_short)
        left, booked, short = (hours(minutes) for minutes in figures)
        who = f"  {each.crn:<9} {each.delius_event_number:>5}"
        lines.append(Text(f"{who} {left:>11} {booked:>8} {short:>8}  {by}"))
    yield from _capped(lines, "people")


def _findings(view: RosterView) -> Lines:
    if not view.roster.findings:
        return
    yield from heading("Findings: what was there already and would not be made today")
    for rule, found in view.findings_by_rule.items():
        sentence = UNPAID_WORK_RULES[rule].sentence if rule in UNPAID_WORK_RULES else ""
        yield from wrapped(f"{rule} ({len(found):,}): {sentence}", "    ", "  ")
        for finding in found[:FIRST_FINDINGS]:
            yield from wrapped(finding.sentence, "      ", "    ", style="dim")
        if len(found) > FIRST_FINDINGS:
            yield Text(f"    and {len(found) - FIRST_FINDINGS:,} more", style="dim")


def _objective(view: RosterView) -> Lines:
    roster = view.roster
    yield from heading("Objective (tenths of a minute)")
    yield Text(f"    {'':<36} {'count':>12} {'price':>10} {'sum':>14}", style="dim")
    for item in view.items:
        yield Text(f"    {item.words:<36} {item.count:>12,} {item.price:>10,} {item.sum:>14,}")
    yield Text(f"    {'total':<36} {'':>12} {'':>10} {roster.objective.total:>14,}")
    bound = "unknown" if roster.bound is None else f"{roster.bound:,}"
    yield Text(f"    {'bound':<36} {'':>12} {'':>10} {bound:>14}")
    for name, value in (("gap", roster.gap), ("gap net of what nobody competes for", roster.gap_net)):
        shown = "unknown" if value is None else percent(value)
        yield Text(f"    {name:<36} {'':>12} {'':>10} {shown:>14}")
