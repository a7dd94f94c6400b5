"""What is done today, one person at a time: the practice that rosters are measured against.

A clerk types in each person's recurring allocation; the scheduler of ministryofjustice/hmpps-community-payback-api
walks the working days, makes an appointment on each date of it until the hours are done and cuts the last one short.
It looks at no other person: not at headcount, risk or who must be kept apart. It removes nothing.

Where it is not said what people do by hand, this is the kindest reading: existing allocations stand as typed; who has
none (or one that is no longer open) is typed in at the nearest slot that the rules for them alone allow, and at further
weekdays until the weekly minimum is offered; days on which they are away are passed over; the largest session of a day
gets the first supervisor who can take it. A `careful` clerk also counts who is typed in already, and prefers a slot
that has a place left. A session for which no supervisor is left is planned without one: everybody is stood down.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import WEEK, Frequency
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts, recurring
from solver.unpaid_work.slots import NO_SLOT


def one_person_at_a_time(facts: RosterFacts, *, careful: bool = False) -> Draft:
    """The roster of today's practice. It may break any rule that looks at more than one person, and is not refused."""
    office = _Office(facts, careful)
    for number in range(len(facts.problem.people)):
        if facts.remaining[number] > 0:
            office.schedule(number)
    return Draft(_supervised(facts, office.bookings), tuple(office.bookings), tuple(office.placements))


@dataclass
class _Office:
    """The clerk and the scheduler. heads: who is typed in at each slot; busy: days on which a body is booked."""

    facts: RosterFacts
    careful: bool
    bookings: list[Booking] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    heads: Counter[int] = field(default_factory=Counter)
    busy: set[tuple[int, int]] = field(default_factory=set)
    weekly: Counter[tuple[int, int]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        sessions = self.facts.sessions
        self.dates: dict[int, list[int]] = {}
        for session, slot in enumerate(sessions.slot.tolist()):
            if slot != NO_SLOT:
                self.dates.setdefault(slot, []).append(session)
        self.typed = [self._existing(number) for number in range(len(self.facts.problem.people))]
        for slots in self.typed:
            self.heads.update(slots)

    def schedule(self, number: int) -> None:
        """Everything of one person: what they were told, an induction where it is due, then the recurring slots."""
        left = int(self.facts.remaining[number])
        first = 0
        for session, minutes in self._told(number):
            left -= self._book(number, session, min(minutes, left))
        if not self.facts.inducted[number]:
            told = [each.session for each in self.bookings if each.requirement == number]
            induction = told[0] if told else self._induction(number)
            if induction is None:
                return
            if not told:
                left -= self._book(number, induction, left)
            first = int(self.facts.sessions.day[induction]) + 1
        slots = self.typed[number] or self._typed_in(number)
        self._walk(number, slots, left, first)

    def _existing(self, number: int) -> list[int]:
        """The open slots of the allocations that the person has."""
        slots, projects = self.facts.slots, self.facts.problem.projects
        keys = {recurring(each) for each in self.facts.counted_allocations(number)}
        return [
            slot
            for slot, record in enumerate(slots.records)
            if slot in self.dates
            and (
                projects[int(slots.project[slot])].project_code,
                record.day_of_week.number,
                record.frequency,
                record.start_time,
                record.end_time,
            )
            in keys
        ]

    def _told(self, number: int) -> list[tuple[int, int]]:
        """(session, minutes) of the told appointments that lie in a session."""
        facts, found = self.facts, []
        for told in self.facts.problem.people[number].appointments:
            project = facts.problem.project_numbers.get(told.project_code)
            day = (told.date - facts.problem.first).days
            for session in np.flatnonzero(facts.sessions.day == day).tolist() if project is not None else ():
                start, end = int(facts.sessions.start[session]), int(facts.sessions.end[session])
                if (
                    facts.sessions.project[session] == project
                    and start == told.start_time <= told.end_time <= end
                ):
                    found.append((session, told.end_time - told.start_time))
                    break
        return found

    def _induction(self, number: int) -> int | None:
        """The first induction that the person can come to."""
        facts = self.facts
        there = facts.induction[facts.sessions.project] & facts.open_to[number]
        return next(iter(np.flatnonzero(there).tolist()), None)

    def _typed_in(self, number: int) -> list[int]:
        """The slots that a clerk types in: the nearest, then other weekdays until the weekly minimum is offered."""
        facts, slots = self.facts, self.facts.slots
        fitting = [
            slot
            for slot in np.flatnonzero(facts.allowed[number]).tolist()
            if slot in self.dates
            and slots.records[slot].frequency is not Frequency.ONCE
            and not facts.induction[slots.project[slot]]
            and any(facts.open_to[number, session] for session in self.dates[slot])
        ]
        journey = {slot: int(facts.travel[number, slots.project[slot]]) for slot in fitting}

        def rank(slot: int) -> tuple[bool, int, int]:
            full = self.careful and self.heads[slot] >= facts.places[slots.project[slot]]
            return full, journey[slot], slot

        found: list[int] = []
        days: set[int] = set()
        minutes, most = 0.0, int(facts.weekly_most[facts.body[number]])
        for slot in sorted(fitting, key=rank):
            times = slots.times_a_week_halves[slot] / 2
            more = float(facts.recurring_minutes[number, slot] * times)
            weekday = int(slots.weekday[slot])
            if minutes >= facts.weekly_least[number] or len(found) == facts.rules.limits.slots_a_week:
                break
            if weekday not in days and minutes + more <= most:
                found.append(slot)
                days.add(weekday)
                minutes += more
        self.heads.update(found)
        return found

    def _walk(self, number: int, slots: list[int], left: int, first: int) -> None:
        """An appointment on each date of the slots until the hours are done, the last one cut short."""
        facts = self.facts
        used: dict[int, list[int]] = {}
        dates = sorted((int(facts.sessions.day[s]), s) for slot in slots for s in self.dates[slot])
        for day, session in dates:
            if left <= 0:
                break
            if day < first or not facts.open_to[number, session]:
                continue
            booked = self._book(number, session, left)
            if booked:
                left -= booked
                used.setdefault(int(facts.sessions.slot[session]), []).append(day)
        for slot, days in used.items():
            lately = facts.rules.limits.kept_up(facts.slots.records[slot].frequency)
            kept_up = days[-1] >= len(facts.problem.days) - lately
            self.placements.append(self._placement(number, slot, days, on=left > 0 and kept_up))

    def _book(self, number: int, session: int, most: int) -> int:
        """Book what the person can stay of a session, at most `most`; 0 where the day or the week is full."""
        facts = self.facts
        body, day = int(facts.body[number]), int(facts.sessions.day[session])
        week = int(facts.sessions.week[session])
        room = int(facts.weekly_most[body]) - self.weekly[body, week]
        minutes = min(int(facts.open_minutes[number, session]), most, room)
        if (body, day) in self.busy or minutes <= 0:
            return 0
        self.busy.add((body, day))
        self.weekly[body, week] += minutes
        self.bookings.append(Booking(number, session, minutes))
        return minutes

    def _placement(self, number: int, slot: int, days: list[int], *, on: bool) -> Placement:
        facts, person = self.facts, self.facts.problem.people[number]
        record, first = facts.slots.records[slot], facts.problem.days[days[0]]
        longest = int(facts.recurring_minutes[number, slot])
        if slot in self.typed[number]:
            longest = record.end_time - record.start_time
        return Placement(
            crn=person.crn,
            delius_event_number=person.event_number,
            project_code=facts.problem.projects[int(facts.slots.project[slot])].project_code,
            day_of_week=WEEK[int(facts.slots.weekday[slot])],
            frequency=record.frequency,
            start_time=record.start_time,
            end_time=record.start_time + longest,
            start_date_inclusive=first,
            end_date_inclusive=None if on else facts.problem.days[days[-1]],
        )


def _supervised(facts: RosterFacts, bookings: list[Booking]) -> dict[int, int | None]:
    """A supervisor for each session with bookings, the largest of a day first; None where nobody is left or needed."""
    sessions, size = facts.sessions, Counter(each.session for each in bookings)
    found: dict[int, int | None] = {}
    duties: dict[int, list[int]] = {}
    worked: Counter[tuple[int, int]] = Counter()
    for session in sorted(size, key=lambda each: (int(sessions.day[each]), -size[each], each)):
        found[session] = None
        if not facts.supervised[sessions.project[session]]:
            continue
        week, minutes = int(sessions.week[session]), int(sessions.minutes[session])
        for under in np.flatnonzero(facts.able[session]).tolist():
            fits = worked[under, week] + minutes <= facts.supervisor_minutes[under]
            if fits and all(facts.together(session, other) for other in duties.get(under, ())):
                found[session] = under
                duties.setdefault(under, []).append(session)
                worked[under, week] += minutes
                break
    return dict(sorted(found.items()))
