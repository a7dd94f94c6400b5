"""Tiny unpaid work teams drawn by seed, small enough to try every roster of them.

All times are multiples of an hour from the start of a session, so that appointments of one or two hours are all that
can be worth while.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from models.allocation.terms import Sex
from models.unpaid_work.checks import JsonPlaces, unpaid_work_faults
from models.unpaid_work.person import ExistingAllocation, Person, ToldAppointment
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import (
    WEEK,
    Absence,
    Frequency,
    HalfDay,
    PlacementPreference,
    ProjectType,
    TravelMode,
)

FIRST = dt.date(2026, 11, 23)
HOURS = (60, 120)
"""The lengths that appointments may have."""

_STARTS = (540, 690, 780)  # 09:00; 11:30, over the end of the morning; 13:00
_CHANCES = (1.0, 0.9, 0.75, 0.5, 0.25)


def tiny_team(seed: int) -> UnpaidWorkProblem:
    """A team of 2 to 4 requirements, 1 to 3 slots, 1 or 2 weeks and up to 2 supervisors. Sound, whatever the seed."""
    return _Drawing(random.Random(seed)).team()


class _Drawing:
    def __init__(self, random_: random.Random) -> None:
        self._random = random_
        self.weeks = self._random.choice((1, 1, 2))
        self.first = FIRST + dt.timedelta(days=self._random.choice((0, 0, 2)))
        self._days = 7 * self.weeks

    def team(self) -> UnpaidWorkProblem:
        projects = self._projects()
        people = self._people(projects)
        supervisors = tuple(self._supervisor(number) for number in range(self._random.choice((1, 1, 2))))
        closed = (self._day(),) if self._once_in(8) else ()
        made = UnpaidWorkProblem(self.first, self.weeks, people, projects, supervisors, closed)
        assert not unpaid_work_faults(made, JsonPlaces())
        return made

    def _once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0

    def _day(self) -> dt.date:
        return self.first + dt.timedelta(days=self._random.randrange(self._days))

    def _projects(self) -> tuple[Project, ...]:
        slots = 3 if self.weeks == 1 else self._random.choice((1, 2))
        count = self._random.choice((1, 2)) if slots > 1 else 1
        shares = [slots] if count == 1 else [1, slots - 1]
        found = [self._project(number, share) for number, share in enumerate(shares)]
        return tuple(found)

    def _project(self, number: int, slots: int) -> Project:
        kind = self._random.choice((ProjectType.GROUP, ProjectType.GROUP, ProjectType.INDIVIDUAL))
        if self._once_in(7):
            kind = ProjectType.INDUCTION
        fields: dict[str, Any] = {
            "places": self._random.choice((1, 1, 2, 3)),
            "min_people": self._random.choice((0, 0, 1)),
        }
        if self._once_in(6):
            fields["risk_limit"] = self._random.choice((0, 1))
        if self._once_in(6):
            fields["vehicle_seats"] = self._random.choice((0, 1))
        if self._once_in(12):
            fields["female_only"] = True
        if self._once_in(8):
            fields["required_skills"] = ("CHAINSAW",)
        if self._once_in(6):
            fields["tags"], fields["features"] = ("CHILDREN",), ("STEP_FREE",)
        if self._once_in(5):
            fields["commitment_sessions_per_week"] = 1
        supervised = kind is ProjectType.GROUP or self._once_in(3)
        return Project(
            f"P0{number + 1}",
            kind,
            availability=tuple(self._slot() for _ in range(slots)),
            supervisor_needed=supervised,
            **fields,
        )

    def _slot(self) -> OpenSlot:
        start = self._random.choice(_STARTS)
        return OpenSlot(
            self._random.choice(WEEK[:3]),
            self.first - dt.timedelta(days=self._random.choice((0, 7))),
            start,
            start + 120,
            self._random.choice((Frequency.WEEKLY, Frequency.WEEKLY, Frequency.FORTNIGHTLY)),
            self.first + dt.timedelta(days=self._days - 2) if self._once_in(10) else None,
        )

    def _people(self, projects: tuple[Project, ...]) -> tuple[Person, ...]:
        count = self._random.choice((2, 3, 3, 4))
        crns = [f"X00000{number + 1}" for number in range(count)]
        if self._once_in(4):
            crns[1] = crns[0]
        sexes = {crn: self._random.choice((None, Sex.FEMALE, Sex.MALE)) for crn in crns}
        found = []
        for number, crn in enumerate(crns):
            event = 2 if crn in crns[:number] else 1
            fields: dict[str, Any] = {"sex": sexes[crn], "event_number": event}
            fields |= self._demands([other for other in crns if other != crn])
            fields |= self._past(projects)
            found.append(self._person(crn, **fields))
        return tuple(found)

    def _person(self, crn: str, **fields: Any) -> Person:
        least = self._random.choice((60, 120, 240))
        end = self.first + dt.timedelta(days=self._days)
        return Person(
            crn,
            required_minutes=self._random.choice((60, 120, 180, 240, 360, 720)),
            sentence_date=self.first + dt.timedelta(days=self._random.choice((-30, -30, -30, 2))),
            complete_by=end + dt.timedelta(days=self._random.choice((-3, 3, 15, 40))),
            availability=self._half_days(),
            weekly_minutes_min=least,
            weekly_minutes_max=least + self._random.choice((0, 60, 240)),
            attendance_probability=self._random.choice(_CHANCES),
            travel_minutes=100 if self._once_in(12) else self._random.choice((0, 10, 20, 30)),
            **fields,
        )

    def _half_days(self) -> tuple[HalfDay, ...]:
        drawn = tuple(each for each in list(HalfDay)[:9] if self._random.random() < 0.8)
        return drawn if self._once_in(3) else tuple(HalfDay)

    def _demands(self, others: list[str]) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "risk_in_group": self._once_in(4),
            "travel_mode": self._random.choice((TravelMode.PUBLIC, TravelMode.PUBLIC, TravelMode.PICK_UP)),
            "induction_done": not self._once_in(8),
            "no_male_supervisor": self._once_in(14),
            "no_female_supervisor": self._once_in(14),
        }
        if self._once_in(12):
            fields["excluded_supervisor_codes"] = ("N03U001",)
        if self._once_in(12):
            fields["excluded_project_codes"] = ("P01",)
        if self._once_in(10):
            fields["restrictions"] = ("CHILDREN",)
        if self._once_in(10):
            fields["needs"] = ("STEP_FREE",)
        if self._once_in(10):
            fields["placement_preference"] = self._random.choice(list(PlacementPreference))
        if others and self._once_in(5):
            fields["keep_apart_crns"] = (self._random.choice(others),)
        if self._once_in(5):
            day = self._day()
            fields["unavailable"] = (Absence(day, day + dt.timedelta(days=1)),)
        return fields

    def _past(self, projects: tuple[Project, ...]) -> dict[str, Any]:
        """What was there already: an allocation, a told appointment."""
        fields: dict[str, Any] = {}
        project = self._random.choice(projects)
        slot = self._random.choice(project.availability)
        if self._once_in(4):
            fields["allocations"] = (
                ExistingAllocation(
                    project.project_code,
                    slot.day_of_week,
                    slot.frequency,
                    slot.start_time,
                    slot.start_time + self._random.choice(HOURS),
                    self.first - dt.timedelta(days=14),
                ),
            )
        if self._once_in(3):
            days = [self.first + dt.timedelta(days=number) for number in range(self._days)]
            days = [day for day in days if slot.open_on(day)] or [self._day()]
            late = self._random.choice((0, 0, 60))
            length = 60 if late else self._random.choice(HOURS)
            start = slot.start_time + late
            told = ToldAppointment(project.project_code, self._random.choice(days), start, start + length)
            fields["appointments"] = (told,)
        return fields

    def _supervisor(self, number: int) -> Supervisor:
        fields: dict[str, Any] = {}
        if self._once_in(5):
            day = self._day()
            fields["unavailable"] = (Absence(day, day),)
        return Supervisor(
            f"N03U00{number + 1}",
            self._half_days(),
            sex=self._random.choice((None, Sex.FEMALE, Sex.MALE)),
            skills=() if self._once_in(4) else ("CHAINSAW",),
            weekly_minutes_max=self._random.choice((120, 240, 600)),
            max_group=self._random.choice((1, 2, 10)),
            **fields,
        )
