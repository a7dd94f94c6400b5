"""A whole invented unpaid work problem, from a seed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from models.errors import UsageError
from models.policy.policy import default_policy
from models.synthetic.unpaid_bookings import with_bookings
from models.synthetic.unpaid_parameters import UnpaidWorkParameters
from models.synthetic.unpaid_people import draw_people
from models.synthetic.unpaid_projects import draw_projects
from models.synthetic.unpaid_slots import RunningSlot, draw_running_slots
from models.synthetic.unpaid_supervisors import draw_supervisors
from models.synthetic.unpaid_team import Team, draw_towns
from models.unpaid_work.checks import FIRST_YEAR, LAST_YEAR
from models.unpaid_work.problem import UnpaidWorkProblem

START = dt.date(2026, 11, 23)
"""The first day of generated problems where none is given."""

_MOST_PEOPLE, _MOST_OTHERS, _MOST_WEEKS = 20_000, 900, 26


def generate_unpaid_work(
    parameters: UnpaidWorkParameters,
    *,
    seed: int,
    people: int = 160,
    projects: int = 10,
    supervisors: int = 9,
    weeks: int = 8,
    start: dt.date = START,
) -> UnpaidWorkProblem:
    """An invented team; the same arguments give the same problem.

    people: requirements in all, second events of the same person included. Told appointments together keep every
    hard rule of the default policy, but for the untidy ones that the parameters ask for; bank holidays are closed.
    Raises UsageError when no such team can be made.
    """
    return draw_team(
        parameters,
        seed=seed,
        people=people,
        projects=projects,
        supervisors=supervisors,
        weeks=weeks,
        start=start,
    ).problem


@dataclass(frozen=True, slots=True)
class DrawnTeam:
    """A generated problem, and the regular sessions in which its told appointments lie."""

    problem: UnpaidWorkProblem
    running: tuple[RunningSlot, ...]


def draw_team(
    parameters: UnpaidWorkParameters,
    *,
    seed: int,
    people: int,
    projects: int,
    supervisors: int,
    weeks: int,
    start: dt.date,
) -> DrawnTeam:
    """As generate_unpaid_work, with the regular sessions and their supervisors."""
    _check(people, projects, supervisors, weeks, start)
    rng = np.random.default_rng(seed)
    team = Team(
        rng=rng,
        parameters=parameters,
        policy=default_policy().unpaid_work,
        start=start,
        weeks=weeks,
        towns=draw_towns(rng, parameters.area, people),
    )
    where = draw_projects(team, projects, people)
    under = draw_supervisors(team, supervisors)
    who = draw_people(team, people, where, under)
    running = draw_running_slots(team, where, under)
    problem = UnpaidWorkProblem(
        first=start,
        weeks=weeks,
        people=tuple(with_bookings(team, who, running)),
        projects=where,
        supervisors=under,
    )
    return DrawnTeam(problem, tuple(running))


def _check(people: int, projects: int, supervisors: int, weeks: int, start: dt.date) -> None:
    for name, number, least, most in (
        ("people", people, 1, _MOST_PEOPLE),
        ("projects", projects, 1, _MOST_OTHERS),
        ("supervisors", supervisors, 0, _MOST_OTHERS),
        ("weeks", weeks, 1, _MOST_WEEKS),
    ):
        if not least <= number <= most:
            raise UsageError(f"{number} {name} cannot be made; ask for {least} to {most} {name}")
    if not FIRST_YEAR + 5 <= start.year <= LAST_YEAR - 5:
        raise UsageError(f"a team cannot begin in {start.year}; ask for {FIRST_YEAR + 5} to {LAST_YEAR - 5}")
