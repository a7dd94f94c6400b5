"""Chances of attendance from history, worked by hand, and what must hold for any history."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy.policy import default_policy
from models.policy.unpaid_work import UnpaidWorkPolicy
from models.unpaid_work.attendance import attendance_shares, estimated, rounded, share
from models.unpaid_work.problem import AttendanceRecord, UnpaidWorkProblem
from models.unpaid_work.terms import Weekday
from tests.support.unpaid import FIRST, X, Y, allocation, day, every_day, person, problem, told

DEFAULT = default_policy().unpaid_work


def policy(**attendance: int) -> UnpaidWorkPolicy:
    """The default policy with other strengths; its default chance is 0.75."""
    return DEFAULT.model_copy(update={"attendance": DEFAULT.attendance.model_copy(update=attendance)})


PLAIN = policy(team_strength=4, project_strength=4, weekday_strength=4, person_strength=4)


def record(attended: bool, crn: str = Y, at: str = "P01", on: int = -6) -> AttendanceRecord:
    """By default the Tuesday before the horizon."""
    return AttendanceRecord(crn, at, day(on), attended)


def team(*history: AttendanceRecord, **fields: Any) -> UnpaidWorkProblem:
    """One person whose chance is blank, placed on the Tuesdays of P01 unless said otherwise."""
    fields.setdefault("allocations", (allocation(),))
    return problem([person(**fields)], [every_day()], attendance_history=history)


def chance(of: UnpaidWorkProblem, by: UnpaidWorkPolicy = PLAIN) -> float | None:
    return estimated(of, by).people[0].attendance_probability


def test_a_share_is_drawn_towards_another_as_if_by_further_days() -> None:
    assert share(3, 4, Fraction(1, 2), 4) == Fraction(3 + 2, 4 + 4)
    assert share(0, 0, Fraction(3, 4), 4) == Fraction(3, 4)
    assert share(0, 0, Fraction(3, 4), 0) == Fraction(3, 4)
    assert share(1, 4, Fraction(3, 4), 0) == Fraction(1, 4)


def test_without_any_history_nothing_is_filled_in() -> None:
    of = team()
    assert estimated(of, PLAIN) is of


def test_everybody_starts_from_what_is_usual_where_they_are_placed() -> None:
    # Others came on 0 of 4 Tuesdays at P01: team (0 + 4 * 0.75) / 8 = 0.375; project and weekday
    # (0 + 4 * 0.375) / 8 = 0.1875; a person without days of their own has just that, rounded up at the half.
    of = team(*[record(False)] * 4)
    assert chance(of) == 0.188
    # Somebody with no placement has the team's share.
    assert chance(team(*[record(False)] * 4, allocations=())) == 0.375


def test_own_days_draw_the_chance_away_from_what_is_usual() -> None:
    # 4 days of others missed, 4 of the person's own attended, all on Tuesdays at P01: team (4 + 3) / 12 = 7/12;
    # project and weekday (4 + 4 * 7/12) / 12 = 19/36; the person (4 + 4 * 19/36) / 8 = 55/72 = 0.7638...
    of = team(*[record(False)] * 4, *[record(True, crn=X)] * 4)
    assert chance(of) == 0.764


def test_project_and_weekday_count_equally() -> None:
    # 4 attended on Mondays at P02, 4 missed on Tuesdays at P01: team (4 + 3) / 12 = 7/12; P01 and Tuesday
    # (0 + 7/3) / 8 = 7/24; P02 and Monday (4 + 7/3) / 8 = 19/24. Told to come to P02 on a Tuesday: 26/48 = 0.541666...
    history = [record(True, at="P02", on=-7)] * 4 + [record(False)] * 4
    of = problem(
        [person(appointments=(told(at="P02"),))], [every_day(), every_day("P02")], attendance_history=history
    )
    assert chance(of) == 0.542
    shares = attendance_shares(history, FIRST, PLAIN)
    assert shares.by_project == {"P02": Fraction(19, 24), "P01": Fraction(7, 24)}
    assert shares.by_weekday == {Weekday.MONDAY: Fraction(19, 24), Weekday.TUESDAY: Fraction(7, 24)}


def test_what_the_input_states_is_not_touched() -> None:
    of = team(*[record(False, crn=X)] * 40, attendance_probability=0.9)
    assert estimated(of, PLAIN) is of
    mixed = dataclasses.replace(of, people=(*of.people, person(Y)))
    assert [each.attendance_probability for each in estimated(mixed, PLAIN).people] == [0.9, 0.068]
    # By hand: team 3 / 44 = 0.0681..., and the second has neither placement nor days.


def test_only_days_of_the_span_before_the_first_day_count() -> None:
    by = policy(person_strength=0, history_days=7)
    inside, before, on_the_day = record(False, X, on=-7), record(True, X, on=-8), record(True, X, on=0)
    assert chance(team(inside, before, on_the_day), by) == 0.0
    assert chance(team(before, on_the_day), by) == 0.75


def test_every_event_of_a_person_has_the_same_days() -> None:
    of = problem(
        [person(), person(event_number=2)],
        [every_day()],
        attendance_history=[record(True, X)] * 4,
    )
    # Team (4 + 3) / 8 = 0.875; the person (4 + 3.5) / 8 = 0.9375.
    assert [each.attendance_probability for each in estimated(of, PLAIN).people] == [0.938, 0.938]


def test_estimating_twice_changes_nothing_more() -> None:
    once = estimated(team(record(True)), PLAIN)
    assert estimated(once, PLAIN) is once


@pytest.mark.parametrize(
    ("exact", "decimal"),
    [(Fraction(1, 3), 0.333), (Fraction(2, 3), 0.667), (Fraction(1, 2000), 0.001), (Fraction(1), 1.0)],
)
def test_a_chance_is_a_decimal_as_written(exact: Fraction, decimal: float) -> None:
    assert rounded(exact, 3) == decimal
    assert len(repr(rounded(exact, 3)).split(".")[1]) <= 3


HISTORIES = st.lists(
    st.builds(
        record,
        st.booleans(),
        st.sampled_from([X, Y]),
        st.sampled_from(["P01", "P02", "P03"]),
        st.integers(min_value=-20, max_value=-1),
    ),
    min_size=1,
    max_size=12,
)
STRENGTHS = st.fixed_dictionaries(
    {
        name: st.integers(min_value=0, max_value=30)
        for name in ("team_strength", "project_strength", "weekday_strength", "person_strength")
    }
)


@given(HISTORIES, STRENGTHS)
def test_a_chance_is_a_chance(history: list[AttendanceRecord], strengths: dict[str, int]) -> None:
    found = chance(team(*history), policy(**strengths))
    assert found is not None
    assert 0 <= found <= 1
    assert Fraction(repr(found)) * 1000 == int(Fraction(repr(found)) * 1000)


@given(HISTORIES, STRENGTHS, st.data())
def test_coming_more_often_never_lowers_a_chance(
    history: list[AttendanceRecord], strengths: dict[str, int], data: st.DataObject
) -> None:
    by = policy(**strengths)
    before = chance(team(*history), by)
    position = data.draw(st.integers(min_value=0, max_value=len(history) - 1))
    came = [*history]
    came[position] = dataclasses.replace(came[position], attended=True)
    with_one_more = [*history, record(True, X, "P02", data.draw(st.integers(min_value=-20, max_value=-1)))]
    for better in (came, with_one_more):
        after = chance(team(*better), by)
        assert before is not None
        assert after is not None
        assert after >= before


@given(st.integers(min_value=0, max_value=10), st.integers(min_value=0, max_value=10))
def test_the_more_days_the_nearer_to_the_persons_own_share(attended: int, missed: int) -> None:
    """Ten times the same history lies between once and the bare share."""
    counts = (attended, attended + missed)
    few, many = (share(n * counts[0], n * counts[1], Fraction(3, 4), 8) for n in (1, 10))
    own = Fraction(*counts) if counts[1] else Fraction(3, 4)
    assert abs(many - own) <= abs(few - own)


def test_the_order_of_the_history_does_not_matter() -> None:
    history = [record(True), record(False, X), record(True, at="P02", on=-5)]
    found = {chance(team(*order)) for order in itertools.permutations(history)}
    assert len(found) == 1


def test_a_year_counts_by_default() -> None:
    assert DEFAULT.attendance.history_days == 365
    assert attendance_shares([record(True, on=-366)], FIRST, DEFAULT).by_person == {}
    assert attendance_shares([record(True, on=-365)], FIRST, DEFAULT).by_person == {Y: (1, 1)}
    assert FIRST - dt.timedelta(days=365) == day(-365)
