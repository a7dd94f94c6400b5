"""Linked cases: members that are received join one another and those who stay; splits already held are no violation."""

from __future__ import annotations

from typing import Any

from tests.support.plans import broken, violations
from tests.support.problems import case, held, officer, problem, rebalance

X, Y, Z = "X000001", "X000002", "X000003"
A, B, C = officer(), officer("N03A002"), officer("N03A003")
A2 = officer(team_code="N03F02")
TOGETHER: dict[str, Any] = {"together_group": "brothers"}
APART: dict[str, Any] = {"apart_group": "co-defendants"}


def test_waiting_members_share_one_person() -> None:
    one = problem([A, A2, B], [case(X, **TOGETHER), case(Y, **TOGETHER), case(Z)])
    assert broken(one, {X: A, Y: A, Z: B}) == []
    assert broken(one, {X: A, Y: A2}) == []  # one person in two teams
    assert broken(one, {X: A, Y: None}) == []  # one may be left unallocated
    assert broken(one, {X: A, Y: B}) == [("linked_cases", X), ("linked_cases", Y)]


def test_together_sentence_names_both_cases_and_persons() -> None:
    one = problem([A, B], [case(X, **TOGETHER), case(Y, **TOGETHER)])
    assert violations(one, {X: A, Y: B})[0].sentence == (
        "X000001 is to be held together with X000002; their officers would be N03A001 and N03A002"
    )


def test_a_waiting_member_joins_who_holds_the_group_or_stays_unallocated() -> None:
    one = problem([A, A2, B], [held(X, "D2", A, **TOGETHER), case(Y, **TOGETHER)])
    assert broken(one, {Y: A}) == []
    assert broken(one, {Y: A2}) == []
    assert broken(one, {}) == []
    assert broken(one, {Y: B}) == [("linked_cases", Y)]


def test_a_split_already_held_is_kept_and_joined_at_either_part() -> None:
    one = problem(
        [A, B, C], [held(X, "D2", A, **TOGETHER), held(Y, "D2", B, **TOGETHER), case(Z, **TOGETHER)]
    )
    assert broken(one, {}) == []
    assert broken(one, {Z: A}) == []
    assert broken(one, {Z: B}) == []
    assert broken(one, {Z: C}) == [("linked_cases", Z)]


def test_held_members_move_together_or_to_one_another() -> None:
    one = problem([A, B, C], [held(X, "D2", A, **TOGETHER), held(Y, "D2", B, **TOGETHER)])
    assert broken(one, {X: B}, rebalance(2)) == []
    assert broken(one, {X: C, Y: C}, rebalance(2)) == []
    assert broken(one, {X: C}, rebalance(2)) == [("linked_cases", X)]
    assert broken(one, {X: B, Y: A}, rebalance(2)) == [("linked_cases", X), ("linked_cases", Y)]


def test_going_to_ones_own_other_team_is_staying() -> None:
    one = problem([A, A2, B], [held(X, "D2", A, **TOGETHER), held(Y, "D2", B, **TOGETHER)])
    assert broken(one, {X: A2}, rebalance(0)) == []
    assert broken(one, {X: A2, Y: A}, rebalance(1)) == []


def test_waiting_members_kept_apart_have_different_persons() -> None:
    one = problem([A, A2, B], [case(X, **APART), case(Y, **APART), case(Z)])
    assert broken(one, {X: A, Y: B, Z: A}) == []
    assert broken(one, {X: A, Y: None}) == []
    assert broken(one, {X: A, Y: A}) == [("linked_cases", X), ("linked_cases", Y)]
    assert broken(one, {X: A, Y: A2}) == [("linked_cases", X), ("linked_cases", Y)]  # one person in two teams
    assert violations(one, {X: A, Y: A})[0].sentence == (
        "X000001 is to be held apart from X000002; both would be with N03A001"
    )


def test_a_waiting_member_does_not_come_to_who_holds_another() -> None:
    one = problem([A, B], [held(X, "D2", A, **APART), case(Y, **APART)])
    assert broken(one, {Y: B}) == []
    assert broken(one, {Y: A}) == [("linked_cases", Y)]


def test_two_held_by_one_person_already_are_no_violation() -> None:
    one = problem([A, A2, B], [held(X, "D2", A, **APART), held(Y, "D2", A, **APART), case(Z, **APART)])
    assert broken(one, {}) == []
    assert broken(one, {X: A2}, rebalance(0)) == []
    assert broken(one, {X: B}, rebalance(1)) == []  # better than before
    assert broken(one, {X: B, Z: B}, rebalance(1)) == [("linked_cases", X), ("linked_cases", Z)]


def test_what_leaves_makes_room_for_another_member() -> None:
    one = problem([A, B], [held(X, "D2", A, **APART), case(Y, **APART)])
    assert broken(one, {X: B, Y: A}, rebalance(1)) == []


def test_a_group_of_one_and_members_out_of_the_plan_bind_nobody() -> None:
    stranger = case(Y, current_staff_code="N03A099", current_team_code="N03F99", **TOGETHER, **APART)
    one = problem([A, B], [case(X, **TOGETHER, **APART), stranger])
    assert broken(one, {X: A}) == []


def test_an_overridden_pin_is_excused_and_binds_the_others() -> None:
    override = {"pinned_staff_code": "N03A001", "override_reason": "continuity"}
    one = problem(
        [A, B], [held(X, "D2", B, **TOGETHER), case(Y, **TOGETHER, **override), case(Z, **TOGETHER)]
    )
    assert broken(one, {Y: A}) == []  # away from B, under its override
    assert broken(one, {Y: A, Z: B}) == [("linked_cases", Z)]  # Y and Z are both received and do not share
    assert broken(one, {Y: A, Z: A}) == [("linked_cases", Z)]  # A is not with the one who holds X
    apart = problem([A, B], [held(X, "D2", A, **APART), case(Y, **APART, **override), case(Z, **APART)])
    assert broken(apart, {Y: A}) == []
    assert broken(apart, {Y: A, Z: B}) == []
    assert broken(apart, {Y: A, Z: A}) == [("linked_cases", Z)]
