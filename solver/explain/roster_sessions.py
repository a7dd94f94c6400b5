"""Why a session of a roster runs and under whom, and why not, or why not under somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from models.errors import UsageError
from models.unpaid_work.project import Project
from models.unpaid_work.terms import Weekday, half_days_touched, show_time
from solver.explain.sayings import Explanation, Reason, minutes
from solver.unpaid_work.facts import acceptable
from solver.unpaid_work.place import Placer
from solver.unpaid_work.placing.candidates import Candidate
from solver.unpaid_work.placing.cost import lost_minutes, short_of_offer
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.team import Duty, LoadedTeam, Running


def project_number(team: LoadedTeam, code: str) -> int:
    """The position of a project. Raises UsageError when there is none with that code."""
    number = team.facts.problem.project_numbers.get(code)
    if number is None:
        raise UsageError(f"there is no project {code} in the problem")
    return number


@dataclass(frozen=True)
class SessionExplainer:
    """A loaded roster, ready to explain its sessions."""

    placer: Placer

    @property
    def team(self) -> LoadedTeam:
        """What runs."""
        return self.placer.team

    def _session(self, project_code: str, date: dt.date, start: int | None) -> Running | None:
        number = project_number(self.team, project_code)
        day = (date - self.team.facts.problem.first).days
        there = [
            each
            for each in sorted(self.team.of_day.get((number, day), ()), key=lambda one: one.start)
            if start is None or each.start == start
        ]
        if len(there) > 1:
            times = ", ".join(show_time(each.start) for each in there)
            raise UsageError(f"{project_code} has sessions at {times} on {date}: say which one")
        return there[0] if there else None

    def why_session(self, project_code: str, date: dt.date, start: int | None = None) -> Explanation:
        """Why a session runs and under whom, or why it does not.

        Raises UsageError for an unknown project, or when several sessions are meant.
        """
        session = self._session(project_code, date, start)
        if session is None:
            return Explanation(f"{project_code} on {date}", tuple(self._idle(project_code, date)))
        name = self.team.name(session.project, session.day, session.start, session.end)
        booked, places = len(session.chances), session.places
        size = f"{booked} booked for {places} places, {float(session.expected):.1f} expected"
        return Explanation(name, (Reason(size), *self._worth(session), *self._others(session)))

    def _members(self, session: Running) -> Iterator[Newcomer]:
        for person in self.team.facts.problem.people:
            if person.crn in session.crns and any(
                (each.day, each.project, each.start) == (session.day, session.project, session.start)
                for each in self.team.entries_of(person.key)
            ):
                yield Newcomer.of(self.team.facts, person)

    def _worth(self, session: Running) -> Iterator[Reason]:
        """What its people would lose without this one date."""
        prices = self.team.facts.rules.prices
        lost = short = nothing = 0
        for newcomer in self._members(session):
            diary = self.team.entries_of(newcomer.person.key)
            rest = tuple(e for e in diary if (e.day, e.project) != (session.day, session.project))
            placements = self.team.placements.get(newcomer.person.key, ())
            lost += lost_minutes(newcomer, rest, placements) - lost_minutes(newcomer, diary, placements)
            short += short_of_offer(newcomer, rest) - short_of_offer(newcomer, diary)
            nothing += not rest
        gain = (
            prices.unplaced_person * nothing
            + prices.lost_minute * lost
            + prices.short_of_offer_minute * short
        )
        cost = 0
        if session.supervisor is not None:
            cost = prices.supervised_minute * (session.end - session.start)
        yield Reason(
            f"without it {lost:,} minutes more would be lost and {short:,} minutes fall short of the weekly offer, "
            f"worth {minutes(gain)}; supervising it costs {minutes(cost)}"
        )

    def _others(self, session: Running) -> Iterator[Reason]:
        """Who supervises it, and who else could."""
        if session.supervisor is None:
            yield Reason("it needs no supervisor")
            return
        staff = self.team.facts.problem.supervisors
        duty = Duty(session.day, session.project, session.start, session.end)
        free = [
            each.staff_code
            for number, each in enumerate(staff)
            if number != session.supervisor and not self._supervisor_reasons(number, duty, session)
        ]
        who = staff[session.supervisor].staff_code
        yield Reason(
            f"{who} supervises; "
            + (f"{', '.join(free)} could too" if free else "no other supervisor could, beside what they do")
        )

    def why_not_supervisor(
        self, staff_code: str, project_code: str, date: dt.date, start: int | None = None
    ) -> Explanation:
        """Every rule that keeps a supervisor from a session that runs, or from any slot of the project on the date.

        Raises UsageError for unknown codes, or when several sessions are meant.
        """
        number = self.team.facts.problem.supervisor_numbers.get(staff_code)
        if number is None:
            raise UsageError(f"there is no supervisor {staff_code} in the problem")
        session = self._session(project_code, date, start)
        subject = f"{staff_code} at {project_code} on {date}"
        if session is not None:
            if session.supervisor == number:
                return Explanation(subject, (Reason(f"{staff_code} supervises it"),))
            duty = Duty(session.day, session.project, session.start, session.end)
            found = self._supervisor_reasons(number, duty, session)
            return Explanation(subject, tuple(found) or (Reason("no rule forbids it, beside what they do"),))
        found = []
        for of in self._open(project_code, date):
            day = (date - self.team.facts.problem.first).days
            found += self._supervisor_reasons(number, of.duty(day), None)
        nothing = Reason("no session runs then; no rule forbids the supervisor one")
        return Explanation(subject, tuple(dict.fromkeys(found)) or (nothing,))

    def _supervisor_reasons(self, number: int, duty: Duty, session: Running | None) -> list[Reason]:
        facts, team = self.team.facts, self.team
        who, project = facts.problem.supervisors[number], facts.problem.projects[duty.project]
        code, date = who.staff_code, team.date(duty.day)
        found = []
        lacking = [skill for skill in project.required_skills if skill not in who.skills]
        if lacking:
            found.append(
                Reason(
                    f"{code} lacks {', '.join(lacking)}, which {project.project_code} requires", "supervised"
                )
            )
        touched = half_days_touched(Weekday.of(date), duty.start, duty.end)
        missing = [each.replace("_", " ").lower() for each in touched if each not in who.availability]
        if missing:
            found.append(Reason(f"{code} is not available on {' and '.join(missing)}", "supervised"))
        if who.away(date) or facts.question.disruption.is_away(code, date):
            found.append(Reason(f"{code} is away on {date}", "supervised"))
        found += self._busy(number, duty, session)
        if session is not None:
            found += [
                Reason(f"{each.crn}, who is booked, may not be under {code}", "supervisor_sex")
                for each in self._members(session)
                if not acceptable(each.person, who)
            ]
            places = min(project.places, int(facts.max_group[number]))
            if places < session.places:
                found.append(
                    Reason(
                        f"{code} looks after {places} at most, and there are {len(session.chances)} booked",
                        "session_size",
                    )
                )
        return found

    def _busy(self, number: int, duty: Duty, session: Running | None) -> Iterator[Reason]:
        facts, team = self.team.facts, self.team
        code, week = facts.problem.supervisors[number].staff_code, int(facts.week_of_day[duty.day])
        total = duty.end - duty.start
        between = facts.rules.limits.minutes_between_projects
        for other in team.duties[number]:
            if session is not None and other == duty:
                continue
            if int(facts.week_of_day[other.day]) == week:
                total += other.end - other.start
            least = 0 if other.project == duty.project else between
            apart = max(other.start, duty.start) - min(other.end, duty.end)
            if other.day == duty.day and apart < least:
                there = team.name(other.project, other.day, other.start, other.end)
                yield Reason(f"{code} has {there}", "one_place_at_a_time")
        most = int(facts.supervisor_minutes[number])
        if total > most:
            yield Reason(
                f"{code} would have {total:,} minutes that week; the limit is {most:,}", "supervised"
            )

    def _open(self, project_code: str, date: dt.date) -> list[Candidate]:
        number, day = project_number(self.team, project_code), (date - self.team.facts.problem.first).days
        return [each for each in self.placer.candidates if each.project == number and day in each.days]

    def _idle(self, project_code: str, date: dt.date) -> Iterator[Reason]:
        """Why no session runs at a project on a date."""
        facts = self.team.facts
        project = facts.problem.projects[project_number(self.team, project_code)]
        there = self._open(project_code, date)
        if not there:
            why = (
                "a non-working day" if date in facts.problem.closed_days else "not a day on which it is open"
            )
            yield Reason(f"{date} is {why}", "project_open")
            return
        day = (date - facts.problem.first).days
        for of in there:
            name = f"{show_time(of.start)}-{show_time(of.end)}"
            if project.supervisor_needed and not of.free.get(day):
                yield Reason(f"{name}: no supervisor is qualified and free", "supervised")
                for number in range(len(facts.problem.supervisors)):
                    yield from self._supervisor_reasons(number, of.duty(day), None)[:1]
            yield from self._too_few(project, of, day, name)

    def _too_few(self, project: Project, of: Candidate, day: int, name: str) -> Iterator[Reason]:
        """Who could come whose week and day have room, and whether that is enough."""
        facts = self.team.facts
        able = [
            newcomer
            for person in facts.problem.people
            if next((newcomer := Newcomer.of(facts, person)).never(project, of.weekday, of.start), None)
            is None
            and newcomer.not_there(self.team.date(day)) is None
        ]
        busy = sum(any(e.day == day for e in self.team.diaries.get(each.crn, ())) for each in able)
        done = sum(self._has_all(each) for each in able)
        expected, least = sum(float(each.chance) for each in able), int(facts.least_people[of.project])
        words = (
            f"{name}: {len(able)} people could come by their own rules, {expected:.1f} expected; {busy} of them are "
            f"elsewhere that day, {done} have all their hours booked"
        )
        yield Reason(f"{words}; the group needs {least}" if least else words, "session_size")

    def _has_all(self, newcomer: Newcomer) -> bool:
        booked = sum(each.minutes for each in self.team.entries_of(newcomer.person.key))
        return booked >= newcomer.remaining
