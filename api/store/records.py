"""The store's records, as it hands them out: frozen, times in UTC and aware, what is unknown is None.

Every record of a kind has a `sequence`, which grows in the order of arrival. Lists are in that order, newest first,
because a clock may be put back and a sequence is not.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class ActorKind(enum.StrEnum):
    """Who acts. Only a PERSON decides."""

    PERSON = "PERSON"
    SERVICE = "SERVICE"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody known by their subject (a user name or the name of a service account)."""

    subject: str
    kind: ActorKind


class ProblemKind(enum.StrEnum):
    """What a problem is about."""

    ALLOCATION = "ALLOCATION"
    UNPAID_WORK = "UNPAID_WORK"


class JobKind(enum.StrEnum):
    """What is asked of a problem."""

    ALLOCATE = "ALLOCATE"
    REBALANCE = "REBALANCE"
    ROSTER = "ROSTER"
    REPAIR = "REPAIR"


class JobState(enum.StrEnum):
    """How far a job is. The last three are ends."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class PlanState(enum.StrEnum):
    """What became of a plan. A plan overridden as a whole is REJECTED, with the reason in its decision.

    SUPERSEDED: a batch has a better or newer one, and nobody had decided anything about this one.
    """

    PROPOSED = "PROPOSED"
    SUPERSEDED = "SUPERSEDED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


class Outcome(enum.StrEnum):
    """What a person decided about a plan or about one person's place in it."""

    ACCEPT = "ACCEPT"
    OVERRIDE = "OVERRIDE"
    REJECT = "REJECT"


class OverrideReason(enum.StrEnum):
    """Why a person decided otherwise than proposed, as in a case's overrideReason. OTHER asks for a text."""

    SUITABILITY = "suitability"
    NO_STAFF = "no_staff"
    CONTINUITY = "continuity"
    OTHER = "other"


class BatchItemState(enum.StrEnum):
    """How far one unit of a batch is: not begun, its job handed on, ended well, ended badly (see its report)."""

    PENDING = "PENDING"
    SUBMITTED = "SUBMITTED"
    DONE = "DONE"
    FAILED = "FAILED"


class Event(enum.StrEnum):
    """The six operations that section 62 of the Data Protection Act 2018 asks to be logged."""

    COLLECTION = "COLLECTION"
    ALTERATION = "ALTERATION"
    CONSULTATION = "CONSULTATION"
    DISCLOSURE = "DISCLOSURE"
    COMBINATION = "COMBINATION"
    ERASURE = "ERASURE"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list: `page` counts from 1, `total` is of the whole list."""

    items: tuple[Item, ...]
    page: int
    size: int
    total: int


@dataclass(frozen=True, slots=True)
class StoredProblem:
    """An input of one PDU, never changed but by erasure. Its contents are read with Store.problem_content."""

    id: str
    sequence: int
    pdu: str
    kind: ProblemKind
    input_hash: str
    people: int
    created_at: dt.datetime
    actor: Actor
    erased_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A question asked of a problem. `seconds` is the solver's time so far; `error_code` is set when it FAILED."""

    id: str
    sequence: int
    pdu: str
    kind: JobKind
    problem_id: str
    batch_id: str | None
    limits: Mapping[str, Any]
    state: JobState
    attempt: int
    worker: str | None
    best: int | None
    bound: int | None
    gap: float | None
    seconds: float | None
    stage: str | None
    cancel_requested: bool
    created_at: dt.datetime
    started_at: dt.datetime | None
    heartbeat_at: dt.datetime | None
    ended_at: dt.datetime | None
    plan_id: str | None
    error_code: str | None
    error_message: str | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """What a job made: a proposal until a person decides. `version` grows with every decision and serves as ETag."""

    id: str
    sequence: int
    pdu: str
    kind: JobKind
    problem_id: str
    job_id: str
    state: PlanState
    version: int
    summary: Mapping[str, Any]
    created_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_id: str | None
    published_by: str | None
    published_at: dt.datetime | None
    erased_at: dt.datetime | None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's act on a plan (`crn` None, `whole` true) or on one person's place in it.

    `choice` is what the person chose instead, a staff or project code. After erasure `crn` is None and `whole` is
    false. `review_seconds` lies between opening and deciding; None when it is not known.
    """

    id: str
    sequence: int
    plan_id: str
    whole: bool
    crn: str | None
    outcome: Outcome
    reason: OverrideReason | None
    text: str | None
    choice: str | None
    opened_at: dt.datetime | None
    decided_at: dt.datetime
    actor: Actor

    @property
    def review_seconds(self) -> float | None:
        """Time from opening to deciding; None when the plan was not opened, or the clock was put back meanwhile."""
        if self.opened_at is None or self.opened_at > self.decided_at:
            return None
        return (self.decided_at - self.opened_at).total_seconds()


@dataclass(frozen=True, slots=True)
class BlindRun:
    """Acceptances in a row by one person, each too quick to have been a review."""

    person: str
    length: int
    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How people decide: counts, the share accepted (None without decisions), the review time, blind runs."""

    accepted: int
    overridden: int
    rejected: int
    rate: float | None
    median_review_seconds: float | None
    blind_runs: tuple[BlindRun, ...]

    @property
    def blind(self) -> bool:
        """Whether anybody accepted blindly often enough in a row to be looked at."""
        return bool(self.blind_runs)


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A run over many PDUs."""

    id: str
    sequence: int
    question: Mapping[str, Any]
    created_at: dt.datetime
    ended_at: dt.datetime | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One PDU's part of one kind in a batch. `report` says what went wrong or what came of it, for people."""

    batch_id: str
    pdu: str
    kind: JobKind
    state: BatchItemState
    problem_id: str | None
    job_id: str | None
    report: Mapping[str, Any] | None
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy file as it was used."""

    version: str
    hash: str
    text: str
    kept_at: dt.datetime


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the audit trail. It counts the people concerned and names none."""

    position: int
    event: Event
    actor: Actor
    at: dt.datetime
    run: str | None
    route: str
    recipient: str | None
    reason: str | None
    people: int
    hash: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of the audit trail: how many events there are, and the hash of the last."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """Where the audit trail stops being what was written: the first position concerned, and why."""

    position: int
    why: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many records were rewritten or removed. It holds nothing of the person."""

    problems: int
    plans: int
    jobs: int
    decisions: int
    other: int

    @property
    def anything(self) -> bool:
        """Whether there was anything to erase."""
        return any((self.problems, self.plans, self.jobs, self.decisions, self.other))


@dataclass(frozen=True, slots=True)
class Retired:
    """How many records were removed because they were older than they may be kept."""

    problems: int
    jobs: int
    plans: int
    decisions: int
    batches: int
    people: int
