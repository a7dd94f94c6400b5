"""`evenhand repair`: the fewest changes to a roster after something went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import (
    JsonOption,
    OutOption,
    PolicyOption,
    ProblemArgument,
    SeedOption,
    ThreadsOption,
    WorkLimitOption,
)
from api.cli.roster import CalendarForOption, CalendarOption, FromOption, RosterReportOption, WeekOption


def repair(  # noqa: PLR0913 - one parameter for each option
    problem: ProblemArgument,
    roster: Annotated[Path, typer.Argument(metavar="ROSTER", help="The roster in hand (roster.json).")],
    *,
    without_supervisor: Annotated[
        list[str] | None,
        typer.Option("--without-supervisor", metavar="CODE", help="Who is not there; may be repeated."),
    ] = None,
    close_project: Annotated[
        list[str] | None,
        typer.Option("--close-project", metavar="CODE", help="Where nothing runs; may be repeated."),
    ] = None,
    vehicle_off: Annotated[
        list[str] | None,
        typer.Option(
            "--vehicle-off",
            metavar="CODE[:SEATS]",
            help="Whose vehicle is off the road, or has only so many seats; may be repeated.",
        ),
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            metavar="DATE[..DATE]",
            help="On which days, for all of these; may be repeated. [default: every day]",
        ),
    ] = None,
    absent: Annotated[
        list[str] | None,
        typer.Option("--absent", metavar="CRN:DATE", help="Who does not come, and when; may be repeated."),
    ] = None,
    first_day: Annotated[
        str | None,
        typer.Option("--first-day", metavar="DATE", help="The first day that may change. [default: any]"),
    ] = None,
    out: OutOption = None,
    report: RosterReportOption = None,
    calendar: CalendarOption = None,
    calendar_for: CalendarForOption = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            "--time-limit",
            metavar="SECONDS",
            min=0.1,
            help="Wall time for solving. [default: 5, or none with --work-limit]",
        ),
    ] = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    policy: PolicyOption = None,
    first: FromOption = None,
    week: WeekOption = 1,
    as_json: JsonOption = False,
) -> int:
    """Change as little as can be of what people were told, after an illness, a closure or an absence.

    Changes in the extracts since (new people, other availability) count too.
    """
    from api.cli.repairing import REPAIR_SECONDS, Trouble, mend
    from api.cli.rostering import Where
    from solver.engine import Limits

    seconds = REPAIR_SECONDS if time_limit is None and work_limit is None else time_limit
    return mend(
        problem,
        roster,
        Trouble(
            supervisors=tuple(without_supervisor or ()),
            projects=tuple(close_project or ()),
            vehicles=tuple(vehicle_off or ()),
            days=tuple(on or ()),
            absent=tuple(absent or ()),
            first_day=first_day,
        ),
        Limits(seconds=seconds, work=work_limit, seed=seed, threads=threads),
        Where(out, report, calendar, calendar_for, week, as_json),
        policy=policy,
        first=first,
    )
