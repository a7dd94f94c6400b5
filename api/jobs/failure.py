"""How a job can fail: a code that machines act on and a sentence without anything of a record."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from models.errors import EvenhandError, InputError, PlanRefusedError, UsageError


class FailureCode(enum.StrEnum):
    """Why a job has no plan."""

    BAD_INPUT = "BAD_INPUT"
    BAD_QUESTION = "BAD_QUESTION"
    PLAN_REFUSED = "PLAN_REFUSED"
    SOLVER_FAILED = "SOLVER_FAILED"
    CRASHED = "CRASHED"
    HUNG = "HUNG"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    WORKERS_LOST = "WORKERS_LOST"


WORTH_ANOTHER_TRY = frozenset({FailureCode.CRASHED, FailureCode.HUNG, FailureCode.OUT_OF_MEMORY})
"""What may have come from outside the problem. The others would fail again in the same way."""


@dataclass(frozen=True)
class Failure:
    """Why a solve has no plan. sentence names no record: it goes to logs, to whoever asked, and to the store."""

    code: FailureCode
    sentence: str

    @property
    def again(self) -> bool:
        """Whether another try may end better."""
        return self.code in WORTH_ANOTHER_TRY

    def as_json(self) -> dict[str, str]:
        """The failure as the child process says it."""
        return {"code": self.code, "sentence": self.sentence}


def failure_of(error: BaseException) -> Failure:
    """The failure that an error of a solve amounts to.

    An unforeseen error's own words stay out: they may quote a record.
    """
    if isinstance(error, InputError):
        return Failure(FailureCode.BAD_INPUT, f"the stored problem has faults: {error}")
    if isinstance(error, UsageError):
        return Failure(FailureCode.BAD_QUESTION, "the question cannot be asked of this problem")
    if isinstance(error, PlanRefusedError):
        return Failure(FailureCode.PLAN_REFUSED, str(error))
    if isinstance(error, MemoryError):
        return Failure(FailureCode.OUT_OF_MEMORY, "the solve needed more memory than it may have")
    if isinstance(error, EvenhandError):
        return Failure(FailureCode.SOLVER_FAILED, f"the solver failed ({type(error).__name__})")
    return Failure(FailureCode.CRASHED, f"the solve ended with an unforeseen error ({type(error).__name__})")
