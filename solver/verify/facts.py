"""A plan as facts: which case is with which officer afterwards, what changed, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from models.allocation.officer import OfficerKey
from models.rules import Violation
from solver.verify.pairs import Pair
from solver.verify.situation import Situation, Standing


class Line(NamedTuple):
    """One line of a plan: a case and its officer. No staff code: unallocated. No team: the person's only one."""

    crn: str
    staff_code: str | None
    team_code: str | None


@dataclass(frozen=True)
class PlanFacts:
    """What a plan does to a situation.

    places: the officer of each case afterwards, by position; None when unallocated, out of the plan or unreadable.
    faults: the lines that break one_officer.
    """

    situation: Situation
    places: tuple[int | None, ...]
    faults: tuple[Violation, ...] = ()

    @cached_property
    def changed(self) -> Mapping[int, int]:
        """The cases that somebody receives, and the officer who does: waiting ones placed, held ones that go."""
        return {
            number: place
            for number, (place, home) in enumerate(zip(self.places, self.situation.homes, strict=True))
            if place is not None and place != home
        }

    @cached_property
    def received(self) -> frozenset[int]:
        """The changed cases that are new to the person too: all but those between a person's own teams."""
        homes = self.situation.homes
        return frozenset(n for n in self.changed if homes[n] is None or self.changes_officer(n))

    @cached_property
    def moved(self) -> tuple[int, ...]:
        """The held cases whose person is another afterwards: what a change of officer means."""
        return tuple(number for number in self.changed if self.changes_officer(number))

    def changes_officer(self, number: int) -> bool:
        """Whether case `number` is held and goes to another person; a person's other team is none."""
        home, place = self.situation.homes[number], self.places[number]
        return home is not None and place is not None and not self.situation.same_person(home, place)

    def person(self, number: int) -> str | None:
        """The person who has case `number` afterwards."""
        place = self.places[number]
        return None if place is None else self.situation.staff_code(place)

    def overridden(self, number: int) -> bool:
        """Whether the case is at the person it is pinned to under a recorded override: rules step back there."""
        case = self.situation.problem.cases[number]
        return case.override_reason is not None and case.pinned_staff_code == self.person(number)

    @cached_property
    def bound_by_rules(self) -> Mapping[int, int]:
        """The changed cases that no override excuses, and their officers."""
        return {number: place for number, place in self.changed.items() if not self.overridden(number)}

    @cached_property
    def loads(self) -> tuple[int, ...]:
        """Each officer's points afterwards."""
        return self.situation.loads(self.places)

    def pair(self, number: int) -> Pair:
        """A changed case and the officer who receives it."""
        problem = self.situation.problem
        return Pair(self.situation, problem.cases[number], problem.officers[self.changed[number]])

    def violation(self, rule_id: str, sentence: str, number: int) -> Violation:
        """A rule broken by a changed case, at the officer who receives it."""
        pair = self.pair(number)
        return Violation(rule_id, sentence, pair.case.crn, *pair.officer.key)


def facts_of_lines(situation: Situation, lines: Iterable[Line]) -> PlanFacts:
    """The facts of a plan's lines. What breaks one_officer is kept as a fault and otherwise left out."""
    reader = _Reader(situation)
    for line in lines:
        reader.read(line)
    return PlanFacts(situation, tuple(reader.places), (*reader.faults, *reader.missing()))


def facts_of_placement(situation: Situation, placement: Mapping[str, OfficerKey]) -> PlanFacts:
    """The facts of a placement (CRN to officer) known to be sound; raises KeyError for an unknown officer."""
    numbers = situation.problem.officer_numbers
    places = tuple(
        numbers[placement[case.crn]] if case.crn in placement else None for case in situation.problem.cases
    )
    return PlanFacts(situation, places)


class _Reader:
    """Reads lines into places, and notes which lines break one_officer."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._seen: dict[int, Line] = {}
        self.places: list[int | None] = [None] * len(situation.problem.cases)
        self.faults: list[Violation] = []

    def read(self, line: Line) -> None:
        """Take in one line."""
        number = self._situation.problem.case_numbers.get(line.crn)
        if number is None:
            self._fault(line, f"{line.crn} is not among the cases")
            return
        if number in self._seen:
            both = (self._seen[number].staff_code is None) != (line.staff_code is None)
            self._fault(
                line, f"{line.crn} is {'assigned and unallocated at once' if both else 'there twice'}"
            )
            return
        self._seen[number] = line
        standing = self._situation.standings[number]
        if standing is Standing.OUT:
            self._fault(line, f"{line.crn} is out of the plan: its holder is not among the officers")
        elif line.staff_code is not None:
            self.places[number] = self._officer(line, line.staff_code)
        elif standing is Standing.HELD:
            self._fault(line, f"{line.crn} is held; only a waiting case can be left unallocated")

    def _officer(self, line: Line, staff_code: str) -> int | None:
        problem = self._situation.problem
        if line.team_code is not None:
            number = problem.officer_numbers.get(OfficerKey(staff_code, line.team_code))
        else:
            mine = problem.officers_of.get(staff_code, ())
            if len(mine) > 1:
                teams = ", ".join(problem.officers[each].team_code for each in mine)
                self._fault(line, f"{staff_code} works in {teams}: which of them has {line.crn} is not said")
                return None
            number = mine[0] if mine else None
        if number is None:
            where = staff_code if line.team_code is None else str(OfficerKey(staff_code, line.team_code))
            self._fault(line, f"{line.crn} is with {where}, who is not among the officers")
        return number

    def _fault(self, line: Line, sentence: str) -> None:
        self.faults.append(Violation("one_officer", sentence, line.crn, line.staff_code, line.team_code))

    def missing(self) -> Iterator[Violation]:
        """The cases that no line names."""
        for number, case in enumerate(self._situation.problem.cases):
            if number not in self._seen and self._situation.standings[number] is not Standing.OUT:
                sentence = f"{case.crn} has no officer and is not listed as unallocated"
                yield Violation("one_officer", sentence, case.crn)
