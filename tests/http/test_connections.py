"""Callers who are slow on the wire or do not speak HTTP, against a real server."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

import api.http.connection
import api.http.door
from api.http.pace import MOST_CALLERS, Pace
from api.settings import ServiceLimits
from api.store.store import Store
from tests.support.service import Make, Serve, World

HEAD = b"GET /health/liveness HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def hasty(lite: Store, world_of: Make) -> World:
    """A service that waits for a second."""
    return world_of(lite, authenticated=False, limits=ServiceLimits(read_seconds=1))


def wire_to(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=20)


def read_to_end(wire: socket.socket) -> bytes:
    """What comes until the server closes, by its will or by force."""
    found = b""
    try:
        while piece := wire.recv(65_536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def read_answer(wire: socket.socket) -> bytes:
    """One answer, by its Content-Length."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += wire.recv(65_536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += wire.recv(65_536)
    return head + b"\r\n\r\n" + body


def drip(wire: socket.socket) -> None:
    """A byte now and then."""
    for _ in range(400):
        wire.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("begun", [b"", b"GET", HEAD + b"X-Slow: "])
def test_a_head_that_does_not_arrive_ends_the_connection(hasty: World, served: Serve, begun: bytes) -> None:
    with wire_to(served(hasty)) as wire:
        wire.sendall(begun)
        assert read_to_end(wire) == b""


def test_a_head_that_drips_ends_the_connection(hasty: World, served: Serve) -> None:
    with wire_to(served(hasty)) as wire:
        wire.sendall(HEAD + b"X-Slow: ")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            drip(wire)


def test_a_second_head_has_its_own_time(hasty: World, served: Serve) -> None:
    with wire_to(served(hasty)) as wire:
        for _ in range(3):
            wire.sendall(HEAD)
            time.sleep(0.6)
            wire.sendall(b"\r\n")
            assert read_answer(wire).startswith(b"HTTP/1.1 200")
        wire.sendall(HEAD)
        assert read_to_end(wire) == b""


def test_a_refused_body_that_drips_ends_the_connection(hasty: World, served: Serve) -> None:
    with wire_to(served(hasty)) as wire:
        wire.sendall(b"POST /v1/policies HTTP/1.1\r\nHost: elsewhere.example\r\nContent-Length: 9000\r\n\r\n")
        assert read_answer(wire).startswith(b"HTTP/1.1 421")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            drip(wire)


def test_who_does_not_take_the_answer_is_left(
    hasty: World, served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hasty.app, "openapi", lambda: {"long": "x" * 40_000_000})
    address = served(hasty)
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with wire_to(address) as wire:
        wire.sendall(asked)
        time.sleep(3)
        assert len(read_to_end(wire)) < 40_000_000
    with wire_to(address) as wire:  # and who takes it slowly is not
        wire.sendall(asked)
        taken = 0
        while piece := wire.recv(1_000_000):
            taken += len(piece)
            time.sleep(0.05)
        assert taken > 40_000_000


def test_what_is_no_http_is_answered_with_a_problem(hasty: World, served: Serve) -> None:
    with wire_to(served(hasty)) as wire:
        wire.sendall(b"HELO evenhand\r\n\r\n")
        head, _, body = read_to_end(wire).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert json.loads(body)["errorCode"] == "BAD_REQUEST"


def test_there_are_only_so_many_connections(
    hasty: World, served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.http.connection, "MOST_CONNECTIONS", 1)
    address = served(hasty)
    with wire_to(address) as first:
        first.sendall(HEAD + b"\r\n")
        assert read_answer(first).startswith(b"HTTP/1.1 200")
        with wire_to(address) as second:
            assert read_to_end(second) == b""
        first.sendall(HEAD + b"\r\n")
        assert read_answer(first).startswith(b"HTTP/1.1 200")


def test_beyond_so_many_requests_at_once_only_health_is_told(
    hasty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.http.door, "MOST_AT_ONCE", 0)
    answer = hasty.client.get("/v1/policies")
    assert (answer.status_code, answer.json()["errorCode"]) == (503, "BUSY")
    assert answer.headers["retry-after"] == "1"
    assert hasty.client.get("/health").status_code == 200


def test_a_caller_makes_so_many_requests_a_minute(lite: Store, world_of: Make) -> None:
    world = world_of(lite, limits=ServiceLimits(requests_per_minute=3))
    first, second = (world.headers(sub=name, user_name=name) for name in ("one", "two"))

    def asked(headers: dict[str, str]) -> Any:
        return world.client.get("/v1/policies", headers=headers)

    assert [asked(first).status_code for _ in range(4)] == [403, 403, 403, 429]
    refused = asked(first)
    assert refused.json()["errorCode"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert asked(second).status_code == 403
    assert world.client.get("/health", headers=first).status_code == 200


def test_the_bucket_fills_steadily_and_no_higher_than_a_minutes_worth() -> None:
    now = 0.0
    pace = Pace(60, lambda: now)
    assert [pace.wait("a") for _ in range(61)] == [0.0] * 60 + [1.0]
    now = 0.5
    assert pace.wait("a") == 0.5
    now = 1.0
    assert [pace.wait("a"), pace.wait("a")] == [0.0, 1.0]
    now = 1_000.0
    assert [pace.wait("a") for _ in range(61)] == [0.0] * 60 + [1.0]


def test_only_so_many_callers_are_remembered() -> None:
    pace = Pace(1, lambda: 0.0)
    assert (pace.wait("first"), pace.wait("first")) == (0.0, 60.0)
    for number in range(MOST_CALLERS):
        assert pace.wait(str(number)) == 0.0
    assert pace.wait("first") == 0.0
