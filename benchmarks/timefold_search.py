"""A planning solution improved by Timefold's local search, in this process. Needs `make peers` and Java 17."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from timefold.solver import SolverFactory
from timefold.solver.config import EnvironmentMode, ScoreDirectorFactoryConfig, SolverConfig

CONFIGURATION = """
<solver xmlns="https://timefold.ai/xsd/solver">
  {before}
  <localSearch>
    <termination><millisecondsSpentLimit>{milliseconds}</millisecondsSpentLimit></termination>
    {kind}
  </localSearch>
</solver>
"""
"""The limit is the local search's: translating and loading the problem takes Timefold longer than a search."""

CONSTRUCTION = "<constructionHeuristic/>"
TABU = "<localSearchType>TABU_SEARCH</localSearchType>"

Solution = TypeVar("Solution")


def search(
    plan: Solution,
    entities: Sequence[type],
    rules: Callable[..., Any],
    *,
    seconds: float,
    seed: int,
    construct: bool = False,
    tabu: bool = False,
) -> Solution:
    """The best found from a plan. construct: fill what is unassigned first. tabu: instead of the default search."""
    text = CONFIGURATION.format(
        before=CONSTRUCTION if construct else "",
        milliseconds=round(1000 * seconds),
        kind=TABU if tabu else "",
    )
    config = SolverConfig(
        solution_class=type(plan),
        entity_class_list=list(entities),
        environment_mode=EnvironmentMode.NO_ASSERT,
        random_seed=seed,
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=rules),
        xml_source_text=text,
    )
    found: Solution = SolverFactory.create(config).build_solver().solve(plan)
    return found
