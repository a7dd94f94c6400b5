"""What the service answers with: the bodies of answers, in camelCase, lists wrapped."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.store.records import (
    Acceptance,
    AuditEvent,
    BatchItem,
    BatchItemState,
    Decision,
    Event,
    JobKind,
    JobState,
    Outcome,
    OverrideReason,
    Page,
    PlanState,
    ProblemKind,
    StoredBatch,
    StoredJob,
    StoredPlan,
    StoredPolicy,
    StoredProblem,
)
from models.allocation.plan import Plan
from models.allocation.problem import AllocationProblem
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster

Time = Annotated[dt.datetime, Field(description="UTC")]
RestrictedCrns = Annotated[
    tuple[str, ...],
    Field(description="Restricted cases that are here and of which the caller may see no detail."),
]


class View(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True, extra="forbid"
    )


class PageView(View):
    """One page of a list. page counts from 1, total is of the whole list."""

    page: int
    size: int
    total: int


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


class JobError(View):
    """Why a job failed: a code, and a sentence that names no record."""

    error_code: str
    message: str


class JobView(View):
    """A job: how far it is and, once there is one, the plan that it made.

    best: the value of the best plan so far, bound: what is proven that no plan can beat, gap: the distance as a
    fraction; null while unknown.
    """

    id: str
    pdu: str
    kind: JobKind
    problem_id: str
    batch_id: str | None
    state: JobState
    attempt: int
    best: int | None
    bound: int | None
    gap: float | None
    seconds: float | None
    stage: str | None
    cancel_requested: bool
    created_at: Time
    started_at: Time | None
    ended_at: Time | None
    plan_id: str | None
    error: JobError | None

    @classmethod
    def of(cls, job: StoredJob) -> JobView:
        error = (
            None
            if job.error_code is None
            else JobError(error_code=job.error_code, message=job.error_message or job.error_code)
        )
        named = {name: getattr(job, name) for name in cls.model_fields if name != "error"}
        return cls(error=error, **named)


class JobsView(PageView):
    """Jobs, the newest first."""

    jobs: tuple[JobView, ...]


class PlanView(View):
    """A plan's place in the process: a proposal until a person decides. summary: figures, without records."""

    id: str
    pdu: str
    kind: JobKind
    problem_id: str
    job_id: str
    state: PlanState
    version: int
    summary: dict[str, Any]
    created_at: Time
    decided_by: str | None
    decided_at: Time | None
    erased_at: Time | None

    @classmethod
    def of(cls, plan: StoredPlan) -> PlanView:
        return cls(**{name: getattr(plan, name) for name in cls.model_fields})


class PlansView(PageView):
    """Plans, the newest first."""

    plans: tuple[PlanView, ...]


class PlanDetail(PlanView):
    """A plan in full, as the contract writes it."""

    content: Plan | Roster
    restricted_crns: RestrictedCrns


class DecisionView(View):
    """A person's act on a plan, or on one person's place in it."""

    id: str
    plan_id: str
    whole: bool
    crn: str | None
    outcome: Outcome
    reason: OverrideReason | None
    text: str | None
    choice: str | None
    opened_at: Time | None
    decided_at: Time
    decided_by: str
    review_seconds: float | None

    @classmethod
    def of(cls, decision: Decision) -> DecisionView:
        named = {name: getattr(decision, name) for name in cls.model_fields if name != "decided_by"}
        return cls(decided_by=decision.actor.subject, **named)


class DecisionsView(View):
    """The decisions on one plan, in order. The plan's version is the ETag."""

    plan: PlanView
    decisions: tuple[DecisionView, ...]


class DecisionMadeView(View):
    """A decision as it was kept, and the plan as it stands after it."""

    decision: DecisionView
    plan: PlanView


class Figures(View):
    """A plan's figures side by side: each as the contract names it."""

    plan_id: str
    status: str
    objective: dict[str, int]
    bound: int | None
    gap: float | None


class Difference(View):
    """One person whom the plans treat differently: by staff code or placement, null for nobody."""

    crn: str
    first: str | None
    second: str | None


class ComparisonView(View):
    """Two plans for the same problem: figures, and who is treated differently."""

    first: Figures
    second: Figures
    same: int
    different: tuple[Difference, ...]
    restricted_crns: RestrictedCrns


class ViolationView(View):
    """A broken rule."""

    rule: str
    crn: str | None
    staff_code: str | None
    team_code: str | None
    sentence: str


class VerificationView(View):
    """What a check found. warnings: where the plan and the problem do not belong together."""

    clean: bool
    violations: tuple[ViolationView, ...]
    warnings: tuple[str, ...]


class PolicyView(View):
    """A policy that plans were made by."""

    version: str
    hash: str
    kept_at: Time

    @classmethod
    def of(cls, policy: StoredPolicy) -> PolicyView:
        return cls(version=policy.version, hash=policy.hash, kept_at=policy.kept_at)


class PoliciesView(View):
    """The policies that were in use, the one in force first. text: its TOML."""

    current: PolicyView
    text: str
    policies: tuple[PolicyView, ...]


class ErasureView(View):
    """How many records were rewritten or removed."""

    problems: int
    plans: int
    jobs: int
    decisions: int
    other: int


class AuditEventView(View):
    """One event of the audit trail. people: how many it concerns; it names none."""

    position: int
    event: Event
    actor: str
    actor_kind: str
    at: Time
    run: str | None
    route: str
    recipient: str | None
    reason: str | None
    people: int
    hash: str

    @classmethod
    def of(cls, event: AuditEvent) -> AuditEventView:
        named = {
            name: getattr(event, name) for name in cls.model_fields if name not in {"actor", "actor_kind"}
        }
        return cls(actor=event.actor.subject, actor_kind=event.actor.kind, **named)


class AuditEventsView(PageView):
    """Events, the newest first."""

    events: tuple[AuditEventView, ...]


class ChainView(View):
    """Whether the audit trail is what was written. brokenAt: the first position that is not."""

    whole: bool
    broken_at: int | None
    why: str | None
    position: int | None
    hash: str | None


class BatchItemView(View):
    """One PDU's part in a batch."""

    pdu: str
    kind: JobKind
    state: BatchItemState
    problem_id: str | None
    job_id: str | None

    @classmethod
    def of(cls, item: BatchItem) -> BatchItemView:
        return cls(**{name: getattr(item, name) for name in cls.model_fields})


class BatchView(View):
    """A run over many PDUs. items: those that the caller may see."""

    id: str
    created_at: Time
    ended_at: Time | None
    items: tuple[BatchItemView, ...]

    @classmethod
    def of(cls, batch: StoredBatch, items: tuple[BatchItem, ...]) -> BatchView:
        return cls(
            id=batch.id,
            created_at=batch.created_at,
            ended_at=batch.ended_at,
            items=tuple(map(BatchItemView.of, items)),
        )


class BatchesView(PageView):
    """Batches, the newest first."""

    batches: tuple[BatchView, ...]


class AcceptanceView(View):
    """How people decide: counts, the share accepted, the median time from opening to deciding, blind runs."""

    accepted: int
    overridden: int
    rejected: int
    rate: float | None
    median_review_seconds: float | None
    blind: bool
    blind_runs: int

    @classmethod
    def of(cls, found: Acceptance) -> AcceptanceView:
        named = {
            name: getattr(found, name) for name in cls.model_fields if name not in {"blind", "blind_runs"}
        }
        return cls(blind=found.blind, blind_runs=len(found.blind_runs), **named)


class HealthView(View):
    """Whether the service is up and what it stands on."""

    status: Literal["UP", "DOWN"]
    components: dict[str, Literal["UP", "DOWN"]]


class InfoView(View):
    """What runs here: versions, the policy in force, and how callers are known."""

    name: str
    version: str
    versions: dict[str, str]
    policy: dict[str, str]
    authentication: Literal["TOKENS", "LOOPBACK"]
    note: str | None


def paged(page: Page[Any]) -> dict[str, int]:
    """The members that every list has."""
    return {"page": page.page, "size": page.size, "total": page.total}
