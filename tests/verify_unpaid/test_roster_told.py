"""pinned and nobody_left_out: what was told stands unless a rule forbids it, and nobody is passed over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.allocation.terms import Sex
from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import RosterQuestion
from models.unpaid_work.terms import Absence, HalfDay, ProjectType, TravelMode, Weekday
from solver.verify.unpaid_work import roster_findings, told_refusals
from tests.support.unpaid import (
    ANN,
    BOB,
    FOUR,
    NINE,
    NOON,
    REPAIR,
    Book,
    X,
    Y,
    Z,
    broken,
    day,
    drawn,
    every_day,
    open_on,
    person,
    placement,
    problem,
    project,
    session,
    supervisor,
    told,
    violations,
)

PINNED = [("pinned", X)]


def dropped(of: UnpaidWorkProblem, *books: Book, **lines: Any) -> list[tuple[str, str | None]]:
    """The told appointments that the roster drops with an excuse: rule and person."""
    found = roster_findings(of, drawn(*books, **lines), default_policy())
    return [(each.rule, each.crn) for each in found if each.date is not None]


def test_a_told_appointment_stands_as_it_was_told() -> None:
    one = problem([person(appointments=(told(1),))], [every_day()])
    assert broken(one, Book(on=1)) == []
    assert broken(one, Book(on=2)) == PINNED
    assert broken(one, Book(on=1, end=FOUR - 1)) == PINNED
    (violation,) = violations(one, drawn(Book(on=8)))
    assert violation.sentence == (
        "X000001 (event 1) was told of P01 on 2026-11-24, 09:00 to 16:00, which the roster drops without need"
    )


def test_told_appointments_outside_the_horizon_are_no_matter() -> None:
    one = problem([person(appointments=(told(-6), told(29)))])
    assert broken(one, Book(on=1)) == []


def test_a_repair_may_drop_any() -> None:
    one = problem([person(appointments=(told(1),))])
    assert violations(one, drawn(Book(on=8)), question=REPAIR) == ()
    assert dropped(one, Book(on=8)) == []


ILL = replace(REPAIR, without_supervisors=(ANN,), dates=(day(1),))
SHUT = replace(REPAIR, closed_projects=("P01",), dates=(day(1), day(2)))


@pytest.mark.parametrize(
    ("question", "on", "rules"),
    [
        (ILL, 1, ["supervised"]),
        (ILL, 8, []),
        (SHUT, 1, ["project_open"]),
        (SHUT, 8, []),
        (replace(ILL, dates=()), 8, ["supervised"]),  # on all days
        (replace(SHUT, dates=()), 8, ["project_open"]),
        (replace(ILL, without_supervisors=(BOB,)), 1, []),
        (replace(SHUT, closed_projects=("P02",)), 1, []),
    ],
)
def test_a_repair_does_without_what_it_says(question: RosterQuestion, on: int, rules: list[str]) -> None:
    one = problem([person()], supervisors=[supervisor(), supervisor(BOB)])
    assert [each.rule for each in violations(one, drawn(Book(on=on)), question=question)] == rules


def test_what_a_repair_must_drop_is_a_finding_and_what_it_chose_to_is_none() -> None:
    one = problem([person(appointments=(told(1), told(8)))])
    for question, rules in ((ILL, ["supervised"]), (SHUT, ["project_open"]), (REPAIR, [])):
        assert [each.rule for each in roster_findings(one, drawn(), default_policy(), question)] == rules
        assert [rule for rule, _ in told_refusals(one, default_policy(), question).values()] == rules


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"availability": (HalfDay.TUESDAY_MORNING, HalfDay.FRIDAY_MORNING)}, "available"),
        ({"unavailable": (Absence(day(1), day(1)),)}, "available"),
        ({"excluded_project_codes": ("P01",)}, "suitable_project"),
        ({"travel_minutes": 91}, "travel_limit"),
        ({"weekly_minutes_max": 419}, "weekly_limit"),
        ({"required_minutes": 419}, "never_beyond_requirement"),
        ({"excluded_supervisor_codes": ("N03U001",)}, "supervisor_sex"),
    ],
)
def test_what_a_rule_over_the_person_forbids_is_dropped_as_a_finding(
    fields: dict[str, Any], rule: str
) -> None:
    one = problem([person(appointments=(told(1),), **fields)])
    assert broken(one) == []
    assert dropped(one) == [(rule, X)]
    assert [refusal[0] for refusal in told_refusals(one, default_policy()).values()] == [rule]
    assert rule in [found for found, _ in broken(one, Book())]  # and keeping it would break that rule


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        (project(), {"non_working_days": (day(1),)}),
        (project(end_date_exclusive=day(1)), {}),
        (project("P01", open_on(Weekday.WEDNESDAY)), {}),
        (project("P02"), {}),
    ],
)
def test_what_a_closed_project_forbids(where: Any, fields: dict[str, Any]) -> None:
    one = problem([person(appointments=(told(1),))], [where], **fields)
    assert broken(one) == []
    assert dropped(one) == [("project_open", X)]


def test_what_no_supervisor_could_have() -> None:
    for who in (
        supervisor(unavailable=(Absence(day(1), day(1)),)),
        supervisor(availability=(HalfDay.TUESDAY_MORNING,)),
        supervisor(weekly_minutes_max=419),
    ):
        one = problem([person(appointments=(told(1),))], supervisors=[who])
        assert broken(one) == []
        assert dropped(one) == [("supervised", X)]
        two = problem([person(appointments=(told(1),))], supervisors=[who, supervisor(BOB)])
        assert broken(two) == PINNED


def test_told_appointments_of_one_person_are_taken_by_date() -> None:
    # 840 minutes remain: of three days the first two stand, whatever the order of the input.
    one = problem([person(required_minutes=840, appointments=(told(15), told(1), told(8)))])
    assert broken(one, Book(on=1), Book(on=8)) == []
    assert dropped(one, Book(on=1), Book(on=8)) == [("never_beyond_requirement", X)]
    assert broken(one, Book(on=1), Book(on=15)) == PINNED


def test_told_appointments_of_two_events_at_once() -> None:
    people = [person(appointments=(told(1),)), person(event_number=2, appointments=(told(1, "P02"),))]
    one = problem(people, [every_day(), every_day("P02")], [supervisor(), supervisor(BOB)])
    assert dropped(one, Book(), Book(on=9, event=2)) == [("one_place_at_a_time", X)]
    assert broken(one, Book(), Book(on=9, event=2)) == []
    assert broken(one, Book(at="P02", event=2), Book(on=9)) == PINNED


def test_an_excused_one_makes_way_for_a_later_one() -> None:
    who = person(
        required_minutes=420, unavailable=(Absence(day(1), day(1)),), appointments=(told(1), told(8))
    )
    one = problem([who])
    assert broken(one, Book(on=8)) == []
    assert broken(one, Book(on=15)) == PINNED


# Induction: an appointment elsewhere stands while an induction may still come before it.

INDUCTION = project("IND", open_on(Weekday.MONDAY), project_type=ProjectType.INDUCTION)


def test_induction_before_a_told_appointment() -> None:
    who = person(induction_done=False, appointments=(told(1),))
    one = problem([who, person(Y, induction_done=False)], [project(), INDUCTION])
    assert broken(one, Book(on=0, at="IND"), Book(), Book(Y, on=0, at="IND")) == []
    # The induction on Monday runs and could have been had.
    assert broken(one, Book(Y, on=0, at="IND"), Book(on=7, at="IND")) == []  # a second one would be two
    assert broken(one, Book(on=0, at="IND"), Book(Y, on=0, at="IND")) == PINNED
    none = problem([who], [project()])
    assert dropped(none) == [("induction_first", X)]
    assert broken(none) == []


@pytest.mark.parametrize(
    ("fields", "induction", "possible"),
    [
        ({}, {}, True),
        ({}, {"start_date_inclusive": day(1)}, False),  # the first Monday is gone
        ({}, {"places": 0}, True),  # whether there is room is the roster's business
        ({"unavailable": (Absence(day(0), day(0)),)}, {}, False),
        ({"excluded_project_codes": ("IND",)}, {}, False),
        ({"appointments": (told(0),)}, {}, False),  # not on the day itself
    ],
)
def test_whether_an_induction_is_possible_before(
    fields: dict[str, Any], induction: dict[str, Any], possible: bool
) -> None:
    who = person(**{"induction_done": False, "appointments": (told(1),), **fields})
    fresh = project("IND", open_on(Weekday.MONDAY), **{"project_type": ProjectType.INDUCTION, **induction})
    one = problem([who], [every_day(), fresh])
    found = [rule for rule, _ in told_refusals(one, default_policy()).values()]
    assert found == ([] if possible else ["induction_first"])


def test_an_induction_that_runs_must_be_taken_for_what_was_told() -> None:
    who = person(induction_done=False, appointments=(told(1),))
    one = problem([who, person(Y, induction_done=False)], [project(), INDUCTION])
    assert broken(one, Book(Y, on=0, at="IND")) == [("pinned", X), ("nobody_left_out", X)]


def test_a_told_induction_of_someone_inducted() -> None:
    one = problem([person(appointments=(told(0, "IND"),))], [project(), INDUCTION])
    assert broken(one) == []
    assert dropped(one) == [("induction_first", X)]


# Together: those told for one session, when not all of them can come any longer.


def _three(**fields: Any) -> list[Any]:
    return [person(crn, appointments=(told(1),), attendance_probability=1.0, **fields) for crn in (X, Y, Z)]


def test_places_that_no_longer_suffice() -> None:
    one = problem(_three(), [project(places=2)])
    assert broken(one, Book(X), Book(Y)) == []
    assert broken(one, Book(Y), Book(Z)) == []  # whom to keep is the roster's choice
    assert dropped(one, Book(X), Book(Y)) == [("session_size", Z)]
    assert broken(one, Book(X)) == [
        ("pinned", Y),
        ("nobody_left_out", Y),
        ("pinned", Z),
        ("nobody_left_out", Z),
    ]


def test_a_smaller_supervisor_is_no_excuse_when_a_larger_one_is_free() -> None:
    small = supervisor(max_group=2)
    one = problem(_three(), supervisors=[small, supervisor(BOB)])
    assert broken(one, Book(X), Book(Y)) == [("pinned", Z)]
    without = problem(_three(), supervisors=[small])
    assert broken(without, Book(X), Book(Y)) == []


def test_a_larger_supervisor_who_may_not_is_no_way_out() -> None:
    small = supervisor(max_group=2, skills=("DRIVER",))
    unskilled = problem(_three(), [project(required_skills=("DRIVER",))], [small, supervisor(BOB)])
    assert broken(unskilled, Book(X), Book(Y)) == []
    people = [*_three()[:2], person(Z, appointments=(told(1),), excluded_supervisor_codes=(BOB,))]
    refused = problem(people, supervisors=[small, supervisor(BOB)])
    assert dropped(refused, Book(X), Book(Y)) == [("session_size", Z)]


@pytest.mark.parametrize(
    ("fields", "where", "rule"),
    [
        ({"risk_in_group": True}, {"risk_limit": 2}, "risk_in_group"),
        ({"travel_mode": TravelMode.PICK_UP}, {"vehicle_seats": 2}, "pick_up"),
    ],
)
def test_limits_that_those_told_exceed_together(
    fields: dict[str, Any], where: dict[str, Any], rule: str
) -> None:
    one = problem(_three(**fields), [project(**where)])
    assert broken(one, Book(X), Book(Y)) == []
    assert dropped(one, Book(X), Book(Y)) == [(rule, Z)]


def test_people_newly_kept_apart() -> None:
    people = [person(appointments=(told(1),)), person(Y, appointments=(told(1),), keep_apart_crns=(X,))]
    one = problem(people, [every_day()])
    assert broken(one, Book(X), Book(Y, on=2)) == []
    assert dropped(one, Book(X), Book(Y, on=2)) == [("keep_apart", Y)]


def test_too_few_left_for_a_session() -> None:
    for least, expected in ((3, PINNED), (4, [])):
        one = problem(_three(), [every_day(min_people=least)], weeks=1)
        rest = [("pinned", Y), ("pinned", Z)] if expected else []
        elsewhere = [Book(crn, on=3) for crn in (X, Y, Z)]
        found = [each for each in broken(one, *elsewhere) if each[0] == "pinned"]
        assert found == [*expected, *rest], least


def test_one_supervisor_for_two_told_sessions() -> None:
    people = [person(appointments=(told(1),)), person(Y, appointments=(told(1, "P02"),))]
    projects = [every_day(), every_day("P02")]
    one = problem(people, projects)
    assert broken(one, Book(X), Book(Y, on=2, at="P02")) == []
    assert dropped(one, Book(X), Book(Y, on=2, at="P02")) == [("supervised", Y)]
    # What keeps the supervisor from it must itself have been told.
    other = problem([person(), people[1]], projects)
    assert broken(other, Book(X), Book(Y, on=2, at="P02")) == [("pinned", Y)]
    two = problem(people, projects, [supervisor(), supervisor(BOB)])
    assert broken(two, Book(X), Book(Y, on=2, at="P02", under=BOB)) == [("pinned", Y)]


def test_a_supervisor_whom_told_work_fills_for_the_week() -> None:
    people = [person(appointments=(told(1),)), person(Y, appointments=(told(2),))]
    for most, expected in ((420, []), (840, [("pinned", Y)])):
        one = problem(people, [every_day()], [supervisor(weekly_minutes_max=most)])
        assert broken(one, Book(X), Book(Y, on=8)) == expected


def test_two_told_times_that_overlap_at_one_project() -> None:
    people = [person(appointments=(told(1),)), person(Y, appointments=(told(1, start=NOON),))]
    one = problem(people, supervisors=[supervisor(), supervisor(BOB)])
    assert broken(one, Book(X), Book(Y, on=8)) == []
    assert dropped(one, Book(X), Book(Y, on=8)) == [("project_open", Y)]


def test_a_session_that_needs_no_supervisor() -> None:
    one = problem([person(appointments=(told(1),))], [project(supervisor_needed=False)], [])
    assert broken(one, Book(under=None)) == []
    assert broken(one) == PINNED


# nobody_left_out

TIRED = [("nobody_left_out", Y)]


def test_whoever_a_running_session_could_take_is_taken() -> None:
    one = problem([person(), person(Y)])
    assert broken(one) == []  # no session runs
    assert broken(one, Book(X), Book(Y)) == []
    (violation,) = violations(one, drawn(Book(X)))
    assert (violation.rule, violation.crn) == TIRED[0]
    assert violation.sentence == (
        "X000002 (event 1) has no appointment, and the session at P01 on 2026-11-24, 09:00 to 16:00 could take them"
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"required_minutes": 0}, []),
        ({"required_minutes": 1}, TIRED),  # for the first minute
        ({"required_minutes": 180, "availability": (HalfDay.TUESDAY_MORNING,)}, TIRED),
        ({"required_minutes": 211, "availability": (HalfDay.TUESDAY_MORNING,)}, []),  # 12:31
        ({"availability": (HalfDay.TUESDAY_MORNING,)}, []),
        ({"complete_by": day(0)}, []),
        ({"excluded_project_codes": ("P01",)}, []),
        ({"travel_minutes": 91}, []),
        ({"weekly_minutes_max": 419}, []),
        ({"induction_done": False}, []),
        ({"keep_apart_crns": (X,)}, []),
        ({"no_male_supervisor": True}, []),
        ({"risk_in_group": True}, []),
        ({"travel_mode": TravelMode.PICK_UP}, []),
    ],
)
def test_who_could_not_join(fields: dict[str, Any], expected: list[Any]) -> None:
    where = project(risk_limit=0, vehicle_seats=0)
    one = problem([person(), person(Y, **fields)], [where], [supervisor(sex=Sex.MALE)])
    assert broken(one, Book(X)) == expected


def test_joining_is_judged_by_the_exact_tail() -> None:
    # One place, X comes with chance 0.5: Y with 0.1 makes 0.05, the edge.
    for chance, expected in ((0.1, TIRED), (0.11, [])):
        people = [person(attendance_probability=0.5), person(Y, attendance_probability=chance)]
        assert broken(problem(people, [project(places=1)]), Book(X)) == expected


def test_another_event_of_the_same_person_takes_the_day() -> None:
    people = [person(), person(event_number=2)]
    one = problem(people, [every_day()])
    assert broken(one, Book(X)) == []  # the same session twice is no option
    assert broken(one, Book(X), Book(X, on=2, event=2)) == []
    third = problem([*people, person(Y)], [every_day()])
    assert broken(third, Book(X), Book(Y, on=2)) == [("nobody_left_out", X)]


def test_a_placement_alone_is_no_appointment() -> None:
    one = problem([person(), person(Y)])
    assert broken(one, Book(X), placements=[placement(Y)]) == TIRED


def test_a_session_without_anybody_could_take_somebody() -> None:
    one = problem([person()])
    assert broken(one, sessions=[session(start=NINE)]) == [("nobody_left_out", X)]
