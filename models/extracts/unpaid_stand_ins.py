"""Stand-ins for faulty records of unpaid work: what is sound in them, and harmless values elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set
from typing import Any

from models.extracts.records import Records, stand_in_name, stand_in_of
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor

_PERSON: Mapping[str, Any] = {
    "crn": "X000000",
    "requiredMinutes": 0,
    "sentenceDate": "1950-01-01",
    "completeBy": "2150-12-31",
    "availability": (),
}
_PROJECT: Mapping[str, Any] = {"projectCode": "X", "projectType": "GROUP", "places": 10_000}
_SUPERVISOR: Mapping[str, Any] = {"staffCode": "X", "availability": ()}


def add_person_stand_in(
    records: Records[Person], number: int, values: Mapping[str, Any], bad: Set[str]
) -> None:
    """A stand-in for the person of these values, of which the fields `bad` have faults."""
    person, sound = stand_in_of(Person, _PERSON, values, bad)
    harmless: dict[str, Any] = {}
    if "crn" not in sound or "eventNumber" in bad:
        harmless |= {"crn": stand_in_name(number)}
        records.known = False
    if bad & {"weeklyMinutesMin", "weeklyMinutesMax"}:
        harmless |= {"weekly_minutes_min": None, "weekly_minutes_max": None}
    records.add(dataclasses.replace(person, **harmless), number)


def add_project_stand_in(
    records: Records[Project], number: int, values: Mapping[str, Any], bad: Set[str]
) -> None:
    """A stand-in for the project of these values, of which the fields `bad` have faults."""
    project, sound = stand_in_of(Project, _PROJECT, values, bad)
    if "projectCode" not in sound:
        project = dataclasses.replace(project, project_code=stand_in_name(number))
        records.known = False
    records.add(project, number)


def add_supervisor_stand_in(
    records: Records[Supervisor], number: int, values: Mapping[str, Any], bad: Set[str]
) -> None:
    """A stand-in for the supervisor of these values, of which the fields `bad` have faults."""
    supervisor, sound = stand_in_of(Supervisor, _SUPERVISOR, values, bad)
    if "staffCode" not in sound:
        supervisor = dataclasses.replace(supervisor, staff_code=stand_in_name(number))
        records.known = False
    records.add(supervisor, number)
