"""`evenhand generate`: invented problems from a seed, and empty extracts to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import SchemeName

FolderOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="The folder that the files go to.")
]
TemplatesOption = Annotated[
    bool, typer.Option("--templates", help="Empty extracts with their headings, and what each column means.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace extracts that are there already.")]

generate_app = typer.Typer(
    help="Invented problems from a seed, and empty extracts with headings explained.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@generate_app.callback()
def generate(context: typer.Context, out: FolderOption = None, templates: TemplatesOption = False) -> int:
    """Make an invented problem from a seed, or empty extracts to fill in (--templates)."""
    from api.cli.exits import ExitCode
    from models.errors import UsageError

    if context.invoked_subcommand is not None:
        if templates or out is not None:
            raise UsageError(f"options come after '{context.invoked_subcommand}'")
        return ExitCode.DONE
    if not templates:
        raise UsageError(
            "say what to generate: 'generate allocation', 'generate unpaid-work' or 'generate --templates'"
        )
    from api.cli.generating import make_templates

    return make_templates(out)


@generate_app.command("allocation")
def generate_an_allocation(  # noqa: PLR0913 - one parameter for each option
    *,
    out: FolderOption = None,
    templates: TemplatesOption = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same problem.")] = 7,
    cases: Annotated[int, typer.Option("--cases", min=1, max=1_000_000)] = 2300,
    officers: Annotated[int, typer.Option("--officers", min=1, max=20_000)] = 100,
    fill: Annotated[
        float | None,
        typer.Option(
            "--fill", min=0.01, max=3.0, help="Mean Workload before anything is placed; 1.18 is 118 %."
        ),
    ] = None,
    waiting: Annotated[
        float | None, typer.Option("--waiting", min=0.0, max=1.0, help="The share of cases that wait.")
    ] = None,
    scheme: Annotated[SchemeName, typer.Option("--scheme", help="The scheme of tiers.")] = SchemeName.V2,
    plant: Annotated[
        bool, typer.Option("--plant", help="Also planted.csv, a plan for it that is known to break no rule.")
    ] = False,
    parameters: Annotated[
        Path | None, typer.Option("--parameters", metavar="FILE", help="The mix of a unit, as TOML.")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The plan date.")] = None,
    force: ForceOption = False,
) -> int:
    """Make an invented, realistic unit as extracts: officers.csv, cases.csv, problem.csv."""
    from api.cli.generating import Unit, make_templates, make_unit

    if templates:
        return make_templates(out)
    return make_unit(
        Unit(
            out=out,
            seed=seed,
            cases=cases,
            officers=officers,
            fill=fill,
            waiting=waiting,
            scheme=scheme.value,
            plant=plant,
            parameters=parameters,
            as_of=as_of,
            force=force,
        )
    )


@generate_app.command("unpaid-work")
def generate_unpaid_work_team(  # noqa: PLR0913 - one parameter for each option
    *,
    out: FolderOption = None,
    templates: TemplatesOption = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same problem.")] = 7,
    people: Annotated[int, typer.Option("--people", min=1, max=20_000)] = 160,
    projects: Annotated[int, typer.Option("--projects", min=1, max=900)] = 10,
    supervisors: Annotated[
        int | None, typer.Option("--supervisors", min=0, max=900, help="9 for 160 people where not given.")
    ] = None,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=26)] = 8,
    parameters: Annotated[
        Path | None, typer.Option("--parameters", metavar="FILE", help="The mix of a team, as TOML.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day.")] = None,
    force: ForceOption = False,
) -> int:
    """Make an invented, realistic unpaid work team as extracts: people.csv, projects.csv, supervisors.csv and more."""
    from api.cli.generating import Team, make_team, make_team_templates

    if templates:
        return make_team_templates(out)
    return make_team(
        Team(
            out=out,
            seed=seed,
            people=people,
            projects=projects,
            supervisors=supervisors,
            weeks=weeks,
            parameters=parameters,
            start=start,
            force=force,
        )
    )
