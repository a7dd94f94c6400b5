"""Plans against an exhaustive search that knows the checker alone, on small problems of every kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, event, given, settings

from models.allocation.officer import OfficerKey
from models.allocation.plan import Plan, Question, QuestionKind
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy
from solver.allocation.allocate import plan
from solver.engine import Limits, Status
from solver.verify import findings, pair_refusals, recompute, verify, verify_edited
from tests.support.problems import small_questions

LIMITS = Limits(seconds=None, work=20.0, threads=1)
MOST_PLANS = 700

Choice = OfficerKey | None


def _choices(
    problem: AllocationProblem, policy: Policy, question: Question
) -> Iterator[tuple[str, list[Choice]]]:
    """For each case of the plan, every officer it might have (None: unallocated), thinned by pair rules alone."""
    people = {*question.released} - {"findings"}
    named = {
        each.crn
        for each in findings(problem, policy, Question(question.kind, question.moves))
        if each.crn is not None
    }
    for case in problem.cases:
        holder = problem.holder(case)
        at_home = case.pinned_staff_code == case.current_staff_code
        released = (
            not case.waiting
            and not at_home
            and (case.current_staff_code in people or ("findings" in question.released and case.crn in named))
        )
        if holder is None and not case.waiting and not released:
            continue
        free = case.waiting or released
        options: list[Choice] = [None] if free else [problem.officers[holder or 0].key]
        may_move = question.kind is QuestionKind.REBALANCE and not case.protected(problem.as_of)
        if free or may_move:
            overridden = case.override_reason is not None
            for number, officer in enumerate(problem.officers):
                kept = overridden and officer.staff_code == case.pinned_staff_code
                if officer.key in options:
                    continue
                if kept or not pair_refusals(problem, policy, case, number, question):
                    options.append(officer.key)
        yield case.crn, options


def _best(problem: AllocationProblem, policy: Policy, question: Question) -> tuple[int, int] | None:
    """The least (unallocated weight, total) over every plan that breaks no rule; None when there are too many."""
    choices = dict(_choices(problem, policy, question))
    count = 1
    for options in choices.values():
        count *= len(options)
    if count > MOST_PLANS:
        return None
    best: tuple[int, int] | None = None
    for chosen in itertools.product(*choices.values()):
        placed = dict(zip(choices, chosen, strict=True))
        lines = [(crn, key and key.staff_code, key and key.team_code) for crn, key in placed.items()]
        if verify_edited(problem, lines, question, policy):
            continue
        placement = {crn: key for crn, key in placed.items() if key is not None}
        objective = recompute(problem, question, placement, policy)
        value = (objective.unallocated_weight, objective.total)
        best = value if best is None else min(best, value)
    return best


def _obliged(problem: AllocationProblem) -> bool:
    """Whether a pin obliges the plan to more than the checker asks: an override, or a held case pinned elsewhere."""
    return any(
        case.override_reason is not None
        or (not case.waiting and case.pinned_staff_code not in {None, case.current_staff_code})
        for case in problem.cases
    )


@given(small_questions(max_cases=6, max_officers=4))
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_plan_is_as_good_as_the_best_of_all_plans(
    asked: tuple[AllocationProblem, Question, Policy],
) -> None:
    problem, question, policy = asked
    assume(not _obliged(problem))
    best = _best(problem, policy, question)
    assume(best is not None)
    made = plan(problem, policy, question, LIMITS)
    assert made.status == Status.OPTIMAL
    assert made.bound == made.objective.total
    assert (made.objective.unallocated_weight, made.objective.total) == best
    event(f"unallocated: {bool(made.unallocated)}, findings: {bool(made.findings)}, {question.kind}")


@given(small_questions(max_cases=8, max_officers=5))
def test_any_plan_is_verified_and_never_infeasible(asked: tuple[AllocationProblem, Question, Policy]) -> None:
    problem, question, policy = asked
    made = plan(problem, policy, question, LIMITS)
    assert made.status in {Status.OPTIMAL, Status.FEASIBLE}
    assert verify(problem, made, policy) == ()
    assert made.bound is None or made.bound <= made.objective.total


@pytest.mark.parametrize("strategy", ["least_loaded", "previous_officer"])
@given(asked=small_questions(max_cases=6, max_officers=4))
@settings(max_examples=settings().max_examples // 8)
def test_baselines_keep_every_rule_and_are_never_better(
    strategy: str, asked: tuple[AllocationProblem, Question, Policy]
) -> None:
    problem, question, policy = asked
    baseline = plan(
        problem, policy, Question(question.kind, question.moves, question.released, strategy), LIMITS
    )
    best = plan(problem, policy, question, LIMITS)
    assert verify(problem, baseline, policy) == ()
    assert _value(best) <= _value(baseline)


def _value(made: Plan) -> tuple[int, int]:
    return made.objective.unallocated_weight, made.objective.total
