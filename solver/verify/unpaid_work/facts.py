"""A roster as facts: its sessions and bookings by number, and what could not be read, kept under its rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from models.rules import Violation
from models.unpaid_work.person import Person, RequirementKey
from models.unpaid_work.project import Project
from models.unpaid_work.roster import Appointment, Placement, Session
from models.unpaid_work.supervisor import Supervisor
from solver.verify.unpaid_work.bookings import Booking
from solver.verify.unpaid_work.situation import RosterSituation, Slot


class Lines(Protocol):
    """What a roster decides; models.unpaid_work.roster.Roster is one, and so is Drawn."""

    @property
    def placements(self) -> Sequence[Placement]: ...
    @property
    def sessions(self) -> Sequence[Session]: ...
    @property
    def appointments(self) -> Sequence[Appointment]: ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """A roster without its claims. Of a session only project, date, times and supervisor are looked at."""

    placements: tuple[Placement, ...] = ()
    sessions: tuple[Session, ...] = ()
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedSession:
    """A session that could be read. supervisor_number: None without one or with an unknown one."""

    line: int
    project_number: int
    slot: Slot
    supervisor_code: str | None
    supervisor_number: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A placement that could be read."""

    number: int
    project_number: int
    placement: Placement


@dataclass(frozen=True)
class RosterFacts:
    """What a roster does. members: the bookings in each session. faults: what could not be read, under its rule."""

    situation: RosterSituation
    sessions: tuple[DatedSession, ...]
    members: tuple[tuple[Booking, ...], ...]
    bookings: tuple[Booking, ...]
    placements: tuple[Kept, ...]
    faults: tuple[Violation, ...]

    def faults_of(self, rule_id: str) -> Iterator[Violation]:
        """What could not be read and breaks this rule."""
        return (fault for fault in self.faults if fault.rule == rule_id)

    def project(self, session: DatedSession) -> Project:
        """The project of a session."""
        return self.situation.problem.projects[session.project_number]

    def supervisor(self, session: DatedSession) -> Supervisor | None:
        """The supervisor of a session, None without a known one."""
        number = session.supervisor_number
        return None if number is None else self.situation.problem.supervisors[number]

    @cached_property
    def of_requirement(self) -> Mapping[int, tuple[Booking, ...]]:
        """The bookings of each requirement that has some, by date and time."""
        found: dict[int, list[Booking]] = {}
        for booking in sorted(self.bookings, key=lambda each: each.slot[1:]):
            found.setdefault(booking.number, []).append(booking)
        return {number: tuple(bookings) for number, bookings in found.items()}

    def of_body(self, crn: str) -> tuple[Booking, ...]:
        """The bookings of a CRN over all its requirements, by date and time."""
        found = [
            booking
            for number in self.situation.bodies[crn]
            for booking in self.of_requirement.get(number, ())
        ]
        return tuple(sorted(found, key=lambda each: each.slot[1:]))

    def booked(self, number: int) -> int:
        """The minutes booked of a requirement."""
        return sum(booking.slot.minutes for booking in self.of_requirement.get(number, ()))

    @cached_property
    def left_out(self) -> tuple[int, ...]:
        """The requirements with minutes left and no appointment."""
        remaining = enumerate(self.situation.remaining)
        return tuple(number for number, left in remaining if left > 0 and number not in self.of_requirement)


def person_violation(rule_id: str, sentence: str, person: Person) -> Violation:
    """A rule broken for a person."""
    return Violation(rule_id, sentence, person.crn)


def facts_of(situation: RosterSituation, lines: Lines) -> RosterFacts:
    """The facts of a roster's lines."""
    reader = _Reader(situation)
    for line, session in enumerate(lines.sessions):
        reader.read_session(line, session)
    members: list[list[Booking]] = [[] for _ in reader.sessions]
    for appointment in lines.appointments:
        reader.read_appointment(appointment, members)
    for placement in lines.placements:
        reader.read_placement(placement)
    return RosterFacts(
        situation,
        tuple(reader.sessions),
        tuple(tuple(each) for each in members),
        tuple(reader.bookings),
        tuple(reader.placements),
        tuple(reader.faults),
    )


class _Reader:
    """Reads lines, and notes which of them cannot be read."""

    def __init__(self, situation: RosterSituation) -> None:
        self._situation = situation
        self._there: dict[tuple[object, ...], list[int]] = {}
        self.sessions: list[DatedSession] = []
        self.bookings: list[Booking] = []
        self.placements: list[Kept] = []
        self.faults: list[Violation] = []

    def read_session(self, line: int, session: Session) -> None:
        """Take in one session."""
        problem = self._situation.problem
        slot = Slot(session.project_code, session.date, session.start_time, session.end_time)
        project = problem.project_numbers.get(session.project_code)
        if project is None:
            self._fault("project_open", f"{session.project_code} is not among the projects")
        elif slot.minutes <= 0:
            self._fault("project_open", f"the session at {slot} ends before it begins")
        else:
            code = session.supervisor_code
            supervisor = None if code is None else problem.supervisor_numbers.get(code)
            self._there.setdefault(slot[:3], []).append(len(self.sessions))
            self.sessions.append(DatedSession(line, project, slot, code, supervisor))

    def read_appointment(self, appointment: Appointment, members: list[list[Booking]]) -> None:
        """Take in one appointment, in its session when it has one."""
        key = RequirementKey(appointment.crn, appointment.delius_event_number)
        slot = Slot(appointment.project_code, appointment.date, appointment.start_time, appointment.end_time)
        number = self._situation.problem.person_numbers.get(key)
        project = self._situation.problem.project_numbers.get(slot.project_code)
        if number is None or project is None:
            who = f"{key} is not among the people" if number is None else f"{slot.project_code} is no project"
            self._fault("claimed_appointments", who, appointment.crn)
            return
        if slot.minutes <= 0:
            self._fault("claimed_appointments", f"the appointment at {slot} ends before it begins", key.crn)
            return
        if appointment.minutes != slot.minutes:
            sentence = (
                f"the appointment at {slot} is stated as {appointment.minutes} minutes, not {slot.minutes}"
            )
            self._fault("claimed_appointments", sentence, key.crn)
        booking = Booking(self._situation, number, project, slot)
        self.bookings.append(booking)
        candidates = self._there.get(slot[:3], [])
        place = next((each for each in candidates if slot.end <= self.sessions[each].slot.end), None)
        if place is None:
            self._fault("claimed_appointments", f"no session begins then and holds {slot}", key.crn)
            return
        members[place].append(booking)
        if appointment.supervisor_officer_code != self.sessions[place].supervisor_code:
            sentence = f"the appointment at {slot} names another supervisor than its session"
            self._fault("claimed_appointments", sentence, key.crn)

    def read_placement(self, placement: Placement) -> None:
        """Take in one placement."""
        key = RequirementKey(placement.crn, placement.delius_event_number)
        number = self._situation.problem.person_numbers.get(key)
        project = self._situation.problem.project_numbers.get(placement.project_code)
        last = placement.end_date_inclusive
        if number is None:
            self._fault("claimed_appointments", f"{key} is not among the people", placement.crn)
        elif project is None:
            self._fault("claimed_appointments", f"{placement.project_code} is no project", placement.crn)
        elif placement.end_time <= placement.start_time or (
            last is not None and last < placement.start_date_inclusive
        ):
            sentence = f"the placement at {placement.project_code} ends before it begins"
            self._fault("claimed_appointments", sentence, placement.crn)
        else:
            self.placements.append(Kept(number, project, placement))

    def _fault(self, rule_id: str, sentence: str, crn: str | None = None) -> None:
        self.faults.append(Violation(rule_id, sentence, crn))
