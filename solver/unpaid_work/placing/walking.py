"""Booking one person on every date of a slot that no rule forbids, until their minutes are done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import Frequency
from solver.unpaid_work.placing.after import may_run_on, too_many
from solver.unpaid_work.placing.candidates import Candidate
from solver.unpaid_work.placing.joining import diary_refusals, joining_refusals, opened
from solver.unpaid_work.placing.newcomer import Newcomer, Refused
from solver.unpaid_work.placing.team import Duty, Entry, LoadedTeam, Running


class Booked(NamedTuple):
    """One date booked, in a session as it runs, or as it is opened for this."""

    entry: Entry
    session: Running
    is_new: bool


@dataclass(frozen=True)
class Walk:
    """What became of a slot. end: as long as the person can stay. always: rules whatever the date; refused: by day.

    Nothing is booked when the slot is excluded. placement: the recurring slot, None for a single date.
    """

    candidate: Candidate
    end: int
    bookings: tuple[Booked, ...] = ()
    always: tuple[Refused, ...] = ()
    refused: tuple[tuple[int, str, str], ...] = ()
    placement: Placement | None = None


@dataclass(frozen=True)
class Walker:
    """Walks every slot of a team for one person."""

    team: LoadedTeam
    candidates: Sequence[Candidate]

    def walks(self, newcomer: Newcomer) -> list[Walk]:
        """What becomes of every slot, in the order of the candidates."""
        induction = self._induction(newcomer)
        return [self._walk(newcomer, candidate, induction) for candidate in self.candidates]

    def _is_induction(self, project: int) -> bool:
        return bool(self.team.facts.induction[project])

    def _induction(self, newcomer: Newcomer) -> Booked | None:
        """The first induction that has room, for somebody who needs one and has none."""
        mine = self.team.entries_of(newcomer.person.key)
        if newcomer.inducted or any(self._is_induction(each.project) for each in mine):
            return None
        first = [
            walk.bookings[0]
            for candidate in self.candidates
            if self._is_induction(candidate.project)
            and (walk := self._walk(newcomer, candidate, None)).bookings
        ]
        return min(first, key=lambda each: (each.entry.day, each.entry.start, each.is_new), default=None)

    def _walk(self, newcomer: Newcomer, of: Candidate, induction: Booked | None) -> Walk:
        project = self.team.facts.problem.projects[of.project]
        stay = newcomer.stay(of.weekday, of.start, of.end)
        stay = min(stay, self.team.facts.rules.limits.day_minutes, newcomer.weekly_most)
        end = of.start + stay if stay > 0 else of.end
        always = [*newcomer.never(project, of.weekday, of.start), *self._never(newcomer, of)]
        if newcomer.weekly_most <= 0:
            always.append(("weekly_limit", f"{newcomer.crn} may not be booked for any minute of a week"))
        if not of.days:
            day = of.weekday.title()
            always.append(("project_open", f"{project.project_code} is open on no such {day} of the horizon"))
        if always:
            return Walk(of, end, always=tuple(always))
        walk = self._booked(newcomer, of, induction, stay)
        if not walk.bookings:
            return walk
        if of.frequency is Frequency.ONCE or self._is_induction(of.project):
            return walk
        return self._placed(newcomer, walk)

    def _never(self, newcomer: Newcomer, of: Candidate) -> list[Refused]:
        """What the requirement's own bookings forbid whatever the date."""
        mine = self.team.entries_of(newcomer.person.key)
        key = newcomer.person.key
        found: list[Refused] = []
        if 0 < newcomer.remaining <= sum(each.minutes for each in mine):
            found.append(("never_beyond_requirement", f"all that remains of {key} is booked already"))
        had = [each for each in mine if self._is_induction(each.project)]
        if had and self._is_induction(of.project) and not newcomer.inducted:
            found.append(
                ("induction_first", f"{key} has an induction on {self.team.date(had[0].day)} already")
            )
        return found

    def _booked(self, newcomer: Newcomer, of: Candidate, induction: Booked | None, stay: int) -> Walk:
        """Date by date."""
        at_induction = self._is_induction(of.project)
        found = [] if at_induction or induction is None else [induction]
        mine = self.team.entries_of(newcomer.person.key)
        diary = [*self.team.diaries.get(newcomer.crn, ()), *(each.entry for each in found)]
        left = newcomer.remaining - sum(each.minutes for each in (*mine, *(b.entry for b in found)))
        since = self._inducted_on(newcomer, found)
        refused: list[tuple[int, str, str]] = []
        begun = len(found)
        for day in of.days:
            if left <= 0 or (at_induction and found):
                break
            there = self.team.running.get((of.project, day, of.start))
            length = min(stay, left) if there is None else min(stay, left, there.end - there.start)
            entry = Entry(day, of.project, of.start, of.start + length, newcomer.person.event_number)
            why = [] if at_induction or newcomer.inducted else self._before_induction(newcomer, day, since)
            why += diary_refusals(self.team, newcomer, diary, entry)
            if there is not None:
                why += joining_refusals(self.team, newcomer, there)
                session: Running | None = there
            else:
                own = [(b.session.supervisor, _duty(b.session)) for b in found if b.is_new]
                held = [(who, duty) for who, duty in own if who is not None]
                session, more = opened(self.team, newcomer, of.duty(day), of.free.get(day, ()), held)
                why += more
            if why or session is None:
                refused += [(day, rule, words) for rule, words in why]
                continue
            found.append(Booked(entry, session, there is None))
            diary.append(entry)
            left -= length
        if len(found) == begun:
            if left <= 0:
                done = (
                    "never_beyond_requirement",
                    f"the induction is all that remains of {newcomer.person.key}",
                )
                return Walk(of, of.start + stay, always=(done,))
            return Walk(of, of.start + stay, refused=tuple(refused))
        return Walk(of, of.start + stay, tuple(found), (), tuple(refused))

    def _inducted_on(self, newcomer: Newcomer, found: Sequence[Booked]) -> int | None:
        mine = (*self.team.entries_of(newcomer.person.key), *(each.entry for each in found))
        return min((each.day for each in mine if self._is_induction(each.project)), default=None)

    def _before_induction(self, newcomer: Newcomer, day: int, since: int | None) -> list[Refused]:
        key, date = newcomer.person.key, self.team.date(day)
        if since is None:
            return [("induction_first", f"{key} needs an induction first, and none has room")]
        if day <= since:
            return [
                ("induction_first", f"{key} has the induction on {self.team.date(since)}, not before {date}")
            ]
        return []

    def _placed(self, newcomer: Newcomer, walk: Walk) -> Walk:
        """The walk with its placement, as long as it may run; excluded when there would be too many at a time."""
        of = walk.candidate
        days = [each.entry.day for each in walk.bookings if each.entry.project == of.project]
        made = Placement(
            crn=newcomer.crn,
            delius_event_number=newcomer.person.event_number,
            project_code=self.team.code(of.project),
            day_of_week=of.weekday,
            frequency=of.frequency,
            start_time=of.start,
            end_time=walk.end,
            start_date_inclusive=self.team.date(days[0]),
        )
        mine = sum(each.minutes for each in self.team.entries_of(newcomer.person.key))
        if mine + sum(each.entry.minutes for each in walk.bookings) >= newcomer.remaining:
            made = dataclasses.replace(made, end_date_inclusive=self.team.date(days[-1]))
        elif not (self._is_kept_up(of, days) and may_run_on(self.team, newcomer, made)):
            last = self.team.facts.problem.end - dt.timedelta(days=1)
            made = dataclasses.replace(made, end_date_inclusive=last)
        if too_many(self.team, newcomer, made):
            most = self.team.facts.rules.limits.slots_a_week
            why = (
                "claimed_appointments",
                f"{newcomer.person.key} has {most} placements at a time already; no more are allowed",
            )
            return Walk(of, walk.end, always=(why,))
        return dataclasses.replace(walk, placement=made)

    def _is_kept_up(self, of: Candidate, days: Sequence[int]) -> bool:
        """Whether one of the days lies near enough to the horizon's end for the slot to go on after it."""
        lately = self.team.facts.rules.limits.kept_up(of.frequency)
        return max(days) >= len(self.team.facts.problem.days) - lately


def _duty(session: Running) -> Duty:
    return Duty(session.day, session.project, session.start, session.end)
