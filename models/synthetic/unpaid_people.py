"""Invented people with hours to work: their requirement, when they can come, what they need."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from models.allocation.terms import Sex
from models.synthetic.draws import about, pick, quota, some
from models.synthetic.unpaid_parameters import Mark, Pattern
from models.synthetic.unpaid_supervisors import draw_absence
from models.synthetic.unpaid_team import Team
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import DayPart, HalfDay, PlacementPreference, TravelMode, Weekday

_FIRST_CRN, _CRNS = 100_000, 900_000


def draw_people(
    team: Team, count: int, projects: Sequence[Project], supervisors: Sequence[Supervisor]
) -> list[Person]:
    """`count` requirements by CRN and event; a few people have two, and are the same person in both."""
    second = min(about(team.rng, team.parameters.requirements.two_events * count), count // 2)
    bodies = _with_demands(team, _draw_bodies(team, count - second), projects, supervisors)
    requirements = _draw_requirements(team, count)
    made = [
        requirement.on(body) for requirement, body in zip(requirements[: len(bodies)], bodies, strict=True)
    ]
    for place, number in enumerate(team.rng.permutation(len(bodies))[:second].tolist()):
        requirement = dataclasses.replace(requirements[len(bodies) + place], induction_done=True)
        made.append(dataclasses.replace(requirement.on(bodies[number]), event_number=2))
        made[number] = dataclasses.replace(made[number], induction_done=True)
    return sorted(made, key=lambda person: person.key)


@dataclass(frozen=True, slots=True)
class _Requirement:
    """What differs between two events of one person."""

    required: int
    sentence: dt.date
    complete_by: dt.date
    credited: int
    ete: int
    adjustment: int
    induction_done: bool

    def on(self, body: Person) -> Person:
        """The person with this requirement."""
        return dataclasses.replace(
            body,
            required_minutes=self.required,
            sentence_date=self.sentence,
            complete_by=self.complete_by,
            credited_minutes=self.credited,
            credited_ete_minutes=self.ete,
            adjustment_minutes=self.adjustment,
            induction_done=self.induction_done,
        )


def _draw_requirements(team: Team, count: int) -> list[_Requirement]:
    rng, deadlines, progress = team.rng, team.parameters.deadlines, team.parameters.progress
    hours = quota(rng, team.parameters.requirements.shares, count)
    length = quota(rng, deadlines.shares, count)
    standing = [progress.new, deadlines.soon, deadlines.past, progress.finished]
    kinds = quota(rng, [*standing, max(0.0, 1 - sum(standing))], count)
    made = []
    for number in range(count):
        days, kind = deadlines.days[int(length[number])], int(kinds[number])
        required = 60 * team.parameters.requirements.hours[int(hours[number])]
        if kind == 0:
            elapsed = team.whole(1, progress.new_most_days)
        elif kind == 1:
            elapsed = days - team.whole(14, 7 * (team.weeks + 4))
        elif kind == 2:
            elapsed = days + team.whole(1, 21)
        else:
            elapsed = team.whole(progress.least_days, days - 60)
        made.append(_draw_requirement(team, required, days, elapsed, new=kind == 0, finished=kind == 3))
    return made


def _draw_requirement(
    team: Team, required: int, days: int, elapsed: int, *, new: bool, finished: bool
) -> _Requirement:
    """The requirement so many days after the sentence, with four hours or more left unless it is finished."""
    table, progress, rng = team.parameters.requirements, team.parameters.progress, team.rng
    sentence = _court_day(team.start - dt.timedelta(days=elapsed))
    has_ete, adjusted = rng.random() < table.ete and not new, rng.random() < table.adjusted
    pace = min(1.3, max(0.05, float(rng.normal(progress.pace_mean, progress.pace_spread))))
    ete = 60 * team.whole(2, table.ete_most_minutes // 60) if has_ete else 0
    most = required * (100 - team.policy.limits.ete_percent * has_ete) // 100 - 240
    worked = 0 if new else min(most, int(required * pace * elapsed / days))
    adjustment = 0
    if adjusted:
        credit = -15 * team.whole(2, table.travel_credit_most_minutes // 15)
        adjustment = credit if rng.random() < 0.6 else 30 * team.whole(1, 8)
    return _Requirement(
        required=required,
        sentence=sentence,
        complete_by=sentence + dt.timedelta(days=days),
        credited=required + max(0, adjustment) if finished else max(0, worked // 30 * 30),
        ete=ete,
        adjustment=adjustment,
        induction_done=not new,
    )


def _court_day(day: dt.date) -> dt.date:
    """The day, or the Friday before a weekend."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def _draw_bodies(team: Team, count: int) -> list[Person]:
    """People with their availability, attendance and travel, each with a placeholder for a requirement."""
    rng, parameters = team.rng, team.parameters
    crns = _FIRST_CRN + rng.choice(_CRNS, count, replace=False)
    pattern = quota(rng, [each.share for each in parameters.patterns], count)
    observing = [each.share for each in parameters.observances]
    observance = quota(rng, [*observing, max(0.0, 1 - sum(observing))], count)
    attendance, travel = parameters.attendance, parameters.travel
    shape = attendance.mean * attendance.concentration
    chance = rng.beta(shape, attendance.concentration - shape, count).clip(attendance.least, attendance.most)
    unknown, away = some(rng, attendance.unknown, count), some(rng, attendance.away, count)
    modes = list(travel.modes)
    mode = quota(rng, [travel.modes[each] for each in modes], count)
    limit = quota(rng, travel.limit_shares, count)
    known, placeless = some(rng, travel.known, count), some(rng, parameters.area.without_place, count)
    keen = some(rng, parameters.requirements.weekly_most, count)
    bodies = []
    for number in range(count):
        observed = int(observance[number])
        never = parameters.observances[observed].never if observed < len(observing) else ()
        bodies.append(
            Person(
                crn=f"X{int(crns[number]):06d}",
                required_minutes=0,
                sentence_date=team.start,
                complete_by=team.start,
                availability=_availability(team, parameters.patterns[int(pattern[number])], never),
                unavailable=draw_absence(team, attendance.away_most_days) if away[number] else (),
                weekly_minutes_max=parameters.requirements.weekly_most_minutes if keen[number] else None,
                attendance_probability=None if unknown[number] else round(float(chance[number]), 2),
                travel_mode=TravelMode(modes[int(mode[number])]),
                max_travel_minutes=travel.limits[int(limit[number])] or None,
                travel_minutes=team.whole(*travel.known_minutes) if known[number] else None,
                location=None if placeless[number] else team.place(),
            )
        )
    return bodies


def _availability(team: Team, pattern: Pattern, never: Sequence[HalfDay]) -> tuple[HalfDay, ...]:
    """The half-days of a pattern: some weekdays, perhaps evenings and the weekend, without what is never free."""
    rng = team.rng
    weekdays = list(Weekday)[:5]
    days = {weekdays[int(place)] for place in rng.permutation(5)[: pattern.weekdays]}
    found = {f"{day}_{part}" for day in days for part in pattern.parts}
    for day, share in ((Weekday.SATURDAY, pattern.saturday), (Weekday.SUNDAY, pattern.sunday)):
        if rng.random() < share:
            found |= {f"{day}_{part}" for part in (DayPart.MORNING, DayPart.AFTERNOON)}
    if rng.random() < pattern.evenings:
        found |= {f"{day}_{DayPart.EVENING}" for day in weekdays}
    return tuple(half_day for half_day in HalfDay if half_day in found and half_day not in never)


def _with_demands(
    team: Team, bodies: list[Person], projects: Sequence[Project], supervisors: Sequence[Supervisor]
) -> list[Person]:
    rng, table, count = team.rng, team.parameters.demands, len(bodies)
    female, unknown = some(rng, table.female, count), some(rng, table.sex_unknown, count)
    restrictions, needs = (_drawn(team, marks, count) for marks in (table.restrictions, table.needs))
    risky = some(rng, table.risk_in_group, count)
    project, supervisor = (
        some(rng, table.excluded_project, count),
        some(rng, table.excluded_supervisor, count),
    )
    found = []
    for number, body in enumerate(bodies):
        woman = bool(female[number])
        preference = PlacementPreference.MIXED_GROUP
        draw = rng.random()
        if draw < table.individual:
            preference = PlacementPreference.INDIVIDUAL
        elif woman and draw < table.individual + table.female_only and not unknown[number]:
            preference = PlacementPreference.FEMALE_ONLY_GROUP
        sex = Sex.FEMALE if woman else Sex.MALE
        found.append(
            dataclasses.replace(
                body,
                sex=None if unknown[number] else sex,
                placement_preference=preference,
                no_male_supervisor=bool(woman and rng.random() < table.no_male_supervisor),
                no_female_supervisor=bool(not woman and rng.random() < table.no_female_supervisor),
                risk_in_group=bool(risky[number]),
                restrictions=restrictions[number],
                needs=needs[number],
                excluded_project_codes=(
                    (projects[pick(rng, range(len(projects)))].project_code,) if project[number] else ()
                ),
                excluded_supervisor_codes=(
                    (supervisors[pick(rng, range(len(supervisors)))].staff_code,)
                    if supervisor[number] and supervisors
                    else ()
                ),
            )
        )
    return _kept_apart(team, found)


def _drawn(team: Team, marks: Sequence[Mark], count: int) -> list[tuple[str, ...]]:
    masks = [(mark.name, some(team.rng, mark.people, count)) for mark in marks]
    return [tuple(name for name, mask in masks if mask[number]) for number in range(count)]


def _kept_apart(team: Team, bodies: list[Person]) -> list[Person]:
    """Pairs of people who must not meet; one of them names the other, now and then both do."""
    pairs = about(team.rng, team.parameters.demands.keep_apart * len(bodies) / 2)
    order = team.rng.permutation(len(bodies)).tolist()
    for first, second in zip(order[0 : 2 * pairs : 2], order[1 : 2 * pairs : 2], strict=False):
        named, naming = bodies[first], bodies[second]
        bodies[second] = dataclasses.replace(naming, keep_apart_crns=(named.crn,))
        if team.rng.random() < 0.5:
            bodies[first] = dataclasses.replace(named, keep_apart_crns=(naming.crn,))
    return bodies
