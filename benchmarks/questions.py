"""One benchmark question made ready: the unit compiled once, the first level settled, and every answer judged anew."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from benchmarks.banded_peers import Answer, Asked, ask
from models.allocation.plan import Question, QuestionKind, gap_of
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.allocation.baselines import one_at_a_time
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.optimising import Optimised, Search
from solver.allocation.plan_making import Outcome, make_plan
from solver.assignment.feasible import breaches
from solver.engine import Limits
from solver.verify import verify

BASELINES = ("least_loaded", "previous_officer")
"""Today's practice, one case at a time; answered here, at once."""

FIRST_LEVEL_SECONDS = 60.0
"""The most that settling the first level may take; it is not part of anyone's time."""


@dataclass(frozen=True)
class Prepared:
    """A question ready for every solver.

    search: what evenhand's second level is given; its skip budget is the first level that evenhand found.
    seconds: what compiling and the first level took. fixed: the part of the kernel's total that is given.
    """

    problem: AllocationProblem
    instance: Instance
    search: Search
    seconds: float

    @property
    def fixed(self) -> int:
        return self.instance.fixed - self.instance.settled_price

    def asked(self, limits: Limits, until: float | None = None) -> Asked:
        """The question as every solver gets it; evenhand may be told to stop at a gap."""
        search = self.search
        return Asked(search.problem, search.start, search.skip_budget, self.fixed, limits, until)


@dataclass(frozen=True)
class Judged:
    """An answer recosted and checked. total: recomputed, None without a plan; gap: proven, None when unknown.

    faults: limits and rules that the plan breaks, none for a sound one.
    """

    answer: Answer
    total: int | None
    gap: float | None
    faults: tuple[str, ...]


def question_of(kind: str, problem: AllocationProblem, moves: int | None) -> Question:
    """`allocate`, or `rebalance` with a budget of moves (None: every case that is not protected may move)."""
    if kind == "allocate":
        return Question(kind=QuestionKind.ALLOCATE)
    return Question(kind=QuestionKind.REBALANCE, moves=len(problem.cases) if moves is None else moves)


def prepare(problem: AllocationProblem, question: Question, seed: int, threads: int = 2) -> Prepared:
    """Compile the question and settle the first level, as `plan` does before its second level begins."""
    begun = time.perf_counter()
    met: list[tuple[Search, float]] = []

    def note(search: Search) -> Optimised:
        met.append((search, time.perf_counter() - begun))
        return Optimised(search.start, None)

    limits = Limits(seconds=FIRST_LEVEL_SECONDS, seed=seed, threads=threads)
    plan(problem, default_policy(), question, limits, optimiser=note)
    search, seconds = met[0]
    return Prepared(problem, compile_instance(problem, default_policy(), question), search, seconds)


def answered(prepared: Prepared, solver: str, limits: Limits, until: float | None = None) -> Judged:
    """The judged answer of a solver (in a process of its own) or of a baseline."""
    if solver not in BASELINES:
        return judged(prepared, ask(solver, prepared.asked(limits, until)), limits)
    begun = time.perf_counter()
    found = one_at_a_time(prepared.instance, previous_first=solver == "previous_officer")
    answer = Answer("FEASIBLE", found, None, time.perf_counter() - begun)
    # Today's practice may leave more unallocated: that is shown as a fault of its plan, beside its total.
    return judged(prepared, answer, limits)


def judged(prepared: Prepared, answer: Answer, limits: Limits) -> Judged:
    """Recost an answer from its assignment alone, and check it by the arrays and by the project's verifier."""
    if answer.assignment is None:
        return Judged(answer, None, None, ())
    search, instance = prepared.search, prepared.instance
    faults = breaches(search.problem, answer.assignment, search.skip_budget)
    if "shape" in faults or "eligible" in faults:
        return Judged(answer, None, None, tuple(faults))
    total = search.problem.total(answer.assignment)
    gap = gap_of(total, answer.bound, prepared.fixed)
    outcome = Outcome(answer.assignment, None, unallocated_proven=False)
    made = make_plan(instance, outcome, replace(limits, work=None), answer.seconds)
    faults += sorted({each.rule for each in verify(prepared.problem, made, default_policy())})
    if answer.bound is not None and answer.bound > total:
        faults.append("bound_above_total")
    return Judged(answer, total, gap, tuple(faults))
