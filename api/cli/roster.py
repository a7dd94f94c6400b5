"""`evenhand roster`: placements, sessions and appointments for the weeks of a team."""

from __future__ import annotations

import enum
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
    TimeLimitOption,
    WorkLimitOption,
)

RosterReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="The roster as a spreadsheet too (.xlsx).")
]
CalendarOption = Annotated[
    Path | None, typer.Option("--calendar", metavar="FILE", help="The sessions as a calendar too (.ics).")
]
CalendarForOption = Annotated[
    str | None,
    typer.Option(
        "--calendar-for",
        metavar="CODE",
        help="Whose calendar: a supervisor's sessions with who is booked, or one CRN's appointments.",
    ),
]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="The first day, whatever the input says.")
]
WeekOption = Annotated[
    int, typer.Option("--week", min=1, max=27, help="Which week of the horizon is shown as a grid.")
]


class RosterStrategyName(enum.StrEnum):
    """How a roster is made."""

    OPTIMISE = "optimise"
    FULL_MODEL = "full_model"


def roster(  # noqa: PLR0913 - one parameter for each option
    problem: ProblemArgument,
    *,
    out: OutOption = None,
    report: RosterReportOption = None,
    calendar: CalendarOption = None,
    calendar_for: CalendarForOption = None,
    start: Annotated[
        Path | None, typer.Option("--start", metavar="FILE", help="A roster in hand to begin from.")
    ] = None,
    strategy: Annotated[
        RosterStrategyName,
        typer.Option("--strategy", help="optimise, or full_model: one CP-SAT model, for small teams."),
    ] = RosterStrategyName.OPTIMISE,
    time_limit: TimeLimitOption = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    policy: PolicyOption = None,
    first: FromOption = None,
    week: WeekOption = 1,
    as_json: JsonOption = False,
) -> int:
    """Who goes where on which regular day, which sessions run under whom, and when everybody finishes."""
    from api.cli.planning import limits_of
    from api.cli.rostering import Rostering, Where, make

    return make(
        Rostering(
            source=problem,
            limits=limits_of(time_limit, work_limit, seed, threads),
            where=Where(out, report, calendar, calendar_for, week, as_json),
            policy=policy,
            first=first,
            start=start,
            strategy=strategy.value,
        )
    )
