"""What a new recurring slot promises after the horizon, and until when it may be promised."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import Frequency
from solver.unpaid_work.placing.cost import next_date, runs_on
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.team import LoadedTeam


def too_many(team: LoadedTeam, newcomer: Newcomer, placement: Placement) -> bool:
    """Whether the requirement would have more placements at a time than the policy allows."""
    most = team.facts.rules.limits.slots_a_week
    mine = (*team.placements.get(newcomer.person.key, ()), placement)
    return any(sum(_runs(each, one.start_date_inclusive) for each in mine) > most for one in mine)


def _runs(placement: Placement, day: dt.date) -> bool:
    last = placement.end_date_inclusive
    return placement.start_date_inclusive <= day and (last is None or day <= last)


def may_run_on(team: LoadedTeam, newcomer: Newcomer, placement: Placement) -> bool:
    """Whether the placement may go on after the horizon: an open project, one place a day, the weekly limit."""
    facts, last = team.facts, newcomer.person.complete_by
    day = next_date(placement, facts.problem.end)
    if day > last:
        return True
    project = facts.problem.projects[facts.problem.project_numbers[placement.project_code]]
    is_open = project.open_between(day) and any(
        each.start_time <= placement.start_time and placement.end_time <= each.end_time and each.open_on(day)
        for each in project.availability
    )
    return is_open and _diary_holds(team, newcomer, placement)


def _diary_holds(team: LoadedTeam, newcomer: Newcomer, placement: Placement) -> bool:
    """One project a day and the limits of day and week in the two full weeks after the horizon."""
    facts = team.facts
    first = facts.problem.end + dt.timedelta(days=(-facts.problem.end.weekday()) % 7)
    days: dict[dt.date, list[Placement]] = {}
    counted, until = facts.problem.end + dt.timedelta(days=7), first + dt.timedelta(days=14)
    for each, last in (*_promised(team, newcomer), (placement, newcomer.person.complete_by)):
        day, step = next_date(each, first), 7 if each.frequency is Frequency.WEEKLY else 14
        while day < until and (day <= last or counted <= last):  # what counts for a week is checked in both
            days.setdefault(day, []).append(each)
            day += dt.timedelta(days=step)
    weeks = Counter[int]()
    for day, those in days.items():
        minutes = sum(each.end_time - each.start_time for each in those)
        weeks[(day - first).days // 7] += minutes
        if len({each.project_code for each in those}) > 1 or _overlap(those):
            return False
        if minutes > facts.rules.limits.day_minutes:
            return False
    return all(minutes <= newcomer.weekly_most for minutes in weeks.values())


def _overlap(those: Iterable[Placement]) -> bool:
    until = 0
    for each in sorted(those, key=lambda one: one.start_time):
        if each.start_time < until:
            return True
        until = each.end_time
    return False


def _promised(team: LoadedTeam, newcomer: Newcomer) -> Iterable[tuple[Placement, dt.date]]:
    """The placements of the same body that run on, each with its last possible day."""
    people, numbers = team.facts.problem.people, team.facts.problem.person_numbers
    for key, those in team.placements.items():
        if key.crn == newcomer.crn:
            last = people[numbers[RequirementKey(*key)]].complete_by
            for each in those:
                if runs_on(each, team.facts) and each.frequency is not Frequency.ONCE:
                    yield each, last
