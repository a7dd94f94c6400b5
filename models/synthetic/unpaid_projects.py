"""Invented projects: groups on their days, a women's group, individual placements, inductions."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from models.synthetic.draws import about, pick, quota, some
from models.synthetic.unpaid_parameters import Mark, Times
from models.synthetic.unpaid_team import Team
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.terms import WEEK, Frequency, ProjectType, Weekday

DRIVING, POWER_TOOLS = "DRIVING", "POWER_TOOLS"
"""Skills that some projects demand of their supervisor."""

_WEEKEND = (Weekday.SATURDAY, Weekday.SUNDAY)


def draw_projects(team: Team, count: int, people: int) -> tuple[Project, ...]:
    """`count` projects, P01 on: mixed groups, women's groups, individual placements, inductions."""
    women = max(1, round(count / 10)) if count >= 6 else 0
    inductions = max(1, round(count / 12)) if count >= 3 else 0
    individual = min(round(team.parameters.projects.individual * count), count - women - inductions - 1)
    groups = count - inductions - max(0, individual)
    made = [*_draw_groups(team, groups, women, people)]
    made += [_draw_individual(team) for _ in range(max(0, individual))]
    made += [_draw_induction(team) for _ in range(inductions)]
    marked = _with_marks(team, made)
    code = team.parameters.area.region + "U"
    return tuple(
        dataclasses.replace(
            project,
            project_code=f"P{number:02d}",
            team_code=f"{code}{1 + number % max(1, round(people / 200)):02d}",
            start_date_inclusive=min(slot.start_date_inclusive for slot in project.availability),
        )
        for number, project in enumerate(marked, start=1)
    )


def _draw_groups(team: Team, count: int, women: int, people: int) -> list[Project]:
    """Groups with about as many sessions a week as the people need, spread over the week; the last are for women."""
    table, rng = team.parameters.projects, team.rng
    wanted = people * table.days_a_week / table.people_a_session
    days_each = min(6, max(1, round(wanted / count)))
    days = sorted(quota(rng, table.weekday_weights, days_each * count).tolist())
    places = quota(rng, table.place_shares, count)
    vehicle, tools = some(rng, table.with_vehicle, count), some(rng, table.power_tools, count)
    committed, closing = some(rng, table.committed, count), some(rng, table.closing, count)
    limited = some(rng, table.risk_limit, count)
    made = []
    for number in range(count):
        # Dealt in turn, a day goes to different groups as long as there are no more such days than groups.
        mine = sorted({WEEK[day] for day in days[number::count]}, key=WEEK.index)
        times = table.group_times[pick(rng, range(len(table.group_times)))]
        skills = [DRIVING] * bool(vehicle[number]) + [POWER_TOOLS] * bool(tools[number])
        made.append(
            Project(
                project_code="",
                project_type=ProjectType.GROUP,
                places=table.places[int(places[number])],
                location=team.place(),
                risk_limit=team.whole(1, table.risk_limit_most) if limited[number] else None,
                female_only=number >= count - women,
                required_skills=tuple(skills),
                vehicle_seats=table.vehicle_seats if vehicle[number] else None,
                commitment_sessions_per_week=int(committed[number]),
                end_date_exclusive=team.day(7 * (team.weeks // 2), 7 * team.weeks)
                if closing[number]
                else None,
                availability=tuple(_group_slot(team, day, times) for day in mine),
            )
        )
    return made


def _group_slot(team: Team, day: Weekday, times: Times) -> OpenSlot:
    table = team.parameters.projects
    if day in _WEEKEND:
        fortnightly = team.rng.random() < table.weekend_fortnightly
        return _slot(team, day, times, Frequency.FORTNIGHTLY if fortnightly else Frequency.WEEKLY)
    morning = team.rng.random() < table.morning_only
    return _slot(team, day, table.morning_times if morning else times)


def _slot(team: Team, day: Weekday, times: Times, frequency: Frequency = Frequency.WEEKLY) -> OpenSlot:
    return OpenSlot(
        day_of_week=day,
        start_date_inclusive=team.day(-420, -60),
        start_time=times[0],
        end_time=times[1],
        frequency=frequency,
    )


def _draw_individual(team: Team) -> Project:
    """A shop or a place of worship that takes a few people on most days, under its own staff."""
    table = team.parameters.projects
    return Project(
        project_code="",
        project_type=ProjectType.INDIVIDUAL,
        places=team.whole(1, table.individual_places),
        location=team.place(),
        supervisor_needed=False,
        availability=tuple(_slot(team, day, _individual_times(team)) for day in WEEK[team.whole(0, 2) : 6]),
    )


def _individual_times(team: Team) -> Times:
    """Most of the day, a morning or an afternoon."""
    table, draw = team.parameters.projects, team.rng.random()
    if draw >= table.individual_half:
        return table.individual_times
    return table.morning_times if draw < table.individual_half / 2 else table.afternoon_times


def _draw_induction(team: Team) -> Project:
    """An office that inducts people one day a week, one evening a week, and every other Saturday."""
    table = team.parameters.projects
    day = team.whole(1, 4)
    return Project(
        project_code="",
        project_type=ProjectType.INDUCTION,
        places=table.induction_places,
        location=team.towns[0],
        features=tuple(mark.name for mark in team.parameters.demands.needs),
        availability=(
            _slot(team, WEEK[day], table.induction_times),
            _slot(team, WEEK[day - 1], table.evening_times),
            _slot(team, Weekday.SATURDAY, table.morning_times, Frequency.FORTNIGHTLY),
        ),
    )


def _with_marks(team: Team, projects: Sequence[Project]) -> list[Project]:
    """The projects with what some people avoid, and what some need."""
    tags = _drawn_marks(team, team.parameters.demands.restrictions, len(projects))
    features = _drawn_marks(team, team.parameters.demands.needs, len(projects))
    return [
        project
        if project.project_type is ProjectType.INDUCTION
        else dataclasses.replace(project, tags=tags[number], features=features[number])
        for number, project in enumerate(projects)
    ]


def _drawn_marks(team: Team, marks: Sequence[Mark], count: int) -> list[tuple[str, ...]]:
    drawn: list[list[str]] = [[] for _ in range(count)]
    for mark in marks:
        for number in team.rng.permutation(count)[: about(team.rng, mark.projects * count)].tolist():
            drawn[number].append(mark.name)
    return [tuple(names) for names in drawn]


def dates_of(slot: OpenSlot, project: Project, first: dt.date, end: dt.date) -> list[dt.date]:
    """The dates from `first` to the day before `end` on which the slot is open."""
    days = (first + dt.timedelta(days=number) for number in range((end - first).days))
    return [day for day in days if slot.open_on(day) and project.open_between(day)]
