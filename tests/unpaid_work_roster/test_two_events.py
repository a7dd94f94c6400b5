"""Several events of one person share a week; people who share a place take turns after the horizon."""

from __future__ import annotations

import dataclasses

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.roster import Placement, Roster
from models.unpaid_work.terms import Frequency, HalfDay, ProjectType, Weekday
from solver.engine import Limits
from solver.unpaid_work.roster import make_roster
from solver.verify.unpaid_work import verify_roster
from tests.support.unpaid import X, Y, open_on, person, problem, project

POLICY = default_policy()
TUESDAYS = (HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)


def two_events(weeks: int, required: int = 3000) -> UnpaidWorkProblem:
    """One person with two events of 50 hours who is free on Tuesdays alone, and always comes."""
    one = person(availability=TUESDAYS, attendance_probability=1.0, required_minutes=required)
    return problem([one, dataclasses.replace(one, event_number=2)], [project(min_people=1)], weeks=weeks)


def made(team: UnpaidWorkProblem) -> Roster:
    roster = make_roster(team, POLICY, Limits(seconds=None, work=0.5, threads=1))
    assert verify_roster(team, roster, POLICY) == ()
    return roster


def going_on(roster: Roster) -> list[Placement]:
    return [each for each in roster.placements if each.end_date_inclusive is None]


def test_two_events_with_one_weekday_go_on_in_turn() -> None:
    roster = made(two_events(weeks=4))
    assert (roster.objective.unplaced_people, roster.objective.lost_minutes) == (0, 0)
    on = going_on(roster)
    assert [each.delius_event_number for each in on] == [1, 2]
    assert {each.frequency for each in on} == {Frequency.FORTNIGHTLY}
    # One in the even and one in the odd weeks.
    assert (on[0].start_date_inclusive - on[1].start_date_inclusive).days % 14 == 7


def test_a_horizon_of_two_weeks_is_too_short_to_take_turns() -> None:
    roster = made(two_events(weeks=2))
    assert roster.objective.unplaced_people == 0
    assert [each.frequency for each in going_on(roster)] == [Frequency.WEEKLY]


def test_no_event_takes_all_the_days_of_the_other() -> None:
    # Eight Tuesdays; the first event alone could use all of them.
    roster = made(two_events(weeks=8, required=7200))
    assert roster.objective.unplaced_people == 0
    assert {each.delius_event_number for each in roster.appointments} == {1, 2}


@pytest.mark.parametrize("weeks", [4, 8])
def test_two_people_take_turns_at_a_single_place(weeks: int) -> None:
    alone = dataclasses.replace(
        project(places=1, project_type=ProjectType.INDIVIDUAL), availability=(open_on(Weekday.TUESDAY),)
    )
    assert isinstance(alone, Project)
    people = [person(crn, attendance_probability=1.0, required_minutes=3000) for crn in (X, Y)]
    roster = made(problem(people, [alone], weeks=weeks))
    assert (roster.objective.unplaced_people, roster.objective.lost_minutes) == (0, 0)
    assert {each.crn for each in going_on(roster)} == {X, Y}


def test_what_goes_on_every_other_week_was_booked_within_the_last_four() -> None:
    team = two_events(weeks=8)
    roster = made(team)
    for each in going_on(roster):
        last = max(
            appointment.date
            for appointment in roster.appointments
            if appointment.delius_event_number == each.delius_event_number
        )
        assert (team.end - last).days <= 28
