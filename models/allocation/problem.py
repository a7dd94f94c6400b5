"""The allocation problem: officers and cases on a day, and what holds between them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.allocation.case import Case
from models.allocation.officer import Officer, OfficerKey
from models.allocation.terms import Tier, TierScheme, parse_tier
from models.record import CAMEL, Code, Day, WholeNumber, as_json


@dataclass(frozen=True)
class AllocationProblem:
    """Officers and cases as of a day.

    as_of: the plan date. tier_scheme: the scheme of tiers that are bare letters, None when there is none.
    oversight_limits: {senior officer's code: most high-risk cases under that senior's officers}.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    as_of: Day
    officers: tuple[Officer, ...]
    cases: tuple[Case, ...]
    tier_scheme: TierScheme | None = None
    oversight_limits: Mapping[Code, WholeNumber] = field(default_factory=dict)

    @cached_property
    def officer_numbers(self) -> Mapping[OfficerKey, int]:
        """The position of each officer in `officers`."""
        return {officer.key: number for number, officer in enumerate(self.officers)}

    @cached_property
    def officers_of(self) -> Mapping[str, tuple[int, ...]]:
        """The positions of each person's officers, by staff code: one a team they work in."""
        found: dict[str, list[int]] = {}
        for number, officer in enumerate(self.officers):
            found.setdefault(officer.staff_code, []).append(number)
        return {code: tuple(numbers) for code, numbers in found.items()}

    @cached_property
    def case_numbers(self) -> Mapping[str, int]:
        """The position of each case in `cases`, by CRN."""
        return {case.crn: number for number, case in enumerate(self.cases)}

    def tier(self, case: Case) -> Tier:
        """The case's tier, taken apart. Raises ValueError when the text is no tier of this problem."""
        return parse_tier(case.tier, self.tier_scheme)

    def holder(self, case: Case) -> int | None:
        """The position of the officer who holds the case; None when it waits or the holder is not in the input.

        Without a team the holder is the person's only officer; a person with several needs currentTeamCode.
        """
        if case.waiting or case.current_staff_code is None:
            return None
        if case.current_team_code is not None:
            return self.officer_numbers.get(OfficerKey(case.current_staff_code, case.current_team_code))
        mine = self.officers_of.get(case.current_staff_code, ())
        return mine[0] if len(mine) == 1 else None

    def as_json(self) -> dict[str, Any]:
        """The problem in the names of the contract."""
        return as_json(self)

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 over the problem's canonical JSON, so that CSV, XLSX and JSON of the same facts agree."""
        canonical = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()
