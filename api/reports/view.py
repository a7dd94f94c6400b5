"""A plan beside the problem it answers: what every report says of it, worked out once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from models.allocation.case import Case
from models.allocation.officer import Officer, OfficerKey
from models.allocation.plan import Assignment, Finding, OfficerLoad, Plan, QuestionKind
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy
from solver.verify.releases import situation_of
from solver.verify.situation import Situation, Standing

STRATEGIES: Mapping[str, str] = {
    "optimise": "evenhand",
    "least_loaded": "least loaded first",
    "previous_officer": "previous officer first",
}
"""Each strategy in words."""


@dataclass(frozen=True)
class OfficerRow:
    """An officer before and after. received, given: the cases that come to and go from this officer."""

    officer: Officer
    load: OfficerLoad
    received: tuple[Assignment, ...]
    given: tuple[Assignment, ...]


@dataclass(frozen=True)
class PlanView:
    """A plan, its problem and the standing of each case under the plan's question."""

    problem: AllocationProblem
    plan: Plan
    policy: Policy
    situation: Situation

    @classmethod
    def of(cls, problem: AllocationProblem, plan: Plan, policy: Policy) -> Self:
        """The view of a plan made from this problem under this policy."""
        return cls(problem, plan, policy, situation_of(problem, plan.question, policy))

    def case(self, crn: str) -> Case:
        """The case with this CRN."""
        return self.problem.cases[self.problem.case_numbers[crn]]

    def standing(self, crn: str) -> Standing:
        """How the case stands before the plan."""
        return self.situation.standings[self.problem.case_numbers[crn]]

    def holder(self, crn: str) -> OfficerKey | None:
        """The officer who holds the case today, None when nobody in the problem does."""
        number = self.situation.today[self.problem.case_numbers[crn]]
        return None if number is None else self.problem.officers[number].key

    def points(self, assignment: Assignment) -> int:
        """The points of an assigned case at its officer."""
        officer = self.problem.officer_numbers[OfficerKey(assignment.staff_code, assignment.team_code)]
        return self.situation.points(self.problem.case_numbers[assignment.crn], officer)

    def change_of(self, assignment: Assignment) -> str:
        """What the plan does to the case, in a word: placed, moved, transferred (own teams) or stays."""
        if self.standing(assignment.crn) is Standing.WAITING:
            return "placed"
        holder = self.holder(assignment.crn)
        if holder == (assignment.staff_code, assignment.team_code):
            return "stays"
        if holder is not None and holder.staff_code == assignment.staff_code:
            return "transferred"
        return "moved"

    @cached_property
    def changes(self) -> Mapping[str, tuple[Assignment, ...]]:
        """The plan's assignments by what it does to them."""
        found: dict[str, list[Assignment]] = defaultdict(list)
        for assignment in self.plan.assignments:
            found[self.change_of(assignment)].append(assignment)
        return {word: tuple(found[word]) for word in ("placed", "moved", "transferred", "stays")}

    @cached_property
    def changed(self) -> tuple[Assignment, ...]:
        """The assignments that differ from today, waiting cases first."""
        return (*self.changes["placed"], *self.changes["moved"], *self.changes["transferred"])

    @cached_property
    def waiting(self) -> int:
        """How many cases waited for an officer, released ones included."""
        return sum(standing is Standing.WAITING for standing in self.situation.standings)

    @cached_property
    def out(self) -> int:
        """How many cases are out of the plan because their holder is not in the problem."""
        return sum(standing is Standing.OUT for standing in self.situation.standings)

    @cached_property
    def officers(self) -> tuple[OfficerRow, ...]:
        """Every officer, by team and code."""
        received: dict[OfficerKey, list[Assignment]] = defaultdict(list)
        given: dict[OfficerKey, list[Assignment]] = defaultdict(list)
        for assignment in self.changed:
            received[OfficerKey(assignment.staff_code, assignment.team_code)].append(assignment)
            holder = self.holder(assignment.crn)
            if holder is not None:
                given[holder].append(assignment)
        rows = [
            OfficerRow(
                officer=self.problem.officers[self.problem.officer_numbers[key]],
                load=load,
                received=tuple(received[key]),
                given=tuple(given[key]),
            )
            for load in self.plan.officers
            for key in [OfficerKey(load.staff_code, load.team_code)]
        ]
        return tuple(sorted(rows, key=lambda row: (row.load.team_code, row.load.staff_code)))

    @cached_property
    def findings_by_rule(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of each rule, the rule with most findings first."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.plan.findings:
            found[finding.rule].append(finding)
        return {rule: tuple(found[rule]) for rule in sorted(found, key=lambda rule: -len(found[rule]))}

    @property
    def headline(self) -> str:
        """How well the plan is proven, in words."""
        plan = self.plan
        if plan.question.strategy != "optimise":
            return f"made one case at a time ({STRATEGIES[plan.question.strategy]}), not optimised"
        if plan.status == "OPTIMAL":
            return "proven optimal"
        if plan.gap is None:
            return "sound, but how near the best it is is not known"
        if plan.gap == 0.0:
            return "proven optimal among plans that leave this much unallocated"
        return f"proven to be within {gap_in_words(plan.gap)} of the best"

    @property
    def title(self) -> str:
        """What was asked, in words."""
        question = self.plan.question
        if question.kind is QuestionKind.REBALANCE:
            moves = "1 move" if question.moves == 1 else f"{question.moves} moves"
            return f"Rebalancing as of {self.problem.as_of.isoformat()}, at most {moves}"
        return f"Allocation as of {self.problem.as_of.isoformat()}"


def gap_in_words(gap: float) -> str:
    """A gap as a percentage, never rounded down to nothing: 0.0004 is "0.04 %"."""
    percent = 100 * gap
    if percent == 0:
        return "0 %"
    return "less than 0.01 %" if percent < 0.01 else f"{percent:.2f} %"


def workload(value: float | None) -> str:
    """Workload % with one decimal; a dash where nothing is available."""
    return "-" if value is None else f"{value:.1f}"
