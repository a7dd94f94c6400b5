"""A service for tests: a store on SQLite, a queue that only remembers, an issuer with keys of its own."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import FastAPI

from api.http.app import create_app
from api.http.callers import Role
from api.http.serving import configuration
from api.http.tokens import Keys, Tokens
from api.settings import Authentication, ServiceLimits, Settings
from api.store.records import Actor, ActorKind, BatchItemState, JobKind, ProblemKind
from api.store.store import Store
from models.allocation.plan import Question
from models.extracts.json_problem import problem_of_json
from models.extracts.limits import LIMITS
from models.extracts.unpaid_json import unpaid_problem_of_json
from models.policy.policy import default_policy
from models.synthetic import (
    allocation_parameters,
    generate_allocation,
    generate_unpaid_work,
    unpaid_work_parameters,
)
from solver.allocation.allocate import plan
from solver.engine import Limits
from tests.support.unpaid import drawn, honest_roster

WORKER = Actor("a-worker", ActorKind.SERVICE)
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
        self.portal = portal
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self.portal.call(lambda: self._client.request(method, path, **given))

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


Serve = Callable[[World], str]


@pytest.fixture
def served() -> Iterator[Serve]:
    """Puts a service behind a real server on a free port; gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread, socket.socket]] = []

    def serve(world: World) -> str:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            configuration(world.app, world.app.state.service.settings.limits.read_seconds)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread, listener))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for server, thread, listener in running:
        server.should_exit = True
        thread.join()
        listener.close()


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


@dataclass
class Filled:
    """What a service holds for tests that need something of everything, of PDU."""

    problem_id: str
    unpaid_id: str
    plan_id: str
    second_plan_id: str
    roster_id: str
    job_id: str
    ended_job_id: str
    crn: str
    restricted_crn: str
    unpaid_crn: str


def fill(store: Store, allocation: dict[str, Any], unpaid: dict[str, Any]) -> Filled:
    """Problems of both kinds, two plans, a roster, a waiting job and a batch, as workers would have made them."""
    made = problem_of_json(allocation, None, limits=LIMITS, repeated=[])
    team = unpaid_problem_of_json(unpaid, None, limits=LIMITS, repeated=[])
    first = store.add_problem(WORKER, PDU, ProblemKind.ALLOCATION, allocation, made.input_hash)
    second = store.add_problem(WORKER, PDU, ProblemKind.UNPAID_WORK, unpaid, team.input_hash)
    plans = [
        _finished(
            store,
            first.id,
            JobKind.ALLOCATE,
            plan(made, default_policy(), Question(strategy=name), Limits(seconds=5)).as_json(),
        )
        for name in ("least_loaded", "previous_officer")
    ]
    roster = honest_roster(team, drawn()).as_json()
    waiting = store.add_job(WORKER, PDU, JobKind.ALLOCATE, first.id, {}, {"seconds": 1})
    batch = store.add_batch(WORKER, {"region": "N03"})
    for pdu in (PDU, OTHER_PDU):
        store.put_batch_item(batch.id, pdu, JobKind.REBALANCE, BatchItemState.PENDING)
    return Filled(
        problem_id=first.id,
        unpaid_id=second.id,
        plan_id=plans[0],
        second_plan_id=plans[1],
        roster_id=_finished(store, second.id, JobKind.ROSTER, roster),
        job_id=waiting.id,
        ended_job_id=store.plan(plans[0]).job_id,
        crn=made.cases[0].crn,
        restricted_crn=next(case.crn for case in made.cases if case.restricted),
        unpaid_crn=team.people[0].crn,
    )


def _finished(store: Store, problem_id: str, kind: JobKind, content: dict[str, Any]) -> str:
    job = store.add_job(WORKER, PDU, kind, problem_id, {}, {"seconds": 1})
    store.start_job(job.id, "a-worker")
    return store.finish_job(job.id, content, {"status": content["status"]})


@pytest.fixture(scope="session")
def filled_file(
    tmp_path_factory: pytest.TempPathFactory,
    allocation_problem: dict[str, Any],
    unpaid_problem: dict[str, Any],
) -> tuple[Path, Filled]:
    """A SQLite store with something of everything, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "store.db"
    with Store.open(f"sqlite:///{path}", migrate=True) as opened:
        return path, fill(opened, allocation_problem, unpaid_problem)


@pytest.fixture
def everything(
    filled_file: tuple[Path, Filled], tmp_path: Path, world_of: Make
) -> Iterator[tuple[World, Filled]]:
    """A service with tokens that has something of everything, and room for many jobs and calls."""
    path, filled = filled_file
    mine = Path(shutil.copy(path, tmp_path / "filled.db"))
    with Store.open(f"sqlite:///{mine}") as opened:
        yield world_of(opened, limits=ServiceLimits(jobs_per_pdu=1000, requests_per_minute=1_000_000)), filled
