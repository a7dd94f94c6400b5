"""A roster as a spreadsheet: the weeks as grids, and a table for each part of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from api.reports.roster_grid import weeks_of
from api.reports.roster_view import RosterView, percent
from api.reports.sheets import Cell, Rows, SheetWriter, workbook
from models.unpaid_work.roster import Session
from models.unpaid_work.terms import WEEK, show_time


def write_roster_spreadsheet(view: RosterView, path: Path) -> None:
    """Writes an XLSX with a grid for each week and a sheet for each part. Raises OSError as writing does."""
    with workbook(path) as writer:
        writer.sheet("Summary", ("item", "value", "note"), _summary(view))
        for number, monday in enumerate(weeks_of(view), start=1):
            _week(writer, view, number, monday)
        writer.sheet("Placements", _PLACEMENT_HEADINGS, _placements(view))
        writer.sheet("Appointments", _APPOINTMENT_HEADINGS, _appointments(view))
        writer.sheet("Sessions", _SESSION_HEADINGS, _sessions(view))
        if view.roster.changes:
            writer.sheet("Changes", ("crn", "kind", "from", "to"), _changes(view))
        writer.sheet("Unplaced", ("crn", "event", "rules", "why"), _unplaced(view))
        writer.sheet("Forecast", _FORECAST_HEADINGS, _forecast(view))
        writer.sheet("Findings", ("rule", "crn", "projectCode", "date", "finding"), _findings(view))
        writer.sheet("Provenance", ("item", "value"), _provenance(view))


def _summary(view: RosterView) -> Rows:
    roster, downs = view.roster, view.stand_downs
    yield "what", view.title, view.headline
    yield "requirements with minutes left", view.waiting, None
    yield "without an appointment", len(roster.unplaced), "see Unplaced"
    yield "appointments", len(roster.appointments), None
    yield "sessions", len(roster.sessions), None
    yield (
        "expected stand-downs",
        round(downs.expected, 2),
        "days" if downs.share is None else percent(downs.share),
    )
    for item in view.items:
        yield item.words, item.count, f"{item.price:,} tenths of a minute each: {item.sum:,}"
    yield "total", roster.objective.total, "tenths of a minute"
    yield "bound", roster.bound, None if roster.bound is not None else "unknown"
    yield "gap", None if roster.gap is None else percent(roster.gap), None
    yield "gap net", None if roster.gap_net is None else percent(roster.gap_net), None


def _week(writer: SheetWriter, view: RosterView, number: int, monday: dt.date) -> None:
    days = [monday + dt.timedelta(days=after) for after in range(7)]
    found = [each for each in view.roster.sessions if days[0] <= each.date <= days[-1]]
    headings = ("project", *(f"{WEEK[day.weekday()].title()} {day:%d %b}" for day in days))
    rows = [
        (
            code,
            *(
                _cell([each for each in found if each.project_code == code and each.date == day])
                for day in days
            ),
        )
        for code in sorted({each.project_code for each in found})
    ]
    writer.sheet(f"Week {number}", headings, rows)


def _cell(sessions: Sequence[Session]) -> str | None:
    words = [
        f"{show_time(each.start_time)}-{show_time(each.end_time)} {each.booked}/{each.places} "
        f"{each.supervisor_code or 'no supervisor'}"
        for each in sorted(sessions, key=lambda each: each.start_time)
    ]
    return "; ".join(words) or None


_PLACEMENT_HEADINGS = (
    "crn",
    "event",
    "projectCode",
    "dayOfWeek",
    "frequency",
    "startTime",
    "endTime",
    "startDateInclusive",
    "endDateInclusive",
    "reason",
)


def _placements(view: RosterView) -> Rows:
    for each in view.roster.placements:
        yield (
            each.crn,
            each.delius_event_number,
            each.project_code,
            each.day_of_week.value,
            each.frequency.value,
            show_time(each.start_time),
            show_time(each.end_time),
            each.start_date_inclusive.isoformat(),
            None if each.end_date_inclusive is None else each.end_date_inclusive.isoformat(),
            "; ".join(each.reason),
        )


_APPOINTMENT_HEADINGS = (
    "crn",
    "event",
    "projectCode",
    "date",
    "day",
    "startTime",
    "endTime",
    "supervisorOfficerCode",
    "minutes",
)


def _appointments(view: RosterView) -> Rows:
    for each in sorted(view.roster.appointments, key=lambda each: (each.date, each.project_code, each.crn)):
        yield (
            each.crn,
            each.delius_event_number,
            each.project_code,
            each.date.isoformat(),
            WEEK[each.date.weekday()].title(),
            show_time(each.start_time),
            show_time(each.end_time),
            each.supervisor_officer_code,
            each.minutes,
        )


_SESSION_HEADINGS = (
    "projectCode",
    "date",
    "day",
    "startTime",
    "endTime",
    "supervisorCode",
    "places",
    "booked",
    "expectedAttendance",
    "overflowProbability",
)


def _sessions(view: RosterView) -> Rows:
    for each in view.roster.sessions:
        yield (
            each.project_code,
            each.date.isoformat(),
            WEEK[each.date.weekday()].title(),
            show_time(each.start_time),
            show_time(each.end_time),
            each.supervisor_code,
            each.places,
            each.booked,
            each.expected_attendance,
            each.overflow_probability,
        )


def _changes(view: RosterView) -> Rows:
    for each in view.roster.changes:
        yield each.crn, each.kind, each.before, each.after


def _unplaced(view: RosterView) -> Rows:
    for each in view.roster.unplaced:
        yield each.crn, each.delius_event_number, ", ".join(each.rules), each.sentence


_FORECAST_HEADINGS = (
    "crn",
    "event",
    "remainingMinutes",
    "bookedMinutes",
    "expectedFinish",
    "completeBy",
    "minutesExpectedShort",
)


def _forecast(view: RosterView) -> Rows:
    for each in view.roster.forecast:
        yield (
            each.crn,
            each.delius_event_number,
            each.remaining_minutes,
            each.booked_minutes,
            None if each.expected_finish is None else each.expected_finish.isoformat(),
            view.person(each.crn, each.delius_event_number).complete_by.isoformat(),
            each.minutes_expected_short,
        )


def _findings(view: RosterView) -> Rows:
    for found in view.findings_by_rule.values():
        for each in found:
            date = None if each.date is None else each.date.isoformat()
            yield each.rule, each.crn, each.project_code, date, each.sentence


def _provenance(view: RosterView) -> Rows:
    made, roster = view.roster.provenance, view.roster
    rows: tuple[tuple[str, Cell], ...] = (
        ("question", roster.question.kind.value),
        ("strategy", roster.question.strategy),
        ("input hash", made.input_hash),
        ("policy version", made.policy_version),
        ("policy hash", made.policy_hash),
        ("engine version", made.engine_version),
        ("seed", made.seed),
        ("time limit (s)", made.time_limit),
        ("work limit", made.work_limit),
        ("threads", made.threads),
        ("wall time (s)", roster.wall_seconds),
    )
    yield from rows
