"""Fewest supervisors: by hand, against every way of doing it, and where the search has to work."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solver.engine import Clock, Limits, Status, Stop
from solver.unpaid_work.supervising import solve
from solver.unpaid_work.supervising.construct import construct
from solver.unpaid_work.supervising.duties import NOBODY, Duties, faults_of
from solver.unpaid_work.supervising.search import Budget, Search, begin, complete
from solver.unpaid_work.supervising.solve import supervise

From = Callable[[list[tuple[int, int]], list[set[int]]], Duties]
Make = Callable[[int], Duties]

WORK = Limits(seconds=None, work=5.0, seed=1, threads=1)


def test_two_in_turn_are_enough_when_nothing_meets(duties_from: From) -> None:
    # Three duties, at most two at once; either person may do all: two people, the bound.
    found = supervise(duties_from([(9, 12), (10, 14), (12, 16)], [{0, 1, 2}, {0, 1, 2}, {0, 1, 2}]), WORK)
    assert (found.status, found.value, found.bound) == (Status.OPTIMAL, 2, 2)


def test_skills_may_need_more_people_than_the_busiest_moment(duties_from: From) -> None:
    # One duty at a time, but nobody may do both: two people, one more than ever run at once.
    found = supervise(duties_from([(9, 12), (13, 16)], [{0}, {1}]), WORK)
    assert (found.status, found.value, found.bound) == (Status.OPTIMAL, 2, 2)


def test_a_duty_that_nobody_may_do_has_no_plan(duties_from: From) -> None:
    found = supervise(duties_from([(9, 12), (13, 16)], [{0}, {0}]), WORK)
    assert (found.status, found.holder, found.value, found.bound) == (Status.INFEASIBLE, None, None, None)


def test_two_duties_at_once_for_one_able_person_have_no_plan(duties_from: From) -> None:
    found = supervise(duties_from([(9, 12), (10, 16)], [{0, 1}, set()]), WORK)
    assert (found.status, found.holder) == (Status.INFEASIBLE, None)


def test_nothing_to_do_is_done_by_nobody(duties_from: From) -> None:
    found = supervise(duties_from([], [set()]), WORK)
    assert (found.status, found.value, found.bound) == (Status.OPTIMAL, 0, 0)


@pytest.mark.parametrize("seed", range(40))
def test_as_few_as_by_trying_everything(
    tiny: Make, fewest: Callable[[Duties], int | None], seed: int
) -> None:
    duties = tiny(seed)
    found = supervise(duties, WORK)
    least = fewest(duties)
    assert found.value == least
    assert found.bound == least
    assert found.status is (Status.INFEASIBLE if least is None else Status.OPTIMAL)
    if found.holder is not None:
        assert faults_of(duties, found.holder) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_team_is_supervised_by_a_search_that_can_be_repeated(
    team: Make, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "SMALL_MODEL", 0)
    duties = team(seed)
    found, again = (supervise(duties, WORK) for _ in range(2))
    assert found.holder is not None
    assert again.holder is not None
    assert faults_of(duties, found.holder) == []
    assert found.holder.tolist() == again.holder.tolist()
    assert found.bound is not None
    assert found.value == len(np.unique(found.holder)) >= found.bound >= duties.most_at_once()


@pytest.mark.parametrize("threads", [1, 2])
def test_search_and_model_together_agree_with_the_model_alone(
    team: Make, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    duties = team(7)
    alone = supervise(duties, Limits(seconds=20.0, seed=1, threads=1))
    monkeypatch.setattr(solve, "SMALL_MODEL", 0)
    found = supervise(duties, Limits(seconds=20.0, seed=2, threads=threads))
    assert alone.status is found.status is Status.OPTIMAL
    assert found.value == alone.value


def test_a_request_to_end_ends_the_question(team: Make) -> None:
    stop = Stop()
    stop.request()
    found = supervise(team(1), Limits(seconds=None, seed=1, threads=2), stop=stop)
    assert found.bound is not None
    assert found.holder is None or faults_of(team(1), found.holder) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_constructed_plan_breaks_no_rule_and_uses_no_more_than_allowed(team: Make, seed: int) -> None:
    duties = team(seed)
    for target in (3, 12):
        holder = construct(duties, duties.clashes(), target, np.random.default_rng(seed))
        placed = holder != NOBODY
        part = Duties(duties.starts[placed], duties.ends[placed], duties.qualified[placed])
        assert faults_of(part, holder[placed]) == []
        assert len(np.unique(holder[placed])) <= target


def test_steps_keep_the_rules_and_the_number_of_people(team: Make) -> None:
    duties = team(3)
    search = begin(duties, duties.most_at_once(), np.random.default_rng(3))
    search.holder[:] = NOBODY  # from nothing, so that steps have everything to do
    for _ in range(12):
        if not len(search.left_over):
            break
        search.step(Limits(seconds=None, work=0.2, seed=1, threads=1))
        placed = search.holder != NOBODY
        part = Duties(duties.starts[placed], duties.ends[placed], duties.qualified[placed])
        assert faults_of(part, search.holder[placed]) == []
        assert len(search.active) <= search.target
    assert (search.holder != NOBODY).sum() > duties.count // 2


def test_who_does_least_retires(duties_from: From) -> None:
    duties = duties_from([(1, 2), (2, 3), (3, 4)], [{0, 1, 2}, {0, 1, 2}])
    search = Search(duties, duties.clashes(), 2, np.array([0, 0, 1]), np.random.default_rng(0))
    search.retire()
    assert search.holder.tolist() == [0, 0, NOBODY]
    assert search.target == 1
    assert complete(search, Budget(WORK, Clock(None), None, 20, ()))
    assert search.holder.tolist() == [0, 0, 0]
