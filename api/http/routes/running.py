"""The service itself: health, versions, figures. Open to all: nothing here is about a person."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.http.metrics import MEDIA_TYPE
from api.http.openapi import Responses
from api.http.service import Service
from api.http.views.running import HealthView, InfoView
from api.store.records import JobState
from models.errors import StoreError, StoreUnavailableError

router = APIRouter(tags=["service"])
LOOPBACK_NOTE = "No authentication is set: only this machine is served, and whoever uses it has every right."
NO_JOB = "00000000-0000-0000-0000-000000000000"
VERSIONED = ("evenhand", "fastapi", "ortools", "numpy", "sqlalchemy", "dbos")
_DOWN: Responses = {
    503: {"model": HealthView, "description": "Something that the service stands on is down."}
}


def service_of(request: Request) -> Service:
    """The service that answers."""
    service: Service = request.app.state.service
    return service


def _answer(components: dict[str, bool]) -> JSONResponse:
    def word(up: bool) -> Literal["UP", "DOWN"]:
        return "UP" if up else "DOWN"

    everything = all(components.values())
    view = HealthView(status=word(everything), components={name: word(up) for name, up in components.items()})
    return JSONResponse(view.model_dump(mode="json"), status_code=200 if everything else 503)


def _ready(service: Service) -> dict[str, bool]:
    found = {}
    looks: dict[str, Callable[[], object]] = {
        "store": service.store.ping,
        "queue": lambda: service.queue.cancel(NO_JOB),  # changes nothing, and has to ask the queue's database
    }
    for name, look in looks.items():
        try:
            look()
            found[name] = True
        except StoreError:
            found[name] = False
    return found


@router.get("/health", response_model=HealthView, responses={**_DOWN}, summary="Is it up?")
def health(request: Request) -> JSONResponse:
    """Whether the process runs, and store and queue answer."""
    return readiness(request)


@router.get(
    "/health/readiness", response_model=HealthView, responses={**_DOWN}, summary="Can it do its work?"
)
def readiness(request: Request) -> JSONResponse:
    """Whether the process runs, and store and queue answer."""
    return _answer({"process": True, **_ready(service_of(request))})


@router.get("/health/liveness", response_model=HealthView, summary="Does the process run?")
def liveness() -> JSONResponse:
    """Whether the process runs, whatever else does."""
    return _answer({"process": True})


@router.get("/info", response_model=InfoView, summary="What runs here")
def info(request: Request) -> InfoView:
    """Versions, the policy in force, and how callers are known."""
    service = service_of(request)
    mode: Literal["TOKENS", "LOOPBACK"] = "LOOPBACK" if service.tokens is None else "TOKENS"
    return InfoView(
        name="evenhand",
        version=metadata.version("evenhand"),
        versions={name: metadata.version(name) for name in VERSIONED},
        policy={"version": service.policy.version, "hash": service.policy.policy_hash},
        authentication=mode,
        note=LOOPBACK_NOTE if mode == "LOOPBACK" else None,
    )


@router.get(
    "/metrics",
    response_class=Response,
    summary="Figures for Prometheus",
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "Figures."}},
)
def metrics(request: Request) -> Response:
    """Requests, jobs, memory. No person, PDU or id is a label."""
    service = service_of(request)
    try:
        states = {
            state.value: service.store.jobs(None, states=[state], size=1).total
            for state in (JobState.QUEUED, JobState.RUNNING)
        }
        service.metrics.jobs(states)
    except StoreUnavailableError:
        pass  # the other figures are wanted all the more
    return Response(service.metrics.text(), media_type=MEDIA_TYPE)
