"""`evenhand explain`: why, why not, and what would fix it, for rosters and for plans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import (
    JsonOption,
    PolicyOption,
    ProblemArgument,
    SeedOption,
    ThreadsOption,
    WorkLimitOption,
)


def explain(  # noqa: PLR0913 - one parameter for each option
    problem: ProblemArgument,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json or roster.json.")],
    *,
    crn: Annotated[str | None, typer.Option("--crn", metavar="CRN", help="The case or person.")] = None,
    event: Annotated[
        int | None, typer.Option("--event", min=1, help="A roster: the event, when the person has several.")
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="CODE", help="A roster: why not at this project."),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="A roster: on this date; why its session runs.")
    ] = None,
    supervisor: Annotated[
        str | None,
        typer.Option("--supervisor", metavar="CODE", help="A roster: why not under this supervisor."),
    ] = None,
    levers: Annotated[
        int | None,
        typer.Option(
            "--levers", min=1, max=100, help="A roster: what would fix it; so many changes are solved again."
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            "--time-limit",
            metavar="SECONDS",
            min=0.1,
            help="With --levers: make whole rosters anew, each within it.",
        ),
    ] = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    threads: ThreadsOption = 1,
    policy: PolicyOption = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day or plan date, whatever the input says."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Say why, why not, and what would fix it.

    Of a plan: --crn, or every unallocated case. Of a roster: --crn, alone or with --project and --on; --project with
    --on, and --supervisor; or --levers, alone or with --crn.
    """
    from api.cli.explaining import Asked, explained

    asked = Asked(
        source=problem,
        plan=plan,
        crn=None if crn is None else crn.strip().upper(),
        event=event,
        project=project,
        on=on,
        supervisor=supervisor,
        levers=levers,
        time_limit=time_limit,
        work_limit=work_limit,
        seed=seed,
        threads=threads,
        policy=policy,
        start=start,
        as_json=as_json,
    )
    return explained(asked)
