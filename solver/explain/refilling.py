"""A roster in hand filled further, everybody who is booked staying where they are: quick, exact, and free of chance.

Two searches of the same length that start a little differently end with rosters that differ by more than one lever
saves. So a lever is first judged by what it adds to the roster in hand: whoever is expected to lose minutes gets the
slot that gains most, one person after the other, and slots that nobody could open alone are opened for as many as
they gain for. The same is done without the lever. What is found is checked by the checker like every roster.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.policy.policy import Policy
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterObjective, Session
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.place import Placer, PlannedLines, SlotOption, with_option
from solver.unpaid_work.placing.candidates import Candidate
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.team import LoadedTeam, team_of
from solver.unpaid_work.reckoning import priced
from solver.verify.unpaid_work import broken_by, recompute_roster

ITEMS = tuple(field.name for field in dataclasses.fields(RosterObjective))


@dataclass(frozen=True)
class Refilled:
    """The lines of the roster after, and what they cost."""

    lines: PlannedLines
    objective: RosterObjective


def refilled(problem: UnpaidWorkProblem, policy: Policy, roster: Roster) -> Refilled:
    """The roster with more people in it, or itself where nothing gains or the checker refuses what was found."""
    given = PlannedLines(roster.placements, roster.sessions, roster.appointments)
    same = Refilled(given, recompute_roster(problem, given, policy))
    facts = RosterFacts(problem, policy, roster.question)
    lost = {(each.crn, each.delius_event_number): each.minutes_expected_short for each in roster.forecast}
    people = [person for person in problem.people if lost.get(person.key, 0) > 0]
    people.sort(key=lambda person: -lost[person.key])
    lines = _one_by_one(facts, given, people)
    lines = _together(facts, lines, people)
    lines = _one_by_one(facts, lines, people)
    if lines == given or broken_by(problem, lines, policy, roster.question):
        return same
    objective = recompute_roster(problem, lines, policy)
    return Refilled(lines, objective) if objective.total < same.objective.total else same


def _loaded(facts: RosterFacts, lines: PlannedLines) -> LoadedTeam:
    """The team while it is being filled: who is left out is looked at when all is done."""
    return dataclasses.replace(team_of(facts, lines), sound=False)


def _one_by_one(facts: RosterFacts, lines: PlannedLines, people: Iterable[Person]) -> PlannedLines:
    """Everybody, as long as a slot gains, into the one that gains most."""
    placer = Placer.of_team(_loaded(facts, lines))
    for person in people:
        for _ in range(facts.rules.limits.slots_a_week):
            best = _best(placer, person)
            if best is None:
                break
            lines = with_option(lines, best)
            placer = Placer.of_team(_loaded(facts, lines))
    return lines


def _best(placer: Placer, person: Person) -> SlotOption | None:
    options = placer.place(person).options
    price = options[0].price if options else None
    return options[0] if price is not None and price.total < 0 else None


def _together(facts: RosterFacts, lines: PlannedLines, people: Sequence[Person]) -> PlannedLines:
    """Slots that need several people to run, each opened for as many as it gains for."""
    candidates = [
        each
        for each in Placer.of_team(_loaded(facts, lines)).candidates
        if facts.least_people[each.project] > 0
    ]
    for candidate in candidates:
        team = _loaded(facts, lines)
        able = [each for each in people if _may(facts, each, candidate)]
        days = [day for day in candidate.days if able and _opened(team, candidate, [day])]
        while days:
            filled, gain = _filled(facts, lines, team, candidate, days, able)
            few = _too_few(facts, filled, candidate, days)
            if not few:
                lines = filled if gain < 0 else lines
                break
            days = [day for day in days if day not in few]
    return lines


def _may(facts: RosterFacts, person: Person, of: Candidate) -> bool:
    """Whether no rule of the person's own forbids the slot."""
    project = facts.problem.projects[of.project]
    return next(Newcomer.of(facts, person).never(project, of.weekday, of.start), None) is None


def _opened(team: LoadedTeam, of: Candidate, days: Sequence[int]) -> list[Session]:
    """Sessions without anybody yet, on days when nothing is in the way and a supervisor is free."""
    found = []
    staff = team.facts.problem.supervisors
    needed = bool(team.facts.supervised[of.project])
    for day in days:
        there = team.of_day.get((of.project, day), ())
        if any(each.start < of.end and of.start < each.end for each in there):
            continue
        free = [number for number in range(len(staff)) if team.free(number, of.duty(day))] if needed else []
        if needed and not free:
            continue
        code = staff[max(free, key=lambda number: team.facts.max_group[number])].staff_code if free else None
        session = (team.code(of.project), team.date(day), of.start, of.end, code)
        found.append(Session(*session, 0, 0, 0.0, 0.0))
    return found


def _filled(
    facts: RosterFacts,
    lines: PlannedLines,
    team: LoadedTeam,
    of: Candidate,
    days: Sequence[int],
    people: Sequence[Person],
) -> tuple[PlannedLines, int]:
    """The roster with the slot opened on these days for whoever gains by it, and the change of its total."""
    opened = _opened(team, of, days)
    base = dataclasses.replace(lines, sessions=(*lines.sessions, *opened))
    minutes = (of.end - of.start) * sum(each.supervisor_code is not None for each in opened)
    nothing = RosterObjective(**dict.fromkeys(ITEMS, 0))
    change = priced(dataclasses.replace(nothing, supervised_minutes=minutes), facts.rules.prices).total
    project, filled = team.code(of.project), base
    slots = tuple(
        each for each in Placer.of_team(team).candidates if each.project == of.project or _first(facts, each)
    )
    placer = Placer(_loaded(facts, filled), slots)
    for person in people:
        for option in placer.place(person).options:
            if option.price is None or option.price.total >= 0 or option.opened:
                continue
            slot = option.slot
            if (slot.project_code, slot.day_of_week, slot.start_time) == (project, of.weekday, of.start):
                filled, change = with_option(filled, option), change + option.price.total
                placer = Placer(_loaded(facts, filled), slots)
                break
    return filled, change


def _first(facts: RosterFacts, candidate: Candidate) -> bool:
    """Whether it is an induction, which comes before anything else."""
    return bool(facts.induction[candidate.project])


def _too_few(facts: RosterFacts, lines: PlannedLines, of: Candidate, days: Sequence[int]) -> list[int]:
    """The days on which the slot does not reach the project's least number."""
    running = team_of(facts, lines).running
    least = int(facts.least_people[of.project])
    return [
        day
        for day in days
        if (session := running.get((of.project, day, of.start))) is None or session.expected < least
    ]
