"""Times by cron expression, in Europe/London, right on the two nights on which clocks change.

Five fields: minute, hour, day of month, month, day of week (0 or 7 is Sunday; names such as MON and JAN will do), each
a list of numbers, ranges and steps. Where both days are restricted either will do, as in every cron.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.errors import UsageError

LONDON = "Europe/London"
FURTHEST_DAYS = 8 * 366
"""The 29th of February comes at most eight years after the last."""

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(_DAY_NAMES)}
_FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)


@dataclass(frozen=True)
class Cron:
    """When something happens. weekdays: 0 is Sunday. either: both days are restricted, and one of them is enough."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool
    zone: zoneinfo.ZoneInfo

    @staticmethod
    def parse(text: str, zone: str = LONDON) -> Cron:
        """The schedule that a text states. Raises UsageError, which names the field and what it may hold."""
        words = text.split()
        if len(words) != len(_FIELDS):
            raise UsageError(f"'{text}' is no cron expression; expected five fields such as '0 2 * * *'")
        minutes, hours, days, months, weekdays = (
            _values(word, *field) for word, field in zip(words, _FIELDS, strict=True)
        )
        either = not words[2].startswith("*") and not words[4].startswith("*")
        cron = Cron(
            minutes,
            hours,
            days,
            months,
            frozenset(day % 7 for day in weekdays),
            either,
            zoneinfo.ZoneInfo(zone),
        )
        if cron.next_after(dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) is None:
            raise UsageError(f"'{text}' never comes; expected days that there are, such as '0 2 * * *'")
        return cron

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first time after a moment (aware), in UTC; None when it never comes.

        A time that the clocks leave out when they go forward is taken an hour later, and one that comes twice when
        they go back is taken the first time: a nightly run happens once a night, every night.
        """
        day = moment.astimezone(self.zone).date() - dt.timedelta(days=1)
        for ahead in range(FURTHEST_DAYS):
            if self._has(day + dt.timedelta(days=ahead)):
                later = [each for each in self._times(day + dt.timedelta(days=ahead)) if each > moment]
                if later:
                    return min(later)
        return None

    def _has(self, day: dt.date) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_week if self.either else by_date and by_week

    def _times(self, day: dt.date) -> Iterator[dt.datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                local = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=self.zone)
                yield local.astimezone(dt.UTC)


def _values(word: str, name: str, least: int, most: int, names: Mapping[str, int]) -> frozenset[int]:
    """The numbers that one field holds. Raises UsageError."""
    found: set[int] = set()
    for part in word.split(","):
        span, _, step_text = part.partition("/")
        first_text, dash, last_text = span.partition("-")
        try:
            step = int(step_text) if "/" in part else 1
            if span == "*":
                first, last = least, most
            else:
                first = _number(first_text, names)
                last = _number(last_text, names) if dash else (most if "/" in part else first)
        except ValueError:
            raise UsageError(
                f"'{part}' is no {name}; expected {least} to {most}, such as *, 2, 1-5 or */15"
            ) from None
        if not least <= first <= last <= most or step < 1:
            raise UsageError(f"'{part}' is no {name}; expected {least} to {most}, such as *, 2, 1-5 or */15")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, names: Mapping[str, int]) -> int:
    return names[text.upper()] if text.upper() in names else int(text)
