"""What would fix it? Changes to the input that a manager could make, each really solved again.

Every lever only allows more: one supervisor more on a weekday, more places, another open day, a half-day more of one
person, a longer journey. The roster in hand is therefore still a roster with the lever, and whatever is found is a
gain that is really there; more search may find more. What the same search finds without any lever is taken off. The
search is given: `filled_further` keeps everybody who is booked where they are and has no chance in it; making whole
rosters anew finds more, but two such searches may differ by more than a lever saves.

Candidates are first sized up without solving: the minutes that people who are expected to lose some could work in the
slots that the lever opens to them, each by themselves. The largest of every kind are solved.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.policy.policy import Policy
from models.record import CAMEL, as_json
from models.unpaid_work import defaults
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.roster import Roster, RosterObjective
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import WEEK, HalfDay, ProjectType, Weekday, half_days_touched
from solver.explain.refilling import refilled
from solver.explain.sayings import hours
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.placing.newcomer import Newcomer

Solve = Callable[[UnpaidWorkProblem, Roster], RosterObjective]
"""What the best verified roster found for a changed problem comes to, begun from the roster in hand."""

NEW_SUPERVISOR = "ANOTHER"
"""The code of the supervisor whom a lever adds."""


class LeverKind(enum.StrEnum):
    """What is changed."""

    SUPERVISOR = "SUPERVISOR"
    PLACES = "PLACES"
    OPEN_DAY = "OPEN_DAY"
    HALF_DAY = "HALF_DAY"
    TRAVEL = "TRAVEL"


@dataclass(frozen=True, slots=True)
class LeverSizes:
    """How far levers go. places: more places at a project. travel: more minutes each way for a person."""

    places: int = 2
    travel: int = 30


@dataclass(frozen=True)
class Lever:
    """One change of the input. worth: the minutes it could save at most by the sizing up; problem: with the change."""

    kind: LeverKind
    name: str
    worth: int
    problem: UnpaidWorkProblem


@dataclass(frozen=True, slots=True)
class LeverResult:
    """What a lever was found to do. All but total_saved in the items' own units; total_saved in tenths of a minute.

    sentence: for people. Nothing was found where total_saved is 0.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    kind: LeverKind
    name: str
    sentence: str
    minutes_saved: int
    people_placed: int
    total_saved: int
    objective: RosterObjective


@dataclass(frozen=True, slots=True)
class LeverReport:
    """The levers that were solved, the best first. before: without any, after the same time of search.

    candidates: how many were sized up; solved: how many of them were solved.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    before: RosterObjective
    levers: tuple[LeverResult, ...]
    candidates: int
    solved: int
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """The report with camelCase names."""
        return as_json(self)


def what_would_fix_it(
    problem: UnpaidWorkProblem,
    policy: Policy,
    roster: Roster,
    solve: Solve,
    *,
    most: int = 6,
    sizes: LeverSizes | None = None,
    crn: str | None = None,
) -> LeverReport:
    """The `most` largest levers, solved and ranked by what they save.

    solve: called once without a lever and once for each, each time from the roster in hand. crn: only what would help
    this person is solved.
    """
    before = min(roster.objective, solve(problem, roster), key=lambda each: each.total)
    found = candidate_levers(problem, policy, roster, sizes or LeverSizes(), crn)
    tried = _varied(found, most)
    results = sorted(
        (_result(lever, before, solve(lever.problem, roster)) for lever in tried),
        key=lambda each: (-each.total_saved, -each.minutes_saved, each.name),
    )
    sentence = (
        f"{len(tried)} of {len(found)} possible changes were solved again, each in the same way as the roster without "
        f"one; what they save is found, not proven to be the most"
    )
    return LeverReport(before, tuple(results), len(found), len(tried), sentence)


def filled_further(policy: Policy) -> Solve:
    """The quick search: more people into the roster in hand, everybody who is booked staying where they are."""
    return lambda problem, roster: refilled(problem, policy, roster).objective


def _varied(found: Sequence[Lever], most: int) -> list[Lever]:
    """The largest levers, every kind in turn: many of one kind often do the same."""
    turns: dict[LeverKind, int] = {}
    ranked = []
    for place, lever in enumerate(found):
        turn = turns[lever.kind] = turns.get(lever.kind, 0) + 1
        ranked.append((turn, place))
    return [found[place] for _, place in sorted(ranked)[:most]]


def _result(lever: Lever, before: RosterObjective, after: RosterObjective) -> LeverResult:
    if after.total >= before.total:
        after = before  # the roster without the lever is one with it, too
    saved = before.lost_minutes - after.lost_minutes
    placed = before.unplaced_people - after.unplaced_people
    parts = []
    if saved > 0:
        parts.append(f"{hours(saved)} saved from expiry")
    if placed > 0:
        parts.append(f"{placed} more {'person' if placed == 1 else 'people'} placed")
    short = before.short_of_offer_minutes - after.short_of_offer_minutes
    if short > 0:
        parts.append(f"{hours(short)} more offered")
    if not parts:
        parts = ["nothing found"] if after is before else ["less travel, supervision or change"]
    return LeverResult(
        lever.kind,
        lever.name,
        f"{lever.name}: {', '.join(parts)}",
        saved,
        placed,
        before.total - after.total,
        after,
    )


def candidate_levers(
    problem: UnpaidWorkProblem,
    policy: Policy,
    roster: Roster,
    sizes: LeverSizes,
    crn: str | None = None,
) -> list[Lever]:
    """Every change that could help somebody, the largest first."""
    at_risk = _at_risk(problem, policy, roster, crn)
    found = [
        *_supervisors(problem, at_risk),
        *_more_places(problem, policy, at_risk, sizes.places),
        *_open_days(problem, at_risk),
        *_half_days(problem, at_risk),
        *_journeys(problem, at_risk, sizes.travel),
    ]
    return sorted(
        (lever for lever in found if lever.worth > 0), key=lambda each: (-each.worth, each.kind, each.name)
    )


@dataclass(frozen=True)
class _AtRisk:
    """Somebody expected to lose minutes, and how many."""

    newcomer: Newcomer
    lost: int

    @property
    def person(self) -> Person:
        return self.newcomer.person

    def gain(self, project: Project, weekday: Weekday, start: int, end: int, weeks: int) -> int:
        """The minutes that a slot could save them, by themselves; 0 where a rule forbids it to them."""
        if next(self.newcomer.never(project, weekday, start), None) is not None:
            return 0
        stay = min(self.newcomer.stay(weekday, start, end), self.newcomer.weekly_most)
        more = self.newcomer.chance * stay * (weeks + self.newcomer.full_weeks)
        return min(self.lost, int(more))


def _at_risk(
    problem: UnpaidWorkProblem, policy: Policy, roster: Roster, crn: str | None
) -> tuple[_AtRisk, ...]:
    facts = RosterFacts(problem, policy)
    lost = {(each.crn, each.delius_event_number): each.minutes_expected_short for each in roster.forecast}
    return tuple(
        _AtRisk(Newcomer.of(facts, person), lost[person.key])
        for person in problem.people
        if lost.get(person.key, 0) > 0 and (crn is None or person.crn == crn)
    )


def _slots_on(project: Project, weekday: Weekday) -> Iterator[OpenSlot]:
    return (slot for slot in project.availability if slot.day_of_week is weekday)


def _best(
    each: _AtRisk, slots: Sequence[tuple[Project, OpenSlot]], weeks: int, weekday: Weekday | None = None
) -> int:
    """The most that any of these slots could save somebody."""
    gains = (
        each.gain(project, weekday or slot.day_of_week, slot.start_time, slot.end_time, weeks)
        for project, slot in slots
    )
    return max(gains, default=0)


def _supervisors(problem: UnpaidWorkProblem, at_risk: Sequence[_AtRisk]) -> Iterator[Lever]:
    """One supervisor more on one weekday, with what one kind of project there requires."""
    needing = [project for project in problem.projects if project.supervisor_needed]
    for weekday in WEEK:
        skill_sets = {
            frozenset(project.required_skills) for project in needing if any(_slots_on(project, weekday))
        }
        for skills in sorted(skill_sets, key=sorted):
            slots = [
                (project, slot)
                for project in needing
                if set(project.required_skills) <= skills
                for slot in _slots_on(project, weekday)
            ]
            worth = sum(_best(each, slots, problem.weeks) for each in at_risk)
            half_days = tuple(each for each in HalfDay if each.startswith(f"{weekday}_"))
            another = Supervisor(NEW_SUPERVISOR, half_days, skills=tuple(sorted(skills)))
            named = " and ".join(skill.replace("_", " ").lower() for skill in sorted(skills))
            yield Lever(
                LeverKind.SUPERVISOR,
                f"a {weekday.title()} supervisor" + (f" with {named}" if named else ""),
                worth,
                dataclasses.replace(problem, supervisors=(*problem.supervisors, another)),
            )


def _with_project(problem: UnpaidWorkProblem, number: int, project: Project) -> UnpaidWorkProblem:
    projects = (*problem.projects[:number], project, *problem.projects[number + 1 :])
    return dataclasses.replace(problem, projects=projects)


def _more_places(
    problem: UnpaidWorkProblem, policy: Policy, at_risk: Sequence[_AtRisk], more: int
) -> Iterator[Lever]:
    """More places at a project, where a supervisor could look after them."""
    rules = policy.unpaid_work
    for number, project in enumerate(problem.projects):
        able = [
            defaults.max_group(each, rules)
            for each in problem.supervisors
            if set(project.required_skills) <= set(each.skills)
        ]
        if project.supervisor_needed and max(able, default=0) <= project.places:
            continue
        slots = [(project, slot) for slot in project.availability]
        gains = sorted((_best(each, slots, problem.weeks) for each in at_risk), reverse=True)
        # A few places serve a few people on each day of the week on which the project is open.
        worth = sum(gains[: more * max(1, len(slots))])
        places = "place" if more == 1 else "places"
        yield Lever(
            LeverKind.PLACES,
            f"{more} {places} more at {project.project_code}",
            worth,
            _with_project(problem, number, dataclasses.replace(project, places=project.places + more)),
        )


def _open_days(problem: UnpaidWorkProblem, at_risk: Sequence[_AtRisk]) -> Iterator[Lever]:
    """A weekday more of a project, with the hours of its first slot."""
    for number, project in enumerate(problem.projects):
        if project.project_type is ProjectType.ETE or not project.availability:
            continue
        first = project.availability[0]
        for weekday in WEEK:
            if any(_slots_on(project, weekday)) or not _anybody(problem, project, weekday, first):
                continue
            gains = sorted(_best(each, [(project, first)], problem.weeks, weekday) for each in at_risk)
            slot = dataclasses.replace(
                first, day_of_week=weekday, start_date_inclusive=problem.first, end_date_exclusive=None
            )
            opened = dataclasses.replace(project, availability=(*project.availability, slot))
            yield Lever(
                LeverKind.OPEN_DAY,
                f"{project.project_code} open on {weekday.title()}s too",
                sum(gains[-max(1, project.places) :]),
                _with_project(problem, number, opened),
            )


def _anybody(problem: UnpaidWorkProblem, project: Project, weekday: Weekday, slot: OpenSlot) -> bool:
    """Whether a supervisor could be there then."""
    if not project.supervisor_needed:
        return True
    touched = set(half_days_touched(weekday, slot.start_time, slot.end_time))
    return any(
        touched <= set(each.availability) and set(project.required_skills) <= set(each.skills)
        for each in problem.supervisors
    )


def _with_person(problem: UnpaidWorkProblem, person: Person, **fields: Any) -> UnpaidWorkProblem:
    people = tuple(
        dataclasses.replace(each, **fields) if each.crn == person.crn else each for each in problem.people
    )
    return dataclasses.replace(problem, people=people)


def _gain_with(problem: UnpaidWorkProblem, each: _AtRisk, **fields: Any) -> int:
    """The most that any slot could save somebody whose record is changed, if none could before."""
    slots = [(project, slot) for project in problem.projects for slot in project.availability]
    changed = _AtRisk(Newcomer.of(each.newcomer.facts, dataclasses.replace(each.person, **fields)), each.lost)
    gains = (
        changed.gain(project, slot.day_of_week, slot.start_time, slot.end_time, problem.weeks)
        - each.gain(project, slot.day_of_week, slot.start_time, slot.end_time, problem.weeks)
        for project, slot in slots
    )
    return max(gains, default=0)


def _half_days(problem: UnpaidWorkProblem, at_risk: Sequence[_AtRisk]) -> Iterator[Lever]:
    """One half-day more of one person."""
    for each in at_risk:
        for half_day in HalfDay:
            if half_day in each.person.availability:
                continue
            available = (*each.person.availability, half_day)
            worth = _gain_with(problem, each, availability=available)
            if worth > 0:
                name = f"{each.person.crn} available on {half_day.replace('_', ' ').lower()}s too"
                yield Lever(
                    LeverKind.HALF_DAY, name, worth, _with_half_day(problem, each.person.crn, half_day)
                )


def _with_half_day(problem: UnpaidWorkProblem, crn: str, half_day: HalfDay) -> UnpaidWorkProblem:
    people = tuple(
        dataclasses.replace(each, availability=(*each.availability, half_day))
        if each.crn == crn and half_day not in each.availability
        else each
        for each in problem.people
    )
    return dataclasses.replace(problem, people=people)


def _journeys(problem: UnpaidWorkProblem, at_risk: Sequence[_AtRisk], more: int) -> Iterator[Lever]:
    """A longer journey of one person."""
    for each in at_risk:
        most = defaults.max_travel_minutes(each.person, each.newcomer.facts.rules) + more
        worth = _gain_with(problem, each, max_travel_minutes=most)
        if worth > 0:
            yield Lever(
                LeverKind.TRAVEL,
                f"{each.person.crn} travelling up to {most} minutes each way",
                worth,
                _with_person(problem, each.person, max_travel_minutes=most),
            )
