"""Which held cases a question releases."""

from __future__ import annotations

from collections.abc import Iterator

from models.allocation.plan import Question
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy
from solver.verify.findings import findings_of, lonely
from solver.verify.situation import Situation

FINDINGS = "findings"
"""The word that releases every held case that a finding names."""


def situation_of(problem: AllocationProblem, question: Question, policy: Policy) -> Situation:
    """The problem under the question, with what it releases taken from its holders."""
    return Situation(problem, policy, question, frozenset(_released(problem, question, policy)))


def _released(problem: AllocationProblem, question: Question, policy: Policy) -> Iterator[str]:
    """CRNs. A case pinned to its own holder is never released: the pin says that it stays.

    A linked case whose others are not in the input is a finding, but nothing is wrong with who holds it.
    """
    if not question.released:
        return
    named: set[str | None] = set()
    if FINDINGS in question.released:
        today = Situation(problem, policy, question, frozenset())
        named = {finding.crn for finding in findings_of(today) if not lonely(today, finding)}
    for case in problem.cases:
        if case.waiting or case.pinned_staff_code == case.current_staff_code:
            continue
        if case.current_staff_code in question.released or case.crn in named:
            yield case.crn
