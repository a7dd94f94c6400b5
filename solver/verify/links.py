"""Cases that belong together, and cases that must be kept apart."""

from __future__ import annotations

from collections.abc import Iterator

from models.rules import Violation
from solver.verify.facts import PlanFacts
from solver.verify.situation import Situation


def groups(situation: Situation, field: str) -> dict[str, list[int]]:
    """The positions of each group's members, by the label in `field` (together_group or apart_group)."""
    found: dict[str, list[int]] = {}
    for number, case in enumerate(situation.problem.cases):
        label: str | None = getattr(case, field)
        if label is not None:
            found.setdefault(label, []).append(number)
    return found


def linked_cases(facts: PlanFacts) -> Iterator[Violation]:
    """Cases to be held together share one person, and cases to be kept apart have different persons."""
    for members in groups(facts.situation, "together_group").values():
        yield from _together(facts, [number for number in members if facts.places[number] is not None])
    for members in groups(facts.situation, "apart_group").values():
        for number in _bound(facts, members):
            yield from _apart(facts, number, members)


def _bound(facts: PlanFacts, members: list[int]) -> list[int]:
    """The members that are new to their person and that no override excuses."""
    return [number for number in members if number in facts.received and not facts.overridden(number)]


def _together(facts: PlanFacts, members: list[int]) -> Iterator[Violation]:
    """Members received now share one person; where others stay, it is the person of one of those."""
    received = [number for number in members if number in facts.received]
    staying = [number for number in members if number not in facts.received]
    for number in _bound(facts, members):
        person = facts.person(number)
        others = [other for other in received if facts.person(other) != person]
        if staying and all(facts.person(other) != person for other in staying):
            others.append(staying[0])
        if others:
            yield _violation(facts, number, others[0], "together with")


def _apart(facts: PlanFacts, number: int, members: list[int]) -> Iterator[Violation]:
    for other in members:
        if other != number and facts.person(other) == facts.person(number):
            yield _violation(facts, number, other, "apart from")
            return


def _violation(facts: PlanFacts, number: int, other: int, how: str) -> Violation:
    cases, one, two = facts.situation.problem.cases, facts.person(number), facts.person(other)
    where = f"both would be with {one}" if one == two else f"their officers would be {one} and {two}"
    sentence = f"{cases[number].crn} is to be held {how} {cases[other].crn}; {where}"
    return facts.violation("linked_cases", sentence, number)
