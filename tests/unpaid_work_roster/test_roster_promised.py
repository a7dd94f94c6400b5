"""The most minutes a week that can be promised after the horizon, by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.person import Person
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Frequency, Weekday
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.promised import may_rest, promises_of, stays_of, surely_changed
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


def weekly(one: Person, *projects: Project, supervisors: Iterable[Supervisor] | None = None) -> int:
    facts = RosterFacts(problem([one], projects, supervisors), POLICY)
    return int(promises_of(facts, stays_of(facts)).alone()[0])


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
    # but an allocation there may rest
    resting = dataclasses.replace(one, allocations=(allocation("P02", Weekday.FRIDAY),))
    assert weekly(resting, project(), fridays) == 840


def test_an_allocation_that_cannot_be_continued_does_not_rest() -> None:
    gone = allocation("P01", start_time=600)  # in no slot of ours
    facts = RosterFacts(problem([person(allocations=(gone,))], [project()]), POLICY)
    assert (may_rest(facts).tolist(), surely_changed(facts).tolist()) == ([True], [0])
    assert promises_of(facts, stays_of(facts)).resting.tolist() == [360]
    refused = person(allocations=(gone,), excluded_project_codes=("P01",))
    facts = RosterFacts(problem([refused], [project()]), POLICY)
    assert (may_rest(facts).tolist(), surely_changed(facts).tolist()) == ([False], [1])
    assert promises_of(facts, stays_of(facts)).resting.tolist() == [0]


def test_what_somebody_was_told_of_outside_a_slot_may_go_on_to_its_end() -> None:
    afternoon = told(1, start=720, end=900)
    facts = RosterFacts(problem([person(appointments=(afternoon,))], [project()]), POLICY)
    assert promises_of(facts, stays_of(facts)).resting.tolist() == [240]


def test_two_events_share_days_and_limits() -> None:
    one = person(weekly_minutes_max=600)
    both = problem([one, dataclasses.replace(one, event_number=2)], [project("P01", open_on(), FRIDAYS)])
    facts = RosterFacts(both, POLICY)
    promises = promises_of(facts, stays_of(facts))
    assert promises.alone().tolist() == [510, 510]
    assert promises.together((0, 1)) == 510


def test_a_day_has_one_project() -> None:
    assert weekly(person(weekly_minutes_max=1680), project("P01"), project("P02")) == 420
