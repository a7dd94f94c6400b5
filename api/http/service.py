"""What every route works with: settings, store, queue, policy, tokens, prepared problems, figures."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from api.http.callers import Caller, caller_of
from api.http.errors import not_found
from api.http.metrics import Metrics
from api.http.pace import Pace
from api.http.prepared import Prepared, PreparedProblems
from api.http.restricted import hidden_from
from api.http.tokens import Keys, Tokens
from api.settings import Settings
from api.store.records import Actor, ActorKind, Event, StoredJob, StoredPlan, StoredProblem
from models.errors import NotFoundError
from models.policy.policy import Policy

if TYPE_CHECKING:
    from api.jobs.port import JobQueue
    from api.store.store import Store

P = ParamSpec("P")
Result = TypeVar("Result")

HEAVY_AT_ONCE = 2
"""Requests that parse, check or write whole problems at once; the others wait, and quick answers stay quick."""
KIND_OF_JOB = {
    "ALLOCATE": "ALLOCATION",
    "REBALANCE": "ALLOCATION",
    "ROSTER": "UNPAID_WORK",
    "REPAIR": "UNPAID_WORK",
}
"""The kind of problem that each kind of job is about."""


class Streams:
    """How many progress streams are open. Used from the event loop alone."""

    def __init__(self, most: int, metrics: Metrics) -> None:
        self._most, self._metrics, self._open = most, metrics, 0

    def enter(self) -> bool:
        """One more, where there is room."""
        if self._open >= self._most:
            return False
        self._open += 1
        self._metrics.streams.set(self._open)
        return True

    def leave(self) -> None:
        """One less."""
        self._open -= 1
        self._metrics.streams.set(self._open)


@dataclass
class Service:
    """One process of the service. clock: the time in UTC, aware."""

    settings: Settings
    store: Store
    queue: JobQueue
    clock: Callable[[], dt.datetime]
    policy: Policy
    metrics: Metrics = field(default_factory=Metrics)
    tokens: Tokens | None = None
    problems: PreparedProblems = field(init=False)
    streams: Streams = field(init=False)
    pace: Pace = field(init=False)
    _heavy: anyio.CapacityLimiter | None = None

    def __post_init__(self) -> None:
        self.streams = Streams(self.settings.limits.streams, self.metrics)
        self.pace = Pace(self.settings.limits.requests_per_minute)
        self.problems = PreparedProblems(
            self.store.problem_content, self.policy, lambda outcome: self.metrics.cache.labels(outcome).inc()
        )
        if self.tokens is None and self.settings.authentication is not None:
            keys = Keys(self.settings.authentication.jwks_url, time.monotonic)
            self.tokens = Tokens(self.settings.authentication, keys)

    @property
    def auth_mode(self) -> str:
        """TOKENS, or LOOPBACK when this machine alone is served."""
        return "LOOPBACK" if self.tokens is None else "TOKENS"

    async def heavy(self, work: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """The result of work that takes long, in a thread, so many at once."""
        if self._heavy is None:
            self._heavy = anyio.CapacityLimiter(HEAVY_AT_ONCE)
        return await anyio.to_thread.run_sync(lambda: work(*args, **kwargs), limiter=self._heavy)


@dataclass(frozen=True)
class Asking:
    """One request: the service, who asks, and the route as a template. The routes' only door to the store."""

    service: Service
    caller: Caller
    route: str

    @property
    def store(self) -> Store:
        return self.service.store

    @property
    def actor(self) -> Actor:
        """The caller as the store knows them."""
        return Actor(self.caller.subject, ActorKind.PERSON if self.caller.person else ActorKind.SERVICE)

    def problem(self, problem_id: str) -> StoredProblem:
        """A problem of the caller's. Raises AnswerError, the same for unknown and forbidden."""
        try:
            found = self.store.problem(problem_id)
        except NotFoundError:
            raise not_found() from None
        self.caller.must_see(found.pdu, found.kind.value)
        return found

    def job(self, job_id: str) -> StoredJob:
        """A job of the caller's. Raises AnswerError, the same for unknown and forbidden."""
        try:
            found = self.store.job(job_id)
        except NotFoundError:
            raise not_found() from None
        self.caller.must_see(found.pdu, KIND_OF_JOB[found.kind.value])
        return found

    def plan(self, plan_id: str) -> StoredPlan:
        """A plan of the caller's. Raises AnswerError, the same for unknown and forbidden."""
        try:
            found = self.store.plan(plan_id)
        except NotFoundError:
            raise not_found() from None
        self.caller.must_see(found.pdu, KIND_OF_JOB[found.kind.value])
        return found

    def prepared(self, problem_id: str) -> Prepared:
        """A problem of the caller's, parsed."""
        return self.service.problems.of(self.problem(problem_id))

    def hidden(self, prepared: Prepared) -> frozenset[str]:
        """The restricted cases of a problem of which the caller sees no detail."""
        return hidden_from(self.caller, prepared.restricted)

    def touched(
        self,
        event: Event,
        *,
        crns: Iterable[str] = (),
        problem_id: str | None = None,
        plan_id: str | None = None,
        run: str | None = None,
        recipient: str | None = None,
    ) -> None:
        """Keeps in the audit trail that people's records were touched. Called before the answer is given."""
        named: dict[str, Any] = {
            "problem_id": problem_id,
            "plan_id": plan_id,
            "run": run,
            "recipient": recipient,
        }
        self.store.record(event, self.actor, route=self.route, crns=crns, **named)


def asking(request: Request) -> Asking:
    """The dependency of every route."""
    route = request.scope["route"].path
    return Asking(request.app.state.service, caller_of(request), f"{request.method} {route}")


Ask = Annotated[Asking, Depends(asking)]
"""What a route declares to be given its request."""
