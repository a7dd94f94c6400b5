"""Every call that the description allows, in sequences: no 5xx, and no answer that the description does not know.

1,000 calls in the normal profile, 10,000 in the long one. Jobs end at once: a queue for these tests finishes each with
the plan at hand for the problem, with today's practice for one that was made up, or with a failure.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response

from api.http.callers import Role
from api.http.service import KIND_OF_JOB
from api.store.records import StoredJob
from api.store.store import Store
from models.allocation.plan import Question
from models.extracts.json_problem import problem_of_json
from models.extracts.limits import LIMITS
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits
from tests.support.service import Filled, World

CALLS = settings().max_examples * 5
"""1,000 in the normal profile."""
SEQUENCED, SINGLE = CALLS * 3 // 4, CALLS // 4
STEPS = 25
BASE = "http://127.0.0.1"
PARTS = ("method", "url", "params", "json", "data", "files")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass
class FinishingQueue:
    """A queue that ends every job at once. plans: by problem, for problems that were there before."""

    store: Store
    plans: dict[str, dict[str, Any]]

    def submit(self, job_id: str, priority: int = 0, attempt: int = 0) -> None:  # noqa: ARG002 - the port's
        job = self.store.job(job_id)
        if not self.store.start_job(job_id, "a-worker"):
            return
        content = self.plans.get(job.problem_id) or self._made(job)
        if content is None:
            self.store.fail_job(job_id, "CRASHED", "the solve ended")
        else:
            self.store.finish_job(job_id, content, {"status": content["status"]})

    def _made(self, job: StoredJob) -> dict[str, Any] | None:
        """A plan for a problem that was made up; None for unpaid work, whose rosters take long."""
        if KIND_OF_JOB[job.kind.value] != "ALLOCATION":
            return None
        made = problem_of_json(self.store.problem_content(job.problem_id), None, limits=LIMITS, repeated=[])
        question = Question(strategy="least_loaded")
        return plan(made, default_policy(), question, Limits(seconds=5)).as_json()

    def cancel(self, job_id: str) -> None:
        pass

    def close(self) -> None:
        pass


class Calling:
    """Sends what schemathesis makes up, and counts the answers by operation and status."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._headers = world.headers(*Role, pdus=["*"], exp=4_000_000_000)
        self.answers: Counter[str] = Counter()

    def send(self, case: Any) -> Response:
        given = case.as_transport_kwargs(base_url=BASE)
        known = {name: given[name] for name in PARTS if given.get(name)}
        asked = requests.Request(headers=dict(given.get("headers") or {}), **known).prepare()
        headers = {name: value for name, value in asked.headers.items() if _plain(value)}
        answer = self._world.client.request(
            str(asked.method),
            str(asked.url).removeprefix(BASE),
            content=asked.body or b"",
            headers={**headers, **self._headers},
        )
        self.answers[f"{case.operation.label} {answer.status_code}"] += 1
        return Response.from_httpx(answer, verify=False)


@pytest.fixture
def calling(everything: tuple[World, Filled]) -> Calling:
    world, filled = everything
    world.store.request_cancel(filled.job_id)  # nobody works on it, and a stream would never end
    plans = {
        filled.problem_id: world.store.plan_content(filled.plan_id),
        filled.unpaid_id: world.store.plan_content(filled.roster_id),
    }
    world.app.state.service.queue = FinishingQueue(world.store, plans)
    return Calling(world)


def usual(**chosen: Any) -> settings:
    return settings(
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **chosen,
    )


def test_no_sequence_of_calls_breaks_the_service_or_its_description(
    calling: Calling, everything: tuple[World, Filled]
) -> None:
    schema = schemathesis.openapi.from_dict(everything[0].app.openapi())

    class Sequences(schema.as_state_machine()):  # type: ignore[misc]  # made from the description
        def call(self, case: Any, **_kwargs: Any) -> Response:
            return calling.send(case)

        def validate_response(self, response: Response, case: Any, **_kwargs: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    run_state_machine_as_test(
        Sequences,
        settings=usual(max_examples=SEQUENCED // STEPS, stateful_step_count=STEPS),
        _min_steps=STEPS,
    )
    assert calling.answers.total() >= SEQUENCED
    done = {key for key in calling.answers if key.endswith((" 200", " 201", " 202"))}
    assert {"POST /v1/plans/{planId}/decisions 201", "GET /v1/jobs/{jobId}/events 200"} <= done


def test_no_single_call_breaks_the_service_or_its_description(
    calling: Calling, everything: tuple[World, Filled]
) -> None:
    schema = schemathesis.openapi.from_dict(everything[0].app.openapi())
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    varied = [each for each in operations if each.body or any(True for _ in each.iter_parameters())]
    for operation in operations:  # those without parameters are called once

        @given(case=operation.as_strategy())
        @usual(max_examples=-(-SINGLE // len(varied)))
        def answered_as_described(case: Any) -> None:
            case.validate_response(calling.send(case), checks=CHECKS)

        answered_as_described()
    assert {key.rpartition(" ")[0] for key in calling.answers} == {each.label for each in operations}
    assert calling.answers.total() >= SINGLE


def _plain(value: Any) -> bool:
    """Whether a header can be sent at all."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return re.fullmatch(r"[ -~]*", text) is not None
