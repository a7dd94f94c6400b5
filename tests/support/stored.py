"""What tests put into a store: two people of an office, a worker, and a small problem with its plan."""

from __future__ import annotations

from typing import Any

from api.store.records import Actor, ActorKind, JobKind, ProblemKind, StoredJob, StoredPlan, StoredProblem
from api.store.store import Store

ADA = Actor("ada", ActorKind.PERSON)
BEN = Actor("ben", ActorKind.PERSON)
WORKER = Actor("worker", ActorKind.SERVICE)

PDU = "N01PDU01"
CRNS = ("X100001", "X100002", "X100003")


def problem_json(*crns: str) -> dict[str, Any]:
    """An allocation problem of these people, the second kept apart from the first."""
    cases: list[dict[str, Any]] = [{"crn": crn, "tier": "B2", "keepApartCrns": []} for crn in crns]
    if len(cases) > 1:
        cases[1]["keepApartCrns"] = [crns[0]]
    return {"asOf": "2026-11-23", "officers": [{"staffCode": "N01A001"}], "cases": cases}


def plan_json(*crns: str, input_hash: str = "hash") -> dict[str, Any]:
    """A plan for these people, with a sentence about the first in the reason of the last."""
    assignments: list[dict[str, Any]] = [{"crn": crn, "staffCode": "N01A001", "reason": []} for crn in crns]
    if assignments:
        assignments[-1]["reason"] = [f"after {crns[0]}"]
    return {"status": "OPTIMAL", "assignments": assignments, "provenance": {"inputHash": input_hash}}


def kept_problem(store: Store, *crns: str, pdu: str = PDU, input_hash: str = "hash") -> StoredProblem:
    """A problem that Ada gave."""
    return store.add_problem(ADA, pdu, ProblemKind.ALLOCATION, problem_json(*(crns or CRNS)), input_hash)


def queued_job(store: Store, problem: StoredProblem | None = None) -> StoredJob:
    """A job that Ada asked for."""
    of = problem or kept_problem(store)
    return store.add_job(ADA, of.pdu, JobKind.ALLOCATE, of.id, {"kind": "ALLOCATE"}, {"timeLimit": 10})


def proposed_plan(store: Store, *crns: str) -> StoredPlan:
    """A plan that a worker made."""
    problem = kept_problem(store, *crns)
    job = queued_job(store, problem)
    assert store.start_job(job.id, "worker-1")
    return store.plan(store.finish_job(job.id, plan_json(*(crns or CRNS)), {"placed": len(crns or CRNS)}))
