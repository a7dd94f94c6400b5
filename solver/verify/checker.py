"""What others ask of the checker: is this plan so, what is found in the input, what does a placement cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from models.allocation.case import Case
from models.allocation.officer import OfficerKey
from models.allocation.plan import Balance, Finding, Objective, OfficerLoad, Plan, Question
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy
from models.rules import Violation
from solver.verify.claims import Ground, false_claims
from solver.verify.facts import Line, PlanFacts, facts_of_lines, facts_of_placement
from solver.verify.findings import findings_of
from solver.verify.loads import balance_of, rows_of
from solver.verify.objective import objective_of
from solver.verify.pairs import refusals
from solver.verify.register import broken_rules
from solver.verify.releases import situation_of
from solver.verify.situation import Situation

Placement = Mapping[str, OfficerKey]
"""The officer of every allocated case, by CRN."""


class Checker:
    """Checks plans for one input and one question. What no plan changes is looked up once.

    That is by `prepare`, or when it is first asked for.
    """

    def __init__(self, problem: AllocationProblem, question: Question, policy: Policy) -> None:
        self._ground = Ground(situation_of(problem, question, policy))

    def prepare(self) -> None:
        """Look up now what no plan changes."""
        nothing = PlanFacts(self._ground.situation, (None,) * len(self._ground.situation.problem.cases))
        self.loads_and_balance(nothing)
        objective_of(nothing, self._ground.fixed)
        self.findings  # noqa: B018  looked up here, to be at hand later

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is already held against a rule, as `findings`."""
        return self._ground.findings

    def after(self, placement: Placement) -> PlanFacts:
        """What a placement known to be sound does. Raises KeyError for an officer that is not in the problem."""
        return facts_of_placement(self._ground.situation, placement)

    def loads_and_balance(self, facts: PlanFacts) -> tuple[tuple[OfficerLoad, ...], Balance]:
        """Every officer before and after, and the balance."""
        return rows_of(facts), balance_of(facts)

    def verify(self, plan: Plan) -> tuple[Violation, ...]:
        """As `verify`, for a plan that answers this question. Raises ValueError for another question's."""
        situation = self._ground.situation
        if plan.question != situation.question:
            raise ValueError("the plan answers another question than it is checked by")
        facts = facts_of_lines(situation, _lines(plan))
        return (*broken_rules(facts), *false_claims(facts, plan, self._ground))


def verify(problem: AllocationProblem, plan: Plan, policy: Policy) -> tuple[Violation, ...]:
    """Every hard rule that the plan breaks and every claim of it that is not so; empty for a sound plan.

    The plan's own question is the one it is measured by. Hard rules come first, by case in the input's order, then
    what concerns no one case; then claims. Within each the order is the register's.
    """
    return Checker(problem, plan.question, policy).verify(plan)


def _lines(plan: Plan) -> Iterator[Line]:
    for assignment in plan.assignments:
        yield Line(assignment.crn, assignment.staff_code, assignment.team_code)
    for entry in plan.unallocated:
        yield Line(entry.crn, None, None)


def verify_edited(
    problem: AllocationProblem,
    lines: Iterable[tuple[str, str | None, str | None]],
    question: Question,
    policy: Policy,
) -> tuple[Violation, ...]:
    """Every hard rule broken by a plan made elsewhere, given as lines of CRN, staff code and team code.

    No staff code: the case is left unallocated. No team code: the person's only officer.
    """
    facts = facts_of_lines(situation_of(problem, question, policy), (Line(*line) for line in lines))
    return broken_rules(facts)


def mismatches(problem: AllocationProblem, plan: Plan, policy: Policy) -> tuple[str, ...]:
    """Sentences that say where the plan was made from something else than what it is checked against."""
    found = []
    if plan.provenance.input_hash != problem.input_hash:
        found.append("the plan was made from another input than the one it is checked against")
    if plan.provenance.policy_hash != policy.policy_hash:
        made = plan.provenance
        found.append(
            f"the plan was made by policy {made.policy_version} ({made.policy_hash[:8]}), "
            f"and is checked by policy {policy.version} ({policy.policy_hash[:8]})"
        )
    return tuple(found)


def findings(problem: AllocationProblem, policy: Policy, question: Question) -> tuple[Finding, ...]:
    """What is already held against a rule, under the question: released cases are waiting and break none."""
    return findings_of(situation_of(problem, question, policy))


def pair_refusals(
    problem: AllocationProblem, policy: Policy, case: Case, officer_number: int, question: Question
) -> tuple[Violation, ...]:
    """Every rule that forbids this pair by itself, each with a sentence; the least availability among them.

    An override is left out of account: it excuses a pin, and what it excuses is worth saying.
    """
    officer = problem.officers[officer_number]
    # A release matters to the holder's pair alone; finding out what is released may take a look at every case.
    is_holder = officer.staff_code == case.current_staff_code
    situation = (
        situation_of(problem, question, policy)
        if is_holder
        else Situation(problem, policy, question, frozenset())
    )
    return refusals(situation, case, officer)


def recompute(
    problem: AllocationProblem, question: Question, placement: Placement, policy: Policy
) -> Objective:
    """The objective of a placement. Raises KeyError for an officer that is not in the problem."""
    return objective_of(_facts(problem, question, placement, policy))


def load_rows(
    problem: AllocationProblem, question: Question, placement: Placement, policy: Policy
) -> tuple[OfficerLoad, ...]:
    """Every officer before and after a placement. Raises KeyError for an officer that is not in the problem."""
    return rows_of(_facts(problem, question, placement, policy))


def balance(problem: AllocationProblem, question: Question, placement: Placement, policy: Policy) -> Balance:
    """The balance before and after a placement. Raises KeyError for an officer that is not in the problem."""
    return balance_of(_facts(problem, question, placement, policy))


def _facts(problem: AllocationProblem, question: Question, placement: Placement, policy: Policy) -> PlanFacts:
    return facts_of_placement(situation_of(problem, question, policy), placement)
