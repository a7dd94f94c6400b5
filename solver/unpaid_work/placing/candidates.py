"""The recurring slots that a person may be asked to: those of the projects, and what runs within one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from models.unpaid_work.terms import WEEK, Frequency, Weekday
from solver.unpaid_work.placing.team import Duty, LoadedTeam
from solver.unpaid_work.slots import open_days


@dataclass(frozen=True)
class Candidate:
    """A recurring slot. days: of the horizon on which it is open. free: who could supervise it on a day without it."""

    project: int
    weekday: Weekday
    frequency: Frequency
    start: int
    end: int
    days: tuple[int, ...]
    free: Mapping[int, tuple[int, ...]]

    def duty(self, day: int) -> Duty:
        """The whole slot on a day, as a supervisor's."""
        return Duty(day, self.project, self.start, self.end)


def candidates_of(team: LoadedTeam) -> tuple[Candidate, ...]:
    """Every slot of every project in the input's order, then sessions that run within a slot, not from its start."""
    facts = team.facts
    found = []
    seen = set[tuple[int, Weekday, int]]()
    for number, project in enumerate(facts.problem.projects):
        for record in project.availability:
            seen.add((number, record.day_of_week, record.start_time))
            days = tuple(open_days(facts.problem, facts.question, project, record))
            made = Candidate(
                number,
                record.day_of_week,
                record.frequency,
                record.start_time,
                record.end_time,
                days,
                {},
            )
            found.append(_with_supervisors(team, made))
    return (*found, *(_with_supervisors(team, each) for each in _within_slots(team, seen)))


def _within_slots(team: LoadedTeam, seen: Iterable[tuple[int, Weekday, int]]) -> Iterator[Candidate]:
    """Sessions that run and begin when no slot does; they recur as the slot around them."""
    days: dict[tuple[int, Weekday, int], list[int]] = {}
    known = set(seen)
    for project, day, start in team.running:
        where = project, WEEK[team.date(day).weekday()], start
        if where not in known:
            days.setdefault(where, []).append(day)
    for (project, weekday, start), those in sorted(days.items()):
        end = max(team.running[project, day, start].end for day in those)
        around = [
            record.frequency
            for record in team.facts.problem.projects[project].availability
            if record.day_of_week is weekday and record.start_time <= start and end <= record.end_time
        ]
        if around:
            yield Candidate(project, weekday, around[0], start, end, tuple(sorted(those)), {})


def _with_supervisors(team: LoadedTeam, made: Candidate) -> Candidate:
    """The same with who is free on each day that it does not run: whoever is free most often first."""
    facts = team.facts
    if not facts.problem.projects[made.project].supervisor_needed:
        return made
    idle = [day for day in made.days if (made.project, day, made.start) not in team.running]
    free = {
        day: [number for number in range(len(team.duties)) if team.free(number, made.duty(day))]
        for day in idle
    }
    often = [sum(number in those for those in free.values()) for number in range(len(team.duties))]
    order = {day: tuple(sorted(those, key=lambda number: -often[number])) for day, those in free.items()}
    return Candidate(made.project, made.weekday, made.frequency, made.start, made.end, made.days, order)
