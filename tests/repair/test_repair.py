"""Repairs of small rosters, worked by hand: what is missing is not used, and as little as possible changes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.disruption import (
    Disruption,
    PersonAbsent,
    ProjectClosed,
    SupervisorAway,
    VehicleOff,
)
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterKind
from models.unpaid_work.terms import HalfDay, TravelMode, Weekday
from solver import engine
from solver.unpaid_work.full_model import full_model_roster
from solver.unpaid_work.repair import repair
from solver.verify.unpaid_work import verify_roster
from tests.support.unpaid import (
    ANN,
    BOB,
    X,
    Y,
    Z,
    day,
    open_on,
    person,
    problem,
    project,
    supervisor,
)

POLICY = default_policy()
LIMITS = engine.Limits(seconds=None, work=10.0, threads=1)
CAT = "N03U003"
TUESDAY, THURSDAY = open_on(Weekday.TUESDAY), open_on(Weekday.THURSDAY)


def roster_of(team: UnpaidWorkProblem) -> Roster:
    return full_model_roster(team, POLICY, LIMITS)


def repaired(team: UnpaidWorkProblem, roster: Roster, disruption: Disruption) -> Roster:
    """The repair, which the checker passes under its own question."""
    found = repair(team, roster, disruption, POLICY, LIMITS)
    assert verify_roster(team, found, POLICY) == ()
    assert found.question.kind is RosterKind.REPAIR
    assert found.question.disruption == disruption
    return found


def kinds(roster: Roster) -> list[tuple[str, str]]:
    return [(change.crn, change.kind) for change in roster.changes]


def days_of(roster: Roster, crn: str) -> list[int]:
    return [(each.date - day(0)).days for each in roster.appointments if each.crn == crn]


def weekly(crn: str = X, **fields: Any) -> Person:
    """Somebody who comes once a week and whose order ends with the two weeks of the horizon."""
    return person(crn, complete_by=day(13), weekly_minutes_max=420, **fields)


def team_of(*people: Person, **fields: Any) -> UnpaidWorkProblem:
    """Two weeks at P01, by default on Tuesdays under Ann."""
    return problem(people, **{"weeks": 2, **fields})


ILL = Disruption(supervisors_away=(SupervisorAway(ANN, day(1)),))


def test_when_nothing_is_wrong_nothing_changes() -> None:
    team = team_of(weekly(X), weekly(Y))
    roster = roster_of(team)
    again = repaired(team, roster, Disruption())
    assert again.changes == ()
    assert again.appointments == roster.appointments
    assert again.sessions == roster.sessions
    assert again.objective == roster.objective
    assert again.question.repaired_from == repaired(team, again, Disruption()).question.repaired_from


def test_another_supervisor_takes_over_for_that_day_alone() -> None:
    team = team_of(weekly(X), weekly(Y))
    roster = roster_of(team)
    more = dataclasses.replace(team, supervisors=(*team.supervisors, supervisor(BOB)))
    again = repaired(more, roster, ILL)
    assert again.changes == ()
    assert [(each.date, each.supervisor_code) for each in again.sessions] == [(day(1), BOB), (day(8), ANN)]


def test_supervisors_change_places_so_that_nobody_else_need_change() -> None:
    # Ann is ill. Only Bob can take her place; Cat can take his.
    saw, lift = {"required_skills": ("SAW",)}, {"required_skills": ("LIFT",)}
    people = [weekly(X, excluded_project_codes=("P02",)), weekly(Y, excluded_project_codes=("P01",))]
    staff = [
        supervisor(ANN, skills=("SAW",)),
        supervisor(BOB, skills=("SAW", "LIFT")),
        supervisor(CAT, skills=("LIFT",)),
    ]
    team = team_of(*people, projects=[project("P01", **saw), project("P02", **lift)], supervisors=staff)
    first = roster_of(dataclasses.replace(team, supervisors=(staff[0], staff[1])))
    again = repaired(team, first, ILL)
    assert again.changes == ()
    under = {(each.project_code, each.date): each.supervisor_code for each in again.sessions}
    assert under[("P01", day(1))] == BOB
    assert under[("P02", day(1))] == CAT
    assert under[("P01", day(8))] == ANN


def test_without_a_supervisor_people_move_to_another_day_of_the_week() -> None:
    team = team_of(weekly(X), projects=[project("P01", TUESDAY, THURSDAY)])
    roster = roster_of(team)
    on = days_of(roster, X)[0]
    away = Disruption(supervisors_away=(SupervisorAway(ANN, day(on)),))
    again = repaired(team, roster, away)
    assert kinds(again) == [(X, "MOVED")]
    (change,) = again.changes
    weekday, other = ("Tuesday 24", "Thursday 26") if on == 1 else ("Thursday 26", "Tuesday 24")
    assert change.before == f"P01, {weekday} November 2026, 09:00 to 16:00"
    assert change.after == f"P01, {other} November 2026, 09:00 to 16:00"


def test_without_anything_in_reach_the_day_falls_away() -> None:
    team = team_of(weekly(X), weekly(Y))
    again = repaired(team, roster_of(team), ILL)
    assert kinds(again) == [(X, "DROPPED"), (Y, "DROPPED")]
    assert all(change.after is None for change in again.changes)
    assert days_of(again, X) == days_of(again, Y) == [8]


def test_a_closed_project_sends_people_elsewhere() -> None:
    team = team_of(weekly(X), projects=[project("P01"), project("P02")])
    roster = roster_of(team)
    code = roster.appointments[0].project_code
    again = repaired(team, roster, Disruption(projects_closed=(ProjectClosed(code, day(1)),)))
    assert kinds(again) == [(X, "MOVED")]
    assert again.appointments[0].project_code != code
    assert again.appointments[1] == roster.appointments[1]


def test_who_does_not_come_makes_no_change_for_others() -> None:
    team = team_of(weekly(X), weekly(Y))
    again = repaired(team, roster_of(team), Disruption(people_absent=(PersonAbsent(X, day(1)),)))
    assert kinds(again) == [(X, "DROPPED")]
    assert days_of(again, Y) == [1, 8]


def test_a_group_that_became_too_small_does_not_run() -> None:
    pair = [weekly(crn, attendance_probability=1.0) for crn in (X, Y)]
    team = team_of(*pair, projects=[project(min_people=2)])
    again = repaired(team, roster_of(team), Disruption(people_absent=(PersonAbsent(X, day(1)),)))
    assert kinds(again) == [(X, "DROPPED"), (Y, "DROPPED")]
    assert [each.date for each in again.sessions] == [day(8)]


@pytest.mark.parametrize(("seats", "dropped"), [(0, 2), (1, 1), (2, 0)])
def test_without_the_vehicle_only_those_it_collects_stay_away(seats: int, dropped: int) -> None:
    collected = [weekly(crn, travel_mode=TravelMode.PICK_UP) for crn in (X, Y)]
    team = team_of(*collected, weekly(Z))
    again = repaired(team, roster_of(team), Disruption(vehicles_off=(VehicleOff("P01", day(1), seats),)))
    assert [kind for _, kind in kinds(again)] == ["DROPPED"] * dropped
    assert days_of(again, Z) == [1, 8]


def test_a_new_person_gets_a_place_without_anybody_else_moving() -> None:
    team = team_of(weekly(X))
    joined = dataclasses.replace(team, people=(*team.people, weekly(Y)))
    again = repaired(joined, roster_of(team), Disruption())
    assert {crn for crn, _ in kinds(again)} == {Y}
    assert {kind for _, kind in kinds(again)} == {"ADDED"}
    assert days_of(again, Y) == [1, 8]


def test_a_session_opens_for_somebody_new() -> None:
    team = team_of(weekly(X, availability=(HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)))
    both = project("P01", TUESDAY, THURSDAY)
    team = dataclasses.replace(team, projects=(both,))
    newcomer = weekly(Y, availability=(HalfDay.THURSDAY_MORNING, HalfDay.THURSDAY_AFTERNOON))
    joined = dataclasses.replace(team, people=(*team.people, newcomer))
    again = repaired(joined, roster_of(team), Disruption())
    assert days_of(again, Y) == [3, 10]
    assert days_of(again, X) == [1, 8]


def test_changed_availability_and_credit_are_followed() -> None:
    team = team_of(weekly(X), projects=[project("P01", TUESDAY, THURSDAY)], weeks=2)
    roster = roster_of(team)
    thursdays = (HalfDay.THURSDAY_MORNING, HalfDay.THURSDAY_AFTERNOON)
    tuesdays = (HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)
    for half_days, days in ((thursdays, [3, 10]), (tuesdays, [1, 8])):
        changed = dataclasses.replace(team.people[0], availability=half_days)
        again = repaired(dataclasses.replace(team, people=(changed,)), roster, Disruption())
        assert days_of(again, X) == days
    # 60 minutes remain: what cannot be booked any more falls away.
    nearly = dataclasses.replace(team.people[0], credited_minutes=7140)
    again = repaired(dataclasses.replace(team, people=(nearly,)), roster, Disruption())
    assert sum(each.minutes for each in again.appointments) == 60


def test_the_days_gone_by_stay_as_they_were() -> None:
    team = team_of(weekly(X), projects=[project("P01", TUESDAY, THURSDAY)], weeks=2)
    roster = roster_of(team)
    newcomer = dataclasses.replace(team, people=(*team.people, weekly(Y)))
    again = repaired(newcomer, roster, Disruption(first_day=day(7)))
    assert min(days_of(again, Y)) >= 7
    assert [each for each in again.appointments if each.crn == X] == list(roster.appointments)


def test_nobody_is_left_out_whom_a_session_could_take() -> None:
    # Both have one appointment; the second week has room for one of those of the first.
    ones = [weekly(crn, required_minutes=420, attendance_probability=1.0) for crn in (X, Y, Z)]
    team = team_of(*ones, projects=[project(places=2)])
    roster = roster_of(team)
    assert roster.objective.unplaced_people == 0
    again = repaired(team, roster, ILL)
    assert again.objective.unplaced_people == 1
    assert len(again.appointments) == 2


def test_somebody_who_is_gone_from_the_input_is_told_so() -> None:
    team = team_of(weekly(X), weekly(Y))
    roster = roster_of(team)
    again = repaired(dataclasses.replace(team, people=(team.people[0],)), roster, Disruption())
    assert kinds(again) == [(Y, "DROPPED"), (Y, "DROPPED")]
    assert days_of(again, X) == [1, 8]


def test_a_repair_that_is_stopped_keeps_what_it_has() -> None:
    team = team_of(weekly(X), weekly(Y))
    stop = engine.Stop()
    stop.request()
    again = repair(team, roster_of(team), ILL, POLICY, LIMITS, stop=stop)
    assert verify_roster(team, again, POLICY) == ()


def test_what_is_nearer_is_dearer_to_change() -> None:
    prices = POLICY.unpaid_work.repair
    assert [prices.times(ahead) for ahead in (0, 1, 2, 6, 7, 100)] == [4, 4, 2, 2, 1, 1]
    # An hour was credited meanwhile: one of the two days must be an hour shorter, and the first is the dearer.
    team = team_of(person(X, required_minutes=840, complete_by=day(13), weekly_minutes_max=420))
    nearly = dataclasses.replace(team.people[0], credited_minutes=60)
    again = repaired(dataclasses.replace(team, people=(nearly,)), roster_of(team), Disruption())
    assert [each.minutes for each in again.appointments] == [420, 360]


def test_an_appointment_that_only_ends_earlier_says_so() -> None:
    team = team_of(weekly(X), projects=[project("P01", TUESDAY)], weeks=2)
    roster = roster_of(team)
    mornings = dataclasses.replace(team.people[0], availability=(HalfDay.TUESDAY_MORNING,))
    again = repaired(dataclasses.replace(team, people=(mornings,)), roster, Disruption())
    assert kinds(again) == [(X, "TIMES_CHANGED"), (X, "TIMES_CHANGED")]
    assert again.changes[0].after == "P01, Tuesday 24 November 2026, 09:00 to 12:30"
