"""Slots, sessions and who may go where, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.unpaid_work.roster import RosterQuestion
from models.unpaid_work.terms import Frequency, HalfDay, ProjectType, Weekday
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.slots import NO_SLOT, half_day_bits, longest_stay
from solver.unpaid_work.standing import told_that_stand
from tests.support.unpaid import (
    ANN,
    BOB,
    FOUR,
    NINE,
    NOON,
    X,
    Y,
    allocation,
    day,
    open_on,
    person,
    problem,
    project,
    supervisor,
    told,
)

POLICY = default_policy()


def facts_of(*people: object, **fields: object) -> RosterFacts:
    return RosterFacts(problem(people or [person()], **fields), POLICY)  # type: ignore[arg-type]  # builders' fields


def test_a_weekly_slot_is_a_session_on_each_of_its_open_dates() -> None:
    made = problem([person()], [project()], non_working_days=(day(8),))
    sessions = RosterFacts(made, POLICY).sessions
    assert sessions.day.tolist() == [1, 15, 22]
    assert sessions.week.tolist() == [0, 2, 3]
    assert (sessions.start == NINE).all()
    assert sessions.minutes.tolist() == [420, 420, 420]


def test_a_fortnight_counts_from_its_first_date() -> None:
    slot = open_on(frequency=Frequency.FORTNIGHTLY, start_date_inclusive=day(-6))
    assert facts_of(projects=[project("P01", slot)]).sessions.day.tolist() == [8, 22]


def test_education_is_not_rostered_and_a_question_closes_a_project() -> None:
    places = [project(), project("P02", project_type=ProjectType.ETE)]
    made = problem([person()], places)
    assert len(RosterFacts(made, POLICY).slots) == 1
    closed = RosterQuestion(closed_projects=("P01",), dates=(day(8),))
    assert RosterFacts(made, POLICY, closed).sessions.day.tolist() == [1, 15, 22]


def test_a_told_stretch_within_a_slot_is_a_session_of_its_own_and_clashes() -> None:
    facts = facts_of(person(appointments=(told(1, start=NOON, end=FOUR),)))
    there = facts.sessions.number_of
    stretch, whole = there[0, 1, NOON, FOUR], there[0, 1, NINE, FOUR]
    assert facts.sessions.slot[stretch] == NO_SLOT
    assert facts.sessions.clashes[stretch] == (whole,)
    assert facts.sessions.clashes[whole] == (stretch,)


@pytest.mark.parametrize(
    ("half_days", "sessions"),
    [
        ([HalfDay.TUESDAY_MORNING], [(NINE, NOON), (NINE, FOUR)]),
        ([HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON], [(NINE, FOUR)]),
        ([HalfDay.TUESDAY_AFTERNOON], [(NINE, FOUR)]),
    ],
)
def test_a_told_stretch_from_the_start_of_a_slot_is_apart_where_only_it_has_a_supervisor(
    half_days: list[HalfDay], sessions: list[tuple[int, int]]
) -> None:
    ann = supervisor(availability=tuple(half_days))
    facts = facts_of(person(appointments=(told(1, start=NINE, end=NOON),)), supervisors=[ann])
    assert [(start, end) for _, day_, start, end in facts.sessions.number_of if day_ == 1] == sessions
    stands = len(told_that_stand(facts))
    assert stands == (HalfDay.TUESDAY_MORNING in half_days)


def test_somebody_free_in_the_morning_stays_until_half_past_twelve() -> None:
    morning, whole = half_day_bits([HalfDay.TUESDAY_MORNING]), half_day_bits(list(HalfDay))
    afternoon = half_day_bits([HalfDay.TUESDAY_AFTERNOON])
    bits = np.array([morning, whole, afternoon])
    assert longest_stay(bits, Weekday.TUESDAY.number, NINE, FOUR).tolist() == [210, 420, 0]


def test_days_away_the_order_and_the_induction_decide_who_may_come() -> None:
    facts = facts_of(
        person(X, sentence_date=day(5)),
        person(Y, induction_done=False),
        projects=[project(), project("P02", open_on(Weekday.MONDAY), project_type=ProjectType.INDUCTION)],
    )
    tuesdays = [number for number in range(8) if facts.sessions.project[number] == 0]
    mondays = [number for number in range(8) if facts.sessions.project[number] == 1]
    assert facts.open_to[0, tuesdays].tolist() == [False, True, True, True]
    assert not facts.open_to[0, mondays].any()
    assert facts.open_to[1, mondays].all()


def test_supervisors_need_skills_half_days_and_time() -> None:
    facts = facts_of(
        projects=[project(required_skills=("DRIVING",))],
        supervisors=[
            supervisor(ANN, skills=("DRIVING",)),
            supervisor(BOB),
            supervisor("N03U003", skills=("DRIVING",), weekly_minutes_max=419),
            supervisor("N03U004", skills=("DRIVING",), availability=(HalfDay.TUESDAY_MORNING,)),
        ],
    )
    assert facts.able[0].tolist() == [True, False, False, False]


def test_allocations_that_have_ended_do_not_count() -> None:
    facts = facts_of(person(allocations=(allocation(), allocation("P02", end_date_inclusive=day(-1)))))
    assert [each.project_code for each in facts.counted_allocations(0)] == ["P01"]
