"""Prices beside the search, in a thread of their own."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.unpaid_work.roster import RosterQuestion
from solver.engine import Limits
from solver.unpaid_work.board import board_of
from solver.unpaid_work.bound import Bounding
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.pricing import Pricing
from solver.unpaid_work.roster import make_roster
from solver.verify.unpaid_work import verify_roster
from tests.support.unpaid import X, Y, every_day, person, problem

POLICY = default_policy()
TEAM = problem([person(X), person(Y)], [every_day(places=1)])


def bounding() -> Bounding:
    facts = RosterFacts(TEAM, POLICY, RosterQuestion())
    return Bounding(facts, board_of(facts))


def test_a_thread_apart_reaches_the_bound_of_rounds_in_turn() -> None:
    alone, beside = bounding(), bounding()
    with Pricing(alone, apart=False, over=lambda: False) as pricing:
        while not pricing.done:
            pricing.advance()
        in_turn = pricing.prices()
    ready = threading.Event()
    with Pricing(beside, apart=True, over=lambda: False) as pricing:
        while not pricing.done:
            ready.wait(0.01)
        apart = pricing.prices()
    assert beside.bound == alone.bound >= alone.own_best
    assert np.array_equal(apart.tolls, in_turn.tolls)
    assert np.array_equal(apart.worth, in_turn.worth)


def test_nothing_is_priced_once_it_is_over() -> None:
    prices = bounding()
    with Pricing(prices, apart=True, over=lambda: True):
        pass
    fresh = bounding()
    assert prices.bound == fresh.bound
    assert np.array_equal(prices.tolls, fresh.tolls)


def test_what_goes_wrong_in_the_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = bounding()

    def fail(_over: object) -> None:
        raise MemoryError

    monkeypatch.setattr(prices, "advance", fail)
    with pytest.raises(MemoryError), Pricing(prices, apart=True, over=lambda: False):
        pass


def test_a_roster_within_seconds_is_sound_on_one_thread_and_on_two() -> None:
    for threads in (1, 2):
        roster = make_roster(TEAM, POLICY, Limits(seconds=1.5, threads=threads))
        assert verify_roster(TEAM, roster, POLICY) == ()
        assert roster.bound is not None
        assert roster.own_best is not None
        assert roster.own_best <= roster.bound <= roster.objective.total
