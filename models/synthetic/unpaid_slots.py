"""The regular sessions behind what is arranged already: every recurring slot with the supervisor who runs it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from models.allocation.terms import Sex
from models.synthetic.unpaid_projects import dates_of
from models.synthetic.unpaid_team import Team
from models.unpaid_work.bank_holidays import bank_holidays
from models.unpaid_work.defaults import max_group, max_travel_minutes, supervisor_minutes_max
from models.unpaid_work.person import Person
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.reckoning import travel_minutes_each_way
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import (
    Frequency,
    HalfDay,
    PlacementPreference,
    ProjectType,
    TravelMode,
    half_days_touched,
)


@dataclass(frozen=True)
class RunningSlot:
    """A slot that runs. supervisor: None where none is needed. dates: of the horizon, the supervisor's leave out.

    members: who has it as a regular placement, by position; it grows as placements are made.
    """

    project: Project
    slot: OpenSlot
    supervisor: Supervisor | None
    places: int
    dates: tuple[dt.date, ...]
    members: list[int] = field(default_factory=list)

    @cached_property
    def touched(self) -> frozenset[HalfDay]:
        """The half-days that a session touches."""
        slot = self.slot
        return frozenset(half_days_touched(slot.day_of_week, slot.start_time, slot.end_time))

    @property
    def minutes(self) -> int:
        """How long a session is."""
        return self.slot.end_time - self.slot.start_time


def draw_running_slots(
    team: Team, projects: Sequence[Project], supervisors: Sequence[Supervisor]
) -> list[RunningSlot]:
    """The slots for which there is a supervisor on that weekday, one session a day each; the others stay empty."""
    closed = frozenset(bank_holidays(team.start, team.end))
    busy: set[tuple[str, str]] = set()
    minutes: Counter[str] = Counter()
    slots = [(project, slot) for project in projects for slot in project.availability]
    running = []
    for place in team.rng.permutation(len(slots)).tolist():
        project, slot = slots[place]
        dates = [day for day in dates_of(slot, project, team.start, team.end) if day not in closed]
        length = slot.end_time - slot.start_time
        if not project.supervisor_needed:
            running.append(RunningSlot(project, slot, None, project.places, tuple(dates)))
            continue
        able = [
            each
            for each in supervisors
            if _may_run(each, project, slot)
            and (each.staff_code, slot.day_of_week) not in busy
            and minutes[each.staff_code] + length <= supervisor_minutes_max(each, team.policy)
        ]
        if not able:
            continue
        # Whoever can do least goes first, so that the scarce ones stay free for what only they can do.
        chosen = min(able, key=lambda each: (len(each.skills), minutes[each.staff_code], each.staff_code))
        busy.add((chosen.staff_code, slot.day_of_week))
        minutes[chosen.staff_code] += length
        places = min(project.places, max_group(chosen, team.policy))
        present = tuple(day for day in dates if not chosen.away(day))
        running.append(RunningSlot(project, slot, chosen, places, present))
    return sorted(running, key=lambda each: (each.project.project_code, each.slot.day_of_week.number))


def _may_run(supervisor: Supervisor, project: Project, slot: OpenSlot) -> bool:
    touched = half_days_touched(slot.day_of_week, slot.start_time, slot.end_time)
    return set(touched) <= set(supervisor.availability) and set(project.required_skills) <= set(
        supervisor.skills
    )


def suits(team: Team, person: Person, running: RunningSlot) -> bool:
    """Whether the person may go to the slot, by every rule that looks at the two alone."""
    project, supervisor = running.project, running.supervisor
    return (
        running.touched.issubset(person.availability)
        and not set(project.tags) & set(person.restrictions)
        and set(person.needs) <= set(project.features)
        and project.project_code not in person.excluded_project_codes
        and _suits_group(person, project)
        and (supervisor is None or _suits_supervisor(person, supervisor))
        and travel_minutes_each_way(person, project, team.policy) <= max_travel_minutes(person, team.policy)
    )


def _suits_group(person: Person, project: Project) -> bool:
    if project.female_only and person.sex is not Sex.FEMALE:
        return False
    if project.project_type is ProjectType.INDUCTION:
        return True
    if person.placement_preference is PlacementPreference.INDIVIDUAL:
        return project.project_type is ProjectType.INDIVIDUAL
    if person.placement_preference is PlacementPreference.FEMALE_ONLY_GROUP:
        return project.female_only or project.project_type is ProjectType.INDIVIDUAL
    return True


def _suits_supervisor(person: Person, supervisor: Supervisor) -> bool:
    if supervisor.staff_code in person.excluded_supervisor_codes:
        return False
    if person.no_male_supervisor and supervisor.sex is not Sex.FEMALE:
        return False
    return not (person.no_female_supervisor and supervisor.sex is not Sex.MALE)


def has_room(people: Sequence[Person], number: int, running: RunningSlot) -> bool:
    """Whether one more fits: places, risks, seats, and nobody to be kept apart from."""
    if len(running.members) >= running.places:
        return False
    person, members = people[number], [people[each] for each in running.members]
    apart = any(person.crn in each.keep_apart_crns or each.crn in person.keep_apart_crns for each in members)
    limit, seats = running.project.risk_limit, running.project.vehicle_seats
    risks = sum(each.risk_in_group for each in (*members, person))
    collected = sum(each.travel_mode is TravelMode.PICK_UP for each in (*members, person))
    return (
        not apart
        and (limit is None or not person.risk_in_group or risks <= limit)
        and (seats is None or person.travel_mode is not TravelMode.PICK_UP or collected <= seats)
    )


def weekly_minutes(running: RunningSlot) -> int:
    """The most minutes that the slot takes in a week."""
    return 0 if running.slot.frequency is Frequency.ONCE else running.minutes
