"""`create_app`: the HTTP service as an ASGI application."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException

from api.http.door import Door
from api.http.errors import AnswerError, ErrorCode, not_found, problem_response
from api.http.faults import request_faults
from api.http.openapi import describe
from api.http.routes import batches, exports, governance, jobs, plans, problems, questions, running
from api.http.service import Service
from api.settings import Settings
from models.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    StoreFullError,
    StoreUnavailableError,
    UsageError,
)
from models.policy.policy import Policy, load_policy, parse_policy, policy_text

if TYPE_CHECKING:
    from api.jobs.port import JobQueue
    from api.store.store import Store

RETRY_SECONDS = 5
ROUTERS = (problems, questions, jobs, plans, exports, governance, batches)


def route_table() -> tuple[APIRoute, ...]:
    """Every route of /v1."""
    return tuple(route for module in ROUTERS for route in module.router.routes if isinstance(route, APIRoute))


def utc_now() -> dt.datetime:
    """The time."""
    return dt.datetime.now(dt.UTC)


def create_app(
    settings: Settings,
    store: Store,
    queue: JobQueue,
    clock: Callable[[], dt.datetime] = utc_now,
    *,
    on_end: Callable[[], None] | None = None,
) -> FastAPI:
    """The application. on_end: called when its server goes down. Raises PolicyError for a policy with faults."""
    policy, text = policy_of(settings)
    store.keep_policy(policy.version, policy.policy_hash, text)
    service = Service(settings, store, queue, clock, policy)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if on_end is not None:
            on_end()

    app = FastAPI(
        title="evenhand",
        version=metadata.version("evenhand"),
        docs_url=None,  # its pages fetch scripts from elsewhere
        redoc_url=None,
        openapi_url=None,  # served below, with our own bodies
        redirect_slashes=False,
        generate_unique_id_function=lambda route: to_camel(route.name),
        lifespan=lifespan,
    )
    app.state.service = service
    app.add_middleware(Door, service=service)
    for module in ROUTERS:
        app.include_router(module.router)
    app.include_router(running.router)
    _answer_errors(app)
    app.openapi = lambda: describe(app, tokens=service.tokens is not None)  # type: ignore[method-assign]  # the way FastAPI documents

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    return app


def policy_of(settings: Settings) -> tuple[Policy, str]:
    """The policy in force and its text. Raises PolicyError with every fault."""
    if settings.policy is None:
        text = policy_text()
        return parse_policy(text, file="policy"), text
    policy = load_policy(settings.policy)
    return policy, settings.policy.read_text(encoding="utf-8")


def answer_of(error: Exception) -> AnswerError:  # noqa: PLR0911 - one line for each kind of error
    """The answer that an error of ours, of FastAPI's or of Starlette's amounts to."""
    match error:
        case AnswerError():
            return error
        case InputError():
            return AnswerError(
                ErrorCode.INPUT_FAULTS, "The input has faults; all of them are listed.", faults=error.faults
            )
        case RequestValidationError():
            return AnswerError(
                ErrorCode.INPUT_FAULTS,
                "The request has faults; all of them are listed.",
                faults=request_faults(error),
            )
        case UsageError():
            return AnswerError(ErrorCode.QUESTION_REFUSED, "The question cannot be asked of this problem.")
        case NotFoundError():
            return not_found()
        case ConflictError():
            return AnswerError(ErrorCode.CONFLICT, "This contradicts what was kept before.")
        case ForbiddenError():
            return AnswerError(ErrorCode.FORBIDDEN, "This is a person's act.")
        case StoreFullError():
            return AnswerError(ErrorCode.STORE_FULL, "There is no room left to write.")
        case StoreUnavailableError():
            return AnswerError(
                ErrorCode.UNAVAILABLE,
                "The store or the queue does not answer.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        case HTTPException():
            return _of_status(error)
    raise error


def _of_status(error: HTTPException) -> AnswerError:
    """The answer for what the framework refused by itself."""
    if isinstance(error.__cause__, AnswerError):  # the door refused the body while it was read
        return error.__cause__
    if error.status_code == 404:
        return not_found()
    if error.status_code == 405:
        headers = dict(error.headers or {})
        return AnswerError(ErrorCode.METHOD_NOT_ALLOWED, "This address has other methods.", headers=headers)
    if error.status_code in {413, 415}:
        code = ErrorCode.BODY_TOO_LARGE if error.status_code == 413 else ErrorCode.UNSUPPORTED_MEDIA_TYPE
        return AnswerError(code)
    return AnswerError(ErrorCode.BAD_REQUEST, "The request cannot be read.")


def _answer_errors(app: FastAPI) -> None:
    async def handle(request: Request, error: Exception) -> Any:
        answer = answer_of(error)
        return problem_response(answer, request.scope["state"]["request_id"])

    for kind in (
        AnswerError,
        InputError,
        RequestValidationError,
        UsageError,
        NotFoundError,
        ConflictError,
        ForbiddenError,
        StoreUnavailableError,
        HTTPException,
    ):
        app.add_exception_handler(kind, handle)
