"""The door: what every request passes before any route sees it, and every answer on its way out.

In this order: a request id; the limit on requests at once; without authentication the guard that only this machine is
served; with it the token; the caller's limit of requests; the limits on the body's size and pace; a limit on the time
to the first byte. On the way out: security headers, a log line, figures. Whatever nobody foresaw becomes a plain 500
here, and its words stay inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio.to_thread
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.callers import Caller, local_caller
from api.http.errors import AnswerError, ErrorCode, problem_response
from api.logs import logger
from api.settings import is_loopback

if TYPE_CHECKING:
    from api.http.service import Service

_log = logger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
OPEN_PATHS = ("/health", "/health/liveness", "/health/readiness", "/info", "/metrics", "/openapi.json")
"""What needs no token: it concerns no person."""
MEGABYTE = 1_000_000
MOST_AT_ONCE = 500
"""Requests under way, progress streams among them; health and figures are answered beyond it."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer."""


@dataclass(slots=True)
class _Passage:
    """One request on its way through. abandoned: it was answered for, so that what comes later is dropped."""

    request_id: str
    begun: float = field(default_factory=time.perf_counter)
    status: int | None = None
    sent: int = 0
    received: int = 0
    body_complete: bool = False
    abandoned: bool = False


class Door:
    """ASGI middleware around every route."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._most = service.settings.limits.body_megabytes * MEGABYTE
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        passage = _Passage(given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4()))
        passage.body_complete = (
            "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"
        )
        scope.setdefault("state", {})["request_id"] = passage.request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=passage.request_id)
        outward = self._sender(passage, send)
        self._under_way += 1
        try:
            await self._let_in(scope, headers)
            self._check_length(headers)
            inward = self._receiver(passage, receive)
            await self._within_time(scope, inward, _until_abandoned(passage, outward), passage)
        except AnswerError as error:
            await self._answer(error, scope, receive, outward, passage)
        except Exception:  # noqa: BLE001 - the last door: nobody outside sees what went wrong
            _log.exception("a request failed")
            failure = AnswerError(ErrorCode.INTERNAL, "An error was logged under this request's id.")
            await self._answer(failure, scope, receive, outward, passage)
        finally:
            self._under_way -= 1
            self._note(scope, passage)

    async def _let_in(self, scope: Scope, headers: Headers) -> None:
        """Finds who calls. Raises AnswerError for those who may not, or not now."""
        guarded = scope["path"] not in OPEN_PATHS
        if guarded and self._under_way > MOST_AT_ONCE:
            raise AnswerError(ErrorCode.BUSY, headers={"Retry-After": "1"})
        if self._service.tokens is None:
            guard_local(scope, headers)
            scope["state"]["caller"] = local_caller()
        elif guarded:
            scope["state"]["caller"] = await self._caller(headers)
        if guarded:
            self._keep_pace(scope["state"]["caller"])

    def _keep_pace(self, caller: Caller) -> None:
        """Raises AnswerError for a caller who makes more requests than one may."""
        seconds = self._service.pace.wait(caller.subject)
        if seconds > 0:
            most = self._service.settings.limits.requests_per_minute
            raise AnswerError(
                ErrorCode.TOO_MANY_REQUESTS,
                f"A caller may make {most} requests a minute.",
                headers={"Retry-After": str(math.ceil(seconds))},
            )

    async def _caller(self, headers: Headers) -> Caller:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not token.strip():
            raise AnswerError(ErrorCode.UNAUTHENTICATED, "Send Authorization: Bearer and a token.")
        tokens = self._service.tokens
        assert tokens is not None
        token = token.strip()
        if tokens.key_at_hand(token):
            return tokens.check(token)
        return await anyio.to_thread.run_sync(tokens.check, token)

    def _check_length(self, headers: Headers) -> None:
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise AnswerError(ErrorCode.BAD_REQUEST, "Content-Length is no number.")
        if len(length) > 15 or int(length) > self._most:
            raise self._too_large()

    def _too_large(self) -> AnswerError:
        most = self._service.settings.limits.body_megabytes
        return AnswerError(ErrorCode.BODY_TOO_LARGE, f"A body may hold at most {most} MB.")

    def _receiver(self, passage: _Passage, receive: Receive) -> Receive:
        limits = self._service.settings.limits
        deadline = passage.begun + 10 * limits.read_seconds

        async def guarded() -> Message:
            if passage.body_complete:
                return await receive()  # waits for the caller to go away
            left = min(limits.read_seconds, deadline - time.perf_counter())
            try:
                async with asyncio.timeout(max(0.0, left)):
                    message = await receive()
            except TimeoutError:
                raise AnswerError(ErrorCode.BODY_TOO_SLOW, "The rest of the body did not arrive.") from None
            if message["type"] == "http.request":
                passage.received += len(message.get("body", b""))
                passage.body_complete = not message.get("more_body", False)
                if passage.received > self._most:
                    raise self._too_large()
            return message

        return guarded

    async def _within_time(self, scope: Scope, receive: Receive, send: Send, passage: _Passage) -> None:
        """Runs the routes; answers for them when they have not begun to within the time allowed."""
        seconds = self._service.settings.limits.request_seconds
        task = asyncio.ensure_future(self._app(scope, receive, send))
        try:
            while not (await asyncio.wait({task}, timeout=seconds))[0]:
                if passage.body_complete and passage.status is None:
                    passage.abandoned = True
                    task.add_done_callback(_forget)
                    task.cancel()
                    raise AnswerError(ErrorCode.TOO_SLOW, f"There was no answer within {seconds} seconds.")
        except asyncio.CancelledError:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
            raise
        task.result()

    def _sender(self, passage: _Passage, send: Send) -> Send:
        extra = {**HEADERS, "X-Request-Id": passage.request_id}
        if self._service.tokens is not None:
            extra["Strict-Transport-Security"] = "max-age=31536000"

        async def outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                passage.status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in extra.items():
                    headers[name] = value
            elif message["type"] == "http.response.body":
                passage.sent += len(message.get("body", b""))
            await send(message)

        return outward

    async def _answer(
        self, error: AnswerError, scope: Scope, receive: Receive, outward: Send, passage: _Passage
    ) -> None:
        if passage.status is None:  # else it has begun, and all that is left is to end it
            await problem_response(error, passage.request_id)(scope, receive, outward)

    def _note(self, scope: Scope, passage: _Passage) -> None:
        seconds = time.perf_counter() - passage.begun
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        status = passage.status or 499
        self._service.metrics.answered(scope["method"], route, status, seconds)
        _log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            seconds=round(seconds, 4),
            bytes=passage.sent,
        )


def _until_abandoned(passage: _Passage, outward: Send) -> Send:
    """What the routes send with: it drops what comes after the door has answered for them."""

    async def send(message: Message) -> None:
        if not passage.abandoned:
            await outward(message)

    return send


def _forget(task: asyncio.Future[None]) -> None:
    """Takes note of how an abandoned task ended, so that asyncio does not complain of it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("a request failed after it was given up", exc_info=error)


def guard_local(scope: Scope, headers: Headers) -> None:
    """Lets in only this machine's own programs, when no authentication is set.

    The peer must be this machine and not forward for another, and the host asked for must be this machine, so that
    no name elsewhere can be made to point here. A page of another site in a browser of this machine is sent away too.
    Raises AnswerError.
    """
    peer = scope.get("client")
    asked = urllib.parse.urlsplit(f"//{headers.get('host', '')}")
    try:
        host = asked.hostname or ""
    except ValueError:
        host = ""
    if (peer is not None and not is_loopback(peer[0])) or not is_loopback(host):
        raise AnswerError(ErrorCode.WRONG_DOOR, "Without authentication only this machine is served.")
    if any(name in headers for name in _FORWARDED):
        raise AnswerError(
            ErrorCode.WRONG_DOOR, "Without authentication nothing is served to others through a proxy."
        )
    origin = headers.get("origin")
    foreign = origin is not None and not is_loopback(urllib.parse.urlsplit(origin).hostname or "")
    if foreign or headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise AnswerError(ErrorCode.FORBIDDEN, "Pages of other sites are not served.")
