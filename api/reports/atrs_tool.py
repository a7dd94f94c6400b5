"""The transparency record's account of the tool itself: system, model, data; policy and rules in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.policy.policy import Policy
from models.rules import ALLOCATION_RULES, UNPAID_WORK_RULES, Rule, Strength


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the record. number: the template's, None where it has none.

    owner: only the owner can fill it in; then the text says what belongs there.
    """

    number: str | None
    name: str
    text: str
    owner: bool = False


def specification(policy: Policy, versions: Mapping[str, str]) -> Iterator[Field]:
    """Section 2.4: the system, its one model, the data that it was made with, the data that it works on."""
    yield from _system(policy, versions)
    yield from _model(versions)
    yield from _development()
    yield from _operation()


def annexes(policy: Policy) -> Iterator[Field]:
    """Every number and rule that decides."""
    yield Field("A", "Prices, limits and points in force", _policy_table(policy))
    yield Field("B", "Rules kept: allocation", _rules_table(ALLOCATION_RULES))
    yield Field("C", "Rules kept: unpaid work", _rules_table(UNPAID_WORK_RULES))


def _system(policy: Policy, versions: Mapping[str, str]) -> Iterator[Field]:
    yield Field(
        "2.4.1.1",
        "System architecture",
        "One program: a command and an HTTP service, workers that search for plans in processes of their own, and a "
        "database (SQLite or PostgreSQL). "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
    )
    yield Field(
        "2.4.1.2",
        "System-level input",
        "Tables or JSON from the systems of record: officers and cases; people, projects and supervisors. Every fault "
        "is reported with its place, and nothing is used of an input that has one.",
    )
    yield Field(
        "2.4.1.3",
        "System-level output",
        "A proposed plan or roster: who takes which case, who works where and when, with the reason and price of every "
        "line, what cannot be placed and why, and a proven bound on how much better any other could be.",
    )
    yield Field(
        "2.4.1.4",
        "Maintenance",
        f"Policies are dated files with a source for each value; this one is {policy.version}, in force from "
        f"{policy.effective_from.isoformat()}. Each plan states the policy and versions that it was made by.",
    )
    yield Field(
        "2.4.1.5", "Models", "One, used for cases and for unpaid work alike; it was trained on nothing."
    )


def _model(versions: Mapping[str, str]) -> Iterator[Field]:
    yield Field("2.4.2.1", "Model name", "The optimiser of evenhand")
    yield Field("2.4.2.2", "Model version", versions.get("evenhand", "not known"))
    yield Field(
        "2.4.2.3",
        "Model task",
        "To find, among the plans that break no hard rule, one that first leaves the least work unallocated and then "
        "has the least total price.",
    )
    yield Field("2.4.2.4", "Model input", "The input of 2.4.1.2, and the policy of annex A.")
    yield Field("2.4.2.5", "Model output", "The output of 2.4.1.3.")
    yield Field(
        "2.4.2.6",
        "Model architecture",
        "Mathematical optimisation with whole numbers: local search, Lagrangian and linear relaxation, constraint "
        "programming. It is not machine learning. Prices and limits stand in annex A, rules in annexes B and C.",
    )
    yield Field(
        "2.4.2.7",
        "Model performance",
        "Each plan states how far from the best possible it may be at most, and a separate program that shares nothing "
        "with the search has checked every rule. Measured figures are published with the software, with the command "
        "that repeats each.",
    )
    yield Field(
        "2.4.2.8",
        "Datasets and their purposes",
        "No data about people were used to make it. Invented units, drawn at random, serve tests and measurements.",
    )


def _development() -> Iterator[Field]:
    none = "Does not apply: no data about people were used in development."
    yield Field(
        "2.4.3.1", "Development data description", "Invented officers, cases, people and projects alone."
    )
    for number, name in enumerate(
        (
            "Data modality",
            "Data quantities",
            "Sensitive attributes",
            "Data completeness and representativeness",
            "Data cleaning",
            "Data collection",
            "Data access and storage",
            "Data sharing agreements",
        ),
        start=2,
    ):
        yield Field(f"2.4.3.{number}", name, "Tabular." if name == "Data modality" else none)


def _operation() -> Iterator[Field]:
    yield Field("2.4.4.1", "Data sources", "the systems of record that the extracts come from", owner=True)
    yield Field(
        "2.4.4.2",
        "Sensitive attributes",
        "Officers: codes, team, grade, hours, skills, leave, where work demands it sex. Cases: case reference number, "
        "tier, type, demands, holder and history of holders, exclusions entered by people. Unpaid work: case reference "
        "number, minutes, dates, availability, restrictions, needs, journeys. No name, no ethnicity, no religion, no "
        "other protected attribute is read. All of it is criminal-offence data.",
    )
    yield Field(
        "2.4.4.3",
        "Data processing methods",
        "Extracts are checked against published rules, kept as they came, and searched over; nothing is inferred about "
        "anybody and nothing is enriched.",
    )
    yield Field(
        "2.4.4.4",
        "Data access and storage",
        "Access is by role and by unit; restricted cases show their detail to a right of their own. Each consultation, "
        "change, combination, disclosure and erasure is kept in a hash-chained audit trail. A person can be erased at "
        "any time, and contents are removed after the retention period where the owner has set one.",
    )
    yield Field(None, "Retention period", "how long problems and plans are kept, and why", owner=True)
    yield Field(
        "2.4.4.5", "Data sharing agreements", "the agreements under which extracts are given", owner=True
    )


def _rules_table(rules: Mapping[str, Rule]) -> str:
    rows = [
        (each.id, each.strength.value.lower(), each.sentence, each.source)
        for each in rules.values()
        if each.strength is not Strength.CLAIM
    ]
    return _table(("rule", "strength", "sentence", "source"), rows)


def _policy_table(policy: Policy) -> str:
    return _table(("setting", "value"), list(_leaves(policy.model_dump(mode="json"))))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of the policy with its path, sources included."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
