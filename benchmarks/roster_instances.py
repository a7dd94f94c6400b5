"""Teams for the roster benchmarks: team-300x12x8-v17-s11 has 300 people, 12 projects, 8 weeks, 17 supervisors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.errors import UsageError
from models.synthetic.unpaid_parameters import unpaid_work_parameters
from models.synthetic.unpaid_work import generate_unpaid_work
from models.unpaid_work.problem import UnpaidWorkProblem

PEOPLE_A_SUPERVISOR = 160 / 9
"""As in the generator's own default team."""

_NAME = re.compile(r"team-(\d+)x(\d+)x(\d+)-v(\d+)-s(\d+)")


@dataclass(frozen=True)
class Team:
    """The size of a team, and the seed that draws it."""

    people: int
    projects: int
    weeks: int
    supervisors: int
    seed: int

    @property
    def name(self) -> str:
        return f"team-{self.people}x{self.projects}x{self.weeks}-v{self.supervisors}-s{self.seed}"

    @property
    def size(self) -> str:
        """The name without the seed."""
        return self.name.rpartition("-")[0]

    def problem(self) -> UnpaidWorkProblem:
        """The team, drawn by the generator of models/synthetic."""
        return generate_unpaid_work(
            unpaid_work_parameters(),
            seed=self.seed,
            people=self.people,
            projects=self.projects,
            supervisors=self.supervisors,
            weeks=self.weeks,
        )


def team(people: int, projects: int, weeks: int, seed: int, supervisors: int | None = None) -> Team:
    """A team; supervisors in proportion to people where none are given."""
    return Team(people, projects, weeks, supervisors or max(1, round(people / PEOPLE_A_SUPERVISOR)), seed)


def team_of(name: str) -> Team:
    """The team of a name; raises UsageError when it is none."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise UsageError(f"'{name}' names no team; expected one such as team-300x12x8-v17-s11")
    people, projects, weeks, supervisors, seed = map(int, found.groups())
    return Team(people, projects, weeks, supervisors, seed)
