"""Answers about problems."""

from __future__ import annotations

from api.http.views.base import PageView, RestrictedCrns, Time, View
from api.store.records import ProblemKind, StoredProblem
from models.allocation.problem import AllocationProblem
from models.unpaid_work.problem import UnpaidWorkProblem


class ProblemView(View):
    """A stored problem: what it is about, without its records. people: how many it holds."""

    id: str
    pdu: str
    kind: ProblemKind
    input_hash: str
    people: int
    created_at: Time
    erased_at: Time | None

    @classmethod
    def of(cls, problem: StoredProblem) -> ProblemView:
        return cls.model_validate(problem, extra="ignore")


class ProblemsView(PageView):
    """Problems, the newest first."""

    problems: tuple[ProblemView, ...]


class ProblemDetail(ProblemView):
    """A problem with its records, as the contract writes them."""

    content: AllocationProblem | UnpaidWorkProblem
    restricted_crns: RestrictedCrns
