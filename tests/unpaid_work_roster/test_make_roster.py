"""Rosters that are made: verified, repeatable, ended on request, no dearer than what was given."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import PlanRefusedError, UsageError
from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster
from models.unpaid_work.terms import ProjectType, Weekday
from solver.engine import Limits, Progress, Stop
from solver.unpaid_work.board import board_of
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.moves import improve
from solver.unpaid_work.roster import KINDS, make_roster
from solver.unpaid_work.roster_making import finished
from solver.unpaid_work.start import alone
from solver.unpaid_work.table import new_table
from solver.verify.unpaid_work import verify_roster
from tests.support.unpaid import (
    FIRST,
    X,
    Y,
    Z,
    allocation,
    day,
    every_day,
    open_on,
    person,
    problem,
    project,
    told,
)

POLICY = default_policy()
LITTLE = Limits(seconds=None, work=0.2, threads=1)


def team(
    seed: int, people: int = 24, projects: int = 4, supervisors: int = 4, weeks: int = 4
) -> UnpaidWorkProblem:
    return generate_unpaid_work(
        unpaid_work_parameters(),
        seed=seed,
        people=people,
        projects=projects,
        supervisors=supervisors,
        weeks=weeks,
    )


def same(one: Roster, other: Roster) -> bool:
    def decided(roster: Roster) -> tuple[object, ...]:
        return roster.objective, roster.bound, roster.placements, roster.sessions, roster.appointments

    return decided(one) == decided(other)


@given(st.integers(0, 10_000), st.integers(5, 40), st.integers(1, 6), st.integers(0, 6), st.integers(1, 6))
@settings(max_examples=settings().max_examples // 25)
def test_whatever_the_team_the_roster_is_sound(
    seed: int, people: int, projects: int, supervisors: int, weeks: int
) -> None:
    made = team(seed, people, projects, supervisors, weeks)
    roster = make_roster(made, POLICY, LITTLE)
    assert verify_roster(made, roster, POLICY) == ()
    assert roster.bound is not None
    assert roster.own_best is not None
    assert roster.own_best <= roster.objective.total
    # The bound holds for every roster of the team, whichever way it was made.
    assert roster.bound <= make_roster(made, POLICY, LITTLE, strategy="greedy").objective.total


def test_one_person_gets_a_weekly_place_from_the_first_week_on() -> None:
    made = problem([person(), person(Y), person(Z), person("X000004")], weeks=2)
    roster = make_roster(made, POLICY, LITTLE)
    assert roster.objective.unplaced_people == 0
    assert [(each.crn, each.day_of_week, each.end_date_inclusive) for each in roster.placements] == [
        (crn, Weekday.TUESDAY, None) for crn in (X, Y, Z, "X000004")
    ]
    assert roster.objective.short_of_offer_minutes == 0
    assert all(each.reason for each in roster.placements)


def test_same_seed_and_work_same_roster_on_one_thread_and_two() -> None:
    made = team(3, people=40)
    one = make_roster(made, POLICY, LITTLE)
    assert same(one, make_roster(made, POLICY, LITTLE))
    assert same(one, make_roster(made, POLICY, dataclasses.replace(LITTLE, threads=2)))


def test_a_stop_ends_with_a_sound_roster() -> None:
    stop = Stop()
    stop.request()
    made = team(4)
    roster = make_roster(made, POLICY, Limits(seconds=None, work=1000.0), stop=stop)
    assert verify_roster(made, roster, POLICY) == ()


def test_the_watcher_hears_of_best_and_bound_and_may_stop() -> None:
    stop, heard = Stop(), list[Progress]()

    def watch(progress: Progress) -> None:
        heard.append(progress)
        if progress.bound is not None and progress.gap is not None:
            stop.request()

    make_roster(team(5), POLICY, Limits(seconds=None, work=1e9), stop=stop, watch=watch)
    assert heard[-1].best is not None
    assert heard[-1].bound is not None
    assert heard[-1].bound <= heard[-1].best


def test_more_work_is_never_dearer_than_a_start_that_is_sound() -> None:
    made = team(6, people=40)
    better = make_roster(made, POLICY, Limits(seconds=None, work=1.0, threads=1))
    again = make_roster(made, POLICY, LITTLE, start=better, strategy="greedy")
    assert again.objective.total <= better.objective.total


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(UsageError, match="greedy"):
        make_roster(team(1), POLICY, LITTLE, strategy="magic")


def test_a_roster_that_breaks_a_rule_is_never_handed_out() -> None:
    facts = RosterFacts(problem([person()]), POLICY)
    unsupervised = Draft({0: None}, (Booking(0, 0, 420),))
    with pytest.raises(PlanRefusedError, match="supervised"):
        finished(facts, unsupervised, bound=None, own_best=None, limits=LITTLE, seconds=0.0)


def test_told_appointments_stand_and_those_that_cannot_are_findings() -> None:
    kept, gone = told(1), told(3)
    made = problem([person(appointments=(kept, gone))], [project()], weeks=1)
    roster = make_roster(made, POLICY, LITTLE)
    assert [(each.date, each.start_time) for each in roster.appointments] == [(kept.date, kept.start_time)]
    assert roster.objective.appointments_dropped == 1
    assert [(each.rule, each.date) for each in roster.findings] == [("project_open", gone.date)]


def test_an_allocation_goes_on_where_it_can() -> None:
    made = problem([person(allocations=(allocation("P02"),))], [every_day("P01"), every_day("P02")])
    roster = make_roster(made, POLICY, LITTLE)
    assert roster.objective.allocations_changed == 0
    assert "goes on as before" in roster.placements[0].reason


def test_the_induction_comes_first_and_once() -> None:
    induction = project("P02", open_on(Weekday.WEDNESDAY), project_type=ProjectType.INDUCTION)
    roster = make_roster(problem([person(induction_done=False)], [every_day(), induction]), POLICY, LITTLE)
    assert [each.project_code for each in roster.appointments].count("P02") == 1
    assert roster.appointments[0].project_code == "P02"


def test_who_cannot_be_placed_is_listed_with_rules_and_a_remedy() -> None:
    over = person(Y, complete_by=FIRST.replace(day=1), sentence_date=FIRST.replace(year=2025))
    roster = make_roster(problem([person(availability=()), over]), POLICY, LITTLE)
    assert [(each.crn, each.rules) for each in roster.unplaced] == [(X, ("available",)), (Y, ("available",))]
    assert "court" in roster.unplaced[1].sentence


def test_a_group_without_its_least_number_does_not_run() -> None:
    roster = make_roster(problem([person(), person(Y)], [project(min_people=3)]), POLICY, LITTLE)
    assert roster.sessions == ()
    assert {each.rules[0] for each in roster.unplaced} == {"session_size"}


def test_scarce_places_go_round_before_anybody_gets_a_second_day() -> None:
    # Three places on each of four Tuesdays, five people who always come: twelve days, so nobody is left with nothing.
    five = [person(f"X00000{number}", attendance_probability=1.0) for number in range(1, 6)]
    roster = make_roster(problem(five, [project(places=3, min_people=1)], weeks=4), POLICY, LITTLE)
    assert roster.objective.unplaced_people == 0
    assert len(roster.appointments) == 12


def test_each_event_of_a_person_gets_a_day_where_the_week_has_room_for_one() -> None:
    one = person(weekly_minutes_max=420, attendance_probability=1.0)
    other = dataclasses.replace(one, event_number=2)
    roster = make_roster(problem([one, other], [project(min_people=1)], weeks=4), POLICY, LITTLE)
    assert roster.objective.unplaced_people == 0


@pytest.mark.parametrize("kind", [ProjectType.ETE, ProjectType.GROUP])
def test_where_no_session_is_open_on_any_day_nothing_is_tried(kind: ProjectType) -> None:
    closed = tuple(day(after) for after in range(14))
    made = problem([person(), person(Y)], [project(project_type=kind)], weeks=2, non_working_days=closed)
    facts = RosterFacts(made, POLICY)
    board = board_of(facts)
    table = new_table(board, facts.weeks, 0)
    assert len(facts.sessions) == 0
    before = table.state.copy()
    assert improve(board, table, alone(facts, board), KINDS, 200, 0.0) == 0
    # Not even a random number was drawn: there is nothing to draw from.
    assert (table.state == before).all()
    assert make_roster(made, POLICY, LITTLE).objective.unplaced_people == 2


def test_a_team_of_three_with_two_sessions_is_solved_to_the_end() -> None:
    made = problem([person(), person(Y), person(Z)], weeks=2)
    roster = make_roster(made, POLICY, LITTLE)
    assert (roster.status, roster.gap) == ("OPTIMAL", 0.0)
    assert roster.bound == roster.objective.total
