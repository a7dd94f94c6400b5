"""Why somebody has the slot they have, and why somebody has nothing: in sentences, with what would help."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Placement, Unplaced
from models.unpaid_work.terms import Weekday
from solver.unpaid_work.facts import RosterFacts, recurring, suits
from solver.unpaid_work.reckoning import Reckoning
from solver.unpaid_work.slots import Ints


def with_reasons(reckoning: Reckoning) -> tuple[Placement, ...]:
    """The placements of a draft, each with its reasons."""
    return tuple(
        dataclasses.replace(each, reason=tuple(_reasons(reckoning, each)))
        for each in reckoning.draft.placements
    )


def _reasons(reckoning: Reckoning, placement: Placement) -> Iterator[str]:
    facts = reckoning.facts
    number = facts.problem.person_numbers[RequirementKey(placement.crn, placement.delius_event_number)]
    project = facts.problem.project_numbers[placement.project_code]
    there = {recurring(each) for each in facts.counted_allocations(number)}
    same = (
        placement.project_code,
        placement.day_of_week.number,
        placement.frequency,
        placement.start_time,
        placement.end_time,
    )
    if same in there:
        yield "goes on as before"
    choice = int(facts.allowed[number].sum())
    yield f"one of {choice} slots that the rules allow" if choice > 1 else "the one slot that the rules allow"
    yield f"{int(facts.travel[number, project])} minutes of travel each way"
    dates = sum(
        int(facts.sessions.project[each.session]) == project
        and facts.date(each.session).weekday() == placement.day_of_week.number
        and int(facts.sessions.start[each.session]) == placement.start_time
        for each in reckoning.of_requirement[number]
    )
    yield f"{dates} {'appointment' if dates == 1 else 'appointments'} in the horizon"
    lost = reckoning.lost_minutes(number)
    if lost:
        yield f"{lost} minutes are expected to remain on {facts.problem.people[number].complete_by}"


def unplaced(reckoning: Reckoning) -> tuple[Unplaced, ...]:
    """Everybody with minutes remaining and nothing booked, with the rules behind it and what would help."""
    found = []
    for number in reckoning.left_out:
        person = reckoning.facts.problem.people[number]
        rules, sentence = _why_nothing(reckoning, number)
        found.append(Unplaced(person.crn, person.event_number, rules, f"{person.key} {sentence}"))
    return tuple(found)


def _why_nothing(reckoning: Reckoning, number: int) -> tuple[tuple[str, ...], str]:
    """The rules that forbid every session, tightest first, and a sentence with the remedy."""
    facts = reckoning.facts
    person, induction = facts.problem.people[number], facts.induction
    if not facts.there[number].any():
        if person.complete_by < facts.problem.first:
            return ("available",), f"was to be complete by {person.complete_by}; a court may extend the order"
        return ("available",), "is not there on any day of the horizon; a later start, or fewer days away"
    wanted = facts.suits[number] & (~induction if facts.inducted[number] else induction)
    if not wanted.any():
        return _unsuitable(facts, number)
    sessions = facts.sessions
    here = np.flatnonzero(facts.open_to[number] & wanted[sessions.project])
    if not len(here):
        days = _weekdays(facts, np.flatnonzero(wanted))
        rule = "available" if facts.inducted[number] else "induction_first"
        rules = (rule, "available") if rule != "available" else (rule,)
        return rules, f"is free when nothing suitable is open; what is suitable is open on {days}"
    runs = [int(session) for session in here if int(session) in reckoning.draft.supervisor]
    if not runs:
        if any(facts.able[session].any() for session in here):
            return ("supervised", "session_size"), (
                "could only come to sessions that do not run: a supervisor, or more people, "
                f"on {_weekdays_of(facts, here)}"
            )
        return ("supervised",), f"needs a supervisor on {_weekdays_of(facts, here)}, and there is none"
    return _no_room(reckoning, number, runs)


def _unsuitable(facts: RosterFacts, number: int) -> tuple[tuple[str, ...], str]:
    """No project at all: because of the journey alone, or of what the projects are."""
    person = facts.problem.people[number]
    fitting = [
        place
        for place, project in enumerate(facts.problem.projects)
        if suits(person, project) and bool(facts.induction[place]) != bool(facts.inducted[number])
    ]
    if fitting:
        nearest = min(int(facts.travel[number, place]) for place in fitting)
        return ("travel_limit",), f"would travel {nearest} minutes each way at least; a project nearer by"
    if not facts.inducted[number]:
        return (
            "induction_first",
            "suitable_project",
        ), "needs an induction, and there is none that is suitable"
    return (
        "suitable_project",
        "group_preference",
    ), "has no suitable project; one without what is to be avoided"


def _no_room(reckoning: Reckoning, number: int, runs: list[int]) -> tuple[tuple[str, ...], str]:
    """Sessions run that would suit, and each of them is full, or has somebody who may not be met."""
    facts = reckoning.facts
    rules = ["session_size"]
    under = [reckoning.draft.supervisor[session] for session in runs]
    if all(each is not None and not facts.acceptable[number, each] for each in under):
        return (
            "supervisor_sex",
        ), f"may not be under those who supervise on {_weekdays_of(facts, np.array(runs))}"
    if facts.risky[number]:
        rules.append("risk_in_group")
    if facts.collected[number]:
        rules.append("pick_up")
    if facts.apart[int(facts.body[number])]:
        rules.append("keep_apart")
    if len(facts.bodies[int(facts.body[number])]) > 1:
        rules.append("weekly_limit")
    return tuple(
        rules
    ), f"finds every suitable session full; more places on {_weekdays_of(facts, np.array(runs))}"


def _weekdays(facts: RosterFacts, projects: Ints) -> str:
    slots = np.flatnonzero(np.isin(facts.slots.project, projects))
    return _named(facts.slots.weekday[slots].tolist())


def _weekdays_of(facts: RosterFacts, sessions: Ints) -> str:
    return _named([facts.date(int(session)).weekday() for session in sessions])


def _named(weekdays: list[int]) -> str:
    names = [tuple(Weekday)[number].title() for number in sorted(set(weekdays))]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else "any day"
