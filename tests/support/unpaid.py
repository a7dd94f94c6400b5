"""Small unpaid work problems and rosters for tests: builders with plain defaults that no rule refuses.

The horizon begins on Monday 2026-11-23. A person is available always, has 7,200 minutes left and comes with chance
0.75; project P01 is a group of 10 on Tuesdays 09:00 to 16:00 without a least number; the supervisor is always there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from models.policy.policy import Policy, default_policy
from models.rules import Violation
from models.unpaid_work.checks import JsonPlaces, unpaid_work_faults
from models.unpaid_work.person import ExistingAllocation, Person, ToldAppointment
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.roster import (
    Appointment,
    Placement,
    Roster,
    RosterKind,
    RosterProvenance,
    RosterQuestion,
    Session,
    Unplaced,
)
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Frequency, HalfDay, ProjectType, Weekday
from solver.verify.unpaid_work import (
    Drawn,
    Slot,
    broken_by,
    recompute_roster,
    roster_findings,
    roster_forecast,
    sessions_of,
)

FIRST = dt.date(2026, 11, 23)
X, Y, Z = "X000001", "X000002", "X000003"
ANN, BOB = "N03U001", "N03U002"
REPAIR = RosterQuestion(RosterKind.REPAIR)
ALWAYS = tuple(HalfDay)
NINE, NOON, FOUR = 540, 720, 960
"""09:00, 12:00 and 16:00."""


def day(after: int) -> dt.date:
    """The date so many days after the first of the horizon, a Monday."""
    return FIRST + dt.timedelta(days=after)


def person(crn: str = X, **fields: Any) -> Person:
    """A requirement with 7,200 minutes left, by default without any demand."""
    return Person(
        **{
            "crn": crn,
            "required_minutes": 7200,
            "sentence_date": dt.date(2026, 10, 1),
            "complete_by": dt.date(2027, 10, 1),
            "availability": ALWAYS,
            **fields,
        }
    )


def open_on(
    weekday: Weekday = Weekday.TUESDAY, start: int = NINE, end: int = FOUR, **fields: Any
) -> OpenSlot:
    """A slot of a project's week, from the first day of the horizon."""
    return OpenSlot(
        **{
            "day_of_week": weekday,
            "start_date_inclusive": FIRST,
            "start_time": start,
            "end_time": end,
            **fields,
        }
    )


def project(code: str = "P01", *slots: OpenSlot, **fields: Any) -> Project:
    """A group on Tuesdays, or in the given slots, with 10 places and no least number."""
    return Project(
        **{
            "project_code": code,
            "project_type": ProjectType.GROUP,
            "places": 10,
            "min_people": 0,
            "availability": slots or (open_on(),),
            **fields,
        }
    )


def every_day(code: str = "P01", **fields: Any) -> Project:
    """A group that is open 09:00 to 16:00 on every day of the week."""
    return project(code, *(open_on(weekday) for weekday in Weekday), **fields)


def supervisor(code: str = ANN, **fields: Any) -> Supervisor:
    """A supervisor who is always available."""
    return Supervisor(**{"staff_code": code, "availability": ALWAYS, **fields})


def problem(
    people: Iterable[Person],
    projects: Iterable[Project] = (),
    supervisors: Iterable[Supervisor] | None = None,
    **fields: Any,
) -> UnpaidWorkProblem:
    """Four weeks. Fails when the records contradict each other: a test must not start from a fault."""
    made = UnpaidWorkProblem(
        **{
            "first": FIRST,
            "weeks": 4,
            "people": tuple(people),
            "projects": tuple(projects) or (project(),),
            "supervisors": (supervisor(),) if supervisors is None else tuple(supervisors),
            "non_working_days": (),
            **fields,
        }
    )
    assert [fault.sentence for fault in unpaid_work_faults(made, JsonPlaces())] == []
    return made


class Book(NamedTuple):
    """Somebody booked: by default for the whole of P01 on the first Tuesday, under Ann."""

    crn: str = X
    on: int = 1
    at: str = "P01"
    start: int = NINE
    end: int = FOUR
    event: int = 1
    under: str | None = ANN


def session(
    on: int = 1, at: str = "P01", start: int = NINE, end: int = FOUR, under: str | None = ANN
) -> Session:
    """A session without its numbers, which only claims are about."""
    return Session(at, day(on), start, end, under, 0, 0, 0.0, 0.0)


def drawn(*books: Book, placements: Iterable[Placement] = (), sessions: Iterable[Session] = ()) -> Drawn:
    """A roster with these bookings; the given sessions, and for other bookings one that ends with the latest."""
    there = {(each.project_code, each.date, each.start_time): each for each in sessions}
    for book in sorted(books, key=lambda each: -each.end):
        key = (book.at, day(book.on), book.start)
        there.setdefault(key, session(book.on, book.at, book.start, book.end, book.under))
    appointments = (
        Appointment(
            book.crn,
            book.event,
            book.at,
            day(book.on),
            book.start,
            book.end,
            there[book.at, day(book.on), book.start].supervisor_code,
            book.end - book.start,
        )
        for book in books
    )
    return Drawn(tuple(placements), tuple(there.values()), tuple(appointments))


def violations(
    of: UnpaidWorkProblem, lines: Drawn, policy: Policy | None = None, question: RosterQuestion | None = None
) -> tuple[Violation, ...]:
    """Every hard rule that the roster breaks."""
    return broken_by(of, lines, policy or default_policy(), question)


def broken(
    of: UnpaidWorkProblem, *books: Book, policy: Policy | None = None, **lines: Any
) -> list[tuple[str, str | None]]:
    """The rules that these bookings break, each with its person."""
    return [(each.rule, each.crn) for each in violations(of, drawn(*books, **lines), policy)]


def told(on: int = 1, at: str = "P01", start: int = NINE, end: int = FOUR) -> ToldAppointment:
    """A told appointment."""
    return ToldAppointment(at, day(on), start, end)


def allocation(at: str = "P01", weekday: Weekday = Weekday.TUESDAY, **fields: Any) -> ExistingAllocation:
    """An existing allocation, weekly for the whole day, begun before the horizon."""
    return ExistingAllocation(
        **{
            "project_code": at,
            "day_of_week": weekday,
            "frequency": Frequency.WEEKLY,
            "start_time": NINE,
            "end_time": FOUR,
            "start_date_inclusive": day(-70),
            **fields,
        }
    )


def placement(crn: str = X, at: str = "P01", weekday: Weekday = Weekday.TUESDAY, **fields: Any) -> Placement:
    """A weekly placement for the whole day from the start of the horizon."""
    return Placement(
        **{
            "crn": crn,
            "delius_event_number": 1,
            "project_code": at,
            "day_of_week": weekday,
            "frequency": Frequency.WEEKLY,
            "start_time": NINE,
            "end_time": FOUR,
            "start_date_inclusive": FIRST,
            **fields,
        }
    )


def honest_roster(of: UnpaidWorkProblem, lines: Drawn, policy: Policy | None = None, **fields: Any) -> Roster:
    """A roster that tells the truth about these lines; `fields` are told otherwise."""
    by = policy or default_policy()
    forecast = roster_forecast(of, lines, by)
    made: Mapping[str, Any] = {
        "status": "FEASIBLE",
        "objective": recompute_roster(of, lines, by),
        "bound": None,
        "gap": None,
        "gap_net": None,
        "own_best": None,
        "wall_seconds": 0.1,
        "question": RosterQuestion(),
        "findings": roster_findings(of, lines, by, fields.get("question")),
        "placements": lines.placements,
        "sessions": sessions_of(of, lines, by),
        "appointments": lines.appointments,
        "unplaced": tuple(
            Unplaced(each.crn, each.delius_event_number, ("session_size",), "nothing has room")
            for each in forecast
            if each.booked_minutes == 0
        ),
        "forecast": forecast,
        "provenance": RosterProvenance(of.input_hash, by.policy_hash, by.version, "0.1.0", 0, None),
    }
    return Roster(**{**made, **fields})


def slot(on: int = 1, at: str = "P01", start: int = NINE, end: int = FOUR) -> Slot:
    """A dated slot at a project."""
    return Slot(at, day(on), start, end)
