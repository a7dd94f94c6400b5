"""`evenhand place`: every regular slot for one person, the best first, and why the others are excluded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, PolicyOption, ProblemArgument


def place(
    problem: ProblemArgument,
    crn: Annotated[str, typer.Option("--crn", metavar="CRN", help="The person, such as X123456.")],
    event: Annotated[
        int | None, typer.Option("--event", min=1, help="The event, when the person has several.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            "--roster",
            metavar="FILE",
            help="A roster in hand (roster.json). Without one: what people were told and where they are placed.",
        ),
    ] = None,
    policy: PolicyOption = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day, whatever the input says.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Rank every regular slot for one person by exact price, with dates, forecast and the rules that exclude others."""
    from api.cli.exits import ExitCode
    from api.cli.loading import the_policy, the_team
    from api.cli.terminal import say, show, show_json
    from api.reports.placing import placing_lines
    from models.extracts import read_roster
    from solver.unpaid_work.place import Placer
    from solver.verify.unpaid_work import roster_mismatches

    rules = the_policy(policy)
    in_hand = None if roster is None else read_roster(roster)
    team = the_team(problem, start, rules)
    if in_hand is not None:
        for warning in roster_mismatches(team, in_hand, rules):
            say(f"evenhand: warning: {warning}")
    placer = Placer.of(team, rules, in_hand)
    found = placer.place(placer.person(crn.strip().upper(), event))
    if as_json:
        show_json(found.as_json())
    else:
        show(placing_lines(found))
    return ExitCode.DONE if any(option.eligible for option in found.options) else ExitCode.NOT_CLEAN
