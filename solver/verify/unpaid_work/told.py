"""Already-told appointments: which the input itself no longer allows, which cannot all be kept, which were dropped.

An excuse is a rule and a sentence. Alone: a rule over the person, the project and the other told appointments of the
same person, taken by date, forbids it. Together: those told for the same session no longer fit in it, whoever
supervises, or every supervisor who could is where other told appointments need them. The second kind is judged from
the roster: a dropped appointment is excused when it could not be put back beside the told ones that were kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from models.rules import Violation
from models.unpaid_work.person import Person
from models.unpaid_work.roster import RosterKind
from models.unpaid_work.supervisor import Supervisor
from solver.verify.unpaid_work.bookings import BOOKING_RULES, Booking, unacceptable
from solver.verify.unpaid_work.diaries import (
    DIARY_RULES,
    Diary,
    diary_of,
    is_induction,
)
from solver.verify.unpaid_work.facts import RosterFacts, person_violation
from solver.verify.unpaid_work.groups import ROOM_RULES, Gathering, busy, too_few, unqualified
from solver.verify.unpaid_work.joining import Refusal, could_join, may_be_inducted_before
from solver.verify.unpaid_work.situation import RosterSituation, Slot


@dataclass(frozen=True, slots=True)
class Told:
    """A told appointment in the horizon: whose (by number) and when."""

    number: int
    slot: Slot


@dataclass(frozen=True)
class ToldFacts:
    """The told appointments of a roster's people, and what became of them."""

    facts: RosterFacts

    @property
    def situation(self) -> RosterSituation:
        """The problem under its policy."""
        return self.facts.situation

    @cached_property
    def all(self) -> tuple[Told, ...]:
        """Every told appointment in the horizon, in the input's order."""
        return told_in(self.situation)

    @cached_property
    def alone(self) -> Mapping[Told, Refusal]:
        """Those that the input itself no longer allows, each with the first reason."""
        found: dict[Told, Refusal] = {}
        bodies: dict[str, list[Told]] = {}
        for told in self.all:
            bodies.setdefault(self.person(told).crn, []).append(told)
        for crn, mine in bodies.items():
            standing: list[Booking] = []
            for told in sorted(mine, key=lambda each: each.slot[1:]):
                refusal = next(_refusals(self.situation, crn, told, standing), None)
                if refusal is None:
                    standing.append(_booking(self.situation, told))
                else:
                    found[told] = refusal
        return found

    @cached_property
    def kept(self) -> frozenset[Told]:
        """Those that the roster has, as told."""
        booked = {Told(booking.number, booking.slot) for booking in self.facts.bookings}
        return frozenset(told for told in self.all if told in booked)

    @cached_property
    def dropped(self) -> Mapping[Told, Refusal | None]:
        """Those that the roster does not have, each with its excuse."""
        return {told: self._excuse(told) for told in self.all if told not in self.kept}

    def person(self, told: Told) -> Person:
        """Whose it is."""
        return self.situation.problem.people[told.number]

    def _excuse(self, told: Told) -> Refusal | None:
        return self.alone.get(told) or self._no_induction(told) or self._together(told)

    def _no_induction(self, told: Told) -> Refusal | None:
        """No induction comes before it, and no induction that runs could be had."""
        if self.situation.inducted[told.number] or is_induction(_booking(self.situation, told)):
            return None
        mine = self.facts.of_requirement.get(told.number, ())
        if any(is_induction(each) and each.slot[1:] < told.slot[1:] for each in mine):
            return None
        for place, session in enumerate(self.facts.sessions):
            if session.slot.date < told.slot.date and could_join(self.facts, told.number, place):
                return None
        return "induction_first", f"{self.person(told).key} has no induction before {told.slot}"

    def _together(self, told: Told) -> Refusal | None:
        """What forbids it beside the told appointments that were kept, under every supervisor who could be there."""
        slot, project_number = told.slot, self.situation.problem.project_numbers[told.slot.project_code]
        project = self.situation.problem.projects[project_number]
        mates = [each for each in self.kept if each.slot[:3] == slot[:3]]
        runs = any(session.slot[:3] == slot[:3] for session in self.facts.sessions)
        if not runs:
            other = self._in_the_way(slot)
            if other is not None:
                return "project_open", f"{other} runs at that time, with people who were told"
            mates = [each for each in self.all if each not in self.alone and each.slot[:3] == slot[:3]]
        whole = slot._replace(end=max(each.slot.end for each in [*mates, told]))
        refusal: Refusal | None = None
        for supervisor in self._supervisors(told, whole) if project.supervisor_needed else [None]:
            empty = Gathering(self.situation, project, whole, (), supervisor)
            refusal = _beside(empty, told, mates, runs=runs)
            if refusal is None:
                return None
        return refusal or ("supervised", f"every supervisor who could have {whole} is needed elsewhere")

    def _in_the_way(self, slot: Slot) -> Slot | None:
        """A session of the same project that overlaps the slot and has somebody who was told of it."""
        for session, members in zip(self.facts.sessions, self.facts.members, strict=True):
            same = session.slot.project_code == slot.project_code and session.slot[:3] != slot[:3]
            if same and session.slot.overlaps(slot) and self._holds_told(members):
                return session.slot
        return None

    def _holds_told(self, members: tuple[Booking, ...]) -> bool:
        return any(Told(booking.number, booking.slot) in self.kept for booking in members)

    def _supervisors(self, told: Told, slot: Slot) -> Iterator[Supervisor | None]:
        """Those who could have the slot with this person in it and still do what other told people need."""
        person, problem = self.person(told), self.situation.problem
        project = problem.projects[problem.project_numbers[slot.project_code]]
        for supervisor in problem.supervisors:
            if unqualified(self.situation, supervisor, project, slot) or unacceptable(person, supervisor):
                continue
            duties = [
                session.slot
                for session, members in zip(self.facts.sessions, self.facts.members, strict=True)
                if session.supervisor_code == supervisor.staff_code
                and session.slot[:3] != slot[:3]
                and self._holds_told(members)
            ]
            if not busy(self.situation, supervisor, slot, duties):
                yield supervisor


def told_in(situation: RosterSituation) -> tuple[Told, ...]:
    """Every told appointment in the horizon, in the input's order."""
    return tuple(
        Told(number, Slot(each.project_code, each.date, each.start_time, each.end_time))
        for number, person in enumerate(situation.problem.people)
        for each in person.appointments
        if situation.in_horizon(each.date)
    )


def _booking(situation: RosterSituation, told: Told) -> Booking:
    project = situation.problem.project_numbers[told.slot.project_code]
    return Booking(situation, told.number, project, told.slot)


def _refusals(situation: RosterSituation, crn: str, told: Told, standing: list[Booking]) -> Iterator[Refusal]:
    """Why the input no longer allows it beside those of the same person that stand."""
    code = told.slot.project_code
    if code not in situation.problem.project_numbers:
        yield "project_open", f"{code} is not among the projects"
        return
    booking = _booking(situation, told)
    for sentence in situation.why_closed(booking.project, told.slot):
        yield "project_open", sentence
    for rule_id, rule in BOOKING_RULES.items():
        refused = rule(booking)
        if refused is not None:
            yield rule_id, refused
    diary = diary_of(situation, crn, [*standing, booking])
    for rule_id in ("one_place_at_a_time", "weekly_limit", "never_beyond_requirement"):
        for sentence in DIARY_RULES[rule_id](diary):
            yield rule_id, sentence
    yield from _induction(situation, booking, diary)
    if booking.project.supervisor_needed:
        yield from _unsupervised(situation, booking)


def _induction(situation: RosterSituation, booking: Booking, diary: Diary) -> Iterator[Refusal]:
    """As induction_first, but an induction may still be put before the appointment when a day is left for one."""
    mine = [each for each in diary.of(booking.number) if each is not booking]
    waits = not situation.inducted[booking.number] and not is_induction(booking)
    if waits and not any(is_induction(each) for each in mine):
        if not may_be_inducted_before(situation, booking.number, booking.slot):
            yield "induction_first", f"no induction is possible before {booking.slot}"
        return
    for sentence in DIARY_RULES["induction_first"](Diary(situation, diary.crn, (*mine, booking))):
        yield "induction_first", sentence


def _unsupervised(situation: RosterSituation, booking: Booking) -> Iterator[Refusal]:
    qualified = [
        supervisor
        for supervisor in situation.problem.supervisors
        if unqualified(situation, supervisor, booking.project, booking.slot) is None
    ]
    if not qualified:
        yield "supervised", f"no supervisor can have {booking.slot}"
    elif all(unacceptable(booking.person, supervisor) for supervisor in qualified):
        yield "supervisor_sex", f"no supervisor of {booking.slot} is one that {booking.person.crn} may have"


def _beside(empty: Gathering, told: Told, mates: list[Told], *, runs: bool) -> Refusal | None:
    """Why the told appointment has no room beside those that were kept (the session runs) or could be (it does not)."""
    group = empty
    for mate in sorted(mates, key=lambda each: each.number):
        joined = group.with_member(mate.number)
        if runs or _room(joined) is None:
            group = joined
    if told.number not in group.members:
        group = group.with_member(told.number)
    refusal = _room(group)
    if refusal is None and not runs:
        refusal = next((("session_size", sentence) for _, sentence in too_few(group)), None)
    return refusal


def _room(group: Gathering) -> Refusal | None:
    for rule_id, rule in ROOM_RULES.items():
        for _, sentence in rule(group):
            return rule_id, sentence
    return None


def pinned(told: ToldFacts) -> Iterator[Violation]:
    """Already-told appointments stand unless a hard rule no longer allows them."""
    question = told.situation.question
    for each, excuse in told.dropped.items():
        may_drop = question.kind is RosterKind.REPAIR and not question.disruption.is_past(each.slot.date)
        if excuse is None and not may_drop:
            sentence = f"{told.person(each).key} was told of {each.slot}, which the roster drops without need"
            yield person_violation("pinned", sentence, told.person(each))
