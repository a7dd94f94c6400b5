"""What may change at all: pins, protection and the budget of moves."""

from __future__ import annotations

from collections.abc import Iterator

from models.allocation.plan import QuestionKind
from models.rules import Violation
from solver.verify.facts import PlanFacts
from solver.verify.pairs import pinned as pinned_pair
from solver.verify.situation import counted


def pinned(facts: PlanFacts) -> Iterator[Violation]:
    """A pinned case stays, or goes, where it is pinned."""
    situation = facts.situation
    for number in facts.changed:
        case, home = situation.problem.cases[number], situation.homes[number]
        if home is not None and situation.staff_code(home) == case.pinned_staff_code:
            sentence = (
                f"{case.crn} is pinned where it is, to {case.pinned_staff_code}, and would change officer"
            )
            yield facts.violation("pinned", sentence, number)
        elif (refusal := pinned_pair(facts.pair(number))) is not None:
            yield facts.violation("pinned", refusal, number)


def move_budget(facts: PlanFacts) -> Iterator[Violation]:
    """At most the given number of held cases change officer, and a protected case does not."""
    situation, question = facts.situation, facts.situation.question
    allocating = question.kind is QuestionKind.ALLOCATE
    for number in facts.changed:
        case = situation.problem.cases[number]
        if situation.homes[number] is None:
            continue
        if allocating:
            yield facts.violation(
                "move_budget", f"{case.crn} is held, and only waiting cases are placed", number
            )
        elif case.protected(situation.problem.as_of):
            sentence = f"{case.crn} is protected until {case.protected_until} and would change officer"
            yield facts.violation("move_budget", sentence, number)
    if not allocating and len(facts.moved) > question.moves:
        verb = "changes" if len(facts.moved) == 1 else "change"
        sentence = f"{counted(len(facts.moved), 'held case')} {verb} officer; the budget is {question.moves}"
        yield Violation("move_budget", sentence)
