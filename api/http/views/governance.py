"""Answers about policies, erasure, the audit trail, how people decide."""

from __future__ import annotations

from api.http.views.base import PageView, Time, View
from api.store.records import Acceptance, AuditEvent, Event, StoredPolicy


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
