"""The bank holidays of England and Wales, substitute days among them."""

from __future__ import annotations

import datetime as dt
import functools


def bank_holidays(first: dt.date, end: dt.date) -> tuple[dt.date, ...]:
    """The bank holidays from `first` to the day before `end`, in order.

    A holiday that falls on a weekend is there itself and with the weekday that stands in for it. Source: the data of
    the holidays package (one-off days, such as a coronation, as far as its release knows them).
    """
    years = range(first.year, end.year + 1)
    return tuple(day for year in years for day in _of_year(year) if first <= day < end)


@functools.lru_cache(maxsize=256)
def _of_year(year: int) -> tuple[dt.date, ...]:
    import holidays  # slow to import, and only problems that name no non-working days need it

    return tuple(sorted(holidays.country_holidays("GB", subdiv="ENG", years=year)))
