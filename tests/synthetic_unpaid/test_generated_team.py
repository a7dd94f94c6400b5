"""Generated unpaid work teams are sound, in proportion, and made again by the same arguments."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from models.errors import UsageError
from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.synthetic.unpaid_bookings import GONE
from models.synthetic.unpaid_work import DrawnTeam
from models.unpaid_work.checks import JsonPlaces, unpaid_work_faults
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.reckoning import remaining_minutes, travel_minutes_each_way
from models.unpaid_work.roster import Appointment, Session
from models.unpaid_work.terms import (
    Frequency,
    HalfDay,
    PlacementPreference,
    ProjectType,
    Weekday,
    half_days_touched,
)
from solver.verify.unpaid_work.checker import broken_by
from solver.verify.unpaid_work.facts import Drawn

POLICY = default_policy()


def test_the_same_arguments_make_the_same_team() -> None:
    parameters = unpaid_work_parameters()
    first = generate_unpaid_work(parameters, seed=3, people=40, projects=5, supervisors=4, weeks=4)
    again = generate_unpaid_work(parameters, seed=3, people=40, projects=5, supervisors=4, weeks=4)
    other = generate_unpaid_work(parameters, seed=4, people=40, projects=5, supervisors=4, weeks=4)
    assert first == again
    assert first.input_hash == again.input_hash != other.input_hash


@pytest.mark.parametrize(
    ("people", "projects", "supervisors", "weeks"),
    [(1, 1, 0, 1), (2, 2, 1, 26), (30, 3, 2, 4), (90, 14, 20, 12), (60, 40, 3, 2), (40, 6, 0, 3)],
)
def test_a_team_of_any_size_has_the_sizes_asked_for_and_no_fault(
    people: int, projects: int, supervisors: int, weeks: int
) -> None:
    for seed in range(3):
        made = generate_unpaid_work(
            unpaid_work_parameters(),
            seed=seed,
            people=people,
            projects=projects,
            supervisors=supervisors,
            weeks=weeks,
            start=dt.date(2027, 3, 15),
        )
        assert (len(made.people), len(made.projects), len(made.supervisors)) == (
            people,
            projects,
            supervisors,
        )
        assert (made.first, made.weeks) == (dt.date(2027, 3, 15), weeks)
        assert unpaid_work_faults(made, JsonPlaces()) == []
        assert all(project.availability for project in made.projects)


@pytest.mark.parametrize(
    ("argument", "number"),
    [
        ("people", 0),
        ("people", 20_001),
        ("projects", 0),
        ("projects", 901),
        ("supervisors", 901),
        ("weeks", 27),
    ],
)
def test_a_team_that_cannot_be_made_is_refused(argument: str, number: int) -> None:
    sizes = {"people": 10, "projects": 3, "supervisors": 2, "weeks": 4} | {argument: number}
    with pytest.raises(UsageError, match=f"{number} {argument} cannot be made"):
        generate_unpaid_work(
            unpaid_work_parameters(),
            seed=1,
            people=sizes["people"],
            projects=sizes["projects"],
            supervisors=sizes["supervisors"],
            weeks=sizes["weeks"],
        )


@pytest.mark.parametrize("year", [1900, 9999])
def test_a_team_in_no_possible_year_is_refused(year: int) -> None:
    with pytest.raises(UsageError, match=f"cannot begin in {year}"):
        generate_unpaid_work(unpaid_work_parameters(), seed=1, people=10, start=dt.date(year, 12, 31))


def told_roster(team: DrawnTeam) -> Drawn:
    """The told appointments as a roster, in the regular sessions behind them."""
    told = {(each.project_code, each.date) for person in team.problem.people for each in person.appointments}
    under: dict[tuple[str, dt.date], str | None] = {}
    sessions = []
    for running in team.running:
        code = None if running.supervisor is None else running.supervisor.staff_code
        for day in running.dates:
            key = running.project.project_code, day
            if key in told:
                assert key not in under, "one session a day"
                under[key] = code
                slot = running.slot
                sessions.append(Session(*key, slot.start_time, slot.end_time, code, 0, 0, 0.0, 0.0))
    appointments = [
        Appointment(
            person.crn,
            person.event_number,
            each.project_code,
            each.date,
            each.start_time,
            each.end_time,
            under[each.project_code, each.date],
            each.end_time - each.start_time,
        )
        for person in team.problem.people
        for each in person.appointments
    ]
    return Drawn((), tuple(sessions), tuple(appointments))


def test_what_was_told_breaks_no_rule_but_where_people_are_away_since(team: DrawnTeam) -> None:
    roster = told_roster(team)
    assert len(roster.appointments) > 50
    broken = broken_by(team.problem, roster, POLICY)
    away = [each for each in broken if each.rule == "available"]
    assert {each.rule for each in broken} <= {"available", "nobody_left_out"}
    assert all("is away on" in each.sentence for each in away)
    assert 0 < len(away) <= 6


def test_the_checker_would_notice_a_told_appointment_that_breaks_a_rule(team: DrawnTeam) -> None:
    sound = told_roster(team)
    inductions = {
        project.project_code
        for project in team.problem.projects
        if project.project_type is ProjectType.INDUCTION
    }
    wrong = next(code for code in sorted(inductions))
    moved = [
        Session(wrong, each.date, each.start_time, each.end_time, each.supervisor_code, 0, 0, 0.0, 0.0)
        for each in sound.sessions
    ]
    broken = broken_by(team.problem, Drawn((), tuple(moved), sound.appointments), POLICY)
    assert {each.rule for each in broken} > {"available", "nobody_left_out"}


def test_allocations_lie_in_slots_that_suit_the_person(team: DrawnTeam) -> None:
    projects = {project.project_code: project for project in team.problem.projects}
    count = 0
    for person in team.problem.people:
        days = [each.day_of_week for each in person.allocations]
        assert len(set(days)) == len(days)
        for each in person.allocations:
            if each.project_code == GONE:
                continue
            count += 1
            project = projects[each.project_code]
            assert any(
                (slot.day_of_week, slot.frequency, slot.start_time, slot.end_time)
                == (each.day_of_week, each.frequency, each.start_time, each.end_time)
                and slot.open_on(each.start_date_inclusive)
                for slot in project.availability
            )
            touched = half_days_touched(each.day_of_week, each.start_time, each.end_time)
            assert set(touched) <= set(person.availability)
            assert person.sentence_date <= each.start_date_inclusive
            most = person.max_travel_minutes or POLICY.unpaid_work.defaults.max_travel_minutes
            assert travel_minutes_each_way(person, project, POLICY.unpaid_work) <= most
    assert count > 40


def test_two_events_are_of_one_person(teams: list[DrawnTeam]) -> None:
    for team in teams:
        by_crn: dict[str, list[Person]] = {}
        for person in team.problem.people:
            by_crn.setdefault(person.crn, []).append(person)
        pairs = [events for events in by_crn.values() if len(events) > 1]
        assert 5 <= len(pairs) <= 8
        for first, second in pairs:
            assert (first.event_number, second.event_number) == (1, 2)
            assert (first.sex, first.availability, first.location) == (
                second.sex,
                second.availability,
                second.location,
            )
            assert not (first.allocations and second.allocations)


def share(problems: list[UnpaidWorkProblem], count: int) -> float:
    return count / sum(len(problem.people) for problem in problems)


def test_the_mix_is_as_the_parameters_say(teams: list[DrawnTeam]) -> None:
    problems = [team.problem for team in teams]
    people = [person for problem in problems for person in problem.people]
    policy, parameters = POLICY.unpaid_work, unpaid_work_parameters()
    assert {person.required_minutes // 60 for person in people} <= set(range(40, 301))
    assert all(person.required_minutes % 60 == 0 for person in people)
    new = [person for person in people if not person.induction_done]
    assert abs(share(problems, len(new)) - parameters.progress.new) < 0.03
    finished = sum(remaining_minutes(person, policy) == 0 for person in people)
    assert 0 < share(problems, finished) < 0.05
    past = sum(person.complete_by < problem.first for problem in problems for person in problem.people)
    soon = sum(
        problem.first <= person.complete_by < problem.end for problem in problems for person in problem.people
    )
    assert 0.005 < share(problems, past) < 0.03
    assert 0.03 < share(problems, soon) < 0.12
    chances = [each.attendance_probability for each in people if each.attendance_probability is not None]
    assert abs(sum(chances) / len(chances) - parameters.attendance.mean) < 0.02
    assert min(chances) >= parameters.attendance.least
    assert max(chances) <= parameters.attendance.most
    assert (
        0 < max(person.credited_ete_minutes for person in people) <= parameters.requirements.ete_most_minutes
    )
    assert {person.placement_preference for person in people} == set(PlacementPreference)
    assert any(person.keep_apart_crns for person in people)
    assert any(person.unavailable for person in people)
    assert set(parameters.travel.modes) == {person.travel_mode for person in people}


def test_people_come_when_their_pattern_lets_them(teams: list[DrawnTeam]) -> None:
    people = [person for team in teams for person in team.problem.people]
    working = {f"{day}_{part}" for day in list(Weekday)[:5] for part in ("MORNING", "AFTERNOON")}
    weekend_only = [
        person for person in people if person.availability and not working & set(person.availability)
    ]
    assert 0.15 < len(weekend_only) / len(people) < 0.33
    whole_friday = Counter(
        (HalfDay.FRIDAY_MORNING in person.availability, HalfDay.FRIDAY_AFTERNOON in person.availability)
        for person in people
    )
    assert whole_friday[True, False] > 0, "some keep Friday afternoon free"
    assert all(
        list(person.availability) == [h for h in HalfDay if h in person.availability] for person in people
    )


def test_projects_are_of_every_kind_with_slots_over_the_week(team: DrawnTeam) -> None:
    kinds = Counter(project.project_type for project in team.problem.projects)
    assert kinds == {ProjectType.GROUP: 7, ProjectType.INDIVIDUAL: 2, ProjectType.INDUCTION: 1}
    assert sum(project.female_only for project in team.problem.projects) == 1
    days = {slot.day_of_week for project in team.problem.projects for slot in project.availability}
    assert days == set(Weekday)
    for project in team.problem.projects:
        assert (project.project_type is ProjectType.INDIVIDUAL) == (not project.supervisor_needed)
        slots = [(slot.day_of_week, slot.start_time) for slot in project.availability]
        assert len(set(slots)) == len(slots)


def test_fortnights_and_commitments_occur(teams: list[DrawnTeam]) -> None:
    projects = [project for team in teams for project in team.problem.projects]
    assert any(slot.frequency is Frequency.FORTNIGHTLY for each in projects for slot in each.availability)
    for found in (
        any(each.commitment_sessions_per_week for each in projects),
        any(each.end_date_exclusive for each in projects),
        any(each.vehicle_seats for each in projects),
        any(each.risk_limit for each in projects),
        any(each.tags for each in projects),
        any(each.required_skills for each in projects),
    ):
        assert found


def test_supervisors_cover_the_week_and_the_skills(team: DrawnTeam) -> None:
    supervisors = team.problem.supervisors
    assert len({each.staff_code for each in supervisors}) == 9
    assert {half_day.split("_")[0] for each in supervisors for half_day in each.availability} == set(Weekday)
    assert {skill for each in supervisors for skill in each.skills} == {"DRIVING", "POWER_TOOLS"}
    assert any(each.weekly_minutes_max is not None for each in supervisors)
    assert any(each.unavailable for each in supervisors)
    assert len({each.sex for each in supervisors}) == 2
