"""An officer: one person's work in one team, the pair (staffCode, teamCode)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, NamedTuple

from pydantic import ConfigDict, Field

from models.allocation.terms import GradeField, Leave, Location, SexField
from models.record import CAMEL, Code, OptionalCode, OptionalDay, Skills, StandingPoints, WholeNumber

Hours = Annotated[float, Field(ge=0, le=80)]


class OfficerKey(NamedTuple):
    """What names an officer: a person may work in two teams and is then two officers."""

    staff_code: str
    team_code: str

    def __str__(self) -> str:
        return f"{self.staff_code} ({self.team_code})"


@dataclass(frozen=True, slots=True)
class Officer:
    """One officer as the extract describes them.

    contracted_hours, reduction_hours: hours a week. base_points: work that is not a listed case.
    authorised_from and authorised_until: both ends included, None for open. last_day: None when staying.
    training_stage: 1 to 3 for a PQIP, None is 1. tier_limits: most cases of a tier letter, {"A": 10}.
    new_cases_last_7_days: cases received in the seven days before the plan date.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    staff_code: Code
    team_code: Code
    grade: GradeField
    contracted_hours: Hours
    reduction_hours: Hours = 0.0
    base_points: StandingPoints = 0
    skills: Skills = ()
    sex: SexField = None
    active: bool = True
    authorised_from: OptionalDay = None
    authorised_until: OptionalDay = None
    last_day: OptionalDay = None
    training_stage: Annotated[int, Field(ge=1, le=3)] | None = None
    senior_code: OptionalCode = None
    tier_limits: Mapping[str, WholeNumber] = field(default_factory=dict)
    new_cases_last_7_days: Annotated[WholeNumber, Field(alias="newCasesLast7Days")] = 0
    leave: tuple[Leave, ...] = ()
    location: Location | None = None

    @property
    def key(self) -> OfficerKey:
        return OfficerKey(self.staff_code, self.team_code)

    def on_leave_throughout(self, first: dt.date, last: dt.date) -> bool:
        """Whether leave covers every day from `first` to `last`; an empty span counts as its first day."""
        day, last = first, max(first, last)
        for leave in sorted(self.leave, key=lambda leave: leave.first):
            if leave.covers(day):
                if leave.last >= last:
                    return True
                day = leave.last + dt.timedelta(days=1)
        return False
