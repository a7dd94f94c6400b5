"""A simulated quarter: the draws, a day worked by hand, and a short quarter under every practice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks import quarter_world
from benchmarks.__main__ import main
from benchmarks.ledger import read_rows
from benchmarks.quarter import plot, summary
from benchmarks.quarter_practices import Away, Today
from benchmarks.quarter_run import Quarter
from benchmarks.quarter_world import Situation, World, world
from models.policy.policy import default_policy
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import ProjectType
from solver.verify.unpaid_work import Drawn
from tests.support.unpaid import (
    ANN,
    BOB,
    FIRST,
    Book,
    X,
    Y,
    Z,
    day,
    drawn,
    person,
    problem,
    project,
    supervisor,
    told,
)

NAMES = (X, Y, Z)


def world_of(team: UnpaidWorkProblem) -> World:
    return World(1, default_policy(), FIRST, 1, team, {})


@dataclass
class Fixed:
    """A practice that plans one roster on Monday and another one from the morning of a day."""

    first: Drawn
    then: Drawn
    on: dt.date
    keeps: bool = True

    def monday(self, _: UnpaidWorkProblem) -> Drawn:
        return self.first

    def morning(self, today: dt.date, _: Away) -> Drawn:
        return self.then if today >= self.on else self.first


def always(*names: str, **fields: Any) -> UnpaidWorkProblem:
    """A team in which everybody always comes and nobody falls ill."""
    return problem(
        [person(name, attendance_probability=1.0) for name in names], [project(**fields)], [supervisor()]
    )


@pytest.fixture(autouse=True)
def _nobody_falls_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarter_world, "ILL", 0.0)


def test_too_many_are_turned_away_and_the_others_credited() -> None:
    # Two places, three who always come: one is turned away, two work seven hours each.
    lines = drawn(*(Book(name) for name in NAMES))
    quarter = Quarter(world_of(always(*NAMES, places=2)), Fixed(lines, lines, FIRST))
    tally = quarter.week(0)
    assert (tally.days_planned, tally.lost_to_numbers, tally.lost_to_supervision) == (3, 1, 0)
    assert (tally.days_worked, tally.minutes, tally.changed) == (2, 840, 0)
    assert sorted(quarter.situation.left(RequirementKey(name, 1)) for name in NAMES) == [6780, 6780, 7200]


def test_without_a_supervisor_everybody_is_sent_home() -> None:
    lines = drawn(Book(X, under=None), Book(Y, under=None))
    tally = Quarter(world_of(always(X, Y)), Fixed(lines, lines, FIRST)).week(0)
    assert (tally.days_planned, tally.lost_to_supervision, tally.days_worked) == (2, 2, 0)


def test_a_day_called_off_in_its_own_morning_is_lost_and_changed() -> None:
    tally = Quarter(world_of(always(X)), Fixed(drawn(Book(X)), drawn(), day(1))).week(0)
    assert (tally.days_planned, tally.lost_to_supervision, tally.changed) == (1, 1, 1)


def test_a_day_called_off_the_day_before_is_changed_and_not_lost() -> None:
    tally = Quarter(world_of(always(X)), Fixed(drawn(Book(X)), drawn(), day(0))).week(0)
    assert (tally.days_planned, tally.lost_to_supervision, tally.changed) == (0, 0, 1)


def test_what_was_told_before_the_quarter_counts_as_told() -> None:
    team = problem([person(X, attendance_probability=1.0, appointments=(told(on=1), told(on=8)))])
    tally = Quarter(world_of(team), Fixed(drawn(Book(X)), drawn(Book(X)), FIRST)).week(0)
    assert tally.changed == 1  # the second of the two is no longer there


def test_hours_that_are_done_are_no_change() -> None:
    # 420 minutes remain: once they are worked on Tuesday, what was told for Wednesday falls away by itself.
    team = problem(
        [person(X, required_minutes=420, attendance_probability=1.0, appointments=(told(on=1), told(on=2)))]
    )
    quarter = Quarter(world_of(team), Fixed(drawn(Book(X)), drawn(Book(X)), FIRST))
    assert quarter.week(0).changed == 0
    assert quarter.situation.finished == 1


def test_an_order_that_ends_loses_what_remains() -> None:
    situation = Situation(world_of(problem([person(X, required_minutes=600, complete_by=day(2))])))
    situation.morning(day(2))
    assert situation.minutes_lost == 0
    situation.morning(day(3))
    assert (situation.minutes_lost, situation.people) == (600, {})


def test_an_induction_is_done_when_it_is_attended() -> None:
    team = problem(
        [person(X, induction_done=False, attendance_probability=1.0)],
        [project(project_type=ProjectType.INDUCTION)],
    )
    quarter = Quarter(world_of(team), Fixed(drawn(Book(X)), drawn(Book(X)), FIRST))
    quarter.week(0)
    assert quarter.situation.people[RequirementKey(X, 1)].induction_done is True


def test_draws_depend_on_the_day_and_the_person_alone() -> None:
    one, other = world_of(always(X)), world_of(always(X, Y))
    keys = [(RequirementKey(name, 1), day(number)) for name in NAMES for number in range(100)]
    come = [one.comes(who, on, 0.7) for who, on in keys]
    assert come == [other.comes(who, on, 0.7) for who, on in keys]
    assert 0.6 < sum(come) / len(come) < 0.8


def test_illness_lasts_as_long_as_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarter_world, "ILL", 0.5)
    drawn_world = world_of(always(X))
    situation = Situation(drawn_world)
    first = next(number for number in range(60) if drawn_world.ill(ANN, day(number)))
    length = drawn_world.ill(ANN, day(first))
    assert situation.morning(day(first)) == (ANN,)
    assert [situation.is_away(ANN, day(first + number)) for number in range(length + 1)] == [
        True
    ] * length + [False]
    assert 1 <= length <= quarter_world.ILL_DAYS


def test_newcomers_arrive_with_everything_to_do() -> None:
    drawn_world = world(default_policy(), seed=4, people=30, projects=4, supervisors=2, weeks=6)
    assert len(drawn_world.team.people) == 30
    new = [(on, each) for on, people in drawn_world.arrivals.items() for each in people]
    assert len(new) == round(0.08 * 30 * 6 / 4.3)
    assert all(each.sentence_date == on and each.induction_done is False for on, each in new)
    assert not {each.crn for _, each in new} & {each.crn for each in drawn_world.team.people}


def test_today_asks_the_first_supervisor_who_is_free() -> None:
    team = problem([person(X)], supervisors=[supervisor(ANN), supervisor(BOB)])
    practice = Today(default_policy(), careful=False)
    lines = practice.monday(team)
    assert {each.supervisor_code for each in lines.sessions} == {ANN}
    after = practice.morning(day(1), frozenset({(ANN, day(1))}))
    assert [each.supervisor_code for each in after.sessions] == [BOB, ANN, ANN, ANN]
    alone = practice.morning(day(8), frozenset({(ANN, day(8)), (BOB, day(8))}))
    assert [each.supervisor_code for each in alone.sessions] == [BOB, None, ANN, ANN]


SHORT = [
    "--people",
    "16",
    "--projects",
    "3",
    "--weeks",
    "2",
    "--roster-seconds",
    "1",
    "--repair-seconds",
    "1",
]


def test_a_short_quarter_runs_under_every_practice(tmp_path: Path) -> None:
    out, picture = tmp_path / "quarter.csv", tmp_path / "quarter.svg"
    words = ["quarter", *SHORT, "--seeds", "5", "--out", str(out)]
    assert main([*words, "--practices", "today"]) == 0
    assert main([*words, "--plot", str(picture)]) == 0
    rows = read_rows(out)
    assert [(row["practice"], row["week"]) for row in rows] == [
        (practice, week) for practice in ("today", "evenhand", "today-careful") for week in ("1", "2")
    ]
    assert all(float(row["hours_worked"]) > 0 for row in rows)
    assert "evenhand" in picture.read_text(encoding="utf-8")


def test_an_unknown_practice_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quarter", "--practices", "none", "--out", str(tmp_path / "q.csv")]) == 2
    assert "there is no practice none" in capsys.readouterr().err


def test_the_summary_adds_up_weeks_and_takes_the_last_of_what_is_a_total() -> None:
    shared = {"practice": "today", "seed": "1", "people": "10", "weeks": "2", "lost_to_supervision": "1"}
    rows = [
        {**shared, "week": "1", "days_planned": "20", "lost_to_numbers": "1", "hours_worked": "60",
         "hours_expired": "5", "people_finished": "1", "appointments_changed": "4"},
        {**shared, "week": "2", "days_planned": "30", "lost_to_numbers": "2", "hours_worked": "80",
         "hours_expired": "7", "people_finished": "3", "appointments_changed": "1"},
    ]  # fmt: skip # a table
    assert summary(rows) == [
        "today: 1 quarters, 140 hours worked, 7 expired, 50 days planned, 5 stood down (10.00 %), "
        "0.50 appointments changed per person, 3 people finished"
    ]
    assert "today" in plot(rows)
