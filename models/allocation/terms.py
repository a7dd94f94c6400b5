"""The words that officers and cases are described in: grades, case types, sex, tiers, places and days of leave."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field

from models.record import CAMEL, Day


class Grade(enum.StrEnum):
    """An officer's grade."""

    PO = "PO"
    PSO = "PSO"
    PQIP = "PQIP"
    SPO = "SPO"


NDELIUS_GRADES = {"PSQ": Grade.PSO, "PSP": Grade.PQIP, "PSM": Grade.PO, "PSC": Grade.SPO}
"""nDelius grade codes (source: ministryofjustice/hmpps-workload and wmt-worker, grade reference data)."""


class CaseType(enum.StrEnum):
    """Where a case is served. LICENSE is spelt as the ecosystem's data spell it; LICENCE is read too."""

    COMMUNITY = "COMMUNITY"
    LICENSE = "LICENSE"
    CUSTODY = "CUSTODY"


class Sex(enum.StrEnum):
    """Sex as recorded; unknown is None and meets no demand."""

    FEMALE = "FEMALE"
    MALE = "MALE"


class TierScheme(enum.StrEnum):
    """V2: letter A-D and digit 0-3, S for suspended. V3: A-G, MISSING, NOT_SUPERVISED."""

    V2 = "V2"
    V3 = "V3"


def _grade(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip().upper()
    if text in {"", "DMY"}:
        raise ValueError("the grade is missing; expected PO, PSO, PQIP or SPO (or PSM, PSQ, PSP, PSC)")
    if text in NDELIUS_GRADES:
        return NDELIUS_GRADES[text]
    if text not in Grade.__members__:
        raise ValueError(
            f"'{value[:20]}' is not a grade; expected PO, PSO, PQIP or SPO (or PSM, PSQ, PSP, PSC)"
        )
    return Grade(text)


def _case_type(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip().upper()
    return CaseType.LICENSE if text == "LICENCE" else text


def _sex(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip().upper()
    return {"": None, "F": Sex.FEMALE, "M": Sex.MALE}.get(text, text)


GradeField = Annotated[Grade, BeforeValidator(_grade)]
CaseTypeField = Annotated[CaseType, BeforeValidator(_case_type)]
SexField = Annotated[Sex | None, BeforeValidator(_sex)]


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier taken apart.

    letter: A-D (V2), A-G, MISSING or NOT_SUPERVISED (V3). digit: 0-3, None in V3 and for a bare V2 letter.
    """

    scheme: TierScheme
    letter: str
    digit: int | None
    suspended: bool

    @property
    def name(self) -> str:
        """The tier without its suffix, as policy tables name it: "B2", "D", "MISSING"."""
        return self.letter if self.digit is None else f"{self.letter}{self.digit}"


_V2_TIER = re.compile(r"([A-D])([0-3])(S?)")
_V3_LETTERS = frozenset("ABCDEFG")
_V3_WORDS = frozenset({"MISSING", "NOT_SUPERVISED"})


@functools.lru_cache(maxsize=512)
def parse_tier(text: str, bare_letters: TierScheme | None) -> Tier:
    """The tier that `text` names; `bare_letters` is the scheme of letters A to D that stand alone.

    Raises ValueError, with the remedy, for text that names no tier of the scheme.
    """
    if match := _V2_TIER.fullmatch(text):
        return Tier(TierScheme.V2, match[1], int(match[2]), suspended=bool(match[3]))
    if text in _V3_WORDS or (text in _V3_LETTERS and text > "D"):
        if bare_letters is TierScheme.V2:
            raise ValueError(f"'{text}' is no tier of V2; expected A0 to D3, with S when suspended")
        return Tier(TierScheme.V3, text, None, suspended=False)
    if text in _V3_LETTERS:
        if bare_letters is None:
            raise ValueError(
                f"tier '{text}' is a bare letter of V2 or V3; expected tierScheme V2 or V3 in the problem"
            )
        return Tier(bare_letters, text, None, suspended=False)
    raise ValueError(
        f"'{text[:20]}' is not a tier; expected A0 to D3 (V2) or A to G, MISSING, NOT_SUPERVISED (V3)"
    )


def _tier_text(value: object) -> object:
    return value.strip().upper().replace(" ", "_") if isinstance(value, str) else value


TierText = Annotated[str, BeforeValidator(_tier_text)]
"""A tier as text, upper case; its meaning may need the problem's tierScheme."""


def _metres(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("half of a location is missing; expected easting and northing in metres, or neither")
    return value


Metres = Annotated[int, BeforeValidator(_metres), Field(ge=0, le=1_400_000)]


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the Ordnance Survey National Grid, whole metres."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    easting: Metres
    northing: Metres

    def whole_steps_from(self, other: Location, metres: int) -> int:
        """How many whole steps of `metres` the straight line between the two holds, exactly."""
        squared = (self.easting - other.easting) ** 2 + (self.northing - other.northing) ** 2
        steps = int(squared**0.5) // metres
        while (steps + 1) ** 2 * metres**2 <= squared:
            steps += 1
        while steps**2 * metres**2 > squared:
            steps -= 1
        return steps


@dataclass(frozen=True, slots=True)
class Leave:
    """Days away, both ends included (`from` and `to` outside)."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]

    def covers(self, day: dt.date) -> bool:
        return self.first <= day <= self.last
