"""`evenhand allocate`: an officer for each waiting case."""

from __future__ import annotations

from api.cli.options import (
    AsOfOption,
    CompareOption,
    JsonOption,
    OutOption,
    PolicyOption,
    ProblemArgument,
    ReleaseOption,
    ReportOption,
    SeedOption,
    StartOption,
    StrategyName,
    StrategyOption,
    ThreadsOption,
    TimeLimitOption,
    WorkLimitOption,
)


def allocate(  # noqa: PLR0913 - one parameter for each option
    problem: ProblemArgument,
    *,
    out: OutOption = None,
    report: ReportOption = None,
    release: ReleaseOption = None,
    strategy: StrategyOption = StrategyName.OPTIMISE,
    time_limit: TimeLimitOption = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    policy: PolicyOption = None,
    start: StartOption = None,
    as_of: AsOfOption = None,
    compare: CompareOption = None,
    as_json: JsonOption = False,
) -> int:
    """Give each waiting case an officer; nobody loses a case they hold."""
    from api.cli.loading import released_of
    from api.cli.planning import Answer, answer, limits_of
    from models.allocation.plan import Question

    return answer(
        Answer(
            source=problem,
            question=Question(released=released_of(release), strategy=strategy.value),
            limits=limits_of(time_limit, work_limit, seed, threads),
            policy=policy,
            start=start,
            as_of=as_of,
            out=out,
            report=report,
            compare=compare,
            as_json=as_json,
        )
    )
