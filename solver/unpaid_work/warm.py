"""Compile the roster search once, so that the first roster on a new machine is as quick as the others.

    python -m solver.unpaid_work.warm

Set-up runs this after solver.assignment.warm; a service may call `warm_up` before it takes requests.
"""

from __future__ import annotations

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from solver.engine import Limits
from solver.unpaid_work.roster import make_roster

LITTLE = Limits(seconds=None, work=0.2, threads=1)
"""Enough work to pass through every step."""


def warm_up() -> None:
    """Pass once through everything that is compiled."""
    team = generate_unpaid_work(
        unpaid_work_parameters(), seed=1, people=24, projects=4, supervisors=4, weeks=4
    )
    make_roster(team, default_policy(), LITTLE)


if __name__ == "__main__":
    warm_up()
