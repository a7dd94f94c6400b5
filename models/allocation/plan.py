"""The plan: who gets which case, at what price, how well proven, and from what."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.allocation.case import OverrideReason
from models.record import CAMEL, as_json


class QuestionKind(enum.StrEnum):
    """ALLOCATE: waiting cases get officers, held ones stay. REBALANCE: held ones may move within a budget."""

    ALLOCATE = "ALLOCATE"
    REBALANCE = "REBALANCE"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked.

    moves: the most held cases that may change officer. released: staff codes whose held cases become waiting
    work, or "findings" for every held case that a finding names. strategy: how the plan was made.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    kind: QuestionKind = QuestionKind.ALLOCATE
    moves: int = 0
    released: tuple[str, ...] = ()
    strategy: str = "optimise"


@dataclass(frozen=True, slots=True)
class Objective:
    """The price of a plan by item: unallocatedWeight first, then total = pressure + changeOfOfficer + fit.

    fixed is the pressure and fit of what the question cannot move. All in band-points but the first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    unallocated_weight: int
    pressure: int
    change_of_officer: int
    fit: int
    total: int
    fixed: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The untidiness of what is already held: no violation, shown and counted, and nothing is added to it."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rule: str
    crn: str | None
    staff_code: str | None
    team_code: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One case and its officer. previous_staff_code is who holds it today, None for a waiting case."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    staff_code: str
    team_code: str
    previous_staff_code: str | None = None
    reason: tuple[str, ...] = ()
    override_reason: OverrideReason | None = None
    override_text: str | None = None


@dataclass(frozen=True, slots=True)
class Unallocated:
    """One waiting case without an officer, the rules that together forbid it, and why in a sentence."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    rules: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class OfficerLoad:
    """An officer before and after. Workload in %, one decimal, None when nothing is available."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    staff_code: str
    team_code: str
    available_points: int
    points_before: int
    points_after: int
    workload_before: float | None
    workload_after: float | None


@dataclass(frozen=True, slots=True)
class BalanceFigures:
    """What people judge balance by, over the officers who have at least the policy's least availability.

    max, min, mean and spread (max - min) of Workload %; the standard deviation; the Gini coefficient;
    officers over 100 and 110 %; cases an officer, mean and most. None where there is no such officer.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    max_workload: float | None
    min_workload: float | None
    mean_workload: float | None
    spread: float | None
    standard_deviation: float | None
    gini: float | None
    officers_over_100: int
    officers_over_110: int
    mean_cases: float | None
    max_cases: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Balance before and after the plan."""

    before: BalanceFigures
    after: BalanceFigures


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a plan comes from: enough to make it again."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    input_hash: str
    policy_hash: str
    policy_version: str
    engine_version: str
    seed: int
    time_limit: float | None
    work_limit: float | None = None
    threads: int | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class SharedPrice:
    """A part of one linked case's price, by person, charged to another: positions among the cases decided."""

    first: int
    second: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DecidedPart:
    """The plans that have a group with one person, and multipliers for them: those of what was branched on, changed.

    owner: the person in order of appearance. at: ascending positions in the numbers of task, owner, move, row, load,
    entry and reach laid one after the other; by: what is added to the number there.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    owner: int
    at: tuple[int, ...] = ()
    by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecidedGroup:
    """Linked cases that every plan has with one person, put with each person who may have them in turn.

    within: which plans are branched on: 0 for all of them, k for those of the k-th part, parts counted through all
    groups in order. group: positions among the cases decided, ascending.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    within: int
    group: tuple[int, ...]
    parts: tuple[DecidedPart, ...]


@dataclass(frozen=True, slots=True)
class BoundProof:
    """Whole-number multipliers from which a bound follows (solver/verify/bound.py says why and how).

    bound: what they prove. The plan's own bound is this one, or a higher one that a solver's search vouches for.
    scale: what prices are multiplied by. skip_budget: the most unallocated weight the bound holds for. task: the
    worth of placing each case that the question decides, in the order of the input. owner: the price of receiving a
    case, by person in order of appearance. move: the price of a move. row: the prices of counted limits. load,
    entry, reach: by officer, what tells which cases are in doubt and how far doubt reaches. The last of owner, load,
    entry and reach stands for leaving a case unallocated. settled: prices of what the question settles, added to the
    bound that the multipliers prove. shares: prices that linked cases share (solver/assignment/sharing.py). decided:
    a tree of groups, in each of whose leaves multipliers prove the bound (solver/verify/decided.py).
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    bound: int
    scale: int
    skip_budget: int
    task: tuple[int, ...]
    owner: tuple[int, ...]
    move: int
    row: tuple[int, ...]
    load: tuple[int, ...]
    entry: tuple[int, ...]
    reach: tuple[int, ...]
    settled: int
    shares: tuple[SharedPrice, ...] = ()
    decided: tuple[DecidedGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal: what evenhand suggests and people decide.

    bound: a proven lower bound on total among plans that leave no more unallocated, None when unknown.
    gap: (total - bound) / (total - fixed), 0.0 when total = bound, None when the bound is unknown.
    bound_proof: what the bound follows from, None where CP-SAT alone vouches for it or it is unknown.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    status: str
    objective: Objective
    bound: int | None
    gap: float | None
    unallocated_proven: bool
    wall_seconds: float
    question: Question
    findings: tuple[Finding, ...]
    assignments: tuple[Assignment, ...]
    unallocated: tuple[Unallocated, ...]
    officers: tuple[OfficerLoad, ...]
    balance: Balance
    provenance: Provenance
    bound_proof: BoundProof | None = None

    def as_json(self) -> dict[str, Any]:
        """The plan in the names of the contract."""
        return as_json(self)


def gap_of(total: int, bound: int | None, fixed: int) -> float | None:
    """The proven gap of what was decided; None when the bound is unknown.

    Where nothing was decided above the fixed part, a bound below the total is a gap of 1.0.
    """
    if bound is None:
        return None
    if total <= bound:
        return 0.0
    return (total - bound) / (total - fixed) if total > fixed else 1.0
