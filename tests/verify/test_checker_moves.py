"""Pins, protection and the budget of moves."""

from __future__ import annotations

from models.allocation.plan import Question, QuestionKind
from models.allocation.terms import Grade
from tests.support.plans import broken, violations
from tests.support.problems import allocate, case, day, held, officer, problem, rebalance

X, Y, Z = "X000001", "X000002", "X000003"
A, A2, B, C = officer(), officer(team_code="N03F02"), officer("N03A002"), officer("N03A003")


def test_the_budget_counts_held_cases_that_change_person() -> None:
    one = problem([A, A2, B], [held(X, "D2", A), held(Y, "D2", A), held(Z, "D2", A), case("X000004")])
    assert broken(one, {}, rebalance(0)) == []
    assert broken(one, {X: B, Y: B}, rebalance(3)) == []
    assert broken(one, {X: B, Y: B}, rebalance(2)) == []  # just the budget
    assert broken(one, {X: B, Y: B}, rebalance(1)) == [("move_budget", None)]
    assert broken(one, {X: B, Y: A2, "X000004": B}, rebalance(1)) == []  # own team and new work are no moves
    sentence = violations(one, {X: B, Y: B}, rebalance(1))[0].sentence
    assert sentence == "2 held cases change officer; the budget is 1"
    assert violations(one, {X: B}, rebalance(0))[0].sentence == (
        "1 held case changes officer; the budget is 0"
    )


def test_allocate_moves_no_held_case_not_even_to_ones_own_team() -> None:
    one = problem([A, A2, B], [held(X, "D2", A), held(Y, "D2", A)])
    assert broken(one, {}) == []
    assert broken(one, {X: B}) == [("move_budget", X)]
    assert broken(one, {X: B, Y: A2}) == [("move_budget", X), ("move_budget", Y)]
    generous = Question(QuestionKind.ALLOCATE, moves=9)  # a budget means nothing here
    assert broken(one, {X: B}, generous) == [("move_budget", X)]
    assert violations(one, {X: B})[0].sentence == "X000001 is held, and only waiting cases are placed"


def test_a_protected_case_keeps_its_officer() -> None:
    one = problem(
        [A, A2, B],
        [
            held(X, "D2", A, protected_until=day(-1)),
            held(Y, "D2", A, protected_until=day(0)),  # protected exactly when protectedUntil >= asOf
            held(Z, "D2", A, protected_until=day(30)),
        ],
    )
    assert broken(one, {}, rebalance(9)) == []
    assert broken(one, {X: B}, rebalance(9)) == []
    assert broken(one, {Y: B}, rebalance(9)) == [("move_budget", Y)]
    assert broken(one, {Z: A2}, rebalance(9)) == [("move_budget", Z)]
    assert violations(one, {Z: B}, rebalance(9))[0].sentence == (
        "X000003 is protected until 2026-12-23 and would change officer"
    )
    assert broken(one, {Y: B}, rebalance(0)) == [("move_budget", Y), ("move_budget", None)]


def test_protection_stops_no_release_and_binds_no_waiting_case() -> None:
    one = problem([A, B], [held(X, "D2", A, protected_until=day(9)), case(Y, protected_until=day(9))])
    assert broken(one, {X: B, Y: A}, allocate("N03A001")) == []
    assert broken(one, {X: B}, rebalance(0, "N03A001")) == []  # and a released case is no move


def test_a_case_pinned_to_its_holder_stays_with_that_officer() -> None:
    one = problem([A, A2, B], [held(X, "D2", A, pinned_staff_code="N03A001")])
    assert broken(one, {}, rebalance(9)) == []
    assert broken(one, {X: B}, rebalance(9)) == [("pinned", X)]
    assert broken(one, {X: A2}, rebalance(9)) == [("pinned", X)]
    assert broken(one, {X: B}, rebalance(9, "N03A001")) == [("pinned", X)]  # the pin says stay: not released


def test_a_case_pinned_elsewhere_goes_there_or_stays() -> None:
    one = problem([A, A2, B, C], [held(X, "D2", A, pinned_staff_code="N03A002")])
    assert broken(one, {}, rebalance(9)) == []  # staying is a finding
    assert broken(one, {}) == []
    assert broken(one, {X: B}, rebalance(1)) == []
    assert broken(one, {X: B}, rebalance(0)) == [("move_budget", None)]
    assert broken(one, {X: B}) == [("move_budget", X)]
    assert broken(one, {X: C}, rebalance(1)) == [("pinned", X)]
    assert broken(one, {X: A2}, rebalance(1)) == [("pinned", X)]


def test_a_waiting_pinned_case_goes_to_any_team_of_the_person_or_stays_unallocated() -> None:
    one = problem([A, A2, B], [case(X, pinned_staff_code="N03A001")])
    assert broken(one, {X: A}) == []
    assert broken(one, {X: A2}) == []
    assert broken(one, {X: None}) == []
    assert broken(one, {X: B}) == [("pinned", X)]


def test_a_pin_that_breaks_a_rule_is_refused_unless_overridden() -> None:
    pso = officer("N03A004", grade=Grade.PSO)
    pin = {"pinned_staff_code": "N03A004"}
    override = {**pin, "override_reason": "suitability", "override_text": "knows the family"}
    refused = problem([A, pso], [case(X, "B2", **pin), held(Y, "B2", A, **pin)])
    assert broken(refused, {X: pso}) == [("grade_may_hold_tier", X)]
    assert broken(refused, {Y: pso}, rebalance(1)) == [("grade_may_hold_tier", Y)]
    kept = problem([A, pso], [case(X, "B2", **override), held(Y, "B2", A, **override)])
    assert broken(kept, {X: pso}) == []
    assert broken(kept, {Y: pso}, rebalance(1)) == []
    # an override lifts neither the budget nor what holds under allocate
    assert broken(kept, {Y: pso}, rebalance(0)) == [("move_budget", None)]
    assert broken(kept, {Y: pso}) == [("move_budget", Y)]


def test_released_cases_are_waiting_work() -> None:
    one = problem([A, B], [held(X, "D2", A), held(Y, "D2", B)])
    assert broken(one, {X: B}, allocate("N03A001")) == []
    assert broken(one, {X: None}, allocate("N03A001")) == []  # may be left unallocated
    assert broken(one, {X: B, Y: A}, rebalance(1, "N03A001")) == []  # one move, not two
    assert broken(one, {X: B, Y: None}, allocate("N03A001")) == [("one_officer", Y)]


def test_cases_out_of_the_plan_are_placed_only_once_released() -> None:
    lost = case(X, current_staff_code="N03A099", current_team_code="N03F01")
    one = problem([A, B], [lost])
    assert broken(one, {}) == []
    assert broken(one, {X: A}) == [("one_officer", X)]
    assert broken(one, {X: A}, allocate("N03A099")) == []
    assert broken(one, {X: A}, allocate("findings")) == []
