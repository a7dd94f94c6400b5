"""Rosters against the best of all rosters of tiny teams, which knows the checker alone."""

from __future__ import annotations

import pytest
from hypothesis import settings

from models.policy.policy import default_policy
from models.unpaid_work.roster import RosterQuestion
from solver.engine import Limits
from solver.unpaid_work.full_model import full_model_roster
from solver.unpaid_work.roster import make_roster
from solver.verify.unpaid_work import recompute_roster, verify_roster
from tests.support.every_roster import EveryRoster
from tests.support.tiny_teams import tiny_team
from tests.support.unpaid import honest_roster

POLICY = default_policy()
LIMITS = Limits(seconds=None, work=10.0, threads=1)
BLOCKS = 8
TEAMS = settings().max_examples * 17 // 10 // BLOCKS
"""Teams of each block: 336 in all in the normal profile, 3,400 in the long one."""


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_full_model_is_as_good_as_the_best_of_all_rosters(block: int) -> None:
    compared = 0
    for seed in range(block * TEAMS, (block + 1) * TEAMS):
        team = tiny_team(seed)
        best = EveryRoster(team, POLICY).best()
        if best is None:
            continue
        compared += 1
        total, lines = best
        roster = full_model_roster(team, POLICY, LIMITS)
        assert (seed, roster.status, roster.bound) == (seed, "OPTIMAL", total)
        assert roster.objective.total == total
        # The best of all is a roster in every respect, with all it claims.
        assert verify_roster(team, honest_roster(team, lines, question=RosterQuestion()), POLICY) == ()
    assert compared >= 0.9 * TEAMS  # more than 300 in all


def test_the_price_of_what_is_chosen_adds_up() -> None:
    """That the search tries rosters in the order of their price rests on this."""
    for seed in range(12):
        team = tiny_team(seed)
        every = EveryRoster(team, POLICY)
        best = every.best()
        if best is not None:
            assert recompute_roster(team, best[1], POLICY).total == best[0] == every.expected


@pytest.mark.parametrize("seed", range(8))
def test_a_roster_made_by_search_is_never_better_and_its_bound_never_above(seed: int) -> None:
    team = tiny_team(seed)
    best = EveryRoster(team, POLICY).best()
    assert best is not None
    roster = make_roster(team, POLICY, Limits(seconds=None, work=0.2, threads=1))
    assert roster.objective.total >= best[0]
    assert roster.bound is None or roster.bound <= best[0]
