"""Whole teams: a roster filled person by person wherever nothing is refused passes, and tampering is noticed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.roster import Appointment, Session
from models.unpaid_work.terms import ProjectType
from solver.verify.unpaid_work import (
    Drawn,
    Slot,
    broken_by,
    recompute_roster,
    sessions_of,
    slot_refusals,
    verify_roster,
)
from tests.support.unpaid import honest_roster

POLICY = default_policy()


def _slots(of: UnpaidWorkProblem) -> Iterator[tuple[Project, Slot]]:
    """Every open slot of the horizon by date, inductions first."""
    for day in of.days:
        if day in of.closed_days:
            continue
        for project in sorted(of.projects, key=lambda each: each.project_type is not ProjectType.INDUCTION):
            for each in project.availability:
                if each.open_on(day) and project.open_between(day):
                    yield project, Slot(project.project_code, day, each.start_time, each.end_time)


def _with_member(lines: Drawn, appointment: Appointment) -> Drawn:
    return dataclasses.replace(lines, appointments=(*lines.appointments, appointment))


def _with_session(of: UnpaidWorkProblem, lines: Drawn, slot: Slot, supervisor: str | None) -> Drawn:
    """The roster with one more session, filled with whoever is not refused."""
    session = Session(*slot, supervisor, 0, 0, 0.0, 0.0)
    filled = dataclasses.replace(lines, sessions=(*lines.sessions, session))
    for person in of.people:
        if slot_refusals(of, POLICY, person.key, slot, filled):
            continue
        booked = sum(
            each.minutes for each in filled.appointments if (each.crn, each.delius_event_number) == person.key
        )
        left = person.required_minutes + person.adjustment_minutes - person.credited_minutes - booked
        left -= min(person.credited_ete_minutes, person.required_minutes * 30 // 100)
        end = min(slot.end, slot.start + left)
        appointment = Appointment(
            *person.key, slot.project_code, slot.date, slot.start, end, supervisor, end - slot.start
        )
        filled = _with_member(filled, appointment)
    return filled


def _filled(of: UnpaidWorkProblem) -> Drawn:
    lines = Drawn()
    for project, slot in _slots(of):
        codes = [each.staff_code for each in of.supervisors] if project.supervisor_needed else [None]
        for code in codes:
            tried = _with_session(of, lines, slot, code)
            kept = {"nobody_left_out"} >= {each.rule for each in broken_by(of, tried, POLICY)}
            if kept and len(tried.appointments) > len(lines.appointments):
                lines = tried
                break
    return lines


def _team(seed: int) -> UnpaidWorkProblem:
    """A generated team that was told of nothing yet."""
    made = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=30, projects=5, supervisors=4, weeks=2
    )
    people = tuple(dataclasses.replace(person, appointments=(), allocations=()) for person in made.people)
    return dataclasses.replace(made, people=people)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_nothing_refuses_passes_together(seed: int) -> None:
    team = _team(seed)
    lines = _filled(team)
    assert len(lines.appointments) > 30
    roster = honest_roster(team, lines)
    assert verify_roster(team, roster, POLICY) == ()
    assert sum(each.booked for each in sessions_of(team, lines, POLICY)) == len(lines.appointments)
    # Whoever is sent home again is missed: by a rule, or in the sum.
    fewer = dataclasses.replace(lines, appointments=lines.appointments[1:])
    assert recompute_roster(team, fewer, POLICY) != roster.objective
    assert verify_roster(team, dataclasses.replace(roster, appointments=fewer.appointments), POLICY) != ()


def test_the_order_of_the_lines_is_no_matter() -> None:
    team = _team(1)
    lines = _filled(team)
    turned = Drawn((), lines.sessions[::-1], lines.appointments[::-1])
    assert recompute_roster(team, turned, POLICY) == recompute_roster(team, lines, POLICY)
    assert verify_roster(team, honest_roster(team, turned), POLICY) == ()
