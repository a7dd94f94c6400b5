"""The words of unpaid work: days and half-days, times, kinds of project, preferences, ways to travel."""

from __future__ import annotations

import datetime as dt
import enum
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer

from models.record import CAMEL, Day


class Weekday(enum.StrEnum):
    """A day of the week; weeks run Monday to Sunday."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @classmethod
    def of(cls, day: dt.date) -> Weekday:
        """The weekday of a date."""
        return WEEK[day.weekday()]

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday."""
        return WEEK.index(self)


WEEK = tuple(Weekday)


class DayPart(enum.StrEnum):
    """Morning to 12:30, afternoon from there to 17:30, evening after."""

    MORNING = "MORNING"
    AFTERNOON = "AFTERNOON"
    EVENING = "EVENING"


PART_ENDS = {DayPart.MORNING: 750, DayPart.AFTERNOON: 1050, DayPart.EVENING: 1440}
"""When each part of a day ends, in minutes after midnight."""


class HalfDay(enum.StrEnum):
    """One of the 21 slots in which a person or supervisor may be available, MONDAY_MORNING to SUNDAY_EVENING."""

    MONDAY_MORNING = "MONDAY_MORNING"
    MONDAY_AFTERNOON = "MONDAY_AFTERNOON"
    MONDAY_EVENING = "MONDAY_EVENING"
    TUESDAY_MORNING = "TUESDAY_MORNING"
    TUESDAY_AFTERNOON = "TUESDAY_AFTERNOON"
    TUESDAY_EVENING = "TUESDAY_EVENING"
    WEDNESDAY_MORNING = "WEDNESDAY_MORNING"
    WEDNESDAY_AFTERNOON = "WEDNESDAY_AFTERNOON"
    WEDNESDAY_EVENING = "WEDNESDAY_EVENING"
    THURSDAY_MORNING = "THURSDAY_MORNING"
    THURSDAY_AFTERNOON = "THURSDAY_AFTERNOON"
    THURSDAY_EVENING = "THURSDAY_EVENING"
    FRIDAY_MORNING = "FRIDAY_MORNING"
    FRIDAY_AFTERNOON = "FRIDAY_AFTERNOON"
    FRIDAY_EVENING = "FRIDAY_EVENING"
    SATURDAY_MORNING = "SATURDAY_MORNING"
    SATURDAY_AFTERNOON = "SATURDAY_AFTERNOON"
    SATURDAY_EVENING = "SATURDAY_EVENING"
    SUNDAY_MORNING = "SUNDAY_MORNING"
    SUNDAY_AFTERNOON = "SUNDAY_AFTERNOON"
    SUNDAY_EVENING = "SUNDAY_EVENING"


def half_days_touched(weekday: Weekday, start: int, end: int) -> tuple[HalfDay, ...]:
    """Every half-day that a booking from `start` to `end` (minutes after midnight) touches.

    09:00 to 16:00 touches the morning and the afternoon; 09:00 to 12:30 the morning alone.
    """
    begins = 0
    found = []
    for part, ends in PART_ENDS.items():
        if start < ends and end > begins:
            found.append(HalfDay(f"{weekday}_{part}"))
        begins = ends
    return tuple(found)


class Frequency(enum.StrEnum):
    """How often a slot recurs; a fortnight is counted from the slot's first date."""

    ONCE = "ONCE"
    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"


class ProjectType(enum.StrEnum):
    """GROUP work under a supervisor, INDIVIDUAL placements with a beneficiary, INDUCTION, ETE."""

    GROUP = "GROUP"
    INDIVIDUAL = "INDIVIDUAL"
    INDUCTION = "INDUCTION"
    ETE = "ETE"


class PlacementPreference(enum.StrEnum):
    """What the assessment says a person needs."""

    MIXED_GROUP = "MIXED_GROUP"
    FEMALE_ONLY_GROUP = "FEMALE_ONLY_GROUP"
    INDIVIDUAL = "INDIVIDUAL"


class TravelMode(enum.StrEnum):
    """How a person comes. PICK_UP: collected by the project's vehicle."""

    PUBLIC = "PUBLIC"
    CAR = "CAR"
    WALK = "WALK"
    PICK_UP = "PICK_UP"


_TIME = re.compile(r"([01]?\d|2[0-3]|24(?=:00)):([0-5]\d)(:00)?")  # 24:00 is the day's end


def parse_time(value: object) -> object:
    """Minutes after midnight from "HH:MM" or a time of day; other values are left for pydantic to refuse.

    Raises ValueError with the remedy for text that is no time.
    """
    if isinstance(value, dt.time):
        return value.hour * 60 + value.minute
    if isinstance(value, str):
        match = _TIME.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"'{value[:20]}' is not a time; expected hours and minutes such as 09:30")
        return int(match[1]) * 60 + int(match[2])
    return value


def show_time(minutes: int) -> str:
    """Minutes after midnight as "HH:MM"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


TimeOfDay = Annotated[
    int,
    BeforeValidator(parse_time),
    Field(ge=0, le=1440),
    PlainSerializer(show_time, return_type=str, when_used="json"),
]
"""A time of day, whole minutes after midnight inside, "HH:MM" outside."""

Minutes = Annotated[int, Field(ge=0, le=10_000_000)]
"""Whole minutes, not negative."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both ends included (`from` and `to` outside)."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]

    def covers(self, day: dt.date) -> bool:
        return self.first <= day <= self.last
