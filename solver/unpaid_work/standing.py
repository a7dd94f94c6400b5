"""Told appointments: which sessions can hold them, and which of them the input by itself still allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from solver.unpaid_work.facts import RosterFacts


@dataclass(frozen=True, slots=True)
class Told:
    """A told appointment of the horizon in a session that can hold it: whose, which one of theirs, for how long."""

    number: int
    entry: int
    session: int
    minutes: int

    @property
    def pair(self) -> tuple[int, int]:
        """The requirement and the session."""
        return self.number, self.session

    @property
    def what(self) -> tuple[int, int]:
        """The requirement and its told appointment, whichever session holds it."""
        return self.number, self.entry


def told_appointments(facts: RosterFacts) -> tuple[Told, ...]:
    """The told appointments of the horizon by requirement, once for each session that begins then and holds it."""
    starts = _starts(facts)
    people = range(len(facts.problem.people))
    return tuple(told for number in people for told in _told_of(facts, number, starts))


def _told_of(facts: RosterFacts, number: int, starts: _Starts) -> Iterator[Told]:
    problem = facts.problem
    for entry, told in enumerate(problem.people[number].appointments):
        project = problem.project_numbers.get(told.project_code)
        day = (told.date - problem.first).days
        for session in starts.get((project, day, told.start_time), ()):
            if told.end_time <= facts.sessions.end[session]:
                yield Told(number, entry, session, told.end_time - told.start_time)


_Starts = Mapping[tuple[int | None, int, int], list[int]]


def _starts(facts: RosterFacts) -> _Starts:
    """The sessions by project, day and start, the shortest first."""
    found: dict[tuple[int | None, int, int], list[int]] = {}
    for (project, day, start, _), session in sorted(facts.sessions.number_of.items()):
        found.setdefault((project, day, start), []).append(session)
    return found


def standing(facts: RosterFacts) -> frozenset[tuple[int, int]]:
    """The told appointments that nothing forbids beside those of the same person that come before them, by `what`."""
    return frozenset(told.what for told in told_that_stand(facts))


def told_that_stand(facts: RosterFacts) -> tuple[Told, ...]:
    """Every told appointment that the input still allows, in the longest session that holds it, by requirement.

    A person's are taken by date, so that of three days when minutes remain for two the first two stand. One stands
    when a session could hold it for its minutes, under a supervisor who could be there and whom the person may have,
    within the limits of the day, the week and what remains, one project a day, and with an induction, had or still
    possible, before it.
    """
    mine: dict[int, list[Told]] = {}
    for told in told_appointments(facts):
        if _possible(facts, told):
            mine.setdefault(int(facts.body[told.number]), []).append(told)
    stand: list[Told] = []
    for body, those in mine.items():
        diary = _Diary(facts, body)
        for told in sorted(those, key=lambda each: _order(facts, each)):
            if diary.takes(told):
                diary.kept.append(told)
        stand += diary.kept
    return tuple(sorted(stand, key=lambda told: (told.number, told.session, told.minutes)))


def _order(facts: RosterFacts, told: Told) -> tuple[int, ...]:
    """By date and time, and of the sessions that hold one the longest first."""
    return *_when(facts, told), told.number, told.entry, -int(facts.sessions.end[told.session])


def _when(facts: RosterFacts, told: Told) -> tuple[int, int, int]:
    """Day, start and end."""
    start = int(facts.sessions.start[told.session])
    return int(facts.sessions.day[told.session]), start, start + told.minutes


def _possible(facts: RosterFacts, told: Told) -> bool:
    project = int(facts.sessions.project[told.session])
    if facts.open_minutes[told.pair] < told.minutes or told.minutes > facts.remaining[told.number]:
        return False
    if not facts.supervised[project]:
        return True
    return bool((facts.able[told.session] & facts.acceptable[told.number]).any())


@dataclass
class _Diary:
    """The told appointments of a body that stand so far, by date."""

    facts: RosterFacts
    body: int

    def __post_init__(self) -> None:
        self.kept: list[Told] = []

    def takes(self, told: Told) -> bool:
        """Whether the limits and the order of things leave room for one more."""
        return (
            all(each.what != told.what for each in self.kept)
            and self._fits_limits(told)
            and self._fits_day(told)
            and self._fits_induction(told)
        )

    def _fits_limits(self, told: Told) -> bool:
        facts, sessions = self.facts, self.facts.sessions
        day, week = sessions.day[told.session], sessions.week[told.session]
        in_week = sum(each.minutes for each in self.kept if sessions.week[each.session] == week)
        on_day = sum(each.minutes for each in self.kept if sessions.day[each.session] == day)
        mine = sum(each.minutes for each in self.kept if each.number == told.number)
        return bool(
            in_week + told.minutes <= facts.weekly_most[self.body]
            and on_day + told.minutes <= facts.rules.limits.day_minutes
            and mine + told.minutes <= facts.remaining[told.number]
        )

    def _fits_day(self, told: Told) -> bool:
        day, start, end = _when(self.facts, told)
        project = self.facts.sessions.project[told.session]
        for each in self.kept:
            other_day, other_start, other_end = _when(self.facts, each)
            if other_day == day and (
                self.facts.sessions.project[each.session] != project
                or (start < other_end and other_start < end)
            ):
                return False
        return True

    def _fits_induction(self, told: Told) -> bool:
        facts = self.facts
        if facts.inducted[told.number]:
            return True
        mine = [each for each in self.kept if each.number == told.number]
        inductions = [each for each in mine if facts.induction[facts.sessions.project[each.session]]]
        if facts.induction[facts.sessions.project[told.session]]:
            return not mine
        return bool(inductions) or self._may_be_inducted_before(told)

    def _may_be_inducted_before(self, told: Told) -> bool:
        sessions = self.facts.sessions
        earlier = self.facts.induction[sessions.project] & (sessions.day < sessions.day[told.session])
        return bool(np.any(earlier & (self.facts.open_minutes[told.number] > 0)))
