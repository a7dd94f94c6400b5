"""What an allocation problem says beside its officers and cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import ConfigDict

from models.allocation.terms import TierScheme
from models.record import CAMEL, Code, OptionalDay, WholeNumber


@dataclass(frozen=True, slots=True)
class Header:
    """The problem's own fields, as the table `problem` or the top of the JSON states them."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    as_of: OptionalDay = None
    tier_scheme: TierScheme | None = None
    oversight_limits: Mapping[Code, WholeNumber] = field(default_factory=dict)
