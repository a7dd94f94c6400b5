"""`evenhand rebalance`: waiting cases placed, and held ones moved within a budget."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import (
    AsOfOption,
    JsonOption,
    OutOption,
    PolicyOption,
    ProblemArgument,
    ReleaseOption,
    ReportOption,
    SeedOption,
    StartOption,
    ThreadsOption,
    TimeLimitOption,
    WorkLimitOption,
)


def rebalance(  # noqa: PLR0913 - one parameter for each option
    problem: ProblemArgument,
    *,
    moves: Annotated[int, typer.Option("--moves", min=0, help="At most so many held cases change officer.")],
    out: OutOption = None,
    report: ReportOption = None,
    release: ReleaseOption = None,
    time_limit: TimeLimitOption = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    policy: PolicyOption = None,
    start: StartOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> int:
    """Place what waits and move at most so many held cases, where a move is worth its price."""
    from api.cli.loading import released_of
    from api.cli.planning import Answer, answer, limits_of
    from models.allocation.plan import Question, QuestionKind

    return answer(
        Answer(
            source=problem,
            question=Question(QuestionKind.REBALANCE, moves, released_of(release)),
            limits=limits_of(time_limit, work_limit, seed, threads),
            policy=policy,
            start=start,
            as_of=as_of,
            out=out,
            report=report,
            compare=False,
            as_json=as_json,
        )
    )
