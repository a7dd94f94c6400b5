"""Answers about plans: shown, decided on, compared, checked."""

from __future__ import annotations

from typing import Any

from api.http.views.base import PageView, RestrictedCrns, Time, View
from api.store.records import Decision, JobKind, Outcome, OverrideReason, PlanState, StoredPlan
from models.allocation.plan import Plan
from models.unpaid_work.roster import Roster


class PlanView(View):
    """A plan's place in the process: a proposal until a person decides. summary: figures, without records.

    supersededBy: the plan that a batch proposes in the place of this one, while nobody has decided.
    """

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
    superseded_by: str | None
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
