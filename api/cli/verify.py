"""`evenhand verify`: every rule again, from the input alone, for a plan from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsOfOption, JsonOption, KindName, PolicyOption, ProblemArgument, ReleaseOption


def verify(
    problem: ProblemArgument,
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="PLAN",
            help="plan.json, roster.json, or a CSV, XLSX or Parquet table with crn, staffCode, teamCode.",
        ),
    ],
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    kind: Annotated[
        KindName, typer.Option("--kind", help="For a table: the question that it answers.")
    ] = KindName.ALLOCATE,
    moves: Annotated[
        int, typer.Option("--moves", min=0, help="For a table with --kind rebalance: the move budget.")
    ] = 0,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check a plan or roster against every rule, and what it claims of itself. Exit code 1 when anything is broken."""
    from api.cli.checking import Check, check
    from api.cli.loading import released_of
    from models.allocation.plan import Question, QuestionKind

    question = Question(QuestionKind(kind.value.upper()), moves, released_of(release))
    return check(Check(problem, plan, policy, as_of, question, as_json))
