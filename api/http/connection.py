"""One connection: how long it may keep the service waiting, and what it is told when it does not speak HTTP.

uvicorn closes a connection that is idle between two requests. It would wait for ever for the rest of a request's head,
for the rest of a body whose request was refused, and for a caller who does not read the answer; here it does not.
"""

from __future__ import annotations

import asyncio
import json

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http.errors import MEDIA_TYPE, ErrorCode, problem_body

MOST_CONNECTIONS = 1_000
"""Connections at once; more are closed as they come."""
LEAST_READ = 65_536
"""Bytes of a waiting answer that a caller takes in the time allowed, or all of it."""


class Connection(H11Protocol):
    """uvicorn's connection with patience that ends. seconds: for a head to arrive, for an answer to be taken."""

    seconds: float = 20.0
    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A caller came."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller went, or was sent away."""
        super().connection_lost(exc)
        self._stop_waiting()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """A request was answered; the rest of its body may still be on its way."""
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        """Starts the time when something is awaited, once, and stops it when it is there."""
        under_way = self.cycle is not None and not self.cycle.response_complete
        resting = self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is not None
        if under_way or resting or self.transport.is_closing():
            self._stop_waiting()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self.seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def pause_writing(self) -> None:
        """More of an answer waits than the caller takes."""
        super().pause_writing()
        self._look_again(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The caller took most of it."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _look_again(self, size: int) -> None:
        def look() -> None:
            left = self.transport.get_write_buffer_size()
            if left > size - LEAST_READ:
                self.transport.abort()
            else:
                self._look_again(left)

        self._unread = self.loop.call_later(self.seconds, look)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words; ours are a problem body
        """Tells who does not speak HTTP, and closes."""
        body = json.dumps(problem_body(ErrorCode.BAD_REQUEST, "This is no HTTP request.")).encode()
        headers = [
            ("Content-Type", MEDIA_TYPE),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ]
        answer = (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage())
        for event in answer:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def connections(seconds: float) -> type[Connection]:
    """Connections with this much patience."""
    return type("PatientConnection", (Connection,), {"seconds": seconds})
