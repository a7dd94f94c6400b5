"""A repaired roster is held to what it was asked to do without: day by day, by rule."""

from __future__ import annotations

import dataclasses

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.disruption import (
    Disruption,
    PersonAbsent,
    ProjectClosed,
    SupervisorAway,
    VehicleOff,
)
from models.unpaid_work.roster import RosterKind, RosterQuestion
from models.unpaid_work.terms import TravelMode
from solver.verify.unpaid_work import roster_findings, told_refusals
from tests.support.unpaid import (
    ANN,
    BOB,
    Book,
    X,
    Y,
    day,
    drawn,
    every_day,
    person,
    problem,
    supervisor,
    told,
    violations,
)

ILL = Disruption(supervisors_away=(SupervisorAway(ANN, day(1)),))
SHUT = Disruption(projects_closed=(ProjectClosed("P01", day(1)),))
ABSENT = Disruption(people_absent=(PersonAbsent(X, day(1)),))
NO_VAN = Disruption(vehicles_off=(VehicleOff("P01", day(1)),))


def asked(disruption: Disruption) -> RosterQuestion:
    return RosterQuestion(RosterKind.REPAIR, disruption=disruption)


def rules(disruption: Disruption, *books: Book) -> list[str]:
    """The rules that these bookings break in a team of two who are collected."""
    people = [person(X, travel_mode=TravelMode.PICK_UP), person(Y, travel_mode=TravelMode.PICK_UP)]
    team = problem(people, [every_day()], [supervisor(), supervisor(BOB)])
    found = violations(team, drawn(*books), question=asked(disruption))
    return [each.rule for each in found if each.rule != "nobody_left_out"]


@pytest.mark.parametrize(
    ("disruption", "books", "broken"),
    [
        (ILL, [Book(X, on=1)], ["supervised"]),
        (ILL, [Book(X, on=2)], []),
        (ILL, [Book(X, on=1, under=BOB)], []),
        (SHUT, [Book(X, on=1)], ["project_open"]),
        (SHUT, [Book(X, on=2)], []),
        (ABSENT, [Book(X, on=1)], ["available"]),
        (ABSENT, [Book(X, on=2)], []),
        (ABSENT, [Book(Y, on=1)], []),
        (NO_VAN, [Book(X, on=1)], ["pick_up"]),
        (NO_VAN, [Book(X, on=2)], []),
        (Disruption(vehicles_off=(VehicleOff("P01", day(1), 1),)), [Book(X, on=1)], []),
        (Disruption(vehicles_off=(VehicleOff("P01", day(1), 1),)), [Book(X), Book(Y)], ["pick_up"]),
        (Disruption(vehicles_off=(VehicleOff("P02", day(1)),)), [Book(X), Book(Y)], []),
    ],
)
def test_what_is_missing_on_a_day_is_not_used(
    disruption: Disruption, books: list[Book], broken: list[str]
) -> None:
    assert rules(disruption, *books) == broken


def test_a_vehicle_takes_no_more_than_it_has_seats() -> None:
    wide = Disruption(vehicles_off=(VehicleOff("P01", day(1), 5),))
    team = problem(
        [person(crn, travel_mode=TravelMode.PICK_UP) for crn in (X, Y)], [every_day(vehicle_seats=1)]
    )
    for disruption in (wide, Disruption()):
        found = violations(team, drawn(Book(X), Book(Y)), question=asked(disruption))
        assert [each.rule for each in found] == ["pick_up"]


@pytest.mark.parametrize(
    ("disruption", "rule"), [(ILL, "supervised"), (SHUT, "project_open"), (ABSENT, "available")]
)
def test_what_it_forbids_is_a_finding(disruption: Disruption, rule: str) -> None:
    team = problem([person(appointments=(told(1), told(8)))])
    found = roster_findings(team, drawn(), default_policy(), asked(disruption))
    assert [(each.rule, each.date) for each in found] == [(rule, day(1))]
    refusals = told_refusals(team, default_policy(), asked(disruption))
    assert [refusal[0] for refusal in refusals.values()] == [rule]


def test_a_repair_drops_nothing_of_the_days_before_it_begins() -> None:
    team = problem([person(appointments=(told(1), told(8)))])
    from_tuesday = Disruption(first_day=day(1))
    from_wednesday = Disruption(first_day=day(2))
    assert violations(team, drawn(Book(on=8)), question=asked(from_tuesday)) == ()
    (found,) = violations(team, drawn(Book(on=8)), question=asked(from_wednesday))
    assert (found.rule, found.crn) == ("pinned", X)
    assert violations(team, drawn(Book(on=1)), question=asked(from_wednesday)) == ()
    absent = dataclasses.replace(from_wednesday, people_absent=(PersonAbsent(X, day(1)),))
    assert violations(team, drawn(Book(on=8)), question=asked(absent)) == ()
