"""What a repair changes, person by person, ready to tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from models.unpaid_work.person import RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Appointment, Change
from models.unpaid_work.terms import show_time

DROPPED, ADDED, MOVED, TIMES_CHANGED = "DROPPED", "ADDED", "MOVED", "TIMES_CHANGED"
"""Kinds of change: an appointment falls away; there is a new one; one takes the place of another; it ends otherwise."""


def changes_between(
    problem: UnpaidWorkProblem, before: Iterable[Appointment], after: Iterable[Appointment]
) -> tuple[Change, ...]:
    """Every appointment that is not as it was told, by person in the input's order, then by date.

    One that falls away and a new one of the same requirement in the same calendar week are one change.
    """
    was, now = _by_requirement(before), _by_requirement(after)
    order = {key: place for place, key in enumerate(problem.person_numbers)}
    keys = sorted({*was, *now}, key=lambda key: (order.get(key, len(order)), key))
    return tuple(change for key in keys for change in _changes_of(key, was.get(key, []), now.get(key, [])))


def _by_requirement(lines: Iterable[Appointment]) -> dict[RequirementKey, list[Appointment]]:
    found: dict[RequirementKey, list[Appointment]] = {}
    for each in sorted(lines, key=lambda line: (line.date, line.start_time, line.project_code)):
        found.setdefault(RequirementKey(each.crn, each.delius_event_number), []).append(each)
    return found


def _changes_of(key: RequirementKey, was: Sequence[Appointment], now: Sequence[Appointment]) -> list[Change]:
    same = {_told(each) for each in was} & {_told(each) for each in now}
    gone = [each for each in was if _told(each) not in same]
    new = [each for each in now if _told(each) not in same]
    dated: list[tuple[dt.date, Change]] = []
    for each in gone:
        other = _instead(each, new)
        if other is not None:
            new.remove(other)
        dated.append((each.date, Change(key.crn, _kind(each, other), _words(each), _words(other))))
    dated += [(each.date, Change(key.crn, ADDED, None, _words(each))) for each in new]
    return [change for _, change in sorted(dated, key=lambda each: each[0])]


def _told(each: Appointment) -> tuple[object, ...]:
    return each.project_code, each.date, each.start_time, each.end_time


def _instead(gone: Appointment, new: Sequence[Appointment]) -> Appointment | None:
    """The new appointment of the same calendar week that is nearest, at the same project rather than another."""
    near = [each for each in new if _monday(each.date) == _monday(gone.date)]
    return min(
        near,
        key=lambda each: (abs((each.date - gone.date).days), each.project_code != gone.project_code),
        default=None,
    )


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _kind(gone: Appointment, instead: Appointment | None) -> str:
    if instead is None:
        return DROPPED
    return TIMES_CHANGED if _told(gone)[:3] == _told(instead)[:3] else MOVED


def _words(each: Appointment | None) -> str | None:
    if each is None:
        return None
    day = f"{each.date:%A} {each.date.day} {each.date:%B %Y}"
    return f"{each.project_code}, {day}, {show_time(each.start_time)} to {show_time(each.end_time)}"
