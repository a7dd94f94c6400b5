"""Where every case stands before the plan: waiting, held, or out of it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.plan import Question
from models.allocation.problem import AllocationProblem
from models.allocation.workload import available_points, case_points, points_with
from models.policy.policy import Policy


class Standing(enum.Enum):
    """WAITING: to be placed. HELD: with its holder. OUT: its holder is not among the officers."""

    WAITING = "waiting"
    HELD = "held"
    OUT = "out"


@dataclass(frozen=True)
class Situation:
    """A problem under a question: what is decided anew and what stands.

    released: the CRNs that the question takes from their holders (see solver.verify.releases).
    Everything is numbered as in the input: cases[i], officers[i].
    """

    problem: AllocationProblem
    policy: Policy
    question: Question
    released: frozenset[str]

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """How each case stands."""
        return tuple(self._standing(case) for case in self.problem.cases)

    def _standing(self, case: Case) -> Standing:
        if case.waiting or case.crn in self.released:
            return Standing.WAITING
        return Standing.OUT if self.problem.holder(case) is None else Standing.HELD

    @cached_property
    def today(self) -> tuple[int | None, ...]:
        """The officer with whom each case is today, released ones included; None: waiting or not known."""
        return tuple(self.problem.holder(case) for case in self.problem.cases)

    @cached_property
    def homes(self) -> tuple[int | None, ...]:
        """The officer who holds each HELD case; None for every other case."""
        return tuple(
            holder if standing is Standing.HELD else None
            for holder, standing in zip(self.today, self.standings, strict=True)
        )

    @cached_property
    def available(self) -> tuple[int, ...]:
        """The points that each officer has available."""
        return tuple(available_points(officer, self.policy) for officer in self.problem.officers)

    @cached_property
    def _points(self) -> tuple[int, ...]:
        return tuple(case_points(case, self.problem.tier(case), self.policy) for case in self.problem.cases)

    @cached_property
    def _points_at(self) -> tuple[tuple[int, ...], ...]:
        """The points of every case at each officer; officers of one grade share theirs."""
        of_grade = {
            grade: tuple(points_with(points, grade, self.policy) for points in self._points)
            for grade in {officer.grade for officer in self.problem.officers}
        }
        return tuple(of_grade[officer.grade] for officer in self.problem.officers)

    def points(self, number: int, officer: int) -> int:
        """The points of case `number` at this officer, the grade's uplift included."""
        return self._points_at[officer][number]

    def staff_code(self, officer: int) -> str:
        """The person behind an officer."""
        return self.problem.officers[officer].staff_code

    def senior_code(self, officer: int | None) -> str | None:
        """The senior over an officer; None for nobody."""
        return None if officer is None else self.problem.officers[officer].senior_code

    def same_person(self, one: int, other: int) -> bool:
        """Whether two officers are one person, in two teams or the same."""
        return self.staff_code(one) == self.staff_code(other)

    def loads(self, places: tuple[int | None, ...]) -> tuple[int, ...]:
        """Each officer's points: base points and the cases that `places` puts there, one entry a case."""
        loads = [officer.base_points for officer in self.problem.officers]
        for number, officer in enumerate(places):
            if officer is not None:
                loads[officer] += self.points(number, officer)
        return tuple(loads)

    @cached_property
    def loads_today(self) -> tuple[int, ...]:
        """Each officer's points as they stand."""
        return self.loads(self.today)

    def counts(
        self, places: tuple[int | None, ...], counted: Callable[[Case], bool] = lambda _: True
    ) -> tuple[int, ...]:
        """How many cases that are `counted` each officer has under `places`."""
        counts = [0] * len(self.problem.officers)
        for case, officer in zip(self.problem.cases, places, strict=True):
            if officer is not None and counted(case):
                counts[officer] += 1
        return tuple(counts)


def name(officer: Officer) -> str:
    """An officer in a sentence: person and team."""
    return str(officer.key)


def counted(count: int, thing: str = "case") -> str:
    """A number and its noun: "1 case", "2 cases"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
