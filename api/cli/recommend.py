"""`evenhand recommend`: every officer for one case, the best first, and why the others may not take it."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import AsOfOption, JsonOption, PolicyOption, ProblemArgument, ReleaseOption


def recommend(
    problem: ProblemArgument,
    crn: Annotated[str, typer.Option("--crn", metavar="CRN", help="The case, such as X123456.")],
    release: ReleaseOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> int:
    """Rank every officer for one case by exact price, with the rules that forbid each who may not take it."""
    from api.cli.exits import ExitCode
    from api.cli.loading import check_released, released_of, the_policy, the_problem
    from api.cli.terminal import show, show_json
    from api.reports.recommendation import recommendation_lines

    released = released_of(release)
    rules = the_policy(policy)
    loaded = the_problem(problem, as_of)
    check_released(loaded, released)
    from solver.allocation.recommend import Recommender

    found = Recommender.of(loaded, rules, released=released).recommend(crn.strip().upper())
    if as_json:
        show_json(found.as_json())
    else:
        show(recommendation_lines(loaded, found))
    return ExitCode.DONE if any(option.eligible for option in found.options) else ExitCode.NOT_CLEAN
