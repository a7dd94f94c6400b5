"""What callers send: the bodies of requests, in camelCase, with limits on everything. Unknown fields are faults."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from models.record import Code, Crn

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
"""The id of a problem, job, plan or batch."""
StaffCode = Annotated[Code, Field(min_length=1, max_length=40)]
"""A staff, team, project or PDU code."""
FreeText = Annotated[str, Field(min_length=1, max_length=2_000)]


class RequestBody(BaseModel):
    """What every request body has in common."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        str_strip_whitespace=True,
    )


class SolveLimits(RequestBody):
    """How long a solve may take. work: deterministic units; with it the same question gives the same plan."""

    seconds: Annotated[float | None, Field(ge=0.1, le=86_400)] = None
    work: Annotated[float | None, Field(ge=0.01, le=1_000_000)] = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    threads: Annotated[int, Field(ge=1, le=64)] = 1


class AllocationQuestion(RequestBody):
    """Give waiting cases officers. released: staff codes whose held cases become waiting work, or "findings"."""

    released: Annotated[tuple[StaffCode, ...], Field(max_length=200)] = ()
    strategy: Literal["optimise", "least_loaded", "previous_officer"] = "optimise"
    start_plan_id: Id | None = None
    limits: SolveLimits = SolveLimits()

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"released": ["N03A019"], "limits": {"seconds": 30}},
                {"limits": {"work": 5, "seed": 7}},
            ]
        }
    )


class RebalanceQuestion(AllocationQuestion):
    """The same, and at most `moves` held cases may change officer."""

    moves: Annotated[int, Field(ge=0, le=100_000)] = 20

    model_config = ConfigDict(json_schema_extra={"examples": [{"moves": 20, "limits": {"seconds": 30}}]})


class RosterAsked(RequestBody):
    """Make a roster for the horizon of the problem."""

    start_plan_id: Id | None = None
    limits: SolveLimits = SolveLimits()

    model_config = ConfigDict(json_schema_extra={"examples": [{"limits": {"seconds": 60}}]})


class AbsentPerson(RequestBody):
    """One person who will not come on a date."""

    crn: Crn
    date: dt.date


class RepairAsked(RequestBody):
    """Change a roster as little as possible after something went wrong on some dates."""

    plan_id: Id
    without_supervisors: Annotated[tuple[StaffCode, ...], Field(max_length=200)] = ()
    closed_projects: Annotated[tuple[StaffCode, ...], Field(max_length=200)] = ()
    dates: Annotated[tuple[dt.date, ...], Field(max_length=200)] = ()
    absent: Annotated[tuple[AbsentPerson, ...], Field(max_length=2_000)] = ()
    limits: SolveLimits = SolveLimits()

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "planId": "6f1f3c39-9a52-4c7e-8a51-6b1c7a4b1c55",
                    "withoutSupervisors": ["N03U007"],
                    "dates": ["2026-11-24"],
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.without_supervisors or self.closed_projects or self.absent):
            raise ValueError(
                "nothing went wrong; expected withoutSupervisors, closedProjects or absent to name something"
            )
        return self


class OneCase(RequestBody):
    """Which case a recommendation is for. released: as in an allocation."""

    crn: Crn
    released: Annotated[tuple[StaffCode, ...], Field(max_length=200)] = ()

    model_config = ConfigDict(json_schema_extra={"examples": [{"crn": "X123456"}]})


class OnePerson(RequestBody):
    """Which person's unpaid work is to be placed. planId: the roster in force, None for what the extract says."""

    crn: Crn
    event_number: Annotated[int, Field(ge=1, le=10_000)] | None = None
    plan_id: Id | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [{"crn": "X123456"}]})


class Line(RequestBody):
    """One line of an edited plan. staffCode null: nobody gets the case."""

    crn: Crn
    staff_code: StaffCode | None = None
    team_code: StaffCode | None = None


class VerificationAsked(RequestBody):
    """What to check: a stored plan by id, a plan or roster in full, or edited lines. Exactly one of the three.

    kind, moves, released: the question that edited lines answer.
    """

    plan_id: Id | None = None
    plan: dict[str, Any] | None = None
    assignments: Annotated[tuple[Line, ...], Field(max_length=1_000_000)] | None = None
    kind: Literal["ALLOCATE", "REBALANCE"] = "ALLOCATE"
    moves: Annotated[int, Field(ge=0, le=100_000)] = 0
    released: Annotated[tuple[StaffCode, ...], Field(max_length=200)] = ()

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"planId": "6f1f3c39-9a52-4c7e-8a51-6b1c7a4b1c55"},
                {"assignments": [{"crn": "X123456", "staffCode": "N03A019", "teamCode": "N03F01"}]},
            ]
        }
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.plan_id, self.plan, self.assignments)) != 1:
            raise ValueError("there is not one thing to check; expected one of planId, plan and assignments")
        return self


class ComparisonAsked(RequestBody):
    """Two plans for the same problem."""

    plan_ids: Annotated[tuple[Id, Id], Field()]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "planIds": [
                        "6f1f3c39-9a52-4c7e-8a51-6b1c7a4b1c55",
                        "0d4f8b52-7f0b-4c22-9d50-3a3a7f8a2a11",
                    ]
                }
            ]
        }
    )


class DecisionMade(RequestBody):
    """A person's decision on a plan, or with `crn` on one person's place in it.

    An OVERRIDE states a reason and, for one person, what was chosen instead; a reason of "other" states a text.
    openedAt: when the person began to look, for the measured review time.
    """

    outcome: Literal["ACCEPT", "OVERRIDE", "REJECT"]
    crn: Crn | None = None
    reason: Literal["suitability", "no_staff", "continuity", "other"] | None = None
    text: FreeText | None = None
    choice: StaffCode | None = None
    opened_at: dt.datetime | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"outcome": "ACCEPT", "openedAt": "2026-11-23T09:00:00Z"},
                {"outcome": "OVERRIDE", "crn": "X123456", "reason": "continuity", "choice": "N03A019"},
            ]
        }
    )

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.outcome == "OVERRIDE" and self.reason is None:
            raise ValueError("an override needs a reason; expected reason")
        if self.reason == "other" and self.text is None:
            raise ValueError("the reason other needs words; expected text")
        if self.opened_at is not None and self.opened_at.tzinfo is None:
            raise ValueError("openedAt has no time zone; expected a time such as 2026-11-23T09:00:00Z")
        return self


class ErasureAsked(RequestBody):
    """Erase everything about one person. reason: why, in a code of the owner's own."""

    crn: Crn
    reason: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")] | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"crn": "X123456", "reason": "RETENTION_ENDED"}]}
    )
