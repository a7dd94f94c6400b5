"""What the ways to the second level have in common: what they are given, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.allocation.plan import BoundProof as ProofOfPlan
from solver.allocation.proof import Proof
from solver.assignment.problem import AssignmentProblem, Ints
from solver.engine import Clock, Limits, Stop, Watcher

HOUR = 3600.0
"""Longer than anyone waits, in seconds."""


@dataclass(frozen=True)
class Optimised:
    """The second level's answer. assignment: int64 (k,). bound: None when unknown. proof: where bound comes from."""

    assignment: Ints
    bound: int | None
    proof: Proof | None = None


@dataclass(frozen=True)
class Search:
    """What an optimiser is given: a feasible start, how much may be skipped, and how to run.

    hint: int64 (k,), a plan in hand to begin from, whatever of it still holds; the start where there is none.
    prices: the proof of the plan in hand, whose prices are a start for the bound; they need not fit.
    """

    problem: AssignmentProblem
    start: Ints
    hint: Ints
    skip_budget: int
    fixed: int
    limits: Limits
    stop: Stop | None
    watch: Watcher | None
    prices: ProofOfPlan | None = None


def seconds_left(clock: Clock) -> float:
    """What is left of the time, an hour where there is no limit."""
    return HOUR if clock.left is None else clock.left


Optimiser = Callable[[Search], Optimised]
"""Solves the second level of an assignment problem. Its answer is never worse than the start."""


def better(search: Search, found: Ints | None) -> Ints:
    """The better of the start and what was found."""
    if found is None or search.problem.total(found) > search.problem.total(search.start):
        return search.start
    return found
