"""A supervisor of unpaid work sessions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from models.allocation.terms import Location, SexField
from models.record import CAMEL, Code, Skills
from models.unpaid_work.terms import Absence, HalfDay, Minutes


@dataclass(frozen=True, slots=True)
class Supervisor:
    """One supervisor as the extract describes them.

    availability: half-days of every week; unavailable: dated exceptions. None in weekly_minutes_max and max_group: the
    policy's default.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    staff_code: Code
    availability: tuple[HalfDay, ...]
    sex: SexField = None
    skills: Skills = ()
    unavailable: tuple[Absence, ...] = ()
    weekly_minutes_max: Minutes | None = None
    max_group: Annotated[int, Field(ge=1, le=1000)] | None = None
    location: Location | None = None

    def away(self, day: dt.date) -> bool:
        """Whether a dated exception covers the day."""
        return any(absence.covers(day) for absence in self.unavailable)
