"""Everything that evenhand raises on purpose, as one tree.

    EvenhandError
    ├── InputError           the input or a file has faults; carries all of them (exit 2, HTTP 422)
    │   └── PolicyError      the policy file has faults
    ├── UsageError           the question itself cannot be asked: an unknown CRN, limits that contradict (exit 2)
    ├── PlanRefusedError     the checker refused a plan of our own: an internal error, never an answer
    ├── SolverError          the solver could not run a model: an internal error
    └── StoreError           the store could not do as asked
        ├── NotFoundError           there is no such record (HTTP 404)
        ├── ConflictError           the record has changed, or the key is another request's (HTTP 409, 412)
        ├── ForbiddenError          this actor may not do this (HTTP 403)
        ├── NoRoomError             a PDU has as many jobs as it may have (HTTP 429)
        └── StoreUnavailableError   the database does not answer; try again later (HTTP 503)
            └── StoreFullError      there is no room left to write (HTTP 507)

Messages name places (file, row, column, path) and rules. They repeat no more of a record than its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.faults import Fault
    from models.rules import Violation

__all__ = [
    "ConflictError",
    "EvenhandError",
    "ForbiddenError",
    "InputError",
    "NoRoomError",
    "NotFoundError",
    "PlanRefusedError",
    "PolicyError",
    "SolverError",
    "StoreError",
    "StoreFullError",
    "StoreUnavailableError",
    "UsageError",
]


class EvenhandError(Exception):
    """The root: anything evenhand raises on purpose."""


class InputError(EvenhandError):
    """The input has faults; `faults` holds every one of them, in the order of the input."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(f"{count} fault{'' if count == 1 else 's'} in the input")


class PolicyError(InputError):
    """A policy file has faults; `faults` holds every one of them."""


class UsageError(EvenhandError):
    """The question cannot be asked of this problem; the message says what to ask instead."""


class PlanRefusedError(EvenhandError):
    """A plan made here broke its own rules; `violations` holds them. The plan must not be shown."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        rules = sorted({violation.rule for violation in self.violations})
        super().__init__(f"the checker refused a plan made here: {', '.join(rules)}")


class SolverError(EvenhandError):
    """The solver refused a model or failed while running it."""


class StoreError(EvenhandError):
    """The store could not do as asked; the message says why and repeats no record."""


class NotFoundError(StoreError):
    """There is no record by this id."""


class ConflictError(StoreError):
    """What is asked no longer fits what is there: a newer version, a key used for something else, an end reached."""


class ForbiddenError(StoreError):
    """This actor may not do this: deciding, for one, is a person's act."""


class NoRoomError(StoreError):
    """The PDU has as many jobs waiting or running as it may have; ask again when one has ended."""


class StoreUnavailableError(StoreError):
    """The database did not answer in the time allowed. What was asked may be asked again."""


class StoreFullError(StoreUnavailableError):
    """There is no room left to write. Nothing of what was asked has been kept; what was there before is."""
