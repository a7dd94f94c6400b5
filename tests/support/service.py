"""A service for tests: a store on SQLite, a queue that only remembers, an issuer with keys of its own."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import jwt
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import FastAPI

from api.http.app import create_app
from api.http.callers import Role
from api.http.tokens import Keys, Tokens
from api.settings import Authentication, ServiceLimits, Settings
from api.store.store import Store
from models.synthetic import (
    allocation_parameters,
    generate_allocation,
    generate_unpaid_work,
    unpaid_work_parameters,
)

AUTHENTICATION = Authentication("https://issuer.example/jwks", "https://issuer.example", "evenhand")
PDU = "N03PDU1"
OTHER_PDU = "N03PDU2"


@dataclass
class RememberingQueue:
    """A queue that does nothing but remember what it was told."""

    submitted: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def submit(self, job_id: str, priority: int = 0, attempt: int = 0) -> None:  # noqa: ARG002 - the port's
        self.submitted.append(job_id)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def close(self) -> None:
        pass


class Issuer:
    """Signs tokens and publishes its keys. `kid` names the key that signs."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {
            "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ec": ec.generate_private_key(ec.SECP256R1()),
        }
        self.published = ["rsa", "ec"]
        self.fetches = 0

    def jwks(self, _url: str = "") -> bytes:
        self.fetches += 1
        return json.dumps({"keys": [self.public(kid) for kid in self.published]}).encode()

    def public(self, kid: str) -> dict[str, Any]:
        key = self.keys[kid].public_key()
        algorithm = (
            jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else jwt.algorithms.ECAlgorithm
        )
        return {**json.loads(algorithm.to_jwk(key)), "kid": kid, "use": "sig"}

    def token(self, *, kid: str = "rsa", algorithm: str | None = None, **claims: Any) -> str:
        """A token that is valid but for what `claims` says; a claim of None is left out."""
        now = int(dt.datetime.now(dt.UTC).timestamp())
        body = {
            "sub": "A_MANAGER",
            "user_name": "A_MANAGER",
            "iss": AUTHENTICATION.issuer,
            "aud": AUTHENTICATION.audience,
            "exp": now + 600,
            "authorities": [Role.ALLOCATION.value],
            "pdus": [PDU],
            **claims,
        }
        given = {name: value for name, value in body.items() if value is not None}
        chosen = algorithm or ("ES256" if kid == "ec" else "RS256")
        return jwt.encode(given, self.keys[kid], algorithm=chosen, headers={"kid": kid})


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


class Client:
    """Calls an application in this process, from code that does not await."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, peer: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app, client=(peer, 1234))
        self._portal = portal
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._portal.call(lambda: self._client.request(method, path, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def delete(self, path: str, **given: Any) -> httpx.Response:
        return self.request("DELETE", path, **given)


@dataclass
class World:
    """A running service without a server, and what it stands on."""

    app: FastAPI
    client: Client
    store: Store
    queue: RememberingQueue
    issuer: Issuer

    def headers(
        self, *roles: Role, pdus: Sequence[str] = (PDU,), person: bool = True, **claims: Any
    ) -> dict[str, str]:
        """The Authorization header of somebody with these roles and PDUs."""
        who: dict[str, Any] = {} if person else {"user_name": None, "sub": "a-service"}
        token = self.issuer.token(
            authorities=[role.value for role in roles], pdus=list(pdus), **who, **claims
        )
        return {"Authorization": f"Bearer {token}"}


Make = Callable[..., World]


@pytest.fixture
def world_of(issuer: Issuer) -> Iterator[Make]:
    """Makes a service on a store. authenticated: with tokens. limits: of the service."""

    def make(
        store: Store,
        *,
        authenticated: bool = True,
        limits: ServiceLimits | None = None,
        clock: Callable[[], float] | None = None,
    ) -> World:
        settings = Settings(
            "sqlite:///unused.db",
            authentication=AUTHENTICATION if authenticated else None,
            limits=limits or ServiceLimits(),
        )
        queue = RememberingQueue()
        app = create_app(settings, store, queue)
        if authenticated:
            keys = Keys(AUTHENTICATION.jwks_url, clock or time.monotonic, issuer.jwks)
            app.state.service.tokens = Tokens(AUTHENTICATION, keys)
        return World(app, Client(app, portal), store, queue, issuer)

    with start_blocking_portal() as portal:
        yield make


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[Store]:
    """A new store on SQLite."""
    with Store.open(sqlite_url, migrate=True) as opened:
        yield opened


@pytest.fixture
def world(lite: Store, world_of: Make) -> World:
    """A service with tokens on SQLite."""
    return world_of(lite)


@pytest.fixture
def local(lite: Store, world_of: Make) -> World:
    """A service without authentication on SQLite."""
    return world_of(lite, authenticated=False)


@pytest.fixture(scope="session")
def allocation_problem() -> dict[str, Any]:
    """A small allocation problem; its last case is restricted."""
    made = generate_allocation(allocation_parameters(), seed=5, cases=60, officers=8, waiting=0.2).problem
    cases = (
        *(replace(case, restricted=False) for case in made.cases[:-1]),
        replace(made.cases[-1], restricted=True),
    )
    return replace(made, cases=cases).as_json()


@pytest.fixture(scope="session")
def unpaid_problem() -> dict[str, Any]:
    """A small problem of unpaid work."""
    return generate_unpaid_work(unpaid_work_parameters(), seed=5, people=20, projects=4).as_json()
