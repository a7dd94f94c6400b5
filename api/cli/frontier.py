"""`evenhand frontier`: what each further move of a held case would buy."""

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
    SeedOption,
    ThreadsOption,
    TimeLimitOption,
    WorkLimitOption,
)


def frontier(  # noqa: PLR0913 - one parameter for each option
    problem: ProblemArgument,
    *,
    moves: Annotated[
        str, typer.Option("--moves", metavar="NUMBERS", help="Move budgets, such as 0,5,10,20,50.")
    ],
    out: OutOption = None,
    release: ReleaseOption = None,
    time_limit: TimeLimitOption = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> int:
    """Rebalance within each of several move budgets, so that a manager can choose one.

    Time and work limits are for each budget.
    """
    from api.cli.curve import Frontier, budgets_of, trace
    from api.cli.loading import released_of
    from api.cli.planning import limits_of

    return trace(
        Frontier(
            source=problem,
            budgets=budgets_of(moves),
            released=released_of(release),
            limits=limits_of(time_limit, work_limit, seed, threads),
            policy=policy,
            as_of=as_of,
            out=out,
            as_json=as_json,
        )
    )
