"""Whether one more person can join: why a slot is refused, and who was left out although a session could take them."""

from __future__ import annotations

from collections.abc import Iterator

from models.rules import Violation
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import ProjectType
from solver.verify.unpaid_work.bookings import BOOKING_RULES, Booking, unacceptable
from solver.verify.unpaid_work.diaries import DIARY_RULES, diary_of
from solver.verify.unpaid_work.facts import RosterFacts, person_violation
from solver.verify.unpaid_work.groups import ROOM_RULES, busy, unqualified
from solver.verify.unpaid_work.sessions import gathering
from solver.verify.unpaid_work.situation import RosterSituation, Slot

Refusal = tuple[str, str]
"""A rule's id and a sentence."""


def nobody_left_out(facts: RosterFacts) -> Iterator[Violation]:
    """Nobody with hours left is without an appointment whom a running session could still take."""
    for number in facts.left_out:
        person = facts.situation.problem.people[number]
        for place, session in enumerate(facts.sessions):
            gone_by = facts.situation.question.disruption.is_past(session.slot.date)
            if not gone_by and could_join(facts, number, place):
                sentence = (
                    f"{person.key} has no appointment, and the session at {session.slot} could take them"
                )
                yield person_violation("nobody_left_out", sentence, person)
                break


def could_join(facts: RosterFacts, number: int, place: int) -> bool:
    """Whether no rule forbids that the requirement joins the session, for all of it or what remains to them."""
    return next(joining_refusals(facts, number, place), None) is None


def joining_refusals(facts: RosterFacts, number: int, place: int) -> Iterator[Refusal]:
    """Every rule that forbids that the requirement joins a session that runs, cheap ones first."""
    session = facts.sessions[place]
    yield from person_refusals(facts, number, session.project_number, session.slot)
    group = gathering(facts, place).with_member(number)
    for rule_id, rule in ROOM_RULES.items():
        for _, sentence in rule(group):
            yield rule_id, sentence


def person_refusals(facts: RosterFacts, number: int, project: int, slot: Slot) -> Iterator[Refusal]:
    """Every rule over the person that forbids the slot, or the start of it that remains to them."""
    left = facts.situation.remaining[number] - facts.booked(number)
    person = facts.situation.problem.people[number]
    if left <= 0:
        yield "never_beyond_requirement", f"nothing remains to be booked of {person.key}"
        return
    shortened = slot._replace(end=min(slot.end, slot.start + left))
    booking = Booking(facts.situation, number, project, shortened)
    for rule_id, rule in BOOKING_RULES.items():
        sentence = rule(booking)
        if sentence is not None:
            yield rule_id, sentence
    diary = diary_of(facts.situation, person.crn, [*facts.of_body(person.crn), booking])
    for rule_id, over in DIARY_RULES.items():
        for sentence in over(diary):
            yield rule_id, sentence


def slot_refusals_of(facts: RosterFacts, number: int, slot: Slot) -> Iterator[Refusal]:
    """Every rule that forbids a slot to a requirement: by joining the session that runs then, or by a new one."""
    project = facts.situation.problem.project_numbers[slot.project_code]
    for place, session in enumerate(facts.sessions):
        if session.slot[:3] == slot[:3] and slot.end <= session.slot.end:
            yield from joining_refusals(facts, number, place)
            return
    record = facts.situation.problem.projects[project]
    for sentence in facts.situation.why_closed(record, slot):
        yield "project_open", sentence
    for session in facts.sessions:
        if session.project_number == project and session.slot.overlaps(slot):
            yield "project_open", f"{session.slot} runs at that time"
    yield from person_refusals(facts, number, project, slot)
    if record.supervisor_needed:
        yield from _supervision_refusals(facts, number, record, slot)


def _supervision_refusals(facts: RosterFacts, number: int, project: Project, slot: Slot) -> Iterator[Refusal]:
    """Why no supervisor could have a session there and then with this person in it."""
    situation, person = facts.situation, facts.situation.problem.people[number]
    free = [
        supervisor
        for supervisor in situation.problem.supervisors
        if unqualified(situation, supervisor, project, slot) is None
        and not busy(facts.situation, supervisor, slot, _duties(facts, supervisor))
    ]
    if not free:
        yield "supervised", f"no supervisor for {slot} is qualified and free"
    elif all(unacceptable(person, supervisor) for supervisor in free):
        yield "supervisor_sex", f"no supervisor who is free for {slot} is one that {person.crn} may have"


def _duties(facts: RosterFacts, supervisor: Supervisor) -> list[Slot]:
    code = supervisor.staff_code
    return [session.slot for session in facts.sessions if session.supervisor_code == code]


def may_be_inducted_before(situation: RosterSituation, number: int, slot: Slot) -> bool:
    """Whether the input alone leaves the requirement a day for an induction before the slot's."""
    for project_number, project in enumerate(situation.problem.projects):
        if project.project_type is not ProjectType.INDUCTION:
            continue
        for day in situation.problem.days:
            for each in project.availability:
                induction = Slot(project.project_code, day, each.start_time, each.end_time)
                booking = Booking(situation, number, project_number, induction)
                if (
                    day < slot.date
                    and next(situation.why_closed(project, induction), None) is None
                    and all(rule(booking) is None for rule in BOOKING_RULES.values())
                ):
                    return True
    return False
