"""Stored problems, parsed and prepared, kept in memory so that a question answered at once is answered quickly."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from api.http.errors import AnswerError, ErrorCode
from api.http.restricted import restricted_crns
from models.allocation.problem import AllocationProblem
from models.errors import InputError
from models.extracts.json_problem import problem_of_json
from models.extracts.limits import LIMITS
from models.extracts.unpaid_json import unpaid_problem_of_json
from models.policy.policy import Policy
from models.unpaid_work.problem import UnpaidWorkProblem

if TYPE_CHECKING:
    from api.store.records import StoredProblem
    from models.unpaid_work.roster import Roster
    from solver.allocation.recommend import Recommender
    from solver.unpaid_work.place import Placer

MOST_PAIRS = 3_000_000
"""Pairs of case and officer kept in all: about 100 bytes each when prepared."""
MOST_RELEASES = 4
"""Recommenders kept of one problem, each for other released officers."""

Problem = AllocationProblem | UnpaidWorkProblem


@dataclass
class Prepared:
    """One stored problem, parsed; recommenders are made when they are first asked for."""

    problem: Problem
    policy: Policy
    _recommenders: OrderedDict[tuple[str, ...], Recommender] = field(default_factory=OrderedDict)
    _placers: OrderedDict[str | None, Placer] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def restricted(self) -> frozenset[str]:
        """The CRNs of restricted cases."""
        return restricted_crns(self.problem)

    @cached_property
    def crns(self) -> tuple[str, ...]:
        """Everybody in the problem, each once."""
        if isinstance(self.problem, AllocationProblem):
            return tuple(case.crn for case in self.problem.cases)
        return tuple(dict.fromkeys(person.crn for person in self.problem.people))

    @property
    def pairs(self) -> int:
        """How much room it takes, in pairs of case and officer."""
        if isinstance(self.problem, AllocationProblem):
            return max(1, len(self.problem.cases) * len(self.problem.officers))
        return max(1, 20 * len(self.problem.people) * len(self.problem.projects))

    def allocation(self) -> AllocationProblem:
        """The problem as an allocation problem. Raises AnswerError when it is one of unpaid work."""
        if isinstance(self.problem, AllocationProblem):
            return self.problem
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "This is a problem of unpaid work.")

    def unpaid_work(self) -> UnpaidWorkProblem:
        """The problem as one of unpaid work. Raises AnswerError when it is an allocation problem."""
        if isinstance(self.problem, UnpaidWorkProblem):
            return self.problem
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "This is an allocation problem.")

    def recommender(self, released: tuple[str, ...]) -> Recommender:
        """The problem ready to answer, made once."""
        from solver.allocation.recommend import Recommender

        problem = self.allocation()
        with self._lock:
            if released not in self._recommenders:
                self._recommenders[released] = Recommender.of(problem, self.policy, released=released)
            self._recommenders.move_to_end(released)
            while len(self._recommenders) > MOST_RELEASES:
                self._recommenders.popitem(last=False)
            return self._recommenders[released]

    def placer(self, plan_id: str | None, roster: Roster | None) -> Placer:
        """The team under a roster (None: as the extract says), ready to answer, made once. Raises UsageError."""
        from solver.unpaid_work.place import Placer

        problem = self.unpaid_work()
        with self._lock:
            if plan_id not in self._placers:
                self._placers[plan_id] = Placer.of(problem, self.policy, roster)
            self._placers.move_to_end(plan_id)
            while len(self._placers) > MOST_RELEASES:
                self._placers.popitem(last=False)
            return self._placers[plan_id]


def parsed(kind: str, content: Mapping[str, Any]) -> Problem:
    """A stored content as a problem. Raises InputError."""
    read = problem_of_json if kind == "ALLOCATION" else unpaid_problem_of_json
    return read(content, None, limits=LIMITS, repeated=[])


class PreparedProblems:
    """The problems asked about lately, the least lately used dropped first. Safe to use from many threads.

    An erasure changes a problem's `erased_at`, here or on another host, and so what is kept of it is never used again.
    """

    def __init__(
        self,
        contents: Callable[[str], Mapping[str, Any]],
        policy: Policy,
        note: Callable[[str], None],
        *,
        most_pairs: int = MOST_PAIRS,
    ) -> None:
        self._contents, self._policy, self._note, self._most = contents, policy, note, most_pairs
        self._kept: OrderedDict[str, tuple[object, Prepared]] = OrderedDict()
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, stored: StoredProblem) -> Prepared:
        """The problem, from memory or loaded. Raises AnswerError when an erasure has left nothing to ask about."""
        found = self._find(stored)
        if found is not None:
            self._note("found")
            return found
        with self._lock:
            loading = self._loading.setdefault(stored.id, threading.Lock())
        with loading:  # one thread loads it, the others wait and find it
            found = self._find(stored)
            if found is None:
                self._note("loaded")
                found = self._load(stored)
                self._keep(stored, found)
        return found

    def forget(self) -> None:
        """Drops everything."""
        with self._lock:
            self._kept.clear()

    def _find(self, stored: StoredProblem) -> Prepared | None:
        with self._lock:
            mark, found = self._kept.get(stored.id, (None, None))
            if found is None:
                return None
            if mark != stored.erased_at:
                del self._kept[stored.id]
                return None
            self._kept.move_to_end(stored.id)
            return found

    def _load(self, stored: StoredProblem) -> Prepared:
        try:
            return Prepared(parsed(stored.kind.value, self._contents(stored.id)), self._policy)
        except InputError:
            raise AnswerError(
                ErrorCode.QUESTION_REFUSED, "After an erasure this problem cannot be asked about any more."
            ) from None

    def _keep(self, stored: StoredProblem, prepared: Prepared) -> None:
        with self._lock:
            self._kept[stored.id] = (stored.erased_at, prepared)
            self._loading.pop(stored.id, None)
            while len(self._kept) > 1 and sum(each.pairs for _, each in self._kept.values()) > self._most:
                self._kept.popitem(last=False)
