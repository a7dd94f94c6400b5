"""Arguments and options that commands share."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

ProblemArgument = Annotated[
    Path,
    typer.Argument(metavar="PROBLEM", help="A folder of extracts, an XLSX workbook or a JSON file."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where the result goes, as JSON.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="The plan as a spreadsheet too (.xlsx).")
]
ReleaseOption = Annotated[
    str | None,
    typer.Option(
        "--release",
        metavar="CODES",
        help="Staff codes, separated by commas, whose held cases become waiting work; or 'findings' for every "
        "held case that a finding names.",
    ),
]
TimeLimitOption = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        min=0.1,
        help="Wall time for solving. [default: 10, or none with --work-limit]",
    ),
]
WorkLimitOption = Annotated[
    float | None,
    typer.Option(
        "--work-limit",
        metavar="UNITS",
        min=0.01,
        help="Deterministic work for solving: the same input, seed and threads give the same plan.",
    ),
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, max=2**31 - 1, help="Every random choice follows from it.")
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, max=256, help="Threads to solve with.")]
StartOption = Annotated[
    Path | None,
    typer.Option("--start", metavar="FILE", help="A plan in hand (plan.json) to begin from."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="A policy file (see 'evenhand policy show')."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The plan date, whatever the input says."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The result as JSON alone, on stdout.")]
CompareOption = Annotated[
    bool | None,
    typer.Option(
        "--compare/--no-compare",
        help="Compare with what is done today, one case at a time. [default: where it is quick]",
    ),
]


class StrategyName(enum.StrEnum):
    """How a plan is made."""

    OPTIMISE = "optimise"
    LEAST_LOADED = "least_loaded"
    PREVIOUS_OFFICER = "previous_officer"


StrategyOption = Annotated[
    StrategyName,
    typer.Option(
        "--strategy",
        help="optimise, or one case at a time as today: to the least loaded, or back to a previous officer.",
    ),
]


class KindName(enum.StrEnum):
    """What was asked of a plan made elsewhere."""

    ALLOCATE = "allocate"
    REBALANCE = "rebalance"


class SchemeName(enum.StrEnum):
    """Tier schemes."""

    V2 = "V2"
    V3 = "V3"


DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME; EVENHAND_DATABASE_URL says it too, and keeps a password "
        "out of the history. [default: a file in the user's data folder]",
    ),
]
