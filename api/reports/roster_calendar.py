"""A roster as an iCalendar file (RFC 5545): all sessions, one supervisor's, or one person's appointments.

Times carry the zone Europe/London, so that a change of the clocks moves nothing. The calendar of all sessions holds
counts alone; who is expected stands only in the calendar of the supervisor who will be there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Iterable

from icalendar import Calendar, Event

from api.reports.roster_view import RosterView
from models.errors import UsageError
from models.unpaid_work.roster import Appointment, Session

ZONE = "Europe/London"


def calendar_of(view: RosterView, whose: str | None = None) -> bytes:
    """The calendar. whose: a supervisor's staff code or a person's CRN, None for every session.

    Raises UsageError for a code that is neither in the problem.
    """
    if whose is None:
        return _calendar(
            "Unpaid work", view, (_session_event(view, each, named=False) for each in view.roster.sessions)
        )
    if whose in view.problem.supervisor_numbers:
        mine = [each for each in view.roster.sessions if each.supervisor_code == whose]
        return _calendar(
            f"Unpaid work {whose}", view, (_session_event(view, each, named=True) for each in mine)
        )
    crn = whose.upper()
    if not any(person.crn == crn for person in view.problem.people):
        raise UsageError(
            f"--calendar-for: nobody in the problem is {whose}; name a supervisor's code or a CRN"
        )
    own = [each for each in view.roster.appointments if each.crn == crn]
    return _calendar("Unpaid work", view, (_appointment_event(view, each) for each in own))


def _calendar(name: str, view: RosterView, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//evenhand//evenhand {view.roster.provenance.engine_version}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", ZONE)
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _at(day: dt.date, minutes: int) -> dt.datetime:
    """A local time; 24:00 is midnight of the next day."""
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=zoneinfo.ZoneInfo(ZONE))
    return midnight + dt.timedelta(minutes=minutes)  # wall-clock arithmetic, as zoneinfo does it


def _event(view: RosterView, key: str, title: str, day: dt.date, times: tuple[int, int]) -> Event:
    event = Event()
    # The same entry has the same name in every roster, and the name tells nothing to who sees it alone.
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@evenhand")
    event.add("dtstamp", dt.datetime.combine(view.problem.first, dt.time(), tzinfo=dt.UTC))
    event.add("dtstart", _at(day, times[0]))
    event.add("dtend", _at(day, times[1]))
    event.add("summary", title)
    event.add("class", "PRIVATE")
    return event


def _session_event(view: RosterView, session: Session, *, named: bool) -> Event:
    key = f"{session.project_code} {session.date} {session.start_time}"
    title = f"{session.project_code}: {session.booked} booked, {session.places} places"
    event = _event(view, key, title, session.date, (session.start_time, session.end_time))
    if session.supervisor_code is not None:
        who = sorted(each.crn for each in view.booked_in(session)) if named else []
        event.add("description", "\n".join([f"Supervisor {session.supervisor_code}", *who]))
    return event


def _appointment_event(view: RosterView, appointment: Appointment) -> Event:
    key = f"{appointment.crn} {appointment.project_code} {appointment.date} {appointment.start_time}"
    times = (appointment.start_time, appointment.end_time)
    return _event(view, key, f"Unpaid work at {appointment.project_code}", appointment.date, times)
