"""A week of a roster as a grid of text: a row for each project, a column for each day on which something runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from rich.text import Text

from api.reports.roster_view import RosterView
from models.unpaid_work.roster import Session
from models.unpaid_work.terms import WEEK, show_time

NAME_WIDTH = 9
CELL_WIDTH = 13
NEARLY_FULL = 0.03
"""A session whose chance of overflow is at least this is marked: there is room for nobody more."""

Lines = Iterator[Text]


def weeks_of(view: RosterView) -> tuple[dt.date, ...]:
    """The Mondays of the calendar weeks that the horizon touches."""
    first = view.problem.first - dt.timedelta(days=view.problem.first.weekday())
    last = view.problem.end - dt.timedelta(days=1)
    return tuple(first + dt.timedelta(days=7 * number) for number in range((last - first).days // 7 + 1))


def week_grid(view: RosterView, monday: dt.date) -> Lines:
    """The lines of the grid: for each session its time, booked/places, and supervisor.

    Days without a session are left out; a project without one is left out too.
    """
    found = [
        session for session in view.roster.sessions if monday <= session.date < monday + dt.timedelta(days=7)
    ]
    days = sorted({session.date for session in found})
    title = f"Week of {monday.day} {monday:%B %Y}"
    yield Text()
    yield Text(title, style="bold")
    if not found:
        yield Text("  nothing runs", style="dim")
        return
    yield Text("  time, booked/places, supervisor; * full to the limit of the chance rule", style="dim")
    heads = "".join(f"{WEEK[day.weekday()][:3].title()} {day:%d}".ljust(CELL_WIDTH) for day in days)
    yield Text(f"  {'':<{NAME_WIDTH}}{heads}".rstrip(), style="dim")
    for code in sorted({session.project_code for session in found}):
        cells = [
            _cell([each for each in found if each.project_code == code and each.date == day]) for day in days
        ]
        for number in range(max(len(cell) for cell in cells)):
            name = code[: NAME_WIDTH - 1] if number == 0 else ""
            parts = "".join((cell[number] if number < len(cell) else "").ljust(CELL_WIDTH) for cell in cells)
            yield Text(f"  {name:<{NAME_WIDTH}}{parts}".rstrip())


def _cell(sessions: Sequence[Session]) -> list[str]:
    """The lines of one project's day."""
    lines = []
    for session in sorted(sessions, key=lambda each: each.start_time):
        mark = "*" if session.overflow_probability >= NEARLY_FULL else ""
        lines.append(f"{show_time(session.start_time)} {session.booked}/{session.places}{mark}")
        lines.append((session.supervisor_code or "-")[: CELL_WIDTH - 1])
    return lines
