"""What holds where an extract leaves a field blank: the policy's defaults, field by field or for a whole problem."""

from __future__ import annotations

import dataclasses

from models.policy.unpaid_work import UnpaidWorkPolicy
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor


def weekly_minutes_min(person: Person, policy: UnpaidWorkPolicy) -> int:
    """The minutes a week that must be offered."""
    given = person.weekly_minutes_min
    return policy.defaults.weekly_minutes_min if given is None else given


def weekly_minutes_max(person: Person, policy: UnpaidWorkPolicy) -> int:
    """The most minutes a week."""
    given = person.weekly_minutes_max
    return policy.defaults.weekly_minutes_max if given is None else given


def attendance_probability(person: Person, policy: UnpaidWorkPolicy) -> float:
    """The chance that the person comes to an appointment, 0 to 1."""
    given = person.attendance_probability
    return policy.defaults.attendance_probability if given is None else given


def max_travel_minutes(person: Person, policy: UnpaidWorkPolicy) -> int:
    """The longest journey, minutes each way."""
    given = person.max_travel_minutes
    return policy.defaults.max_travel_minutes if given is None else given


def induction_done(person: Person, policy: UnpaidWorkPolicy) -> bool:
    """Whether the induction lies behind the person."""
    given = person.induction_done
    return policy.defaults.induction_done if given is None else given


def min_people(project: Project, policy: UnpaidWorkPolicy) -> int:
    """The least expected attendance of a running group session."""
    given = project.min_people
    return policy.defaults.min_people if given is None else given


def supervisor_minutes_max(supervisor: Supervisor, policy: UnpaidWorkPolicy) -> int:
    """The most minutes a week that the supervisor works."""
    given = supervisor.weekly_minutes_max
    return policy.defaults.supervisor_weekly_minutes_max if given is None else given


def max_group(supervisor: Supervisor, policy: UnpaidWorkPolicy) -> int:
    """The most people that the supervisor looks after at once."""
    given = supervisor.max_group
    return policy.defaults.supervisor_max_group if given is None else given


def filled(problem: UnpaidWorkProblem, policy: UnpaidWorkPolicy) -> UnpaidWorkProblem:
    """The problem with every blank field filled and its non-working days named.

    It has another input hash than `problem`, whose hash is the one to record.
    """
    return dataclasses.replace(
        problem,
        people=tuple(_filled_person(person, policy) for person in problem.people),
        projects=tuple(
            dataclasses.replace(project, min_people=min_people(project, policy))
            for project in problem.projects
        ),
        supervisors=tuple(
            dataclasses.replace(
                supervisor,
                weekly_minutes_max=supervisor_minutes_max(supervisor, policy),
                max_group=max_group(supervisor, policy),
            )
            for supervisor in problem.supervisors
        ),
        non_working_days=tuple(sorted(problem.closed_days)),
    )


def _filled_person(person: Person, policy: UnpaidWorkPolicy) -> Person:
    return dataclasses.replace(
        person,
        weekly_minutes_min=weekly_minutes_min(person, policy),
        weekly_minutes_max=weekly_minutes_max(person, policy),
        attendance_probability=attendance_probability(person, policy),
        max_travel_minutes=max_travel_minutes(person, policy),
        induction_done=induction_done(person, policy),
    )
