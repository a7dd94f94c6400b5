"""The most minutes a week that can be promised after the horizon, by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.unpaid_work.person import Person
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Absence, Frequency, Weekday
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.granting import grant_all
from solver.unpaid_work.promised import EARLIER, IN_TURN, LATELY, Promised, promised_of, shares_of, stays_of
from tests.support.unpaid import (
    allocation,
    day,
    every_day,
    open_on,
    person,
    problem,
    project,
    supervisor,
    told,
)

POLICY = default_policy()
FORTNIGHT = open_on(frequency=Frequency.FORTNIGHTLY)
FRIDAYS = dataclasses.replace(FORTNIGHT, day_of_week=Weekday.FRIDAY)
OTHER = dataclasses.replace(FORTNIGHT, start_date_inclusive=day(7))
LAST_FORTNIGHT = (Absence(day(14), day(27)),)


def promised(facts: RosterFacts) -> Promised:
    found = promised_of(facts, stays_of(facts))
    grant_all(found, np.asarray(facts.weekly_most[facts.body]))
    return found


def weekly(one: Person, *projects: Project, supervisors: Iterable[Supervisor] | None = None) -> float:
    return float(promised(RosterFacts(problem([one], projects, supervisors), POLICY)).every[0])


@pytest.mark.parametrize(
    ("slots", "minutes"),
    [
        ((open_on(),), 420),
        ((FORTNIGHT,), 210),  # every other week
        ((FORTNIGHT, OTHER), 420),  # by turns
        ((open_on(), open_on(Weekday.FRIDAY)), 840),
        ((FORTNIGHT, open_on(Weekday.FRIDAY)), 630),
        ((open_on(frequency=Frequency.ONCE),), 0),
    ],
)
def test_the_even_and_the_odd_week_are_reckoned_apart(slots: tuple[OpenSlot, ...], minutes: int) -> None:
    assert weekly(person(weekly_minutes_max=1680), project("P01", *slots)) == minutes


def test_the_limits_of_the_week_and_of_the_number_of_slots_hold_in_each_week() -> None:
    assert weekly(person(weekly_minutes_max=600), every_day()) == 600
    # 600 in the week with the fortnight's day, 420 in the other
    two = project("P01", open_on(), FRIDAYS)
    assert weekly(person(weekly_minutes_max=600), two) == (600 + 420) // 2
    assert weekly(person(weekly_minutes_max=10_000), every_day()) == 4 * 420


def test_a_slot_in_which_nothing_can_be_booked_promises_nothing() -> None:
    fridays = project("P02", open_on(Weekday.FRIDAY), required_skills=("CHAINSAW",))
    skilled = supervisor(skills=("CHAINSAW",))
    one = person(weekly_minutes_max=1680)
    assert weekly(one, project(), fridays) == 420
    assert weekly(one, project(), fridays, supervisors=[skilled]) == 840
    # an allocation there rests while nobody could come
    before = (allocation("P02", Weekday.FRIDAY),)
    assert weekly(dataclasses.replace(one, allocations=before), project(), fridays) == 420
    away = dataclasses.replace(one, allocations=before, unavailable=LAST_FORTNIGHT)
    assert weekly(away, project(), fridays) == 840


@pytest.mark.parametrize(
    ("fields", "resting", "changed", "to_be_booked"),
    [
        ({}, 0, 1, 0),  # the project is open then, and no session begins then
        ({"unavailable": LAST_FORTNIGHT}, 360, 0, 0),
        ({"unavailable": (Absence(day(14), day(21)),)}, 0, 1, 0),
        ({"unavailable": LAST_FORTNIGHT, "excluded_project_codes": ("P01",)}, 0, 1, 0),
    ],
)
def test_an_allocation_rests_or_is_changed(
    fields: dict[str, Any], resting: int, changed: int, to_be_booked: int
) -> None:
    gone = allocation("P01", start_time=600)  # in no slot of ours
    facts = RosterFacts(problem([person(allocations=(gone,), **fields)], [project()]), POLICY)
    found = promised(facts)
    assert (found.resting.tolist(), found.changed.tolist()) == ([resting], [changed])
    assert len(found.before_key) == to_be_booked


def test_an_allocation_in_a_slot_is_to_be_booked() -> None:
    found = promised(RosterFacts(problem([person(allocations=(allocation(),))], [project()]), POLICY))
    assert (found.resting.tolist(), found.changed.tolist()) == ([0], [0])
    assert found.before_key.tolist() == [found.key[0]]
    # A fortnight may begin in either week: it rests where one of them has no date.
    for away, rests in ((Absence(day(0), day(13)), False), (Absence(day(8), day(22)), True)):
        one = person(allocations=(allocation(frequency=Frequency.FORTNIGHTLY),), unavailable=(away,))
        found = promised(RosterFacts(problem([one], [project()]), POLICY))
        assert bool(found.resting[0] > 0) is rests, away


def test_how_near_the_end_a_session_lies() -> None:
    fridays = dataclasses.replace(FRIDAYS, start_date_inclusive=day(7))
    where = project("P01", open_on(), fridays)
    facts = RosterFacts(problem([person()], [where], weeks=6), POLICY)
    found = promised(facts)
    days = facts.sessions.day.tolist()
    late = dict(zip(days, found.late.tolist(), strict=True))
    # Tuesdays 1 to 36 of 42 days, and every other Friday from 11 on
    assert [late[on] for on in range(1, 42, 7)] == [EARLIER] * 2 + [IN_TURN] * 2 + [LATELY] * 2
    assert [late[on] for on in (11, 25, 39)] == [EARLIER, LATELY, LATELY]


def test_what_somebody_was_told_of_outside_a_slot_may_go_on_to_its_end() -> None:
    afternoon = told(15, start=720, end=900)
    facts = RosterFacts(problem([person(appointments=(afternoon,))], [project()]), POLICY)
    found = promised(facts)
    assert sorted(found.those[:, 3].tolist()) == [
        240,
        420,
    ]  # within the Tuesday, so no more than that in a day
    assert found.every.tolist() == [480]


@pytest.mark.parametrize(
    ("slots", "most", "shares"),
    [
        ((open_on(),), 840, [(0, 420), (210, 210), (420, 0)]),  # every week, or by turns
        ((open_on(), FRIDAYS), 840, [(0, 630), (210, 420), (420, 210), (630, 0)]),
        ((FORTNIGHT, OTHER), 840, [(0, 420), (210, 210), (420, 0)]),
        # Two slots of a day of one project: one for each of them, or both for one
        ((open_on(end=720), open_on(start=720)), 840, [(420, 420)]),
        ((open_on(frequency=Frequency.ONCE),), 840, [(0, 0)]),
    ],
)
def test_two_events_share_days(
    slots: tuple[OpenSlot, ...], most: int, shares: list[tuple[float, float]]
) -> None:
    one = person(weekly_minutes_max=most)
    both = problem([one, dataclasses.replace(one, event_number=2)], [project("P01", *slots)])
    facts = RosterFacts(both, POLICY)
    found = shares_of(facts, promised(facts), (0, 1))
    for first, second in shares:
        assert any(a >= first and c >= second for a, c in found.tolist())
    # and no more than that together, but for the step between two rows
    reach = max(first + second for first, second in shares)
    assert all(a + c <= reach + 15 for a, c in found.tolist())


def test_two_events_share_the_limit_of_the_week_by_the_minute() -> None:
    one = person(weekly_minutes_max=600)
    both = problem(
        [one, dataclasses.replace(one, event_number=2)], [project("P01", open_on(), open_on(Weekday.FRIDAY))]
    )
    facts = RosterFacts(both, POLICY)
    found = shares_of(facts, promised(facts), (0, 1)).tolist()
    assert found[0] == [0, 600]
    assert [600, 0] in [[a, 0] for a, c in found if c <= 15]
    assert all(any(a >= mine and c >= 600 - mine for a, c in found) for mine in range(180, 420))
    assert max(a + c for a, c in found) <= 615


def test_a_day_has_one_project() -> None:
    assert weekly(person(weekly_minutes_max=1680), project("P01"), project("P02")) == 420
