"""What a draft costs, item by item, and when people are expected to finish: exact numbers, without the checker."""

from __future__ import annotations

import dataclasses
import datetime as dt
import heapq
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from models.policy.unpaid_work import RosterPrices
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Forecast, Placement, RosterObjective, Session
from models.unpaid_work.terms import Frequency
from solver.unpaid_work.chance import tail
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import Recurring, RosterFacts, recurring


@dataclass(frozen=True)
class Reckoning:
    """A draft and what follows from it."""

    facts: RosterFacts
    draft: Draft

    @cached_property
    def of_requirement(self) -> tuple[tuple[Booking, ...], ...]:
        """The bookings of each requirement, by date."""
        found: list[list[Booking]] = [[] for _ in self.facts.problem.people]
        for booking in sorted(self.draft.bookings, key=lambda each: each.session):
            found[booking.requirement].append(booking)
        return tuple(tuple(each) for each in found)

    @cached_property
    def members(self) -> dict[int, tuple[Booking, ...]]:
        """The bookings of each session that runs."""
        found: dict[int, list[Booking]] = {session: [] for session in self.draft.supervisor}
        for booking in self.draft.bookings:
            found[booking.session].append(booking)
        return {session: tuple(those) for session, those in found.items()}

    @cached_property
    def placements(self) -> tuple[tuple[Placement, ...], ...]:
        """The placements of each requirement."""
        numbers = self.facts.problem.person_numbers
        found: list[list[Placement]] = [[] for _ in numbers]
        for placement in self.draft.placements:
            found[numbers[RequirementKey(placement.crn, placement.delius_event_number)]].append(placement)
        return tuple(tuple(each) for each in found)

    @cached_property
    def left_out(self) -> tuple[int, ...]:
        """The requirements with minutes remaining and no booking."""
        remaining = enumerate(self.facts.remaining.tolist())
        return tuple(number for number, left in remaining if left > 0 and not self.of_requirement[number])

    def booked(self, number: int) -> int:
        """The minutes booked of a requirement."""
        return sum(booking.minutes for booking in self.of_requirement[number])

    @cached_property
    def objective(self) -> RosterObjective:
        """Every item, and their sum by the policy's prices."""
        facts, prices = self.facts, self.facts.rules.prices
        everyone = range(len(facts.problem.people))
        sessions = facts.sessions
        items = RosterObjective(
            unplaced_people=len(self.left_out),
            lost_minutes=sum(map(self.lost_minutes, everyone)),
            short_of_offer_minutes=sum(map(self._short_of_offer, everyone)),
            supervised_minutes=sum(
                int(sessions.minutes[session])
                for session, under in self.draft.supervisor.items()
                if under is not None
            ),
            travel_minutes=sum(
                2 * int(facts.travel[each.requirement, sessions.project[each.session]])
                for each in self.draft.bookings
            ),
            allocations_changed=sum(map(self._allocations_changed, everyone)),
            appointments_dropped=self._appointments_dropped(),
            commitment_minutes_unmet=self._commitment_unmet(),
            total=0,
        )
        return priced(items, prices)

    def running(self, number: int) -> tuple[Placement, ...]:
        """The placements that go on after the horizon."""
        end = self.facts.problem.end
        return tuple(
            each
            for each in self.placements[number]
            if each.end_date_inclusive is None or each.end_date_inclusive >= end
        )

    def lost_minutes(self, number: int) -> int:
        """Minutes expected to be lost at the date to complete by, rounded up."""
        halves = {Frequency.WEEKLY: 2, Frequency.FORTNIGHTLY: 1, Frequency.ONCE: 0}
        weekly = Fraction(
            sum(halves[each.frequency] * (each.end_time - each.start_time) for each in self.running(number)),
            2,
        )
        offered = self.booked(number) + weekly * int(self.facts.full_weeks[number])
        return max(0, math.ceil(int(self.facts.remaining[number]) - self.facts.chances[number] * offered))

    def _short_of_offer(self, number: int) -> int:
        facts = self.facts
        booked = Counter[int]()
        for each in self.of_requirement[number]:
            booked[int(facts.sessions.week[each.session])] += each.minutes
        short, left = 0, int(facts.remaining[number])
        for week in range(facts.weeks):
            if facts.owed[number, week]:
                short += max(0, min(int(facts.weekly_least[number]), left) - booked[week])
            left -= booked[week]
        return short

    def _allocations_changed(self, number: int) -> int:
        kept: set[Recurring] = {
            (each.project_code, each.day_of_week.number, each.frequency, each.start_time, each.end_time)
            for each in self.placements[number]
        }
        return sum(recurring(each) not in kept for each in self.facts.counted_allocations(number))

    def _appointments_dropped(self) -> int:
        facts = self.facts
        sessions, codes = facts.sessions, [project.project_code for project in facts.problem.projects]
        dropped = 0
        for number, person in enumerate(facts.problem.people):
            have = {
                (
                    codes[int(sessions.project[each.session])],
                    facts.date(each.session),
                    int(sessions.start[each.session]),
                    int(sessions.start[each.session]) + each.minutes,
                )
                for each in self.of_requirement[number]
            }
            dropped += sum(
                facts.problem.first <= told.date < facts.problem.end
                and (told.project_code, told.date, told.start_time, told.end_time) not in have
                for told in person.appointments
            )
        return dropped

    def _commitment_unmet(self) -> int:
        facts = self.facts
        sessions = facts.sessions
        ran = Counter((int(sessions.project[s]), int(sessions.week[s])) for s in self.draft.supervisor)
        unmet = 0
        for number, project in enumerate(facts.problem.projects):
            if project.availability:
                first = project.availability[0]
                short = sum(
                    max(0, project.commitment_sessions_per_week - ran[number, week])
                    for week in range(facts.weeks)
                )
                unmet += (first.end_time - first.start_time) * short
        return unmet

    def session_rows(self) -> tuple[Session, ...]:
        """The sessions that run, by date, with their exact numbers."""
        facts = self.facts
        rows = []
        for session in sorted(self.draft.supervisor):
            under = self.draft.supervisor[session]
            chances = [facts.chances[each.requirement] for each in self.members[session]]
            places = facts.places_under(session, under)
            rows.append(
                Session(
                    project_code=facts.problem.projects[int(facts.sessions.project[session])].project_code,
                    date=facts.date(session),
                    start_time=int(facts.sessions.start[session]),
                    end_time=int(facts.sessions.end[session]),
                    supervisor_code=None if under is None else facts.problem.supervisors[under].staff_code,
                    places=places,
                    booked=len(chances),
                    expected_attendance=float(sum(chances, Fraction(0))),
                    overflow_probability=float(tail(chances, places)),
                )
            )
        return tuple(rows)

    def forecast(self) -> tuple[Forecast, ...]:
        """Of every requirement with minutes remaining, in the input's order."""
        return tuple(
            Forecast(
                person.crn,
                person.event_number,
                int(self.facts.remaining[number]),
                self.booked(number),
                self._finish(number),
                self.lost_minutes(number),
            )
            for number, person in enumerate(self.facts.problem.people)
            if self.facts.remaining[number] > 0
        )

    def _finish(self, number: int) -> dt.date | None:
        """The date by which chance times minutes reach what remains; None when not by the date to complete by."""
        chance, expected = self.facts.chances[number], Fraction(0)
        remaining, last = int(self.facts.remaining[number]), self.facts.problem.people[number].complete_by
        for day, minutes in self._offered(number, last):
            if day > last:
                return None
            expected += chance * minutes
            if expected >= remaining:
                return day
        return None

    def _offered(self, number: int, last: dt.date) -> Iterator[tuple[dt.date, int]]:
        for each in self.of_requirement[number]:
            yield self.facts.date(each.session), each.minutes
        end = self.facts.problem.end
        yield from heapq.merge(*(_dates(each, end, last) for each in self.running(number)))


def _dates(placement: Placement, end: dt.date, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """The dates of a placement after the horizon until `last`, with its minutes."""
    if placement.frequency is Frequency.ONCE:
        return
    step = 14 if placement.frequency is Frequency.FORTNIGHTLY else 7
    begun = placement.start_date_inclusive
    day = begun + dt.timedelta(days=(placement.day_of_week.number - begun.weekday()) % 7)
    if day < end:
        day += dt.timedelta(days=-(-(end - day).days // step) * step)
    until = last if placement.end_date_inclusive is None else min(last, placement.end_date_inclusive)
    while day <= until:
        yield day, placement.end_time - placement.start_time
        day += dt.timedelta(days=step)


def priced(items: RosterObjective, prices: RosterPrices) -> RosterObjective:
    """The items with their weighted sum in `total`."""
    total = (
        prices.unplaced_person * items.unplaced_people
        + prices.lost_minute * items.lost_minutes
        + prices.short_of_offer_minute * items.short_of_offer_minutes
        + prices.supervised_minute * items.supervised_minutes
        + prices.travel_minute * items.travel_minutes
        + prices.allocation_changed * items.allocations_changed
        + prices.appointment_dropped * items.appointments_dropped
        + prices.commitment_minute_unmet * items.commitment_minutes_unmet
    )
    return dataclasses.replace(items, total=total)
