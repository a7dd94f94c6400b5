"""What the solver needs to know of a problem under a question, as arrays: officers, cases, who has what.

Row i of every array is a case of the plan (waiting, released or held by an officer of the input); column j is an
officer. Cases whose holder is not in the input stay out of the plan unless they are released.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.plan import Question, QuestionKind
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Tier
from models.allocation.workload import available_points, case_points, points_with
from models.policy.policy import Policy
from solver.assignment.problem import NOWHERE, Bools, Ints
from solver.verify import situation_of


@dataclass(frozen=True)
class Facts:
    """One problem under one question and policy.

    numbers: int64 (n,), the position of each row's case in the problem. tiers: its tier, row by row.
    points: int64 (n,), before any officer's uplift. held_by: int64 (n,), the officer who has the case today, NOWHERE
    for one that waits (also set for released cases, which count as waiting). released: bool (n,).
    available: int64 (m,). owner: int64 (m,), the person behind each officer, numbered in order of appearance.
    """

    problem: AllocationProblem
    policy: Policy
    question: Question
    numbers: Ints
    cases: tuple[Case, ...]
    tiers: tuple[Tier, ...]
    points: Ints
    held_by: Ints
    released: Bools
    available: Ints
    owner: Ints

    @property
    def officers(self) -> tuple[Officer, ...]:
        return self.problem.officers

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.cases), len(self.officers)

    @cached_property
    def waiting(self) -> Bools:
        """bool (n,): waits for an officer, or is released."""
        waits: Bools = (self.held_by == NOWHERE) | self.released
        return waits

    @cached_property
    def home(self) -> Ints:
        """int64 (n,): the officer whose held case it is, NOWHERE when it waits or is released."""
        return np.where(self.released, NOWHERE, self.held_by)

    @cached_property
    def persons(self) -> tuple[str, ...]:
        """The staff code of each owner."""
        return tuple(dict.fromkeys(officer.staff_code for officer in self.officers))

    @cached_property
    def owner_of(self) -> dict[str, int]:
        """The owner's number of each staff code."""
        return {code: number for number, code in enumerate(self.persons)}

    @cached_property
    def weights(self) -> Ints:
        """int64 (n,) without uplifts, else (n, m): points of each case for each officer."""
        if not any(self.policy.uplift_percent.values()):
            return self.points
        by_grade = {
            grade: np.array(
                [points_with(int(each), grade, self.policy) for each in self.points], dtype=np.int64
            )
            for grade in {officer.grade for officer in self.officers}
        }
        columns = [by_grade[officer.grade] for officer in self.officers]
        return np.stack(columns, axis=1) if columns else np.zeros(self.shape, dtype=np.int64)

    @cached_property
    def weights_by_officer(self) -> Ints:
        """int64 (n, m): `weights` for every officer, whether there are uplifts or not."""
        return self.weights if self.weights.ndim == 2 else np.broadcast_to(self.weights[:, None], self.shape)

    @cached_property
    def base_points(self) -> Ints:
        """int64 (m,): work of each officer that is not a listed case."""
        return np.array([officer.base_points for officer in self.officers], dtype=np.int64)

    @property
    def allocating(self) -> bool:
        """Held cases stay: the question is ALLOCATE."""
        return self.question.kind is QuestionKind.ALLOCATE

    @cached_property
    def protected(self) -> Bools:
        """bool (n,): held and protected on the plan date."""
        day = self.problem.as_of
        protected: Bools = np.array([case.protected(day) for case in self.cases], dtype=bool)
        protected &= self.home != NOWHERE
        return protected

    @cached_property
    def pinned_owner(self) -> Ints:
        """int64 (n,): the person each case is pinned to, NOWHERE when it is not pinned."""
        return np.array(
            [
                NOWHERE
                if case.pinned_staff_code is None
                else self.owner_of.get(case.pinned_staff_code, NOWHERE)
                for case in self.cases
            ],
            dtype=np.int64,
        )

    @cached_property
    def home_owner(self) -> Ints:
        """int64 (n,): the person whose held case it is, NOWHERE when it waits or is released."""
        return np.where(self.home == NOWHERE, NOWHERE, self.owner[self.home])

    @cached_property
    def pinned_at_home(self) -> Bools:
        """bool (n,): held where it is pinned."""
        at_home: Bools = (self.pinned_owner != NOWHERE) & (self.pinned_owner == self.home_owner)
        return at_home

    def rows_where(self, wanted: Iterable[bool]) -> Ints:
        """The rows for which `wanted` is true."""
        return np.flatnonzero(np.fromiter(wanted, dtype=bool, count=len(self.cases)))


def gather(problem: AllocationProblem, policy: Policy, question: Question) -> Facts:
    """The facts of a problem under a question. The problem must be free of faults."""
    released_crns = situation_of(problem, question, policy).released
    numbers, held_by, released = [], [], []
    for number, case in enumerate(problem.cases):
        holder = problem.holder(case)
        freed = case.crn in released_crns
        if holder is None and not case.waiting and not freed:
            continue
        numbers.append(number)
        held_by.append(NOWHERE if holder is None else holder)
        released.append(freed)
    cases = tuple(problem.cases[number] for number in numbers)
    tiers = tuple(problem.tier(case) for case in cases)
    owners: dict[str, int] = {}
    for officer in problem.officers:
        owners.setdefault(officer.staff_code, len(owners))
    return Facts(
        problem=problem,
        policy=policy,
        question=question,
        numbers=_ints(numbers),
        cases=cases,
        tiers=tiers,
        points=_ints([case_points(case, tier, policy) for case, tier in zip(cases, tiers, strict=True)]),
        held_by=_ints(held_by),
        released=np.array(released, dtype=bool),
        available=_ints([available_points(officer, policy) for officer in problem.officers]),
        owner=_ints([owners[officer.staff_code] for officer in problem.officers]),
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
