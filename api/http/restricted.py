"""Restricted (LAO) cases: without the right to them a caller learns that they are there, and nothing about them.

Their records are left out of what is shown and their CRNs are listed apart. Where a sentence about another case
mentions one of them, the mention is struck out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from api.http.callers import Caller
from models.allocation.problem import AllocationProblem
from models.unpaid_work.problem import UnpaidWorkProblem

_CRN = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{6}(?![A-Za-z0-9])")
STRUCK = "a restricted case"
_PARTS = ("cases", "assignments", "unallocated", "findings", "changes", "different")
"""The lists, of problems and of plans, whose entries are about one case."""


def restricted_crns(problem: AllocationProblem | UnpaidWorkProblem) -> frozenset[str]:
    """The CRNs of the restricted cases of a problem."""
    if isinstance(problem, UnpaidWorkProblem):
        return frozenset()  # the unpaid work extract has no such mark
    return frozenset(case.crn for case in problem.cases if case.restricted)


def hidden_from(caller: Caller, restricted: Set[str]) -> frozenset[str]:
    """The CRNs of which the caller may see no detail."""
    return frozenset() if caller.restricted else frozenset(restricted)


def without(content: Mapping[str, Any], hidden: Set[str]) -> dict[str, Any]:
    """A problem, plan, comparison or list of violations in the contract's names, without anything about `hidden`."""
    if not hidden:
        return dict(content)
    shown = {
        name: [entry for entry in value if entry.get("crn") not in hidden] if name in _PARTS else value
        for name, value in content.items()
    }
    return {
        name: struck(value, hidden) if name in (*_PARTS, "violations", "warnings") else value
        for name, value in shown.items()
    }


def struck(value: Any, hidden: Set[str]) -> Any:
    """The value with every mention of a hidden CRN in any of its texts struck out."""
    if isinstance(value, str):
        return _CRN.sub(lambda found: STRUCK if found[0] in hidden else found[0], value)
    if isinstance(value, Mapping):
        return {name: struck(inner, hidden) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [struck(inner, hidden) for inner in value]
    return value
