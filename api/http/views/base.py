"""What all answers share: names in camelCase, pages, times."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.store.records import Page

Time = Annotated[dt.datetime, Field(description="UTC")]
RestrictedCrns = Annotated[
    tuple[str, ...],
    Field(description="Restricted cases that are here and of which the caller may see no detail."),
]


class View(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True, extra="forbid"
    )


class PageView(View):
    """One page of a list. page counts from 1, total is of the whole list."""

    page: int
    size: int
    total: int


def paged(page: Page[Any]) -> dict[str, int]:
    """The members that every list has."""
    return {"page": page.page, "size": page.size, "total": page.total}
