"""Today's practice, worked by hand: a walk over typed-in slots, one person at a time, that looks at nobody else."""

from __future__ import annotations

from models.policy.policy import default_policy
from models.unpaid_work.person import ExistingAllocation
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import Frequency, HalfDay, ProjectType, Weekday
from solver.unpaid_work.baselines import one_person_at_a_time
from solver.unpaid_work.draft import Draft
from solver.unpaid_work.facts import RosterFacts
from tests.support.unpaid import FIRST, X, Y, Z, day, open_on, person, problem, project, supervisor, told

NINE, FOUR = 540, 960
ON_TUESDAYS = ExistingAllocation("P01", Weekday.TUESDAY, Frequency.WEEKLY, NINE, FOUR, FIRST)


def made(asked: UnpaidWorkProblem, *, careful: bool = False) -> tuple[RosterFacts, Draft]:
    facts = RosterFacts(asked, default_policy())
    return facts, one_person_at_a_time(facts, careful=careful)


def days_of(facts: RosterFacts, draft: Draft, number: int) -> list[tuple[int, int]]:
    """(day of the horizon, minutes) of each booking of a requirement."""
    mine = (each for each in draft.bookings if each.requirement == number)
    return sorted((int(facts.sessions.day[each.session]), each.minutes) for each in mine)


def test_the_last_appointment_is_cut_short_and_the_placement_ends() -> None:
    # 1,000 minutes remain: two Tuesdays of 420 and one of 160.
    facts, draft = made(problem([person(required_minutes=1000, allocations=(ON_TUESDAYS,))]))
    assert days_of(facts, draft, 0) == [(1, 420), (8, 420), (15, 160)]
    (placement,) = draft.placements
    assert placement.end_date_inclusive == day(15)


def test_hours_that_do_not_fit_in_the_horizon_go_on() -> None:
    facts, draft = made(problem([person(allocations=(ON_TUESDAYS,))]))
    assert days_of(facts, draft, 0) == [(1, 420), (8, 420), (15, 420), (22, 420)]
    (placement,) = draft.placements
    assert (placement.start_date_inclusive, placement.end_date_inclusive) == (day(1), None)


def test_non_working_days_are_passed_over() -> None:
    facts, draft = made(problem([person(allocations=(ON_TUESDAYS,))], non_working_days=(day(8),)))
    assert [on for on, _ in days_of(facts, draft, 0)] == [1, 15, 22]


def test_told_appointments_stand_and_count() -> None:
    # 600 remain and the third Tuesday is told: it stands, and what is left goes to the first.
    asked = problem([person(required_minutes=600, appointments=(told(on=15),), allocations=(ON_TUESDAYS,))])
    facts, draft = made(asked)
    assert days_of(facts, draft, 0) == [(1, 180), (15, 420)]


def test_a_clerk_types_in_the_nearest_slot() -> None:
    # Wednesdays only, so P01 on Tuesdays is out; the first project with a Wednesday is taken.
    slots = {code: project(code, open_on(Weekday.WEDNESDAY)) for code in ("P02", "P03")}
    who = person(availability=(HalfDay.WEDNESDAY_MORNING, HalfDay.WEDNESDAY_AFTERNOON))
    facts, draft = made(problem([who], [project(), *slots.values()]))
    assert [on for on, _ in days_of(facts, draft, 0)] == [2, 9, 16, 23]
    assert {each.project_code for each in draft.placements} == {"P02"}


def test_headcount_is_ignored_unless_the_clerk_is_careful() -> None:
    # One place at P01 (Tuesdays), one at P02 (Wednesdays), two people who could take either.
    projects = [project(places=1), project("P02", open_on(Weekday.WEDNESDAY), places=1)]
    people = [person(X), person(Y)]
    _, draft = made(problem(people, projects))
    assert {each.project_code for each in draft.placements} == {"P01"}
    _, careful = made(problem(people, projects), careful=True)
    assert [each.project_code for each in careful.placements] == ["P01", "P02"]


def test_an_allocation_to_a_project_that_is_gone_is_typed_in_anew() -> None:
    gone = ExistingAllocation("P00", Weekday.TUESDAY, Frequency.WEEKLY, NINE, FOUR, FIRST)
    _, draft = made(problem([person(allocations=(gone,))]))
    assert [each.project_code for each in draft.placements] == ["P01"]


def test_the_induction_comes_first() -> None:
    induction = project(
        "P09", open_on(Weekday.MONDAY, NINE, 660), project_type=ProjectType.INDUCTION, supervisor_needed=False
    )
    facts, draft = made(problem([person(induction_done=False, required_minutes=540)], [project(), induction]))
    assert days_of(facts, draft, 0) == [(0, 120), (1, 420)]


def test_nobody_is_booked_who_may_go_nowhere_or_has_nothing_left() -> None:
    people = [person(X, excluded_project_codes=("P01",)), person(Y, credited_minutes=7200), person(Z)]
    _, draft = made(problem(people))
    assert {each.requirement for each in draft.bookings} == {2}


def test_the_larger_session_gets_the_only_supervisor() -> None:
    # Two projects on Tuesdays, one supervisor: three people at P02 and one at P01.
    projects = [project(), project("P02")]
    at = ExistingAllocation("P02", Weekday.TUESDAY, Frequency.WEEKLY, NINE, FOUR, FIRST)
    people = [
        person(f"X00000{number}", allocations=(ON_TUESDAYS if number == 1 else at,)) for number in range(1, 5)
    ]
    facts, draft = made(problem(people, projects, [supervisor()]))
    under = {int(facts.sessions.project[session]): who for session, who in draft.supervisor.items()}
    assert under == {0: None, 1: 0}
