"""Every hard rule as a constraint of the dated model, one function each.

A rule over one person and one session alone shortens `stay`, the longest minutes for which a requirement may be
booked; one over a session and a supervisor alone writes `able`; any other adds rows over the variables once they are
there. The functions may run in any order. `CONSTRAINTS` is the table of contents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from models.allocation.terms import Sex
from models.unpaid_work import defaults
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.roster import RosterKind
from models.unpaid_work.terms import PlacementPreference, ProjectType
from solver.unpaid_work.chance import fits
from solver.unpaid_work.dated_model import DatedModel, Outline, Pair
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.room import left_out_rows
from solver.unpaid_work.sizes import size_rows
from solver.unpaid_work.slots import Bools, Ints, longest_stay
from solver.unpaid_work.standing import Told, standing

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Constraint = Callable[[RosterFacts, Outline], None]


def available(facts: RosterFacts, outline: Outline) -> None:
    """A person is booked only when available, from the sentence date to the date to complete by."""
    sessions = facts.sessions
    longest: dict[tuple[int, int, int], Ints] = {}
    for session, day in enumerate(sessions.day.tolist()):
        weekday = facts.problem.days[day].weekday()
        when = weekday, int(sessions.start[session]), int(sessions.end[session])
        if when not in longest:
            longest[when] = longest_stay(facts.half_days, *when)
        here = np.where(facts.there[:, day], longest[when], 0)
        outline.stay[:, session] = np.minimum(outline.stay[:, session], here)


def project_open(_: RosterFacts, outline: Outline) -> None:
    """A session runs only in the project's availability and dates, and not on a non-working day."""
    # Facts list no session outside them; what is left to forbid is that two of a project run at once.
    outline.rows.append(_no_overlap_at_a_project)


def _no_overlap_at_a_project(model: DatedModel) -> None:
    for session, running in model.run.items():
        for other in model.facts.sessions.clashes[session]:
            if session < other and other in model.run:
                model.model.add_at_most_one([running, model.run[other]])


def one_place_at_a_time(_: RosterFacts, outline: Outline) -> None:
    """Nobody, person or supervisor, is in two places at once, and travel between projects fits."""
    outline.rows.append(_people_apart)
    outline.rows.append(_supervisors_apart)


def _people_apart(model: DatedModel) -> None:
    for numbers in model.facts.bodies:
        for pairs in model.days_of(numbers).values():
            if len(pairs) > 1:
                _one_project_a_day(model, pairs)


def _one_project_a_day(model: DatedModel, pairs: list[Pair]) -> None:
    """At one project, and never twice at once: those at a project on a day mostly exclude each other altogether."""
    sessions = model.facts.sessions
    places: dict[int, list[Pair]] = {}
    for pair in pairs:
        places.setdefault(int(sessions.project[pair[1]]), []).append(pair)
    if all(_all_overlap(model, those) for those in places.values()):
        model.model.add_at_most_one(model.booked[pair] for pair in pairs)
        return
    there = []
    for those in places.values():
        here = model.model.new_bool_var("")
        there.append(here)
        for place, pair in enumerate(those):
            model.model.add_implication(model.booked[pair], here)
            for other in those[:place]:
                if _overlap(model, pair, other):
                    model.model.add_at_most_one([model.booked[pair], model.booked[other]])
    model.model.add_at_most_one(there)


def _all_overlap(model: DatedModel, pairs: list[Pair]) -> bool:
    return all(_overlap(model, one, other) for place, one in enumerate(pairs) for other in pairs[:place])


def _overlap(model: DatedModel, one: Pair, other: Pair) -> bool:
    starts, ends = model.facts.sessions.start, model.facts.sessions.end
    return bool(starts[one[1]] < ends[other[1]] and starts[other[1]] < ends[one[1]])


def _supervisors_apart(model: DatedModel) -> None:
    days: dict[tuple[int, int], list[int]] = {}
    for session, supervisors in model.supervisor.items():
        for number in supervisors:
            days.setdefault((number, int(model.facts.sessions.day[session])), []).append(session)
    for (number, _), sessions in days.items():
        variables = {session: model.supervisor[session][number] for session in sessions}
        apart = [
            (one, other)
            for place, one in enumerate(sessions)
            for other in sessions[:place]
            if not model.facts.together(one, other)
        ]
        if len(apart) == len(sessions) * (len(sessions) - 1) // 2:
            model.model.add_at_most_one(variables.values())
        else:
            for one, other in apart:
                model.model.add_at_most_one([variables[one], variables[other]])


def weekly_limit(facts: RosterFacts, outline: Outline) -> None:
    """No one works more minutes in a week than their limit, nor in a day than the policy's limit."""
    most = np.minimum(facts.weekly_most[facts.body], facts.rules.limits.day_minutes)
    np.minimum(outline.stay, most[:, None], out=outline.stay)
    outline.rows.append(_limits_of_weeks_and_days)


def _limits_of_weeks_and_days(model: DatedModel) -> None:
    facts = model.facts
    for body, numbers in enumerate(facts.bodies):
        for pairs in model.weeks_of(numbers).values():
            model.at_most(pairs, int(facts.weekly_most[body]))
        for pairs in model.days_of(numbers).values():
            model.at_most(pairs, facts.rules.limits.day_minutes)


def never_beyond_requirement(facts: RosterFacts, outline: Outline) -> None:
    """Nobody is booked beyond what remains of the requirement after credit."""
    np.minimum(outline.stay, facts.remaining[:, None], out=outline.stay)
    outline.rows.append(_no_more_than_remains)


def _no_more_than_remains(model: DatedModel) -> None:
    for number, sessions in enumerate(model.of_requirement):
        model.at_most([(number, session) for session in sessions], int(model.facts.remaining[number]))


def induction_first(facts: RosterFacts, outline: Outline) -> None:
    """Until induction is done the first appointment is at an induction project, and others do not go there."""
    outline.stay[np.ix_(facts.inducted, facts.induction[facts.sessions.project])] = 0
    outline.rows.append(_induction_before_anything)


def _induction_before_anything(model: DatedModel) -> None:
    facts = model.facts
    when = list(zip(facts.sessions.day.tolist(), facts.sessions.start.tolist(), strict=True))
    for number in np.flatnonzero(~facts.inducted).tolist():
        mine = model.of_requirement[number]
        inductions = [session for session in mine if facts.induction[facts.sessions.project[session]]]
        model.model.add_at_most_one(model.booked[number, session] for session in inductions)
        for session in mine:
            if session not in inductions:
                before = [model.booked[number, each] for each in inductions if when[each] < when[session]]
                model.model.add_bool_or([model.booked[number, session].negated(), *before])


def suitable_project(facts: RosterFacts, outline: Outline) -> None:
    """No one goes where a restriction, an exclusion or a need forbids."""
    _forbid(facts, outline, _is_suitable)


def _is_suitable(person: Person, project: Project) -> bool:
    if project.project_code in person.excluded_project_codes:
        return False
    return not set(project.tags) & set(person.restrictions) and set(person.needs) <= set(project.features)


def group_preference(facts: RosterFacts, outline: Outline) -> None:
    """Needs for female-only groups and individual placements are met, and men join no female-only project."""
    _forbid(facts, outline, _is_preferred)


def _is_preferred(person: Person, project: Project) -> bool:
    if project.female_only and person.sex is not Sex.FEMALE:
        return False
    if project.project_type is not ProjectType.GROUP:
        return True
    if person.placement_preference is PlacementPreference.FEMALE_ONLY_GROUP:
        return project.female_only
    return person.placement_preference is PlacementPreference.MIXED_GROUP


def _forbid(facts: RosterFacts, outline: Outline, may: Callable[[Person, Project], bool]) -> None:
    """Nobody goes to a project where they may not."""
    allowed: Bools = np.array(
        [[may(person, project) for project in facts.problem.projects] for person in facts.problem.people]
    )
    outline.stay[~allowed[:, facts.sessions.project]] = 0


def supervisor_sex(_: RosterFacts, outline: Outline) -> None:
    """A person who must have no male, or no female, supervisor has none, nor an excluded supervisor."""
    outline.rows.append(_acceptable_supervisors)


def _acceptable_supervisors(model: DatedModel) -> None:
    for (number, session), booked in model.booked.items():
        refused = [
            under
            for supervisor, under in model.supervisor[session].items()
            if not model.facts.acceptable[number, supervisor]
        ]
        if refused:
            model.model.add_at_most_one([booked, *refused])


def keep_apart(_: RosterFacts, outline: Outline) -> None:
    """People to be kept apart never share a session."""
    outline.rows.append(_apart_in_sessions)


def _apart_in_sessions(model: DatedModel) -> None:
    facts = model.facts
    if not any(facts.apart):
        return
    for session, numbers in model.in_session.items():
        for place, one in enumerate(numbers):
            for other in numbers[:place]:
                if int(facts.body[other]) in facts.apart[int(facts.body[one])]:
                    pair = [model.booked[one, session], model.booked[other, session]]
                    model.model.add_at_most_one(pair)


def risk_in_group(_: RosterFacts, outline: Outline) -> None:
    """A session has at most its limit of people with risk issues in a supervised group."""
    outline.rows.append(_risk_limits)


def _risk_limits(model: DatedModel) -> None:
    for session in model.run:
        limit = model.facts.problem.projects[int(model.facts.sessions.project[session])].risk_limit
        _count(model, session, np.flatnonzero(model.facts.risky).tolist(), limit)


def _count(model: DatedModel, session: int, numbers: Iterable[int], limit: int | None) -> None:
    """At most `limit` of these requirements are in the session."""
    variables: list[cp_model.IntVar] = [
        model.booked[number, session] for number in numbers if (number, session) in model.booked
    ]
    if limit is not None and len(variables) > limit:
        model.model.add(model.sum(variables) <= limit)


def travel_limit(facts: RosterFacts, outline: Outline) -> None:
    """Nobody travels longer than their limit each way."""
    most = np.array(
        [defaults.max_travel_minutes(person, facts.rules) for person in facts.problem.people], dtype=np.int64
    )
    too_far = facts.travel > most[:, None]
    outline.stay[too_far[:, facts.sessions.project]] = 0


def supervised(facts: RosterFacts, outline: Outline) -> None:
    """Every running session that needs one has one supervisor with the required skills, within their hours."""
    outline.able &= facts.able
    outline.rows.append(_one_supervisor_each)


def _one_supervisor_each(model: DatedModel) -> None:
    facts = model.facts
    weeks: dict[tuple[int, int], list[int]] = {}
    for session, running in model.run.items():
        under = model.supervisor[session]
        if facts.supervised[facts.sessions.project[session]]:
            model.model.add(model.sum(list(under.values())) == running)
        for number in under:
            weeks.setdefault((number, int(facts.sessions.week[session])), []).append(session)
    for (number, _), sessions in weeks.items():
        most, lengths = int(facts.supervisor_minutes[number]), facts.sessions.minutes[sessions].tolist()
        if sum(lengths) > most:
            variables = [model.supervisor[session][number] for session in sessions]
            model.model.add(model.weighted(variables, lengths) <= most)


def session_size(_: RosterFacts, outline: Outline) -> None:
    """At most 5 in 100 sessions overflow their places, and a running group expects its least number of people."""
    outline.rows.append(size_rows)


def pick_up(_: RosterFacts, outline: Outline) -> None:
    """People to be collected fit the vehicle's seats on that session's run."""
    outline.rows.append(_vehicle_seats)


def _vehicle_seats(model: DatedModel) -> None:
    for session in model.run:
        _count(model, session, np.flatnonzero(model.facts.collected).tolist(), model.facts.seats(session))


def pinned(_: RosterFacts, outline: Outline) -> None:
    """Already-told appointments stand unless a hard rule no longer allows them."""
    outline.rows.append(_what_stands)


def _what_stands(model: DatedModel) -> None:
    """A roster drops as few as it can of those that the input still allows, a repair none of the days gone by."""
    question = model.facts.question
    stands = standing(model.facts)
    if question.kind is RosterKind.REPAIR:
        people = model.facts.problem.people
        stands = frozenset(
            (number, entry)
            for number, entry in stands
            if question.disruption.is_past(people[number].appointments[entry].date)
        )
    dropped = [model.drops[what] for what in sorted(stands)]
    model.model.add(model.sum(dropped) <= model.outline.may_drop)
    there: dict[int, list[Told]] = {}
    for told in model.kept:
        there.setdefault(told.session, []).append(told)
    for those in there.values():
        for told in those:
            if told.what in stands:
                _not_for_strangers(model, told, those)


def _not_for_strangers(model: DatedModel, told: Told, those: list[Told]) -> None:
    """A session does not run without somebody who was told of it, for the sake of people who were not.

    What may keep them out is others who were told of it (`those`), or a supervisor they may not have or who leaves them
    no place.
    """
    facts, session = model.facts, told.session
    limit = facts.problem.projects[int(facts.sessions.project[session])].risk_limit
    if (facts.risky[told.number] and limit == 0) or (
        facts.collected[told.number] and facts.seats(session) == 0
    ):
        return
    mates = [model.kept[other] for other in those if other != told]
    chance = [facts.chances[told.number]]
    unfit = [
        under
        for number, under in model.supervisor[session].items()
        if not facts.acceptable[told.number, number]
        or not fits(chance, facts.places_under(session, number), facts.overflow)
    ]
    model.model.add_bool_or([model.drops[told.what].negated(), model.run[session].negated(), *mates, *unfit])


def nobody_left_out(_: RosterFacts, outline: Outline) -> None:
    """Nobody with hours left is without an appointment whom a running session could still take."""
    outline.rows.append(left_out_rows)


CONSTRAINTS: Mapping[str, Constraint] = MappingProxyType(
    {
        "available": available,
        "project_open": project_open,
        "one_place_at_a_time": one_place_at_a_time,
        "weekly_limit": weekly_limit,
        "never_beyond_requirement": never_beyond_requirement,
        "induction_first": induction_first,
        "suitable_project": suitable_project,
        "group_preference": group_preference,
        "supervisor_sex": supervisor_sex,
        "keep_apart": keep_apart,
        "risk_in_group": risk_in_group,
        "travel_limit": travel_limit,
        "supervised": supervised,
        "session_size": session_size,
        "pick_up": pick_up,
        "pinned": pinned,
        "nobody_left_out": nobody_left_out,
    }
)
"""The constraint of each hard rule, by the rule's id, in the register's order."""


def outline_of(facts: RosterFacts, *, may_drop: int = 0) -> Outline:
    """What every rule of the register writes for these facts. may_drop: told appointments that need not be kept."""
    people = len(facts.problem.people)
    needed = facts.supervised[facts.sessions.project]
    outline = Outline(
        stay=np.repeat(facts.sessions.minutes[None, :], people, axis=0),
        able=np.repeat(needed[:, None], len(facts.problem.supervisors), axis=1),
        may_drop=may_drop,
    )
    for constrain in CONSTRAINTS.values():
        constrain(facts, outline)
    return outline
