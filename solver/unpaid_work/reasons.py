"""Why somebody has the slot they have, and why somebody has nothing: in sentences, with what would help."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np

from models.unpaid_work.person import Person, RequirementKey
from models.unpaid_work.project import Project
from models.unpaid_work.roster import Placement, Unplaced
from models.unpaid_work.terms import PlacementPreference, ProjectType, Weekday
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
    if facts.weekly_most[int(facts.body[number])] <= 0:
        return ("weekly_limit",), "may work no minute in a week; a weekly limit that leaves room for a day"
    if not facts.places[sessions.project[here]].any():
        return (
            "session_size",
        ), f"finds no places on {_weekdays_of(facts, here)}; places at {_codes(facts, here)}"
    runs = [int(session) for session in here if int(session) in reckoning.draft.supervisor]
    if not runs:
        return _nothing_runs(reckoning, here)
    return _no_room(reckoning, number, runs)


def _nothing_runs(reckoning: Reckoning, here: Ints) -> tuple[tuple[str, ...], str]:
    """Every session that would suit stays shut: for want of a supervisor, or of people."""
    facts, days = reckoning.facts, _weekdays_of(reckoning.facts, here)
    if not any(facts.able[session].any() or not _supervised(facts, int(session)) for session in here):
        return ("supervised",), f"needs a supervisor on {days}, and there is none"
    if any(_could_run(reckoning, int(session)) for session in here):
        return ("session_size",), (
            f"is with too few others for a session to run on {days}: more people, or a lower least number at "
            f"{_codes(facts, here)}"
        )
    return ("supervised", "session_size"), (
        f"could only come to sessions that do not run: a supervisor, or more people, on {days}"
    )


def _supervised(facts: RosterFacts, session: int) -> bool:
    return bool(facts.supervised[facts.sessions.project[session]])


def _could_run(reckoning: Reckoning, session: int) -> bool:
    """Whether a supervisor who could be there is nowhere else on that day, or none is needed."""
    facts = reckoning.facts
    if not _supervised(facts, session):
        return True
    busy = {
        supervisor
        for other, supervisor in reckoning.draft.supervisor.items()
        if facts.date(other) == facts.date(session)
    }
    return any(int(each) not in busy for each in np.flatnonzero(facts.able[session]))


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
    return _unsuited(facts, number)


def _unsuited(facts: RosterFacts, number: int) -> tuple[tuple[str, ...], str]:
    """What the projects lack or have that this person may not go to, each with what would help."""
    person = facts.problem.people[number]
    open_to_all = [
        each
        for place, each in enumerate(facts.problem.projects)
        if not facts.induction[place] and each.project_type is not ProjectType.ETE
    ]
    if not open_to_all:
        return ("project_open",), "finds no project where work is done; one that is not ETE or induction"
    rules, helps = [], []
    if any(set(each.tags) & set(person.restrictions) for each in open_to_all):
        helps.append(f"one without {_listed(person.restrictions)}")
    if any(not set(person.needs) <= set(each.features) for each in open_to_all):
        helps.append(f"one with {_listed(person.needs)}")
    if any(each.project_code in person.excluded_project_codes for each in open_to_all):
        helps.append("one that is not excluded")
    if helps:
        rules.append("suitable_project")
    if any(not _preferred(person, each) for each in open_to_all):
        rules.append("group_preference")
        helps.append(_group_wanted(person))
    return tuple(rules), f"has no suitable project: {'; '.join(helps)}"


def _preferred(person: Person, project: Project) -> bool:
    """Whether the kind of group alone would suit."""
    free = dataclasses.replace(person, restrictions=(), needs=(), excluded_project_codes=())
    return suits(free, project)


def _group_wanted(person: Person) -> str:
    """The kind of placement that would suit, in words."""
    if person.placement_preference is PlacementPreference.INDIVIDUAL:
        return "an individual placement"
    if person.placement_preference is PlacementPreference.FEMALE_ONLY_GROUP:
        women = "a women-only group or an individual placement"
        return women if person.sex is not None else f"{women}, and the person's sex recorded"
    return "a mixed group"


def _listed(words: Iterable[str]) -> str:
    return " and ".join(sorted(words))


def _codes(facts: RosterFacts, sessions: Ints) -> str:
    places = np.unique(facts.sessions.project[sessions]).tolist()
    return " or ".join(facts.problem.projects[place].project_code for place in places[:3])


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
