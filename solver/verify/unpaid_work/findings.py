"""Findings: the untidiness of what was there. No violation, but shown."""

from __future__ import annotations

from collections.abc import Iterator

from models.unpaid_work.defaults import min_people
from models.unpaid_work.person import ExistingAllocation, Person
from models.unpaid_work.roster import RosterFinding
from models.unpaid_work.terms import ProjectType
from solver.verify.unpaid_work.bookings import BOOKING_RULES, Booking, missing_half_days
from solver.verify.unpaid_work.joining import Refusal
from solver.verify.unpaid_work.objective import counted_allocations
from solver.verify.unpaid_work.situation import RosterSituation, Slot, fits, recurrence
from solver.verify.unpaid_work.told import ToldFacts


def findings_of(told: ToldFacts) -> tuple[RosterFinding, ...]:
    """Every finding: person by person (order run out, stale allocations, told appointments dropped), then projects."""
    dropped = _dropped(told)
    found: list[RosterFinding] = []
    for number, person in enumerate(told.situation.problem.people):
        found += _run_out(told.situation, number, person)
        for allocation in counted_allocations(told.situation, number):
            found += _stale(told.situation, number, person, allocation)
        found += dropped.get(number, [])
    return (*found, *_never_running(told.situation))


def _run_out(situation: RosterSituation, number: int, person: Person) -> Iterator[RosterFinding]:
    left = situation.remaining[number]
    if left > 0 and person.complete_by < situation.problem.first:
        sentence = f"{person.key} was to be complete by {person.complete_by}; {left} minutes remain"
        yield RosterFinding("available", person.crn, None, None, sentence)


def _stale(
    situation: RosterSituation, number: int, person: Person, allocation: ExistingAllocation
) -> Iterator[RosterFinding]:
    """The first rule that an existing allocation breaks on every date of the horizon."""
    refusal = _allocation_refusal(situation, number, allocation)
    if refusal is not None:
        rule, sentence = refusal
        words = (
            f"the {allocation.day_of_week.title()} of {person.key} at {allocation.project_code}: {sentence}"
        )
        yield RosterFinding(rule, person.crn, allocation.project_code, None, words)


def _allocation_refusal(
    situation: RosterSituation, number: int, allocation: ExistingAllocation
) -> Refusal | None:
    code, person = allocation.project_code, situation.problem.people[number]
    project_number = situation.problem.project_numbers.get(code)
    if project_number is None:
        return "project_open", f"{code} is not among the projects"
    project, recurs = situation.problem.projects[project_number], recurrence(allocation)
    slots = [
        Slot(code, day, allocation.start_time, allocation.end_time)
        for day in situation.problem.days
        if recurs.open_on(day)
    ]
    if not slots:
        return None
    if project.project_type is ProjectType.ETE or not any(
        project.open_between(slot.date) and any(fits(slot, each) for each in project.availability)
        for slot in slots
    ):
        return "project_open", f"{code} is not open then"
    missing = missing_half_days(person.availability, slots[0])
    if missing:
        return "available", f"{person.crn} is not available on {missing}"
    booking = Booking(situation, number, project_number, slots[0])
    for rule_id, rule in BOOKING_RULES.items():
        sentence = None if rule_id == "available" else rule(booking)
        if sentence is not None:
            return rule_id, sentence
    return None


def _dropped(told: ToldFacts) -> dict[int, list[RosterFinding]]:
    """Told appointments that a hard rule no longer allows, by requirement."""
    found: dict[int, list[RosterFinding]] = {}
    for each, excuse in told.dropped.items():
        if excuse is not None:
            rule, sentence = excuse
            person, slot = told.person(each), each.slot
            words = f"{person.key} was told of {slot}: {sentence}"
            finding = RosterFinding(rule, person.crn, slot.project_code, slot.date, words)
            found.setdefault(each.number, []).append(finding)
    return found


def _never_running(situation: RosterSituation) -> Iterator[RosterFinding]:
    for project in situation.problem.projects:
        least = min_people(project, situation.rules)
        if project.project_type is ProjectType.GROUP and least > project.places:
            sentence = (
                f"{project.project_code} needs {least} people and has {project.places} places: it never runs"
            )
            yield RosterFinding("session_size", None, project.project_code, None, sentence)
