"""One person, now: every recurring slot ranked by exact price, and for the others the rules that exclude them.

There is no search: everybody else stays as they are, so each slot's price is the sum of what changes in the roster's
objective when the person is booked on every date of the slot that no rule forbids, until their minutes are done.
Whoever needs an induction first is booked for the earliest that has room. A `Placer` is made once for a loaded team
and answers any number of people, also people who are not in the problem yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.errors import UsageError
from models.policy.policy import Policy
from models.record import CAMEL, Day, OptionalDay, as_json
from models.unpaid_work.person import Person, RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import (
    Appointment,
    Forecast,
    Placement,
    Roster,
    RosterObjective,
    Session,
)
from models.unpaid_work.terms import Frequency, TimeOfDay, Weekday
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.placing.candidates import Candidate, candidates_of
from solver.unpaid_work.placing.cost import forecast_of
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.pricing import price_of
from solver.unpaid_work.placing.team import LoadedTeam, RosterLines, team_of
from solver.unpaid_work.placing.today import team_of_today
from solver.unpaid_work.placing.walking import Walk, Walker


@dataclass(frozen=True, slots=True)
class SlotRefusal:
    """A rule that forbids a slot, or one date of it, in a sentence. date: None where it is about all dates."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rule: str
    sentence: str
    date: OptionalDay = None


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """A recurring slot of a project, as long as the person can stay.

    supervisor_code: under whom on the first date. start_date_inclusive: the first date booked, None when there is none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: str
    day_of_week: Weekday
    frequency: Frequency
    start_time: TimeOfDay
    end_time: TimeOfDay
    start_date_inclusive: OptionalDay
    supervisor_code: str | None


@dataclass(frozen=True, slots=True)
class SlotOption:
    """One slot for the person. rank: 1 is the cheapest, None where rules exclude it.

    before, after: the forecast without and with it. price: what every item of the objective changes by, None where the
    slot is excluded. appointments: what would be booked, an induction first where one is needed. opened: the sessions
    that would run for this. not_booked: the dates of the slot that rules forbid.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rank: int | None
    slot: OfferedSlot
    eligible: bool
    before: Forecast
    after: Forecast | None
    price: RosterObjective | None
    rules: tuple[SlotRefusal, ...]
    placement: Placement | None = None
    appointments: tuple[Appointment, ...] = ()
    opened: tuple[Session, ...] = ()
    not_booked: tuple[SlotRefusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Placing:
    """Every slot for one requirement, the best first, then those that are excluded."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    delius_event_number: int
    first_day: Day
    options: tuple[SlotOption, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer in the names of the contract."""
        return as_json(self)


@dataclass(frozen=True)
class Placer:
    """A loaded team, ready to answer."""

    team: LoadedTeam
    candidates: tuple[Candidate, ...] = field(repr=False)

    @classmethod
    def of(cls, problem: UnpaidWorkProblem, policy: Policy, roster: Roster | None = None) -> Placer:
        """Load a team. roster: what is planned; None: what people were told, and where they are placed.

        Raises UsageError for a roster that was made from another input.
        """
        if roster is None:
            return cls.of_team(team_of_today(RosterFacts(problem, policy)))
        return cls.of_team(team_of(RosterFacts(problem, policy, roster.question), roster))

    @classmethod
    def of_team(cls, team: LoadedTeam) -> Placer:
        """The same for a team that is loaded already."""
        return cls(team, candidates_of(team))

    @cached_property
    def _walker(self) -> Walker:
        return Walker(self.team, self.candidates)

    def person(self, crn: str, event: int | None = None) -> Person:
        """A person of the problem. event: needed when they have several with minutes remaining.

        Raises UsageError when there is no such person, or more than one answer.
        """
        facts = self.team.facts
        mine = [person for person in facts.problem.people if person.crn == crn]
        if not mine:
            raise UsageError(f"there is nobody with the CRN {crn} in the problem")
        if event is not None:
            mine = [person for person in mine if person.event_number == event]
            if not mine:
                raise UsageError(f"{crn} has no event {event} in the problem")
        elif len(mine) > 1:
            mine = [p for p in mine if facts.remaining[facts.problem.person_numbers[p.key]] > 0] or mine[:1]
        if len(mine) > 1:
            numbers = ", ".join(str(person.event_number) for person in mine)
            raise UsageError(f"{crn} has the events {numbers}: say which one (--event)")
        return mine[0]

    def anew(self, key: RequirementKey) -> Placer:
        """The same as if this requirement had nothing yet: where else could they be?"""
        return Placer.of_team(self.team.without(key))

    def place(self, person: Person) -> Placing:
        """Every slot for one requirement, which need not be in the problem, beside what it has already."""
        newcomer = Newcomer.of(self.team.facts, person)
        walks = self._walker.walks(newcomer)
        mine = self.team.entries_of(person.key)
        before = forecast_of(newcomer, mine, self.team.placements.get(person.key, ()))
        found = [(walk, price_of(self.team, newcomer, walk) if walk.bookings else None) for walk in walks]
        best = sorted(
            (each for each in found if each[1] is not None),
            key=lambda each: (each[1].total if each[1] else 0, each[0].bookings[-1].entry.day),
        )
        options = [
            self._option(newcomer, walk, rank, price, before)
            for rank, (walk, price) in enumerate(best, start=1)
        ]
        options += [
            self._option(newcomer, walk, None, None, before) for walk, price in found if price is None
        ]
        return Placing(person.crn, person.event_number, self.team.facts.problem.first, tuple(options))

    def _option(
        self,
        newcomer: Newcomer,
        walk: Walk,
        rank: int | None,
        price: RosterObjective | None,
        before: Forecast,
    ) -> SlotOption:
        team, of = self.team, walk.candidate
        at = [each for each in walk.bookings if each.entry.project == of.project]
        slot = OfferedSlot(
            project_code=team.code(of.project),
            day_of_week=of.weekday,
            frequency=of.frequency,
            start_time=of.start,
            end_time=walk.end,
            start_date_inclusive=team.date(at[0].entry.day) if at else None,
            supervisor_code=self._code(at[0].session.supervisor) if at else None,
        )
        dated = tuple(SlotRefusal(rule, words, team.date(day)) for day, rule, words in walk.refused)
        if price is None:
            return SlotOption(rank, slot, False, before, None, None, _summed(walk, dated), not_booked=dated)
        diary = (*team.entries_of(newcomer.person.key), *(each.entry for each in walk.bookings))
        placements = team.placements.get(newcomer.person.key, ())
        made = () if walk.placement is None else (walk.placement,)
        return SlotOption(
            rank=rank,
            slot=slot,
            eligible=True,
            before=before,
            after=forecast_of(newcomer, diary, (*placements, *made)),
            price=price,
            rules=(),
            placement=walk.placement,
            appointments=tuple(self._appointment(newcomer, walk)),
            opened=tuple(self._opened(walk)),
            not_booked=dated,
        )

    def _code(self, supervisor: int | None) -> str | None:
        return None if supervisor is None else self.team.facts.problem.supervisors[supervisor].staff_code

    def _appointment(self, newcomer: Newcomer, walk: Walk) -> Sequence[Appointment]:
        return [
            Appointment(
                crn=newcomer.crn,
                delius_event_number=newcomer.person.event_number,
                project_code=self.team.code(entry.project),
                date=self.team.date(entry.day),
                start_time=entry.start,
                end_time=entry.end,
                supervisor_officer_code=self._code(session.supervisor),
                minutes=entry.minutes,
            )
            for entry, session, _ in walk.bookings
        ]

    def _opened(self, walk: Walk) -> Sequence[Session]:
        return [
            Session(
                project_code=self.team.code(session.project),
                date=self.team.date(session.day),
                start_time=session.start,
                end_time=session.end,
                supervisor_code=self._code(session.supervisor),
                places=session.places,
                booked=len(session.chances),
                expected_attendance=float(session.expected),
                overflow_probability=0.0 if session.places else float(session.expected),
            )
            for _, session, is_new in walk.bookings
            if is_new
        ]


@dataclass(frozen=True, slots=True)
class PlannedLines:
    """The placements, sessions and appointments of a roster; of a session only what, when and under whom is meant."""

    placements: tuple[Placement, ...] = ()
    sessions: tuple[Session, ...] = ()
    appointments: tuple[Appointment, ...] = ()


def with_option(lines: RosterLines, option: SlotOption) -> PlannedLines:
    """A roster's lines with an option taken."""
    placed = () if option.placement is None else (option.placement,)
    return PlannedLines(
        (*lines.placements, *placed),
        (*lines.sessions, *option.opened),
        (*lines.appointments, *option.appointments),
    )


def _summed(walk: Walk, dated: Sequence[SlotRefusal]) -> tuple[SlotRefusal, ...]:
    """Each rule once: what it says of all dates, else of the first date and of how many more."""
    found = {rule: SlotRefusal(rule, words) for rule, words in reversed(walk.always)}
    counts: dict[str, int] = {}
    firsts: dict[str, SlotRefusal] = {}
    for each in dated:
        if each.rule not in found:
            counts[each.rule] = counts.get(each.rule, 0) + 1
            firsts.setdefault(each.rule, each)
    always = tuple(reversed(found.values()))
    return (*always, *(_and_more(firsts[rule], count - 1) for rule, count in counts.items()))


def _and_more(first: SlotRefusal, more: int) -> SlotRefusal:
    if more == 0:
        return first
    dates = "1 more date" if more == 1 else f"{more} more dates"
    return SlotRefusal(first.rule, f"{first.sentence}; likewise {dates}", first.date)


def place(
    problem: UnpaidWorkProblem,
    policy: Policy,
    crn: str,
    event: int | None = None,
    roster: Roster | None = None,
) -> Placing:
    """Every slot for one person of the problem, the best first. Raises UsageError as Placer does."""
    placer = Placer.of(problem, policy, roster)
    return placer.place(placer.person(crn, event))
