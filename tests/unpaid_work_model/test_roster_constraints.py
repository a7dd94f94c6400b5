"""The constraint of each hard rule: what it allows, what it forbids, and the nearest edge, on teams worked by hand.

In each team the sum would be less if the rule were broken, so that a constraint that does nothing is noticed: either by
what the roster is expected to be, or because the checker refuses it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import pytest

from models.allocation.terms import Sex
from models.policy.policy import Policy, default_policy
from models.rules import UNPAID_WORK_RULES, Strength
from models.unpaid_work.disruption import Disruption
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.roster import Roster, RosterKind, RosterQuestion
from models.unpaid_work.terms import (
    Absence,
    HalfDay,
    PlacementPreference,
    ProjectType,
    TravelMode,
    Weekday,
)
from solver import engine
from solver.unpaid_work.constraints import CONSTRAINTS, outline_of
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.full_model import FullModel, full_model_roster, solve_full
from tests.support.unpaid import (
    ANN,
    BOB,
    FOUR,
    NINE,
    NOON,
    X,
    Y,
    Z,
    day,
    every_day,
    open_on,
    person,
    problem,
    project,
    supervisor,
    told,
)

LIMITS = engine.Limits(seconds=None, work=5.0, threads=1)
POLICY = default_policy()


def made(
    people: Iterable[Person],
    projects: Iterable[Project] = (),
    *,
    policy: Policy = POLICY,
    question: RosterQuestion | None = None,
    **fields: Any,
) -> Roster:
    """The best roster of one week, which the checker has passed."""
    team = problem(people, projects, **{"weeks": 1, **fields})
    roster = full_model_roster(team, policy, LIMITS, question=question)
    assert roster.status == "OPTIMAL"
    return roster


def booked(roster: Roster) -> list[tuple[str, int, int]]:
    """Who comes on which day of the horizon, for how many minutes, by person and day."""
    found = ((each.crn, (each.date - day(0)).days, each.minutes) for each in roster.appointments)
    return sorted(found)


def alone(code: str = "P01", *slots: Any, **fields: Any) -> Project:
    """An individual placement without a supervisor."""
    kind = {"project_type": ProjectType.INDIVIDUAL, "supervisor_needed": False}
    return project(code, *slots, **{**kind, **fields})


def pressed(crn: str = X, **fields: Any) -> Person:
    """Somebody whose order ends with the week, so that every minute that is not booked is lost."""
    return person(crn, complete_by=day(6), **fields)


def test_every_hard_rule_has_its_constraint_with_its_sentence() -> None:
    hard = {rule.id: rule.sentence for rule in UNPAID_WORK_RULES.values() if rule.strength is Strength.HARD}
    assert {name: each.__doc__ for name, each in CONSTRAINTS.items()} == hard
    assert list(CONSTRAINTS) == list(hard)


# -- over one person and one session


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"availability": (HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)}, [(X, 1, 420)]),
        ({"availability": (HalfDay.TUESDAY_MORNING,)}, [(X, 1, 210)]),  # 12:30 ends the morning
        ({"availability": (HalfDay.TUESDAY_AFTERNOON,)}, []),  # nobody begins late
        ({"sentence_date": day(1)}, [(X, 1, 420)]),
        ({"sentence_date": day(2)}, []),
        ({"complete_by": day(1)}, [(X, 1, 420)]),
        ({"complete_by": day(0)}, []),
        ({"unavailable": (Absence(day(1), day(1)),)}, []),
        ({"unavailable": (Absence(day(2), day(6)),)}, [(X, 1, 420)]),
    ],
)
def test_available(fields: dict[str, Any], expected: list[tuple[str, int, int]]) -> None:
    assert booked(made([person(**fields)])) == expected


@pytest.mark.parametrize(
    ("fields", "of_project", "placed"),
    [
        ({"restrictions": ("CHILDREN",)}, {"tags": ("CHILDREN",)}, False),
        ({"restrictions": ("CHILDREN",)}, {"tags": ("HEAVY",)}, True),
        ({"needs": ("STEP_FREE",)}, {}, False),
        ({"needs": ("STEP_FREE",)}, {"features": ("STEP_FREE", "QUIET")}, True),
        ({"excluded_project_codes": ("P01",)}, {}, False),
        ({"excluded_project_codes": ("P02",)}, {}, True),
    ],
)
def test_suitable_project(fields: dict[str, Any], of_project: dict[str, Any], placed: bool) -> None:
    assert bool(booked(made([person(**fields)], [project(**of_project)]))) is placed


@pytest.mark.parametrize(
    ("fields", "of_project", "placed"),
    [
        ({"sex": Sex.MALE}, {"female_only": True}, False),
        ({}, {"female_only": True}, False),
        ({"sex": Sex.FEMALE}, {"female_only": True}, True),
        ({"placement_preference": PlacementPreference.INDIVIDUAL}, {}, False),
        (
            {"placement_preference": PlacementPreference.INDIVIDUAL},
            {"project_type": ProjectType.INDIVIDUAL},
            True,
        ),
        (
            {"placement_preference": PlacementPreference.INDIVIDUAL, "induction_done": False},
            {"project_type": ProjectType.INDUCTION},
            True,
        ),
        ({"placement_preference": PlacementPreference.FEMALE_ONLY_GROUP, "sex": Sex.FEMALE}, {}, False),
        (
            {"placement_preference": PlacementPreference.FEMALE_ONLY_GROUP, "sex": Sex.FEMALE},
            {"female_only": True},
            True,
        ),
    ],
)
def test_group_preference(fields: dict[str, Any], of_project: dict[str, Any], placed: bool) -> None:
    assert bool(booked(made([person(**fields)], [project(**of_project)]))) is placed


def test_travel_limit() -> None:
    assert booked(made([person(travel_minutes=91)])) == []
    assert booked(made([person(travel_minutes=90)])) == [(X, 1, 420)]
    assert booked(made([person(travel_minutes=91, max_travel_minutes=91)])) == [(X, 1, 420)]


# -- over one person's week


def test_never_beyond_requirement() -> None:
    # With a chance of a half, 160 minutes would lose nothing of the 80 that remain.
    assert booked(made([person(required_minutes=80, attendance_probability=0.5)])) == [(X, 1, 80)]
    whole = made([person(required_minutes=420, attendance_probability=0.5)], weeks=2)
    assert booked(whole) == [(X, 1, 420)]
    truncated = made([person(required_minutes=500, complete_by=day(13))], [alone()], weeks=2)
    assert booked(truncated) == [(X, 1, 420), (X, 8, 80)]


def test_weekly_limit() -> None:
    days = [open_on(Weekday.TUESDAY), open_on(Weekday.THURSDAY)]
    for most, minutes in ((840, [420, 420]), (600, [180, 420]), (420, [420])):
        roster = made([pressed(weekly_minutes_max=most)], [project("P01", *days)])
        assert sorted(each.minutes for each in roster.appointments) == minutes
    # The limit of a body is the least of its events.
    events = [pressed(weekly_minutes_max=840), pressed(event_number=2, weekly_minutes_max=420)]
    roster = made(events, [project("P01", *days)])
    assert sum(each.minutes for each in roster.appointments) == 420


def test_a_day_has_eight_hours() -> None:
    halves = [open_on(start=NINE, end=NINE + 300), open_on(start=NINE + 300, end=NINE + 600)]
    roster = made([pressed()], [project("P01", *halves)])
    assert sum(each.minutes for each in roster.appointments) == 480


def test_one_place_at_a_time_for_people() -> None:
    early, late = open_on(end=NOON), open_on(start=NOON + 60)
    assert len(booked(made([person()], [project("P01", early), project("P02", late)]))) == 1
    assert booked(made([person()], [project("P01", early, late)])) == [(X, 1, 180), (X, 1, 180)]
    # Nor may two events of one body be in a session at once.
    assert len(booked(made([person(), person(event_number=2)]))) == 1


@pytest.mark.parametrize(("between", "sessions"), [(59, 1), (60, 2)])
def test_one_place_at_a_time_for_supervisors(between: int, sessions: int) -> None:
    here, there = project("P01", open_on(end=NOON)), project("P02", open_on(start=NOON + between))
    people = [person(X, excluded_project_codes=("P02",)), person(Y, excluded_project_codes=("P01",))]
    assert len(made(people, [here, there]).sessions) == sessions


def test_induction_first() -> None:
    induction = project("P09", open_on(Weekday.THURSDAY), project_type=ProjectType.INDUCTION)
    new = person(induction_done=False)
    assert booked(made([new])) == []
    assert booked(made([new], [project(), induction])) == [(X, 3, 420)]
    # The Tuesday before it is nobody's, the one after is; and one induction is enough.
    two_weeks = made([new], [project(), induction], weeks=2)
    assert booked(two_weeks) == [(X, 3, 420), (X, 8, 420)]
    assert booked(made([person()], [induction])) == []


# -- over a session


def test_project_open() -> None:
    # At one place at a time: two overlapping slots of a project do not both run, two that touch do.
    people = [person(X), person(Y)]
    overlapping = alone("P01", open_on(), open_on(start=NOON, end=NOON + 420), places=1)
    assert len(booked(made(people, [overlapping]))) == 1
    touching = alone("P01", open_on(end=NOON), open_on(start=NOON, end=FOUR), places=1)
    assert len(booked(made(people, [touching]))) == 2
    assert booked(made([person()], non_working_days=(day(1),))) == []
    assert booked(made([person()], [project(end_date_exclusive=day(1))])) == []
    assert booked(made([person()], [project(end_date_exclusive=day(2))])) == [(X, 1, 420)]


@pytest.mark.parametrize(
    ("fields", "sex", "placed"),
    [
        ({"no_male_supervisor": True}, Sex.MALE, False),
        ({"no_male_supervisor": True}, None, False),
        ({"no_male_supervisor": True}, Sex.FEMALE, True),
        ({"no_female_supervisor": True}, Sex.FEMALE, False),
        ({"no_female_supervisor": True}, Sex.MALE, True),
        ({"excluded_supervisor_codes": (ANN,)}, None, False),
        ({"excluded_supervisor_codes": (BOB,)}, None, True),
    ],
)
def test_supervisor_sex(fields: dict[str, Any], sex: Sex | None, placed: bool) -> None:
    team = [person(X, **fields), person(Y)]
    crns = [X, Y] if placed else [Y]
    assert [crn for crn, *_ in booked(made(team, supervisors=[supervisor(sex=sex)]))] == crns


def test_another_supervisor_may_be_the_one() -> None:
    roster = made([person(excluded_supervisor_codes=(ANN,))], supervisors=[supervisor(), supervisor(BOB)])
    assert [each.supervisor_code for each in roster.sessions] == [BOB]


def test_keep_apart() -> None:
    for one, other in (((Y,), ()), ((), (X,))):
        people = [person(X, keep_apart_crns=one), person(Y, keep_apart_crns=other)]
        assert len(booked(made(people))) == 1
        days = [open_on(Weekday.TUESDAY), open_on(Weekday.THURSDAY)]
        both = made(people, [project("P01", *days)])
        assert {crn for crn, *_ in booked(both)} == {X, Y}
        assert len({on for _, on, _ in booked(both)}) == 2


@pytest.mark.parametrize(("limit", "placed"), [(0, 1), (1, 2), (2, 3), (None, 3)])
def test_risk_in_group(limit: int | None, placed: int) -> None:
    people = [person(X, risk_in_group=True), person(Y, risk_in_group=True), person(Z)]
    assert len(booked(made(people, [project(risk_limit=limit)]))) == placed


@pytest.mark.parametrize(("seats", "placed"), [(0, 1), (1, 2), (2, 3), (None, 3)])
def test_pick_up(seats: int | None, placed: int) -> None:
    people = [person(X, travel_mode=TravelMode.PICK_UP), person(Y, travel_mode=TravelMode.PICK_UP), person(Z)]
    assert len(booked(made(people, [project(vehicle_seats=seats)]))) == placed


@pytest.mark.parametrize(
    ("fields", "placed"),
    [
        ({"skills": ()}, False),
        ({"skills": ("CHAINSAW", "FIRST_AID")}, True),
        ({"skills": ("CHAINSAW",), "availability": (HalfDay.TUESDAY_MORNING,)}, False),
        ({"skills": ("CHAINSAW",), "unavailable": (Absence(day(1), day(1)),)}, False),
        ({"skills": ("CHAINSAW",), "weekly_minutes_max": 419}, False),
        ({"skills": ("CHAINSAW",), "weekly_minutes_max": 420}, True),
    ],
)
def test_supervised(fields: dict[str, Any], placed: bool) -> None:
    skilled = project(required_skills=("CHAINSAW",))
    assert bool(booked(made([person()], [skilled], supervisors=[supervisor(**fields)]))) is placed


@pytest.mark.parametrize(("most", "sessions"), [(839, 1), (840, 2)])
def test_a_supervisor_has_only_so_many_hours_a_week(most: int, sessions: int) -> None:
    days = [open_on(Weekday.TUESDAY), open_on(Weekday.THURSDAY)]
    ann = supervisor(weekly_minutes_max=most)
    assert len(made([pressed()], [project("P01", *days)], supervisors=[ann]).sessions) == sessions


@pytest.mark.parametrize(
    ("chances", "places", "group", "placed"),
    [
        ((0.5, 0.5), 1, 10, 1),  # both come with 0.25
        ((0.5, 0.1), 1, 10, 2),  # with 0.05 exactly
        ((0.5, 0.11), 1, 10, 1),
        ((1.0, 1.0), 2, 10, 2),
        ((1.0, 1.0), 2, 1, 1),  # the supervisor looks after one
        ((1.0, 1.0, 0.05), 2, 10, 3),
        ((1.0, 1.0, 0.06), 2, 10, 2),
    ],
)
def test_session_size_has_an_upper_edge(
    chances: tuple[float, ...], places: int, group: int, placed: int
) -> None:
    people = [
        person(crn, attendance_probability=chance) for crn, chance in zip((X, Y, Z), chances, strict=False)
    ]
    roster = made(people, [project(places=places)], supervisors=[supervisor(max_group=group)])
    assert len(booked(roster)) == placed


@pytest.mark.parametrize(
    ("chances", "least", "placed"),
    [((0.5, 0.5), 1, 2), ((0.5, 0.4), 1, 0), ((1.0, 1.0), 2, 2), ((1.0, 0.99), 2, 0), ((0.1, 0.1), 0, 2)],
)
def test_session_size_has_a_lower_edge(chances: tuple[float, float], least: int, placed: int) -> None:
    people = [person(crn, attendance_probability=chance) for crn, chance in zip((X, Y), chances, strict=True)]
    assert len(booked(made(people, [project(min_people=least)]))) == placed


def test_where_many_could_come_the_linear_rule_keeps_the_exact_one() -> None:
    people = [person(f"X{number:06d}", attendance_probability=0.6) for number in range(1, 14)]
    team = problem(people, [project(places=10)], weeks=1)
    facts = RosterFacts(team, POLICY)
    run = solve_full(facts, LIMITS)
    # 10 places at 0.6: twelve may be booked by the linear rule and by the exact one; 13 overflow with 0.057.
    assert len(run.draft.bookings) == 12
    assert run.bound is None
    assert run.bound_of_model is not None


def test_as_many_reliable_people_as_places_are_always_allowed() -> None:
    people = [person(f"X{number:06d}", attendance_probability=1.0) for number in range(1, 14)]
    assert (
        len(
            solve_full(
                RosterFacts(problem(people, [project(places=10)], weeks=1), POLICY), LIMITS
            ).draft.bookings
        )
        == 10
    )


# -- told, and left out


def test_pinned() -> None:
    short = told(1, end=NINE + 60)
    # 60 minutes stand, although 360 more for 8,400 would save 360 * 0.75 * 200 = 54,000.
    pinned = made([pressed(appointments=(short,))])
    assert booked(pinned) == [(X, 1, 60)]
    assert pinned.objective.appointments_dropped == 0
    # What the input no longer allows is dropped, and found.
    away = made([pressed(appointments=(short,), unavailable=(Absence(day(1), day(1)),))])
    assert (away.objective.appointments_dropped, [each.rule for each in away.findings]) == (1, ["available"])


def test_of_two_told_who_cannot_both_come_one_stands() -> None:
    people = [
        person(crn, appointments=(told(1),), attendance_probability=1.0, complete_by=day(40))
        for crn in (X, Y)
    ]
    roster = made(people, [every_day(places=1)])
    assert roster.objective.appointments_dropped == 1
    assert [each.rule for each in roster.findings] == ["session_size"]
    assert {crn for crn, *_ in booked(roster)} == {X, Y}


def test_a_repair_pays_for_dropping_but_not_on_days_gone_by() -> None:
    short = pressed(appointments=(told(1, end=NINE + 60),))
    for first_day, dropped in ((None, 1), (day(1), 1), (day(2), 0)):
        question = RosterQuestion(RosterKind.REPAIR, disruption=Disruption(first_day=first_day))
        roster = made([short], question=question)
        assert roster.objective.appointments_dropped == dropped


def _free_of_charge(policy: Policy) -> Policy:
    """A policy by which it costs nothing to leave people out."""
    prices = policy.unpaid_work.prices.model_copy(
        update={"unplaced_person": 0, "lost_minute": 0, "short_of_offer_minute": 0}
    )
    return policy.model_copy(update={"unpaid_work": policy.unpaid_work.model_copy(update={"prices": prices})})


def team_with_room(**fields: Any) -> UnpaidWorkProblem:
    """One who was told of a session, and one who could join, whom it would cost a journey."""
    people = [person(X, appointments=(told(1),)), person(Y, travel_minutes=30, **fields)]
    return problem(people, [project(places=1)], weeks=1)


@pytest.mark.parametrize(
    ("places", "fields", "placed"),
    [
        (2, {}, 2),
        (1, {"attendance_probability": 1.0}, 1),
        (2, {"keep_apart_crns": (X,)}, 1),
        (2, {"excluded_supervisor_codes": (ANN,)}, 1),
        (2, {"availability": (HalfDay.TUESDAY_MORNING,)}, 1),  # only for part of it
        (2, {"required_minutes": 60, "availability": (HalfDay.TUESDAY_MORNING,)}, 2),  # for all that remains
        (2, {"induction_done": False}, 1),
    ],
)
def test_nobody_left_out(places: int, fields: dict[str, Any], placed: int) -> None:
    team = team_with_room(**fields)
    team = dataclasses.replace(team, projects=(project(places=places),))
    full = FullModel(RosterFacts(team, _free_of_charge(POLICY)))
    full.minimise()
    result = engine.run(full.dated.model, LIMITS)
    assert result.values is not None
    assert len(full.draft(result.values).bookings) == placed


def test_whoever_fits_beyond_the_places_is_not_left_out_either() -> None:
    # Both come with 0.05: the rows alone see one place taken, the roster sees that the rule allows two.
    team = problem(
        [
            person(X, appointments=(told(1),), attendance_probability=0.5),
            person(Y, travel_minutes=30, attendance_probability=0.1),
        ],
        [project(places=1)],
        weeks=1,
    )
    roster = full_model_roster(team, _free_of_charge(POLICY), LIMITS)
    assert [crn for crn, *_ in booked(roster)] == [X, Y]
    assert roster.status == "OPTIMAL"


def test_the_rules_over_a_pair_agree_with_the_facts() -> None:
    team = team_with_room(unavailable=(Absence(day(1), day(1)),))
    facts = RosterFacts(team, POLICY)
    assert (outline_of(facts).stay > 0).tolist() == facts.open_to.tolist()
