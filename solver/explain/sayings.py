"""How explanations are told: a subject, and reasons that name a rule where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.record import CAMEL, as_json


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence. rule: the id of the rule that it speaks of, None where it speaks of a price or a fact."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    sentence: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked about, in words, and the reasons in the order of their weight."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    subject: str
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation with camelCase names."""
        return as_json(self)


def minutes(tenths: int) -> str:
    """A price in tenths of a minute, in minutes: 16,800 is "1,680 minutes"."""
    whole, tenth = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole:,} minutes" if tenth == 0 else f"{sign}{whole:,}.{tenth} minutes"


def hours(minutes_: int) -> str:
    """Minutes as hours, for sums that people speak of in hours: 12,840 is "214 hours"."""
    whole, rest = divmod(minutes_, 60)
    if not rest:
        return f"{whole:,} hour{'' if whole == 1 else 's'}"
    return f"{minutes_ / 60:,.1f} hours"
