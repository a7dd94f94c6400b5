"""What a plan says of itself, recomputed: objective, bound, workloads, findings, reasons, overrides, holders."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from models.allocation.plan import Assignment, Finding, Objective, OfficerLoad, Plan, gap_of
from models.rules import ALLOCATION_RULES, Violation
from solver.verify.facts import PlanFacts
from solver.verify.findings import findings_of
from solver.verify.loads import balance_of, rows_of
from solver.verify.objective import fixed_price, objective_of
from solver.verify.situation import Situation, Standing


@dataclass(frozen=True)
class Ground:
    """What every plan for a situation is measured by, looked up once."""

    situation: Situation

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is already held against a rule."""
        return findings_of(self.situation)

    @cached_property
    def fixed(self) -> int:
        """The price of what the question cannot move."""
        return fixed_price(self.situation)


@dataclass(frozen=True)
class Truth:
    """What the plan's lines come to, recomputed. ground: of the facts' situation."""

    facts: PlanFacts
    ground: Ground

    @cached_property
    def objective(self) -> Objective:
        """The objective by item."""
        return objective_of(self.facts, self.ground.fixed)


Claim = Callable[[Truth, Plan], Iterator[Violation]]
"""Yields every violation of one claim. Its docstring is the rule's sentence in the register."""

_STATUSES = ("OPTIMAL", "FEASIBLE", "INFEASIBLE", "UNKNOWN")
_CLOSE = 1e-9


def claimed_objective(truth: Truth, plan: Plan) -> Iterator[Violation]:
    """The objective that the plan states is the one recomputed from the input."""
    true = truth.objective
    for field in dataclasses.fields(true):
        stated, counted = getattr(plan.objective, field.name), getattr(true, field.name)
        if stated != counted:
            words = field.name.replace("_", " ")
            yield Violation("claimed_objective", f"{words} is stated as {stated} and comes to {counted}")


def claimed_bound(truth: Truth, plan: Plan) -> Iterator[Violation]:
    """The plan's bound and gap agree with its objective and with the bound's proof."""
    true = truth.objective
    if plan.bound is not None and plan.bound > true.total:
        sentence = f"the bound {plan.bound} is above the total {true.total}"
        yield Violation("claimed_bound", sentence)
    gap = gap_of(true.total, plan.bound, true.fixed)
    if not _agree(plan.gap, gap):
        yield Violation("claimed_bound", f"the gap is stated as {plan.gap} and comes to {gap}")
    if plan.status not in _STATUSES:
        yield Violation("claimed_bound", f"'{plan.status[:20]}' is no status")
    if plan.status == "OPTIMAL" and not (plan.bound == true.total and plan.unallocated_proven):
        yield Violation("claimed_bound", "the status is OPTIMAL, and not both levels are proven")
    if plan.status == "INFEASIBLE":
        sentence = "the status is INFEASIBLE, and leaving what waits unallocated is always a plan"
        yield Violation("claimed_bound", sentence)


def _agree(stated: float | None, true: float | None) -> bool:
    if stated is None or true is None:
        return stated is true
    return abs(stated - true) <= _CLOSE  # false for NaN


def claimed_workload(truth: Truth, plan: Plan) -> Iterator[Violation]:
    """The points and Workload % that the plan states are the ones recomputed."""
    true = {(row.staff_code, row.team_code): row for row in rows_of(truth.facts)}
    stated = Counter((row.staff_code, row.team_code) for row in plan.officers)
    for row in plan.officers:
        yield from _row(row, true.get((row.staff_code, row.team_code)))
    for key in true:
        if stated[key] != 1:
            how = "is missing from the officers" if stated[key] == 0 else "is there more than once"
            yield Violation("claimed_workload", f"{key[0]} ({key[1]}) {how}", None, *key)
    yield from _balance(truth, plan)


def _row(stated: OfficerLoad, true: OfficerLoad | None) -> Iterator[Violation]:
    key = (stated.staff_code, stated.team_code)
    if true is None:
        sentence = f"{key[0]} ({key[1]}) is not among the officers"
        yield Violation("claimed_workload", sentence, None, *key)
        return
    for field, given, counted in _differences(stated, true):
        sentence = f"{field} of {key[0]} ({key[1]}) is stated as {given} and comes to {counted}"
        yield Violation("claimed_workload", sentence, None, *key)


def _balance(truth: Truth, plan: Plan) -> Iterator[Violation]:
    true = balance_of(truth.facts)
    for when, stated, recomputed in (
        ("before", plan.balance.before, true.before),
        ("after", plan.balance.after, true.after),
    ):
        for field, given, counted in _differences(stated, recomputed):
            sentence = f"{field} {when} the plan is stated as {given} and comes to {counted}"
            yield Violation("claimed_workload", sentence)


def _differences(stated: object, true: object) -> Iterator[tuple[str, object, object]]:
    """The fields of two records of one kind that differ, with both values; fractions may differ by rounding."""
    for field in dataclasses.fields(true):  # type: ignore[arg-type]  # both are dataclass instances
        given, counted = getattr(stated, field.name), getattr(true, field.name)
        both_numbers = isinstance(given, float | int) and isinstance(counted, float)
        if not (_agree(given, counted) if both_numbers else given == counted):
            yield field.name.replace("_", " "), given, counted


def claimed_findings(truth: Truth, plan: Plan) -> Iterator[Violation]:
    """The findings that the plan states are the ones recomputed."""
    true, stated = truth.ground.findings, plan.findings
    hidden = Counter(map(_facts_of, true)) - Counter(map(_facts_of, stated))
    invented = Counter(map(_facts_of, stated)) - Counter(map(_facts_of, true))
    for findings, left, how in (
        (true, hidden, "is not shown"),
        (stated, invented, "is not one of the input"),
    ):
        for finding in findings:
            if left[_facts_of(finding)] > 0:
                left[_facts_of(finding)] -= 1
                sentence = f"the finding of rule {finding.rule} {how}: {finding.sentence}"
                yield Violation(
                    "claimed_findings", sentence, finding.crn, finding.staff_code, finding.team_code
                )


def _facts_of(finding: Finding) -> tuple[str, str | None, str | None, str | None]:
    """A finding without its wording, which may change."""
    return finding.rule, finding.crn, finding.staff_code, finding.team_code


def claimed_reasons(_truth: Truth, plan: Plan) -> Iterator[Violation]:
    """What is unallocated names rules that exist and gives a sentence."""
    for entry in plan.unallocated:
        unknown = [rule for rule in entry.rules if rule not in ALLOCATION_RULES]
        if not entry.rules:
            yield Violation("claimed_reasons", f"{entry.crn} is unallocated and names no rule", entry.crn)
        if unknown:
            sentence = f"{entry.crn} is unallocated for {', '.join(unknown)}: there is no such rule"
            yield Violation("claimed_reasons", sentence, entry.crn)
        if not entry.sentence.strip():
            yield Violation("claimed_reasons", f"{entry.crn} is unallocated without a sentence", entry.crn)


def claimed_override(truth: Truth, plan: Plan) -> Iterator[Violation]:
    """The overrides that the plan shows are the ones the input records."""
    for number, line in _lines(truth, plan):
        case = truth.facts.situation.problem.cases[number]
        stated = (line.override_reason, line.override_text)
        recorded = (case.override_reason, case.override_text)
        applies = truth.facts.overridden(number)
        if applies and number in truth.facts.changed and stated != recorded:
            sentence = (
                f"{case.crn} is pinned under an override ({case.override_reason}), which is not shown as is"
            )
        elif stated not in ((None, None), recorded if applies else (None, None)):
            sentence = f"{case.crn} is shown under an override that the input does not record there"
        else:
            continue
        yield Violation("claimed_override", sentence, case.crn, line.staff_code, line.team_code)


def claimed_holder(truth: Truth, plan: Plan) -> Iterator[Violation]:
    """The previous holder that the plan states for a case is the one the input names."""
    for number, line in _lines(truth, plan):
        case = truth.facts.situation.problem.cases[number]
        holder = None if case.waiting else case.current_staff_code
        if line.previous_staff_code != holder:
            sentence = f"{case.crn} is stated as held by {line.previous_staff_code or 'nobody'} today; it is {holder}"
            yield Violation("claimed_holder", sentence, case.crn, line.staff_code, line.team_code)


def _lines(truth: Truth, plan: Plan) -> Iterator[tuple[int, Assignment]]:
    """The plan's assignments that name a case of the plan, with its number."""
    for line in plan.assignments:
        number = truth.facts.situation.problem.case_numbers.get(line.crn)
        if number is not None and truth.facts.situation.standings[number] is not Standing.OUT:
            yield number, line


CLAIMS: Mapping[str, Claim] = MappingProxyType(
    {
        "claimed_objective": claimed_objective,
        "claimed_bound": claimed_bound,
        "claimed_workload": claimed_workload,
        "claimed_findings": claimed_findings,
        "claimed_reasons": claimed_reasons,
        "claimed_override": claimed_override,
        "claimed_holder": claimed_holder,
    }
)
"""One check for each claim of the register, in its order."""


def false_claims(facts: PlanFacts, plan: Plan, ground: Ground) -> tuple[Violation, ...]:
    """Every claim of the plan that is not so, in the register's order. ground: of the facts' situation."""
    truth = Truth(facts, ground)
    return tuple(violation for claim in CLAIMS.values() for violation in claim(truth, plan))
