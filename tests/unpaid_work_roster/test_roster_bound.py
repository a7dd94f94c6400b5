"""The bound of rosters: never above the best of all rosters of a tiny team; by hand where it can be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import HalfDay
from solver.unpaid_work.board import board_of
from solver.unpaid_work.bound import Bounding
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.kept_up import desk_of, least_price
from solver.unpaid_work.pairs import least_together
from solver.unpaid_work.relaxed import relaxation_of
from tests.support.every_roster import EveryRoster
from tests.support.tiny_teams import tiny_team
from tests.support.unpaid import day, open_on, person, problem, project, told

POLICY = default_policy()
TUESDAY = (HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)
BLOCKS = 4
TEAMS = 35
"""Teams of each block."""
ROUNDS = 2


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_roster_of_a_tiny_team_costs_less_than_the_bound(block: int) -> None:
    compared = 0
    for seed in range(5000 + block * TEAMS, 5000 + (block + 1) * TEAMS):
        team = tiny_team(seed)
        best = EveryRoster(team, POLICY).best()
        if best is None:
            continue
        compared += 1
        bounding = bounding_of(team)
        assert (seed, bounding.own_best <= best[0]) == (seed, True)
        for _ in range(ROUNDS):
            assert (seed, bounding.bound <= best[0]) == (seed, True)
            bounding.advance()
    assert compared >= 0.9 * TEAMS


def test_two_events_of_one_person_share_the_only_day_of_the_week() -> None:
    """Four weeks of one Tuesday, 240 minutes remain of both, and both orders end with the horizon.

    Alone each is offered all of it on the first day, for a journey of 40, and loses a quarter of it: 60 minutes for
    200. Together one of them waits for the second Tuesday and is 240 minutes short of the first week's offer, for 40.
    """
    one = person(
        required_minutes=240,
        availability=TUESDAY,
        attendance_probability=0.75,
        travel_minutes=10,
        complete_by=day(27),
    )
    made = problem([one, dataclasses.replace(one, event_number=2)], [project(min_people=1)], weeks=4)
    facts = RosterFacts(made, POLICY)
    bounding = Bounding(facts, board_of(facts))
    board, relaxation, promised = bounding.board, bounding.relaxation, bounding.promised
    taken, both = np.zeros((2, len(facts.sessions))), np.arange(2)
    alone = least_price(board, relaxation, promised, desk_of(facts), 0, taken[0], 0)
    assert alone == 60 * 200 + 40
    assert relaxation.paired.all()
    together = least_together(
        board,
        relaxation,
        promised,
        both,
        np.zeros(taken.shape),
        int(facts.weekly_most[0]),
        np.zeros((1, 2)),
        taken,
    )
    assert together == 2 * (60 * 200 + 40) + 240 * 40
    assert taken.sum(axis=1).tolist() == [1.0, 1.0]
    assert sorted(facts.sessions.week[np.flatnonzero(taken.sum(axis=0))].tolist()) == [0, 1]
    assert bounding.own_best in range(int(together) - 1, int(together) + 1)


@pytest.mark.parametrize(("minutes", "kept"), [(2000, True), (3000, False)])
def test_a_told_appointment_is_worth_a_journey_up_to_its_price(minutes: int, kept: bool) -> None:
    """Dropping it costs 8,400, the journey there and back 4 for each minute of it; another session is at the door."""
    one = person(
        required_minutes=420,
        appointments=(told(1),),
        travel_minutes=minutes,
        max_travel_minutes=minutes,
        attendance_probability=1.0,
        availability=TUESDAY,
    )
    facts = RosterFacts(problem([one], [project("P01", open_on())], weeks=1), POLICY)
    relaxation = relaxation_of(facts)
    assert (relaxation.fare[relaxation.stay > 0] < 0).any() == kept
    assert relaxation.fare[0, 0] == 4 * minutes - 8400


def bounding_of(team: UnpaidWorkProblem) -> Bounding:
    facts = RosterFacts(team, POLICY)
    return Bounding(facts, board_of(facts))
