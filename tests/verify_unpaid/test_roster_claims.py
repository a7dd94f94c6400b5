"""A roster's claims: an honest roster passes, and each tampered claim is caught under its own rule."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.roster import Placement, Roster, RosterFinding, RosterObjective, Unplaced
from models.unpaid_work.terms import Frequency, HalfDay, ProjectType, Weekday
from solver.verify.unpaid_work import roster_mismatches, verify_roster
from tests.support.problems import policy_with
from tests.support.unpaid import (
    ANN,
    BOB,
    FIRST,
    FOUR,
    NINE,
    NOON,
    Book,
    X,
    Y,
    Z,
    allocation,
    day,
    drawn,
    every_day,
    honest_roster,
    open_on,
    person,
    placement,
    problem,
    project,
    session,
    told,
)

PROBLEM = problem(
    [
        person(travel_minutes=20, appointments=(told(1),)),
        person(Y, attendance_probability=0.1, allocations=(allocation("P99"),)),
        person(Z, excluded_project_codes=("P01",)),
    ],
)
LINES = drawn(
    Book(X),
    Book(Y),
    Book(X, on=22),
    Book(Y, on=15),
    placements=[placement(), placement(Y, start_date_inclusive=day(14))],
)
ROSTER = honest_roster(PROBLEM, LINES)


def rules(roster: Roster, of: UnpaidWorkProblem = PROBLEM) -> list[str]:
    """The rules under which the roster is refused."""
    return [each.rule for each in verify_roster(of, roster, default_policy())]


def sentences(roster: Roster, of: UnpaidWorkProblem = PROBLEM) -> list[str]:
    return [each.sentence for each in verify_roster(of, roster, default_policy())]


def test_an_honest_roster_passes() -> None:
    assert verify_roster(PROBLEM, ROSTER, default_policy()) == ()
    assert [each.crn for each in ROSTER.unplaced] == [Z]
    assert [each.rule for each in ROSTER.findings] == ["project_open"]


def test_broken_rules_come_before_false_claims() -> None:
    lines = drawn(Book(X), Book(Y), Book(Z))
    made = honest_roster(PROBLEM, lines, status="BEST")
    assert rules(made) == ["suitable_project", "claimed_bound"]


@pytest.mark.parametrize("item", [field.name for field in fields(RosterObjective)])
@pytest.mark.parametrize("by", [-1, 1])
def test_an_item_of_the_objective_off_by_one(item: str, by: int) -> None:
    true = getattr(ROSTER.objective, item)
    lie = replace(ROSTER, objective=replace(ROSTER.objective, **{item: true + by}))
    assert rules(lie) == ["claimed_objective"]
    assert sentences(lie) == [f"{item.replace('_', ' ')} is stated as {true + by} and comes to {true}"]


TOTAL = ROSTER.objective.total


@pytest.mark.parametrize(
    ("claims", "sound"),
    [
        ({"bound": TOTAL, "gap": 0.0, "status": "OPTIMAL"}, True),
        ({"bound": TOTAL - 1000, "gap": 1000 / TOTAL}, True),
        ({"bound": TOTAL - 1000, "gap": 1000 / TOTAL + 1e-6}, False),
        ({"bound": TOTAL - 1000, "gap": None}, False),
        ({"bound": TOTAL - 1000, "gap": math.nan}, False),
        ({"bound": TOTAL - 1000, "gap": 0.0}, False),
        ({"bound": TOTAL + 1, "gap": 0.0}, False),
        ({"gap": 0.0}, False),
        ({"bound": TOTAL - 10, "gap": 10 / TOTAL, "own_best": TOTAL - 40, "gap_net": 0.25}, True),
        ({"bound": TOTAL - 10, "gap": 10 / TOTAL, "own_best": TOTAL - 40, "gap_net": 10 / TOTAL}, False),
        ({"bound": TOTAL - 10, "gap": 10 / TOTAL, "own_best": TOTAL - 40}, False),
        ({"bound": TOTAL - 10, "gap": 10 / TOTAL, "gap_net": 0.25}, False),
        ({"bound": TOTAL, "gap": 0.0, "own_best": TOTAL, "gap_net": 0.0}, True),
        ({"bound": TOTAL, "gap": 0.0, "own_best": TOTAL + 1, "gap_net": 0.0}, False),
        ({"own_best": TOTAL - 40}, True),
        ({"own_best": TOTAL - 40, "gap_net": 0.0}, False),
        ({"bound": TOTAL - 1000, "gap": 1000 / TOTAL, "status": "OPTIMAL"}, False),
        ({"status": "OPTIMAL"}, False),
        ({"status": "INFEASIBLE"}, False),
        ({"status": "BEST"}, False),
        ({"status": "UNKNOWN"}, True),
    ],
)
def test_bounds_gaps_and_status(claims: dict[str, Any], sound: bool) -> None:
    assert set(rules(replace(ROSTER, **claims))) == (set() if sound else {"claimed_bound"})


# claimed_sessions


@pytest.mark.parametrize(
    "change",
    [
        {"places": 9},
        {"booked": 1},
        {"expected_attendance": 0.86},
        {"expected_attendance": math.nan},
        {"overflow_probability": 1e-6},
    ],
)
def test_a_number_of_a_session(change: dict[str, Any]) -> None:
    first, *others = ROSTER.sessions
    assert (first.places, first.booked, first.expected_attendance) == (10, 2, 0.85)
    assert rules(replace(ROSTER, sessions=(replace(first, **change), *others))) == ["claimed_sessions"]
    assert rules(replace(ROSTER, sessions=(*others, first))) == []  # the order is no claim


def test_a_session_without_appointments_is_not_listed() -> None:
    one = problem([person()], [every_day()])
    made = honest_roster(one, drawn(Book(), sessions=[session(), session(on=2)]))
    assert sentences(made, one) == ["P01 on 2026-11-25, 09:00 to 16:00 is listed, and nobody is booked there"]


def test_a_session_twice() -> None:
    doubled = replace(ROSTER, sessions=(*ROSTER.sessions, ROSTER.sessions[0]))
    assert {"project_open", "one_place_at_a_time", "claimed_sessions", "claimed_objective"} == set(
        rules(doubled)
    )


# claimed_appointments


def _first_changed(**change: Any) -> Roster:
    first, *others = ROSTER.appointments
    return replace(ROSTER, appointments=(replace(first, **change), *others))


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 421},
        {"supervisor_officer_code": None},
        {"supervisor_officer_code": BOB},
        {"start_time": NINE + 1, "minutes": 419},  # late
        {"end_time": FOUR + 1, "minutes": 421},  # beyond its session
        {"end_time": NINE, "minutes": 0},
        {"crn": "X000009"},
        {"delius_event_number": 2},
        {"project_code": "P02"},
        {"date": day(2)},
    ],
)
def test_a_tampered_appointment(change: dict[str, Any]) -> None:
    assert "claimed_appointments" in rules(_first_changed(**change))


def test_an_appointment_may_end_early_and_needs_no_placement() -> None:
    lines = drawn(Book(X), Book(Y), Book(X, on=8, end=NOON), placements=[])
    assert rules(honest_roster(PROBLEM, lines)) == []


def _with(
    *placements: Placement,
    of: UnpaidWorkProblem = PROBLEM,
    books: tuple[Book, ...] = (Book(X), Book(X, on=15), Book(Y, on=15)),
) -> list[str]:
    return sentences(honest_roster(of, drawn(*books, placements=placements)), of)


def test_placements_that_are_followed() -> None:
    assert _with(placement(), placement(Y)) == []
    assert _with(placement(end_date_inclusive=day(15))) == []
    assert _with(placement(start_date_inclusive=day(15))) == []
    assert _with(placement(frequency=Frequency.FORTNIGHTLY)) == []
    assert _with(placement(frequency=Frequency.ONCE, start_date_inclusive=day(14))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"start_date_inclusive": day(16)},
        {"start_date_inclusive": day(-20), "end_date_inclusive": day(0)},
        {"frequency": Frequency.FORTNIGHTLY, "start_date_inclusive": day(-6)},  # the other Tuesdays
        {"start_time": NINE + 1},
        {"end_time": NOON},
        {"weekday": Weekday.FRIDAY},
        {"crn": Z},
    ],
)
def test_a_placement_that_no_appointment_follows(change: dict[str, Any]) -> None:
    found = _with(placement(**change))
    assert any(sentence.endswith("no appointment follows from it") for sentence in found)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"crn": "X000009"}, "X000009 (event 1) is not among the people"),
        ({"at": "P09"}, "P09 is no project"),
        ({"end_time": NINE}, "the placement at P01 ends before it begins"),
        ({"end_date_inclusive": day(-1)}, "the placement at P01 ends before it begins"),
        ({"start_date_inclusive": day(28)}, "the Tuesday of X000001 at P01: it begins after the horizon"),
    ],
)
def test_a_placement_that_makes_no_sense(change: dict[str, Any], sentence: str) -> None:
    assert _with(placement(**change)) == [sentence]


def test_a_resting_placement_keeps_the_persons_rules() -> None:
    resting = allocation(weekday=Weekday.FRIDAY)
    for change in (
        {"availability": (HalfDay.FRIDAY_MORNING, HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)},
        {"excluded_project_codes": ("P01",)},
        {"travel_minutes": 91},
    ):
        fields: dict[str, Any] = {"allocations": (resting,), **change}
        one = problem([person(**fields), person(Y)], [every_day()])
        made = honest_roster(one, drawn(Book(Y), placements=[placement(weekday=Weekday.FRIDAY)]))
        assert "claimed_appointments" in rules(made, one)


def test_a_placement_in_a_horizon_that_begins_midweek() -> None:
    there = (HalfDay.FRIDAY_MORNING, HalfDay.FRIDAY_AFTERNOON)
    for closes, goes_on in ((day(32), False), (day(33), True)):  # the Friday after four weeks from Wednesday
        where = project("P01", open_on(Weekday.FRIDAY), end_date_exclusive=closes)
        one = problem([person(availability=there)], [where], first=day(2))
        found = _with(placement(weekday=Weekday.FRIDAY), of=one, books=(Book(X, on=25),))
        assert (found == []) is goes_on, closes


def test_no_placement_at_an_induction_that_is_done() -> None:
    induction = project("IND", project_type=ProjectType.INDUCTION)
    one = problem([person(allocations=(allocation("IND"),))], [induction])
    made = honest_roster(one, drawn(placements=[placement(at="IND")]))
    assert "the Tuesday of X000001 at IND: the induction is done" in sentences(made, one)


@pytest.mark.parametrize(
    ("where", "goes_on"),
    [
        (project(end_date_exclusive=day(29)), False),  # day 29 is the next Tuesday
        (project(end_date_exclusive=day(30)), True),
        (project("P01", open_on(end_date_exclusive=day(29))), False),
        (project("P01", open_on(end_date_exclusive=day(30))), True),
    ],
)
def test_a_placement_that_runs_on_meets_an_open_project(where: Project, goes_on: bool) -> None:
    one = problem([person()], [where])
    closed = [
        "the Tuesday of X000001 at P01: it runs on after the horizon, and P01 is not open then on 2026-12-22"
    ]
    late = (Book(X, on=15),)
    assert _with(placement(), of=one, books=late) == ([] if goes_on else closed)
    assert _with(placement(end_date_inclusive=day(27)), of=one, books=late) == []
    over = problem([person(complete_by=day(28))], [where])
    assert _with(placement(), of=over, books=late) == []


def test_a_fortnightly_placement_meets_an_open_project_on_its_own_next_date() -> None:
    # Day 29 is the next Tuesday; counted from day 1 it is the placement's, from day 8 day 36 is.
    for start, closes, goes_on in ((1, 29, False), (1, 30, True), (8, 36, False), (8, 37, True)):
        one = problem([person()], [project(end_date_exclusive=day(closes))])
        every_other = placement(frequency=Frequency.FORTNIGHTLY, start_date_inclusive=day(start))
        assert (_with(every_other, of=one, books=(Book(X, on=start),)) == []) is goes_on, (start, closes)


def test_what_runs_on_recurs_no_more_often_than_the_project_is_open() -> None:
    """The project is open every other Tuesday from day 1 on, so on day 29 and not on day 36; the horizon is 28 days."""
    every_other = open_on(frequency=Frequency.FORTNIGHTLY)
    once = open_on(frequency=Frequency.ONCE, start_date_inclusive=day(29))
    fortnight = placement(frequency=Frequency.FORTNIGHTLY, start_date_inclusive=day(1))
    too_often = [
        "the Tuesday of X000001 at P01: it runs on after the horizon, more often than P01 is open then"
    ]
    for slots, mine, expected in (
        ((every_other,), placement(), too_often),
        ((every_other,), fortnight, []),
        ((every_other, replace(every_other, start_date_inclusive=day(8))), placement(), []),
        ((replace(every_other, end_date_exclusive=day(16)), once), fortnight, too_often),
    ):
        one = problem([person()], [project("P01", *slots)])
        assert _with(mine, of=one, books=(Book(X, on=15),)) == expected, slots
    # Where nothing counts after the horizon, how often does not matter.
    over = problem([person(complete_by=day(34))], [project("P01", every_other)])
    assert _with(placement(), of=over, books=(Book(X, on=15),)) == []


def test_what_runs_on_is_no_more_than_a_week_holds() -> None:
    for most, count in ((840, 0), (839, 1)):
        one = problem([person(weekly_minutes_max=most)], [every_day()])
        mine = [placement(), placement(weekday=Weekday.FRIDAY)]
        made = honest_roster(one, drawn(Book(on=15), Book(on=25), placements=mine))
        assert len(set(sentences(made, one))) == 2 * count, most  # in each of two weeks


def test_what_runs_on_is_what_will_run_and_not_what_ran() -> None:
    one = problem([person(weekly_minutes_max=839)], [every_day()])
    late = placement(weekday=Weekday.FRIDAY, start_date_inclusive=day(25))  # the last week
    made = honest_roster(one, drawn(Book(on=15), Book(on=25), placements=[placement(), late]))
    assert sentences(made, one) == [
        f"after the horizon: X000001 has 840 minutes in the week of {day(week)}; the limit is 839"
        for week in (28, 35)
    ]


@pytest.mark.parametrize(("last", "weeks"), [(34, []), (35, [35]), (48, [35])])
def test_what_counts_for_a_full_week_is_checked_in_both_weeks_of_a_fortnight(
    last: int, weeks: list[int]
) -> None:
    # Every Tuesday, and every other Friday from the second week after the horizon on: 840 minutes in that week.
    one = problem([person(weekly_minutes_max=420, complete_by=day(last))], [every_day()])
    every_other = placement(
        weekday=Weekday.FRIDAY, frequency=Frequency.FORTNIGHTLY, start_date_inclusive=day(11)
    )
    made = honest_roster(one, drawn(Book(on=15), Book(on=25), placements=[placement(), every_other]))
    assert sentences(made, one) == [
        f"after the horizon: X000001 has 840 minutes in the week of {day(week)}; the limit is 420"
        for week in weeks
    ]


def test_what_runs_on_is_at_one_project_a_day() -> None:
    one = problem([person()], [every_day(), every_day("P02")])
    books = (Book(on=1), Book(on=8, at="P02"))
    both = [
        placement(end_time=NOON, frequency=Frequency.FORTNIGHTLY),
        placement(at="P02", frequency=Frequency.FORTNIGHTLY, start_date_inclusive=day(7)),
    ]
    whole = replace(both[0], end_time=FOUR)
    assert _with(whole, both[1], of=one, books=books) == []  # by turns
    weekly = [replace(each, frequency=Frequency.WEEKLY) for each in (whole, both[1])]
    assert len(_with(*weekly, of=one, books=books)) > 0


def test_at_most_four_placements_at_a_time() -> None:
    weekdays = list(Weekday)[:5]
    one = problem([person(weekly_minutes_max=2100)], [every_day()])
    books = tuple(Book(on=14 + on) for on in range(5))
    five = [placement(weekday=weekday) for weekday in weekdays]
    assert _with(*five[:4], of=one, books=books) == []
    assert _with(*five, of=one, books=books) == [
        "X000001 (event 1) has 5 placements on 2026-11-23; at most 4 are allowed"
    ]
    by_turns = [
        replace(five[0], end_date_inclusive=day(17)),
        *five[1:4],
        replace(five[4], start_date_inclusive=day(18)),
    ]
    assert _with(*by_turns, of=one, books=books) == []


# claimed_forecast


@pytest.mark.parametrize(
    "change",
    [
        {"remaining_minutes": 7201},
        {"booked_minutes": 0},
        {"expected_finish": None},
        {"expected_finish": FIRST},
        {"minutes_expected_short": 1},
    ],
)
def test_a_forecast_off(change: dict[str, Any]) -> None:
    first, *others = ROSTER.forecast
    assert first.expected_finish is not None
    assert rules(replace(ROSTER, forecast=(replace(first, **change), *others))) == ["claimed_forecast"]


def test_forecasts_missing_doubled_and_invented() -> None:
    first, second, third = ROSTER.forecast
    assert rules(replace(ROSTER, forecast=(third, second, first))) == []
    assert rules(replace(ROSTER, forecast=(first, second))) == ["claimed_forecast"]
    assert rules(replace(ROSTER, forecast=(*ROSTER.forecast, first))) == ["claimed_forecast"]
    invented = replace(first, delius_event_number=9)
    assert rules(replace(ROSTER, forecast=(*ROSTER.forecast, invented))) == ["claimed_forecast"]


# claimed_reasons


@pytest.mark.parametrize(
    ("unplaced", "count"),
    [
        ((Unplaced(Z, 1, ("suitable_project",), "excluded from every project"),), 0),
        ((), 1),
        ((Unplaced(Z, 1, (), "excluded"),), 1),
        ((Unplaced(Z, 1, ("suitable_project",), " "),), 1),
        ((Unplaced(Z, 1, ("suitable_project", "weather"), "rain"),), 1),
        ((Unplaced(Z, 2, ("available",), "another event"),), 2),
        ((Unplaced(Z, 1, ("available",), "once"), Unplaced(Z, 1, ("available",), "twice")), 1),
        ((Unplaced(Z, 1, ("available",), "away"), Unplaced(X, 1, ("available",), "booked")), 1),
    ],
)
def test_who_is_unplaced_and_why(unplaced: tuple[Unplaced, ...], count: int) -> None:
    assert rules(replace(ROSTER, unplaced=unplaced)) == ["claimed_reasons"] * count


# claimed_findings


def test_findings_hidden_and_invented() -> None:
    (true,) = ROSTER.findings
    assert rules(replace(ROSTER, findings=())) == ["claimed_findings"]
    assert rules(replace(ROSTER, findings=(true, true))) == ["claimed_findings"]
    assert rules(replace(ROSTER, findings=(replace(true, sentence="in other words"),))) == []
    invented = RosterFinding("available", X, None, None, "nothing of the kind")
    assert rules(replace(ROSTER, findings=(true, invented))) == ["claimed_findings"]


def test_a_told_appointment_dropped_with_reason_must_be_shown() -> None:
    one = problem([person(appointments=(told(1),), travel_minutes=91)])
    made = honest_roster(one, drawn())
    assert [(each.rule, each.date) for each in made.findings] == [("travel_limit", day(1))]
    assert rules(made, one) == []
    assert rules(replace(made, findings=()), one) == ["claimed_findings"]


# Where a roster comes from, and back from JSON.


def test_mismatches() -> None:
    assert roster_mismatches(PROBLEM, ROSTER, default_policy()) == ()
    other = policy_with(version="other", unpaid_work={"limits": {"overflow": 0.1}})
    assert roster_mismatches(problem([person()]), ROSTER, other) == (
        "the roster was made from another input than the one it is checked against",
        f"the roster was made by policy {default_policy().version}, which is not the policy it is checked by (other)",
    )


def test_a_roster_passes_after_a_round_trip_through_json() -> None:
    from models.record import reader

    again = reader(Roster).validate_python(ROSTER.as_json())
    assert again == ROSTER
    assert rules(again) == []
    assert again.sessions[0].supervisor_code == ANN
