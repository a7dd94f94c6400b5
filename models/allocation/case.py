"""A case: one person's supervision, held by an officer or waiting for one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from models.allocation.terms import CaseTypeField, Location, SexField, TierText
from models.record import (
    CAMEL,
    CasePoints,
    Codes,
    Crn,
    OptionalCode,
    OptionalDay,
    OptionalLabel,
    Skills,
    WholeNumber,
)

OverrideReason = Literal["suitability", "no_staff", "continuity", "other"]


@dataclass(frozen=True, slots=True)
class Case:
    """One case as the extract describes it.

    points: overrides the policy's table. team_codes: teams it may go to, empty for any team of the problem.
    held_since: when the present holder took it. officer_changes: changes of officer before now.
    together_group, apart_group: labels shared by cases to be held together, or apart.
    protected_until: until then, this day included, the case changes no officer.
    pinned_staff_code: the person it stays with or must go to. due_by: the first appointment is due.
    override_reason and override_text: keep a pin that breaks a rule, with the reason on record.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    tier: TierText
    case_type: CaseTypeField
    t2a: Annotated[bool, Field(alias="t2a")] = False
    points: CasePoints | None = None
    required_skills: Skills = ()
    preferred_skills: Skills = ()
    team_codes: Codes = ()
    current_staff_code: OptionalCode = None
    current_team_code: OptionalCode = None
    held_since: OptionalDay = None
    officer_changes: WholeNumber = 0
    previous_staff_codes: Codes = ()
    excluded_staff_codes: Codes = ()
    officer_sex: SexField = None
    preferred_officer_sex: SexField = None
    together_group: OptionalLabel = None
    apart_group: OptionalLabel = None
    protected_until: OptionalDay = None
    pinned_staff_code: OptionalCode = None
    due_by: OptionalDay = None
    restricted: bool = False
    location: Location | None = None
    override_reason: OverrideReason | None = None
    override_text: str | None = None

    @property
    def waiting(self) -> bool:
        """Nobody holds it: no holder, or the holder is an unallocated pool, whose code ends in U."""
        return self.current_staff_code is None or self.current_staff_code.endswith(("U", "u"))

    def protected(self, day: dt.date) -> bool:
        """Held and not to change officer on `day`."""
        return self.protected_until is not None and self.protected_until >= day
