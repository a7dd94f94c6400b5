"""Findings: what is already held against a rule. No violation, but shown, counted, and nothing is added to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.plan import Finding, QuestionKind
from models.rules import ALLOCATION_RULES
from solver.verify.links import groups
from solver.verify.pairs import PAIR_RULES, Pair, still_there
from solver.verify.situation import Situation, Standing, counted, name

_HELD_RULES = {
    # Tenure concerns new work, and so does the least availability.
    rule_id: still_there if rule_id == "active_and_staying" else test
    for rule_id, test in PAIR_RULES.items()
    if rule_id != "workload_ceiling"
}


def findings_of(situation: Situation) -> tuple[Finding, ...]:
    """Every finding of the input: case by case in the register's order of rules, then officers, persons, seniors."""
    linked: dict[int, list[Finding]] = {}
    for number, finding in chain(_split(situation), _sharing(situation), _alone(situation)):
        linked.setdefault(number, []).append(finding)
    found: list[Finding] = []
    for number, case in enumerate(situation.problem.cases):
        mine = [*_of_case(situation, number, case), *linked.get(number, ())]
        found += sorted(mine, key=lambda finding: _RANK[finding.rule])
    return (*found, *_of_officers(situation), *_of_persons(situation), *_of_seniors(situation))


_RANK = {rule_id: rank for rank, rule_id in enumerate(ALLOCATION_RULES)}


def _of_case(situation: Situation, number: int, case: Case) -> Iterator[Finding]:
    home = situation.homes[number]
    if situation.standings[number] is Standing.OUT:
        sentence = f"{case.crn} is held by {_holder_words(case)}, who is not among the officers"
        yield Finding("one_officer", case.crn, case.current_staff_code, case.current_team_code, sentence)
    if home is not None:
        yield from _refused(situation, case, situation.problem.officers[home])
    if case.override_reason is not None and _may_go_to_its_pin(situation, number):
        yield from _overridden(situation, case)


def _holder_words(case: Case) -> str:
    team = "" if case.current_team_code is None else f" ({case.current_team_code})"
    return f"{case.current_staff_code}{team}"


def _refused(situation: Situation, case: Case, officer: Officer) -> Iterator[Finding]:
    """The rules that a case breaks where it is held."""
    pair = Pair(situation, case, officer)
    for rule_id, test in _HELD_RULES.items():
        sentence = test(pair)
        if sentence is not None:
            yield Finding(rule_id, case.crn, *officer.key, f"{case.crn}, held by {name(officer)}: {sentence}")


def _may_go_to_its_pin(situation: Situation, number: int) -> bool:
    """Whether the case waits, or is held by another than the person it is pinned to and may be moved."""
    home = situation.homes[number]
    if home is None:
        return situation.standings[number] is Standing.WAITING
    elsewhere = situation.staff_code(home) != situation.problem.cases[number].pinned_staff_code
    return elsewhere and situation.question.kind is QuestionKind.REBALANCE


def _overridden(situation: Situation, case: Case) -> Iterator[Finding]:
    """The rules that a pin breaks and an override keeps, for each team of the person it is pinned to."""
    for officer in situation.problem.officers:
        if officer.staff_code != case.pinned_staff_code:
            continue
        pair = Pair(situation, case, officer)
        for rule_id, test in PAIR_RULES.items():
            sentence = test(pair)
            if sentence is not None:
                words = f"{case.crn}, pinned under an override ({case.override_reason}): {sentence}"
                yield Finding(rule_id, case.crn, *officer.key, words)


Numbered = tuple[int, Finding]


def _linked(situation: Situation, number: int, sentence: str) -> Numbered:
    case, home = situation.problem.cases[number], situation.today[number]
    team = case.current_team_code if home is None else situation.problem.officers[home].team_code
    return number, Finding("linked_cases", case.crn, case.current_staff_code, team, sentence)


def _held_by(situation: Situation, members: Iterable[int]) -> dict[int, str]:
    """The person who holds each held member."""
    return {
        number: situation.staff_code(home)
        for number in members
        if (home := situation.homes[number]) is not None
    }


def _split(situation: Situation) -> Iterator[Numbered]:
    """Held members of a together group who are not with the person who holds most of it (the first, if equal)."""
    for label, members in groups(situation, "together_group").items():
        persons = _held_by(situation, members)
        if not persons:
            continue
        main = Counter(persons.values()).most_common(1)[0][0]
        for number, person in persons.items():
            if person != main:
                crn = situation.problem.cases[number].crn
                sentence = (
                    f"{crn} is held by {person}, others of '{label}' by {main}: they are to be together"
                )
                yield _linked(situation, number, sentence)


def _sharing(situation: Situation) -> Iterator[Numbered]:
    """Held members of an apart group whose person holds an earlier member."""
    for label, members in groups(situation, "apart_group").items():
        seen: set[str] = set()
        for number, person in _held_by(situation, members).items():
            if person in seen:
                crn = situation.problem.cases[number].crn
                sentence = f"{crn} and another of '{label}' are both held by {person}: they are to be apart"
                yield _linked(situation, number, sentence)
            seen.add(person)


def lonely(situation: Situation, finding: Finding) -> bool:
    """Whether all that the finding says is that a linked case stands alone in the input."""
    return finding in {alone for _, alone in _alone(situation)}


def _alone(situation: Situation) -> Iterator[Numbered]:
    """The only member of a group."""
    for field in ("together_group", "apart_group"):
        for label, members in groups(situation, field).items():
            if len(members) == 1:
                crn = situation.problem.cases[members[0]].crn
                sentence = f"{crn} is the only case of '{label}': the others are not in the input"
                yield _linked(situation, members[0], sentence)


def _of_officers(situation: Situation) -> Iterator[Finding]:
    """Limits of one officer that the held work already exceeds."""
    loads = situation.loads(situation.homes)
    held = Counter(home for home in situation.homes if home is not None)
    letters = Counter(
        (home, situation.problem.tier(case).letter)
        for case, home in zip(situation.problem.cases, situation.homes, strict=True)
    )
    ceiling = situation.policy.limits.ceiling_percent
    for number, officer in enumerate(situation.problem.officers):
        for letter, limit in officer.tier_limits.items():
            count = letters[number, letter]
            if count > limit:
                sentence = f"{name(officer)} holds {counted(count)} of tier {letter}; the limit is {limit}"
                yield Finding("tier_limit", None, *officer.key, sentence)
        available = situation.available[number]
        if available == 0 and held[number]:
            sentence = f"{name(officer)} has no points available and holds {counted(held[number])}"
            yield Finding("workload_ceiling", None, *officer.key, sentence)
        elif available > 0 and 100 * loads[number] > ceiling * available:
            sentence = (
                f"{name(officer)} has {loads[number]} points on {available} available, above {ceiling} %"
            )
            yield Finding("workload_ceiling", None, *officer.key, sentence)


def _of_persons(situation: Situation) -> Iterator[Finding]:
    """Persons who already received more than the limit in the last seven days."""
    limit = situation.policy.limits.new_cases
    for code, numbers in situation.problem.officers_of.items():
        recent = sum(situation.problem.officers[number].new_cases_last_7_days for number in numbers)
        if recent > limit:
            sentence = f"{code} received {counted(recent)} in the last 7 days; the limit is {limit}"
            yield Finding("new_case_limit", None, code, None, sentence)


def _of_seniors(situation: Situation) -> Iterator[Finding]:
    """Seniors whose officers already hold more high-risk cases than the oversight limit."""
    high_risk = situation.counts(
        situation.homes, lambda case: situation.policy.limits.high_risk(situation.problem.tier(case))
    )
    for senior, limit in situation.problem.oversight_limits.items():
        count = sum(
            number
            for number, officer in zip(high_risk, situation.problem.officers, strict=True)
            if officer.senior_code == senior
        )
        if count > limit:
            cases = counted(count, "high-risk case")
            sentence = f"the officers of {senior} hold {cases}; the limit is {limit}"
            yield Finding("team_oversight_limit", None, senior, None, sentence)
