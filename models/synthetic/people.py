"""Invented officers as people: grade, hours, reductions, skills and standing; not yet their teams or their work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from models.allocation.terms import Grade, Sex
from models.synthetic.draws import Generator, about, quota, some
from models.synthetic.parameters import AllocationParameters, Duty

CARRYING = (Grade.PO, Grade.PSO, Grade.PQIP)
"""The grades that carry cases; seniors hold nothing."""


NEWLY_QUALIFIED = "newly qualified"
"""The name of the duty that says so."""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented officer. reduction: the part of the hours that is not available for cases."""

    grade: Grade
    stage: int | None
    hours: float
    reduction: float
    newly_qualified: bool
    skills: tuple[str, ...]
    sex: Sex | None
    active: bool = True
    authorised_from: dt.date | None = None
    authorised_until: dt.date | None = None
    last_day: dt.date | None = None


def draw_people(rng: Generator, parameters: AllocationParameters, count: int, as_of: dt.date) -> list[Person]:
    """`count` people in random order, at least one of them a full-time PO to whom anything may go."""
    posts, vacancies = parameters.posts, parameters.vacancies
    filled = [
        posts.PO * (1 - vacancies.PO),
        posts.PSO * (1 - vacancies.PSO),
        posts.PQIP * (1 - vacancies.PQIP),
    ]
    grades = [CARRYING[number] for number in quota(rng, filled, count)]
    if Grade.PO not in grades:
        grades[0] = Grade.PO
    ordinary = grades.index(Grade.PO)
    hours = quota(rng, parameters.hours.shares, count)
    stages = iter(quota(rng, posts.stages, count))
    duties = _draw_duties(rng, parameters, grades)
    duties[ordinary] = None
    skills = _draw_skills(rng, parameters, grades)
    female, unknown = some(rng, posts.female, count), some(rng, posts.sex_unknown, count)
    standing = _draw_standing(rng, parameters, count, as_of)
    people = []
    for number, grade in enumerate(grades):
        duty = duties[number]
        stage = int(next(stages)) + 1 if grade is Grade.PQIP else None
        newly = duty is not None and duty.name == NEWLY_QUALIFIED
        active, authorised_until, last_day = standing[number]
        if number == ordinary or (last_day is not None and grade is Grade.PQIP):
            active, authorised_until, last_day = ORDINARY
        sex = Sex.FEMALE if female[number] else Sex.MALE
        people.append(
            Person(
                grade=grade,
                stage=stage,
                hours=37.0 if number == ordinary else parameters.hours.hours[int(hours[number])],
                reduction=_reduction(parameters, stage, duty),
                newly_qualified=newly,
                skills=skills[number],
                sex=None if unknown[number] and number != ordinary else sex,
                active=active,
                authorised_from=as_of - dt.timedelta(days=_draw_tenure(rng, stage, newly=newly)),
                authorised_until=authorised_until,
                last_day=last_day,
            )
        )
    return people


def _reduction(parameters: AllocationParameters, stage: int | None, duty: Duty | None) -> float:
    if stage is not None:
        return parameters.trainees.reductions[stage - 1]
    return 0.0 if duty is None else duty.reduction


def _draw_duties(rng: Generator, parameters: AllocationParameters, grades: list[Grade]) -> list[Duty | None]:
    """At most one duty each: every duty takes its share of those who may have it and have none yet."""
    drawn: list[Duty | None] = [None] * len(grades)
    for duty in parameters.duties:
        able = [n for n, grade in enumerate(grades) if grade in duty.grades and drawn[n] is None]
        wanted = about(rng, duty.share * sum(grade in duty.grades for grade in grades))
        for place in rng.permutation(len(able))[:wanted]:
            drawn[able[int(place)]] = duty
    return drawn


def _draw_skills(
    rng: Generator, parameters: AllocationParameters, grades: list[Grade]
) -> list[tuple[str, ...]]:
    drawn: list[list[str]] = [[] for _ in grades]
    for skill in parameters.skills:
        for grade in CARRYING:
            holders = [number for number, each in enumerate(grades) if each is grade]
            has = some(rng, skill.had.get(grade, 0.0), len(holders))
            for place, number in enumerate(holders):
                if has[place]:
                    drawn[number].append(skill.name)
    return [tuple(names) for names in drawn]


def _draw_tenure(rng: Generator, stage: int | None, *, newly: bool) -> int:
    """Days since the officer was authorised: six months a stage of training, nine months newly qualified."""
    if stage is not None:
        return int(rng.integers(182 * (stage - 1) + 30, 182 * stage + 30))
    return int(rng.integers(30, 270)) if newly else int(rng.integers(270, 4000))


Standing = tuple[bool, dt.date | None, dt.date | None]
"""active, authorised_until, last_day."""
ORDINARY: Standing = (True, None, None)
"""How most officers stand."""


def _draw_standing(
    rng: Generator, parameters: AllocationParameters, count: int, as_of: dt.date
) -> list[Standing]:
    """Agency staff with a last day, lapsed authorisations, leavers still in the extract; the rest ordinary."""
    table = parameters.standing
    shares = [
        table.agency * table.agency_soon,
        table.agency * (1 - table.agency_soon),
        table.lapsed,
        table.left,
        1 - table.agency - table.lapsed - table.left,
    ]
    drawn: list[Standing] = []
    for kind in quota(rng, shares, count).tolist():
        soon, later = int(rng.integers(2, 28)), int(rng.integers(28, 150))
        back, renewal = int(rng.integers(1, 21)), int(rng.integers(60, 700))
        renewed = as_of + dt.timedelta(days=renewal) if rng.random() < table.renewal_known else None
        kinds: tuple[Standing, ...] = (
            (True, None, as_of + dt.timedelta(days=soon)),
            (True, None, as_of + dt.timedelta(days=later)),
            (True, as_of - dt.timedelta(days=back), None),
            (False, None, as_of - dt.timedelta(days=back)),
            (True, renewed, None),
        )
        drawn.append(kinds[kind])
    return drawn
