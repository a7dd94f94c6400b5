"""The record that the Algorithmic Transparency Recording Standard (version 3.0) asks a public body to publish.

Sections and fields are those of its template: metadata, Tier 1, the five sections of Tier 2. What the software knows is
filled in from the policy in force, the rules register, the versions and, where there is a store, the figures of use.
What only the owner knows is marked, and nothing else is left open. Policy and rules in full stand in annexes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.reports.atrs_tool import Field, annexes, specification
from models.policy.policy import Policy

STANDARD = "3.0"
OWNER = "TO BE FILLED IN BY THE OWNER"


@dataclass(frozen=True, slots=True)
class Usage:
    """How much the tool was used, over everything that is kept. Times in seconds, shares as fractions."""

    pdus: int
    problems: int
    allocation_plans: int
    rosters: int
    accepted: int
    overridden: int
    rejected: int
    acceptance_rate: float | None
    median_review_seconds: float | None
    blind_runs: int
    audit_events: int


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the record."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class TransparencyRecord:
    """The whole record."""

    date: dt.date
    policy: Policy
    versions: Mapping[str, str]
    parts: tuple[Part, ...]

    def as_json(self) -> dict[str, Any]:
        """The record as data."""
        return {
            "standard": STANDARD,
            "date": self.date.isoformat(),
            "policy": {"version": self.policy.version, "hash": self.policy.policy_hash},
            "versions": dict(self.versions),
            "sections": [
                {
                    "title": part.title,
                    "fields": [
                        {
                            "number": each.number,
                            "name": each.name,
                            "text": None if each.owner else each.text,
                            "toBeFilledIn": each.text if each.owner else None,
                        }
                        for each in part.fields
                    ],
                }
                for part in self.parts
            ],
        }

    def as_markdown(self) -> str:
        """The record as a page."""
        lines = [
            "# Algorithmic transparency record: evenhand",
            "",
            f"Algorithmic Transparency Recording Standard {STANDARD}. Made on {self.date.isoformat()} from policy "
            f"{self.policy.version} (SHA-256 {self.policy.policy_hash}).",
        ]
        for part in self.parts:
            lines += ["", f"## {part.title}"]
            for each in part.fields:
                said = f"**{OWNER}:** {each.text}" if each.owner else each.text
                heading = each.name if each.number is None else f"{each.number} {each.name}"
                lines += ["", f"### {heading}", "", said]
        return "\n".join(lines) + "\n"


def transparency_record(
    policy: Policy, versions: Mapping[str, str], usage: Usage | None, date: dt.date
) -> TransparencyRecord:
    """The record of the tool as it is configured and used. usage: None where there is no store yet."""
    parts = (
        Part("Metadata", tuple(_metadata())),
        Part("Tier 1: overview", tuple(_overview())),
        Part("Tier 2.1: owner and responsibility", tuple(_owner())),
        Part("Tier 2.2: description and rationale", tuple(_rationale())),
        Part("Tier 2.3: deployment context", tuple(_process(usage))),
        Part("Tier 2.4: tool specification", tuple(specification(policy, versions))),
        Part("Tier 2.5: risks, mitigations and impact assessments", tuple(_risks(policy))),
        Part("Annexes", tuple(annexes(policy))),
    )
    return TransparencyRecord(date, policy, versions, parts)


def _metadata() -> Iterator[Field]:
    yield Field(None, "Phase", "idea, pre-deployment, beta or pilot, production, or retired", owner=True)
    yield Field(None, "Region", "where it is used", owner=True)
    yield Field(None, "Function and capability", "Allocation of casework and of unpaid work; optimisation.")


def _overview() -> Iterator[Field]:
    yield Field("1.1", "Name", "evenhand")
    yield Field(
        "1.2",
        "Description",
        "evenhand proposes which probation officer should supervise which case, and who does unpaid work where, when "
        "and under which supervisor. It weighs workload, continuity and what a case needs by published prices, keeps "
        "to published rules, and gives a reason for every line. It proposes; managers decide, and can change or reject "
        "every line. It does not assess people, predict behaviour or set anybody's level of risk.",
    )
    yield Field("1.3", "Website", "the page that the public is pointed to", owner=True)
    yield Field("1.4", "Contact email", "where questions about its use go", owner=True)


def _owner() -> Iterator[Field]:
    yield Field("2.1.1", "Organisation or department", "the body responsible for its use", owner=True)
    yield Field("2.1.2", "Team", "the team responsible for its use", owner=True)
    yield Field("2.1.3", "Senior responsible owner", "the title of the role", owner=True)
    yield Field(
        "2.1.4",
        "Third party involvement",
        "None by the software itself: it runs where its owner runs it and sends nothing anywhere. It is built on "
        "open-source software, named under 2.4.1.1.",
    )
    for number, name, what in (
        (1, "Third party", "who was contracted to deploy or host it, or that nobody was"),
        (2, "Companies House number", "of that company"),
        (3, "Third party role", "what it does"),
        (4, "Procurement procedure type", "how it was procured"),
        (5, "Third party data access terms", "what it may do with data, on which terms"),
    ):
        yield Field(f"2.1.4.{number}", name, what, owner=True)


def _rationale() -> Iterator[Field]:
    yield Field(
        "2.2.1",
        "Detailed description",
        "An input names officers and cases, or people, projects and supervisors, as extracts from existing systems. "
        "The tool searches for the plan with the least total price among those that break no hard rule, states how far "
        "from the best possible it may be, and checks every plan again by a separate program that shares nothing with "
        "the search. What cannot be placed is listed with the rules that forbid it. First the least work is left "
        "unallocated, then the least price is paid. The same input, policy, seed and work limit give the same plan.",
    )
    yield Field(
        "2.2.2",
        "Benefits",
        "Workload is spread more evenly, fewer people change officer than under manual rebalancing of the same effect, "
        "rules are kept without exception, and every proposal comes with reasons and with what was not considered.",
    )
    yield Field(
        "2.2.3",
        "Previous process",
        "Managers chose an officer for one case at a time from a table of workloads; places of unpaid work were booked "
        "one person at a time.",
    )
    yield Field(
        "2.2.4",
        "Alternatives considered",
        "The two ways of today, the least loaded officer and a previous officer, remain selectable and plans can be "
        "compared with them. Learning from past decisions was left out: it would repeat them.",
    )
    yield Field(None, "Justification for use", "why this body uses it", owner=True)


def _process(usage: Usage | None) -> Iterator[Field]:
    yield Field(
        "2.3.1",
        "Process integration",
        "Each plan is a proposal. A manager accepts it, rejects it or overrides any line with a reason; nothing takes "
        "effect before. The store refuses a decision that has no person and no time, or that a service made.",
    )
    yield Field(
        "2.3.2",
        "Provided information",
        "Every line with its reason and price by item, workload before and after, what stays unallocated and why, "
        "findings about what was there before, the proven distance from the best possible plan, and any alternative "
        "with its price and the rules that forbid it.",
    )
    yield Field("2.3.3", "Frequency and scale of usage", _usage_text(usage))
    yield Field("2.3.4", "Human decisions and review", _review_text(usage))
    yield Field("2.3.5", "Required training", "the training that deciders have had", owner=True)
    yield Field("2.3.6", "Appeals and review", "how a person can question a decision", owner=True)


def _usage_text(usage: Usage | None) -> str:
    if usage is None:
        return "It has not been used as a service yet: there is no store with figures."
    return (
        f"Kept at present: {usage.problems:,} problems of {usage.pdus:,} probation delivery units, "
        f"{usage.allocation_plans:,} allocation plans and {usage.rosters:,} unpaid work rosters. The audit trail holds "
        f"{usage.audit_events:,} events."
    )


def _review_text(usage: Usage | None) -> str:
    if usage is None or usage.acceptance_rate is None:
        return (
            "No decision has been recorded yet. Acceptance and review times are measured from the first one."
        )
    seconds = usage.median_review_seconds
    time = "was not measured" if seconds is None else f"was {seconds:,.0f} seconds"
    return (
        f"Of {usage.accepted + usage.overridden + usage.rejected:,} decisions {usage.accepted:,} accepted, "
        f"{usage.overridden:,} overrode and {usage.rejected:,} rejected what was proposed: "
        f"{usage.acceptance_rate:.0%} were acceptances. The median time from opening to deciding {time}. "
        f"Runs of acceptances too quick to be reviews: {usage.blind_runs:,}."
    )


def _risks(policy: Policy) -> Iterator[Field]:
    yield Field(
        "2.5.1", "Impact assessment", "data protection and equality assessments, with dates", owner=True
    )
    yield Field(
        "2.5.2",
        "Risks and mitigations",
        "\n".join(
            f"- **{risk}** {answer}"
            for risk, answer in (
                (
                    "Decisions are rubber-stamped.",
                    "Review times are measured, and runs of blind acceptances flagged.",
                ),
                ("A plan breaks a rule.", "A separate checker refuses it; edits by hand can be checked too."),
                (
                    "Work is moved about for small gains.",
                    f"A change of officer costs at least {policy.prices.change.base} bands for each point of work, "
                    "and moves have a budget.",
                ),
                (
                    "An officer is overloaded.",
                    f"Nobody is given work beyond {policy.limits.ceiling_percent} % of capacity or more than "
                    f"{policy.limits.new_cases} cases a week; dearer bands push work elsewhere before that.",
                ),
                (
                    "Groups of people are treated differently.",
                    "No protected attribute enters the search but an officer's sex where a case demands it; outcomes "
                    "are the owner's to audit by group.",
                ),
                ("Data are wrong or old.", "Every fault is reported; nothing with a fault is used."),
            )
        ),
    )
