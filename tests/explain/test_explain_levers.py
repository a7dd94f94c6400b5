"""What would fix it: levers that are really solved again, by filling rosters anew and by filling them further."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterObjective
from models.unpaid_work.terms import HalfDay, Weekday
from solver.explain.levers import (
    NEW_SUPERVISOR,
    LeverKind,
    LeverReport,
    LeverSizes,
    candidate_levers,
    filled_further,
    what_would_fix_it,
)
from solver.explain.refilling import refilled
from solver.verify.unpaid_work import Drawn, broken_by, recompute_roster, verify_roster
from tests.support.fill import filled
from tests.support.unpaid import (
    ANN,
    X,
    Y,
    Z,
    drawn,
    honest_roster,
    open_on,
    person,
    problem,
    project,
    supervisor,
)

POLICY = default_policy()
LINES = ("placements", "sessions", "appointments")
TUESDAY_PEOPLE = (HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)
SATURDAY = project("P02", open_on(Weekday.SATURDAY), required_skills=("DRIVING",))


def solve(of: UnpaidWorkProblem) -> Roster:
    """Everybody into the cheapest slot, one after the other; checked."""
    roster = honest_roster(of, filled(of))
    assert verify_roster(of, roster, POLICY) == ()
    return roster


def anew(of: UnpaidWorkProblem, _roster: Roster) -> RosterObjective:
    return solve(of).objective


def fixed(of: UnpaidWorkProblem, **options: Any) -> LeverReport:
    return what_would_fix_it(of, POLICY, solve(of), anew, **options)


def test_a_saturday_supervisor_with_the_skill_is_found_and_solved() -> None:
    # X and Y can come on Saturdays alone, where P02 requires driving, and Ann does not drive. Each would lose
    # 7,200 minutes; with a driver on four Saturdays and 40 more weeks neither loses any.
    saturday: dict[str, Any] = {"availability": (HalfDay.SATURDAY_MORNING, HalfDay.SATURDAY_AFTERNOON)}
    weekdays = tuple(each for each in HalfDay if not each.startswith("SATURDAY"))
    of = problem(
        [person(X, **saturday), person(Y, **saturday), person(Z, availability=TUESDAY_PEOPLE)],
        [project(), SATURDAY],
        [supervisor(ANN, availability=weekdays)],
    )
    report = fixed(of, most=3)
    best = report.levers[0]
    assert (best.kind, best.name) == (LeverKind.SUPERVISOR, "a Saturday supervisor with driving")
    assert (best.minutes_saved, best.people_placed) == (14_400, 2)
    assert best.sentence == (
        "a Saturday supervisor with driving: 240 hours saved from expiry, 2 more people placed, 56 hours more offered"
    )
    # 8,000,000 for two people, 14,400 minutes at 200 and 3,360 at 40, less 4 * 420 supervised at 10.
    assert best.total_saved == 8_000_000 + 200 * 14_400 + 40 * 3_360 - 10 * 1_680
    assert report.before.unplaced_people == 2
    assert report.solved == min(3, report.candidates)


def test_places_of_a_full_project() -> None:
    of = problem(
        [person(crn, availability=TUESDAY_PEOPLE) for crn in (X, Y)],
        [project(places=1)],
        [supervisor(ANN)],
    )
    report = fixed(of, most=10, sizes=LeverSizes(places=1))
    by_kind = {each.kind: each for each in report.levers}
    assert by_kind[LeverKind.PLACES].name == "1 place more at P01"
    assert by_kind[LeverKind.PLACES].people_placed == 1
    # A second supervisor on Tuesdays cannot open a second session of the same project.
    assert by_kind[LeverKind.SUPERVISOR].total_saved == 0
    assert by_kind[LeverKind.SUPERVISOR].sentence.endswith("nothing found")


def test_places_beyond_what_a_supervisor_looks_after_are_none() -> None:
    of = problem([person(X), person(Y)], [project(places=1)], [supervisor(ANN, max_group=1)])
    kinds = {each.kind for each in candidate_levers(of, POLICY, solve(of), LeverSizes())}
    assert LeverKind.PLACES not in kinds


def test_another_open_day_a_half_day_and_a_journey() -> None:
    # X can come on Thursday mornings: P01 opened on Thursdays would do, and so would Tuesday mornings.
    of = problem([person(X, availability=(HalfDay.THURSDAY_MORNING,))])
    report = fixed(of, most=20)
    saved = {(each.kind, each.name) for each in report.levers if each.people_placed == 1}
    assert saved == {
        (LeverKind.OPEN_DAY, "P01 open on Thursdays too"),
        (LeverKind.HALF_DAY, "X000001 available on tuesday mornings too"),
    }
    # X lives 100 minutes away and travels 90.
    report = fixed(problem([person(X, travel_minutes=100)]), most=20)
    (best,) = [each for each in report.levers if each.people_placed]
    assert (best.kind, best.name) == (LeverKind.TRAVEL, "X000001 travelling up to 120 minutes each way")


def test_only_levers_for_one_person() -> None:
    of = problem([person(X, travel_minutes=100), person(Y, travel_minutes=110)])
    names = {each.name for each in candidate_levers(of, POLICY, solve(of), LeverSizes(), X)}
    assert names == {"X000001 travelling up to 120 minutes each way"}


def test_nothing_is_looked_for_where_nobody_loses_anything() -> None:
    report = fixed(problem([person(X)]))
    assert (report.levers, report.candidates, report.before.lost_minutes) == ((), 0, 0)
    assert report.as_json()["sentence"].startswith("0 of 0 possible changes were solved again")


def test_what_further_search_finds_is_no_lever() -> None:
    """A roster in hand that is worse than what the solver finds by itself must not make levers look good."""
    of = problem([person(X, travel_minutes=100), person(Y)])
    worse = honest_roster(of, drawn())
    report = what_would_fix_it(of, POLICY, worse, anew, most=20)
    assert report.before.unplaced_people == 1
    saving = [each.name for each in report.levers if each.people_placed]
    assert saving == ["X000001 travelling up to 120 minutes each way"]


def test_a_lever_never_makes_anything_worse() -> None:
    """A solver that finds less with the lever than without is not believed: the roster without it is one with it."""
    of = problem([person(X, travel_minutes=100), person(Y)])

    def tired(asked: UnpaidWorkProblem, roster: Roster) -> RosterObjective:
        return roster.objective if asked is of else honest_roster(asked, drawn()).objective

    report = what_would_fix_it(of, POLICY, solve(of), tired, most=1)
    assert (report.levers[0].total_saved, report.levers[0].objective) == (0, report.before)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_lever_of_an_invented_team_allows_more_and_no_less(seed: int) -> None:
    of = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=16, projects=5, supervisors=3, weeks=2
    )
    of = dataclasses.replace(of, people=tuple(dataclasses.replace(p, appointments=()) for p in of.people))
    roster = solve(of)
    levers = candidate_levers(of, POLICY, roster, LeverSizes())
    assert {each.kind for each in levers} >= {LeverKind.SUPERVISOR}
    for lever in levers:
        changed = dataclasses.replace(roster, bound=None)
        broken = {each.rule for each in verify_roster(lever.problem, changed, POLICY)}
        # Only somebody whom a rule kept out may now be taken in; no other rule becomes narrower.
        assert broken <= {"nobody_left_out", "claimed_sessions", "claimed_findings"}, lever.name
        assert lever.worth > 0
    assert [each.worth for each in levers] == sorted((each.worth for each in levers), reverse=True)
    codes = {each.staff_code for lever in levers for each in lever.problem.supervisors}
    assert codes <= {each.staff_code for each in of.supervisors} | {NEW_SUPERVISOR}


def test_filling_further_finds_what_one_more_supervisor_does() -> None:
    """Three people whom a group of at least two (expected) needs together; none of them could open it alone."""
    saturday: dict[str, Any] = {"availability": (HalfDay.SATURDAY_MORNING, HalfDay.SATURDAY_AFTERNOON)}
    weekdays = tuple(each for each in HalfDay if not each.startswith("SATURDAY"))
    group = project("P02", open_on(Weekday.SATURDAY), min_people=2)
    of = problem(
        [person(crn, **saturday) for crn in (X, Y, Z)], [group], [supervisor(ANN, availability=weekdays)]
    )
    report = what_would_fix_it(of, POLICY, solve(of), filled_further(POLICY), most=10)
    best = report.levers[0]
    assert (best.name, best.people_placed, best.minutes_saved) == ("a Saturday supervisor", 3, 3 * 7200)
    # 3 * 0.75 = 2.25 are expected, so the group runs; four Saturdays of 420 minutes are supervised.
    assert best.objective.supervised_minutes == 1680


def test_filling_further_leaves_a_group_closed_that_too_few_come_to() -> None:
    saturday: dict[str, Any] = {"availability": (HalfDay.SATURDAY_MORNING, HalfDay.SATURDAY_AFTERNOON)}
    group = project("P02", open_on(Weekday.SATURDAY), min_people=2)
    of = problem([person(crn, **saturday) for crn in (X, Y)], [group])
    found = refilled(of, POLICY, honest_roster(of, drawn()))
    assert (found.lines.sessions, found.objective.unplaced_people) == ((), 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_filled_further_is_sound_and_no_dearer(seed: int) -> None:
    of = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=18, projects=5, supervisors=4, weeks=2
    )
    of = dataclasses.replace(of, people=tuple(dataclasses.replace(p, appointments=()) for p in of.people))
    roster = honest_roster(of, drawn())
    found = refilled(of, POLICY, roster)
    assert broken_by(of, found.lines, POLICY) == ()
    assert found.objective == recompute_roster(of, found.lines, POLICY)
    assert found.objective.total < roster.objective.total
    again = honest_roster(of, Drawn(*(getattr(found.lines, name) for name in LINES)))
    assert refilled(of, POLICY, again).objective.total <= found.objective.total
