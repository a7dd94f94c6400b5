"""A few generated teams, made once."""

from __future__ import annotations

import pytest

from models.synthetic import unpaid_work_parameters
from models.synthetic.unpaid_work import START, DrawnTeam, draw_team


def drawn(seed: int) -> DrawnTeam:
    """A team of the example's size."""
    return draw_team(
        unpaid_work_parameters(), seed=seed, people=160, projects=10, supervisors=9, weeks=8, start=START
    )


@pytest.fixture(scope="session", params=[7, 1, 2, 3, 4])
def team(request: pytest.FixtureRequest) -> DrawnTeam:
    """Teams of several seeds, one after the other."""
    return drawn(request.param)


@pytest.fixture(scope="session")
def teams() -> list[DrawnTeam]:
    """Teams of several seeds together."""
    return [drawn(seed) for seed in range(11, 17)]
