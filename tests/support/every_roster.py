"""The best of all rosters of a tiny team, found by trying them in the order of their price; the checker is the judge.

The class: sessions are whole slots, or the stretch of one that somebody was told of; appointments begin with their
session and last one or two hours; a slot is kept up after the horizon when it was booked in its last fortnight (four
weeks for a fortnightly one) or all that remains is booked, one slot a weekday, within the weekly limit, at most four.
Told appointments: as few as possible are dropped that the input still allows.

The price of a roster is the sum of the price of what each body does and of the sessions that run, each asked of
`recompute_roster`. So rosters can be put in order before any of them is judged; the first that the checker passes is
the best. What the checker refuses for one body, or one session and those in it, is remembered.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.policy.policy import Policy
from models.unpaid_work.defaults import induction_done, weekly_minutes_max
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot
from models.unpaid_work.reckoning import remaining_minutes
from models.unpaid_work.roster import Appointment, Placement, Session
from models.unpaid_work.terms import WEEK, Frequency, ProjectType
from solver.verify.unpaid_work import Drawn, Slot, broken_by, recompute_roster, told_refusals
from tests.support.tiny_teams import HOURS

MOST = 30_000
MOST_OF_A_BODY = 400
"""Teams with more rosters than so many, or a body that could do more, are left alone."""

OF_A_SESSION = frozenset(
    {"supervisor_sex", "keep_apart", "risk_in_group", "session_size", "pick_up", "supervised", "project_open"}
)
"""Rules that look at one session and those in it (and, of these, supervised and project_open at others too)."""

OF_A_BODY = frozenset(
    {
        "available",
        "one_place_at_a_time",
        "weekly_limit",
        "never_beyond_requirement",
        "induction_first",
        "suitable_project",
        "group_preference",
        "travel_limit",
    }
)
"""Rules that look at what one body does: broken alone, they are broken in any roster."""


@dataclass(frozen=True)
class Doing:
    """What a body does. booked: (requirement, session, minutes). price: without that of sessions."""

    booked: tuple[tuple[int, int, int], ...]
    placements: tuple[Placement, ...]
    price: int
    dropped: int
    sessions: int

    @property
    def lines(self) -> tuple[tuple[int, int, int], ...]:
        return self.booked


class EveryRoster:
    """The rosters of a tiny team."""

    def __init__(self, problem: UnpaidWorkProblem, policy: Policy) -> None:
        self._problem = problem
        self._policy = policy
        self._judged: dict[tuple[tuple[int, int, int], ...], bool] = {}
        self._groups: dict[tuple[int, frozenset[int]], tuple[str | None, ...]] = {}
        self._refused: dict[tuple[int, str], bool] = {}
        self._staff: dict[frozenset[tuple[int, str | None]], bool] = {}
        self.expected: int | None = None

    # -- what there is

    @cached_property
    def sessions(self) -> tuple[tuple[Slot, OpenSlot | None], ...]:
        """Every session that may run, with its recurring slot."""
        found: dict[Slot, OpenSlot | None] = {}
        told = {
            (a.project_code, a.date, a.start_time, a.end_time)
            for p in self._problem.people
            for a in p.appointments
        }
        for project, day in itertools.product(self._problem.projects, self._problem.days):
            for slot in project.availability:
                if not slot.open_on(day) or day in self._problem.closed_days:
                    continue
                found.setdefault(Slot(project.project_code, day, slot.start_time, slot.end_time), slot)
        for code, day, start, end in sorted(told):
            within = [
                whole
                for whole in found
                if whole[:2] == (code, day) and whole.start <= start and end <= whole.end
            ]
            if within and all(whole.start != start for whole in within):
                found.setdefault(Slot(code, day, start, end), None)
        return tuple(found.items())

    def _bookings(self, number: int) -> list[list[tuple[int, int, int] | None]]:
        """For each session: not booked, or booked for each length that no rule over person and session refuses."""
        choices: list[list[tuple[int, int, int] | None]] = []
        for place, (slot, _) in enumerate(self.sessions):
            options: list[tuple[int, int, int] | None] = [None]
            options.extend(
                (number, place, minutes)
                for minutes in HOURS
                if minutes <= slot.minutes and self._allowed(((number, place, minutes),))
            )
            choices.append(options)
        return choices

    def _doings(self, crn: str) -> list[Doing] | None:
        numbers = [number for number, person in enumerate(self._problem.people) if person.crn == crn]
        choices = [choice for number in numbers for choice in self._bookings(number)]
        if np.prod([float(len(options)) for options in choices]) > MOST_OF_A_BODY:
            return None
        found: list[Doing] = []
        for chosen in itertools.product(*choices):
            booked = tuple(each for each in chosen if each is not None)
            if not self._hopeless(booked):
                found.extend(
                    self._doing(numbers, booked, placements)
                    for placements in self._placements(numbers, booked)
                )
        return found

    def _hopeless(self, booked: tuple[tuple[int, int, int], ...]) -> bool:
        """Beyond what remains, or two at once: seen without asking."""
        totals: dict[int, int] = {}
        days: dict[dt.date, set[str]] = {}
        for number, place, minutes in booked:
            totals[number] = totals.get(number, 0) + minutes
            slot = self.sessions[place][0]
            days.setdefault(slot.date, set()).add(slot.project_code)
        rules = self._policy.unpaid_work
        beyond = any(
            total > remaining_minutes(self._problem.people[number], rules) for number, total in totals.items()
        )
        return beyond or any(len(codes) > 1 for codes in days.values())

    def _doing(
        self,
        numbers: Sequence[int],
        booked: tuple[tuple[int, int, int], ...],
        placements: tuple[Placement, ...],
    ) -> Doing:
        lines = Drawn(placements, (), tuple(self._appointment(each, None) for each in booked))
        price = recompute_roster(self._problem, lines, self._policy).total
        dropped = sum(not self._is_kept(what, booked) for what in self._stands if what[0] in numbers)
        sessions = sum(1 << place for place in {place for _, place, _ in booked})
        return Doing(booked, placements, price, dropped, sessions)

    @cached_property
    def _stands(self) -> list[tuple[int, Slot]]:
        refused = told_refusals(self._problem, self._policy)
        return [
            (number, slot)
            for number, person in enumerate(self._problem.people)
            for each in person.appointments
            if self._problem.first <= each.date < self._problem.end
            for slot in [Slot(each.project_code, each.date, each.start_time, each.end_time)]
            if (person.key, slot) not in refused
        ]

    def _is_kept(self, what: tuple[int, Slot], booked: tuple[tuple[int, int, int], ...]) -> bool:
        number, told = what
        return any(
            each[0] == number and self.sessions[each[1]][0][:3] == told[:3] and each[2] == told.minutes
            for each in booked
        )

    # -- what goes on

    def _placements(
        self, numbers: Sequence[int], booked: tuple[tuple[int, int, int], ...]
    ) -> Iterator[tuple[Placement, ...]]:
        """Every set of placements that these bookings can stand for, as far as one may be better than another."""
        options: list[list[Placement | None]] = []
        for number in numbers:
            mine = [each for each in booked if each[0] == number]
            slots = {
                id(self.sessions[place][1]): place
                for _, place, _ in mine
                if self.sessions[place][1] is not None
            }
            options.extend([None, *self._placement(number, place, mine)] for place in slots.values())
        most = self._policy.unpaid_work.limits.slots_a_week
        weekly = min(
            (weekly_minutes_max(self._problem.people[n], self._policy.unpaid_work) for n in numbers),
            default=0,
        )
        sets = []
        for chosen in itertools.product(*options):
            placements = tuple(each for each in chosen if each is not None)
            on = [each for each in placements if each.end_date_inclusive is None]
            counts = [
                sum(p.delius_event_number == e for p in placements)
                for e in {p.delius_event_number for p in placements}
            ]
            if (
                len({each.day_of_week for each in on}) == len(on)
                and sum(each.end_time - each.start_time for each in on) <= weekly
                and max(counts, default=0) <= most
            ):
                sets.append(placements)
        for placements in sets:
            if not any(set(placements) < set(other) for other in sets):
                yield placements

    def _placement(self, number: int, place: int, mine: list[tuple[int, int, int]]) -> Iterator[Placement]:
        """The placements that bookings in the slot of this session can be: of the longest stay, or as it was before."""
        person = self._problem.people[number]
        slot, record = self.sessions[place]
        project = self._problem.projects[self._problem.project_numbers[slot.project_code]]
        if (
            record is None
            or record.frequency is Frequency.ONCE
            or project.project_type is ProjectType.INDUCTION
        ):
            return
        here = [each for each in mine if self.sessions[each[1]][1] is record]
        days = sorted(self.sessions[each[1]][0].date for each in here)
        longest = max(each[2] for each in here)
        stay = max((minutes for minutes in HOURS if self._recurs(number, slot, minutes)), default=0)
        before = {
            each.end_time - each.start_time: each
            for each in person.allocations
            if (each.project_code, each.day_of_week, each.frequency, each.start_time)
            == (slot.project_code, record.day_of_week, record.frequency, record.start_time)
        }
        total = sum(each[2] for each in mine)
        done = total >= remaining_minutes(person, self._policy.unpaid_work)
        lately = 28 if record.frequency is Frequency.FORTNIGHTLY else 14
        goes_on = (done or (self._problem.end - days[-1]).days <= lately) and self._open_after(
            record, project.project_code
        )
        for minutes in {stay, *before} - {0}:
            if minutes > stay or longest > minutes:
                continue
            begins = days[0]
            if minutes in before and (
                record.frequency is Frequency.WEEKLY
                or (days[0] - before[minutes].start_date_inclusive).days % 14
                == (WEEK.index(record.day_of_week) - before[minutes].start_date_inclusive.weekday()) % 7
            ):
                begins = min(begins, before[minutes].start_date_inclusive)
            if goes_on:
                yield self._made(number, slot, record, minutes, begins, None)
            if minutes in before:
                yield self._made(number, slot, record, minutes, begins, days[-1])

    def _made(
        self, number: int, slot: Slot, record: OpenSlot, minutes: int, begins: dt.date, ends: dt.date | None
    ) -> Placement:
        person = self._problem.people[number]
        return Placement(
            person.crn,
            person.event_number,
            slot.project_code,
            record.day_of_week,
            record.frequency,
            slot.start,
            slot.start + minutes,
            begins,
            ends,
        )

    def _recurs(self, number: int, slot: Slot, minutes: int) -> bool:
        """Whether the person's half-days hold that much of the slot, and its project is for them."""
        person = self._problem.people[number]
        part = slot._replace(end=slot.start + minutes)
        return set(part.half_days) <= set(person.availability) and not self._unsuited(
            number, slot.project_code
        )

    def _unsuited(self, number: int, code: str) -> bool:
        """Whether rules over the person and the project alone refuse it, asked with a booking on a session of it."""
        if (number, code) not in self._refused:
            person = self._problem.people[number]
            place = next(place for place, (slot, _) in enumerate(self.sessions) if slot.project_code == code)
            lines = Drawn((), (), (self._appointment((number, place, 60), None),))
            found = broken_by(self._problem, lines, self._policy)
            rules = {each.rule for each in found if each.crn == person.crn}
            refused = {"suitable_project", "group_preference", "travel_limit"}
            if induction_done(person, self._policy.unpaid_work):
                refused.add("induction_first")
            self._refused[number, code] = bool(rules & refused)
        return self._refused[number, code]

    def _open_after(self, record: OpenSlot, code: str) -> bool:
        project = self._problem.projects[self._problem.project_numbers[code]]
        days = (self._problem.end + dt.timedelta(days=ahead) for ahead in range(28))
        endless = OpenSlot(
            record.day_of_week,
            record.start_date_inclusive,
            record.start_time,
            record.end_time,
            record.frequency,
        )
        day = next(day for day in days if endless.open_on(day))
        return record.open_on(day) and project.open_between(day)

    # -- judging

    def _allowed(self, booked: tuple[tuple[int, int, int], ...]) -> bool:
        """Whether no rule over one body refuses what it does."""
        if booked not in self._judged:
            lines = Drawn((), (), tuple(self._appointment(each, None) for each in booked))
            single = len(booked) == 1
            rules = {each.rule for each in broken_by(self._problem, lines, self._policy)} & OF_A_BODY
            # One booking alone may still have its induction before it.
            self._judged[booked] = not (rules - ({"induction_first"} if single else set()))
        return self._judged[booked]

    def _under(self, place: int, members: frozenset[int]) -> tuple[str | None, ...]:
        """Under whom the session could run with these people in it, whatever else happens."""
        if (place, members) not in self._groups:
            code = self.sessions[place][0].project_code
            project = self._problem.projects[self._problem.project_numbers[code]]
            codes: list[str | None] = [None]
            if project.supervisor_needed:
                codes = [each.staff_code for each in self._problem.supervisors]
            booked = [(number, place, 60) for number in sorted(members)]
            self._groups[place, members] = tuple(
                under
                for under in codes
                if not {
                    each.rule
                    for each in broken_by(
                        self._problem, self._drawn(booked, (), {place: under}), self._policy
                    )
                }
                & OF_A_SESSION
            )
        return self._groups[place, members]

    def _staffed(self, sessions: frozenset[tuple[int, str | None]]) -> bool:
        """Whether these sessions can run at once under these supervisors, whoever is in them."""
        if sessions not in self._staff:
            lines = self._drawn((), (), dict(sessions))
            rules = {each.rule for each in broken_by(self._problem, lines, self._policy)}
            self._staff[sessions] = not rules & {"one_place_at_a_time", "supervised", "project_open"}
        return self._staff[sessions]

    def _drawn(
        self,
        booked: Sequence[tuple[int, int, int]],
        placements: tuple[Placement, ...],
        under: dict[int, str | None],
    ) -> Drawn:
        sessions = tuple(
            Session(
                *self.sessions[place][0],
                supervisor_code=code,
                places=0,
                booked=0,
                expected_attendance=0.0,
                overflow_probability=0.0,
            )
            for place, code in under.items()
        )
        return Drawn(placements, sessions, tuple(self._appointment(each, under[each[1]]) for each in booked))

    def _appointment(self, booked: tuple[int, int, int], under: str | None) -> Appointment:
        number, place, minutes = booked
        slot, person = self.sessions[place][0], self._problem.people[number]
        return Appointment(
            person.crn,
            person.event_number,
            slot.project_code,
            slot.date,
            slot.start,
            slot.start + minutes,
            under,
            minutes,
        )

    def best(self) -> tuple[int, Drawn] | None:
        """The least total of a roster that breaks no rule, and one that has it. None when there are too many."""
        bodies = []
        for crn in dict.fromkeys(person.crn for person in self._problem.people):
            doings = self._doings(crn)
            if doings is None:
                return None
            bodies.append(doings)
        if np.prod([float(len(doings)) for doings in bodies]) > MOST:
            return None
        nothing = recompute_roster(self._problem, Drawn(), self._policy).total
        for price, chosen in _in_order(bodies, self._session_prices(nothing), nothing):
            lines = self._sound(chosen)
            if lines is not None:
                self.expected = price
                return recompute_roster(self._problem, lines, self._policy).total, lines
        raise AssertionError("a roster without anybody is always there")

    def _session_prices(self, nothing: int) -> dict[int, int]:
        """What running each set of sessions adds to doing nothing, without those booked there."""
        found = {}
        for those in itertools.product((False, True), repeat=len(self.sessions)):
            places = [place for place, runs in enumerate(those) if runs]
            under = {place: self._anybody(place) for place in places}
            lines = self._drawn((), (), under)
            total = recompute_roster(self._problem, lines, self._policy).total
            found[sum(1 << place for place in places)] = total - nothing
        return found

    def _anybody(self, place: int) -> str | None:
        code = self.sessions[place][0].project_code
        needed = self._problem.projects[self._problem.project_numbers[code]].supervisor_needed
        return self._problem.supervisors[0].staff_code if needed else None

    def _sound(self, chosen: Sequence[Doing]) -> Drawn | None:
        """The roster with supervisors under whom the checker passes it, None when there are none."""
        if not all(self._allowed(doing.booked) for doing in chosen if doing.booked):
            return None
        booked = [each for doing in chosen for each in doing.booked]
        members: dict[int, set[int]] = {}
        for number, place, _ in booked:
            members.setdefault(place, set()).add(number)
        options = [self._under(place, frozenset(those)) for place, those in members.items()]
        placements = tuple(each for doing in chosen for each in doing.placements)
        for codes in itertools.product(*options):
            if not self._staffed(frozenset(zip(members, codes, strict=True))):
                continue
            lines = self._drawn(booked, placements, dict(zip(members, codes, strict=True)))
            if not broken_by(self._problem, lines, self._policy):
                return lines
        return None


def _in_order(
    bodies: Sequence[Sequence[Doing]], sessions: dict[int, int], nothing: int
) -> Iterator[tuple[int, tuple[Doing, ...]]]:
    """Every choice of what each body does, priced: those that drop fewer told appointments first, then the cheaper."""
    prices = np.zeros(1, dtype=np.int64)
    dropped = np.zeros(1, dtype=np.int64)
    running = np.zeros(1, dtype=np.int64)
    for doings in bodies:
        price = np.array([doing.price - nothing for doing in doings], dtype=np.int64)
        drops = np.array([doing.dropped for doing in doings], dtype=np.int64)
        runs = np.array([doing.sessions for doing in doings], dtype=np.int64)
        prices = (prices[:, None] + price[None, :]).ravel()
        dropped = (dropped[:, None] + drops[None, :]).ravel()
        running = (running[:, None] | runs[None, :]).ravel()
    table = np.array([sessions[key] for key in range(len(sessions))], dtype=np.int64)
    prices = prices + table[running]
    shape = tuple(len(doings) for doings in bodies)
    for position in np.lexsort((prices, dropped)):
        places = np.unravel_index(position, shape)
        chosen = tuple(doings[int(place)] for doings, place in zip(bodies, places, strict=True))
        yield nothing + int(prices[position]), chosen
