"""What `evenhand repair` does: reads what went wrong, and mends the roster in hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from api.cli.exits import ExitCode
from api.cli.loading import the_date
from api.cli.rostering import Where, answer
from models.errors import UsageError
from models.extracts import read_roster
from models.policy.policy import Policy
from models.unpaid_work.disruption import (
    Disruption,
    PersonAbsent,
    ProjectClosed,
    SupervisorAway,
    VehicleOff,
)
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster
from solver.engine import Limits, ProgressCallback, Stop

REPAIR_SECONDS = 5.0


@dataclass(frozen=True)
class Trouble:
    """What went wrong, in the words of the command line."""

    supervisors: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    first_day: str | None = None


def mend(
    source: Path,
    roster: Path,
    trouble: Trouble,
    limits: Limits,
    where: Where,
    *,
    policy: Path | None,
    first: str | None,
) -> ExitCode:
    """Mends the roster, writes it and shows whom to tell. Raises what reading and solving raise."""
    in_hand = read_roster(roster)
    if where.out is not None and where.out.resolve() == roster.resolve():
        raise UsageError(f"--out: {where.out} is the roster in hand; name another file for the repaired one")

    def solve(problem: UnpaidWorkProblem, rules: Policy, stop: Stop, watch: ProgressCallback) -> Roster:
        from solver.unpaid_work.repair import repair

        disruption = disruption_of(problem, trouble)
        return repair(problem, in_hand, disruption, rules, limits, stop=stop, watch=watch)

    in_force = in_hand.provenance.first_day
    return answer(source, policy, first, limits, where, solve, default=in_force)


def disruption_of(problem: UnpaidWorkProblem, trouble: Trouble) -> Disruption:
    """What went wrong, day by day. Raises UsageError for a code that names nobody and for text that is no date."""
    days = _days(problem, trouble)
    _known("--without-supervisor", trouble.supervisors, set(problem.supervisor_numbers))
    _known("--close-project", trouble.projects, set(problem.project_numbers))
    vehicles = [_vehicle(words) for words in trouble.vehicles]
    _known("--vehicle-off", [code for code, _ in vehicles], set(problem.project_numbers))
    absences = [_absence(words) for words in trouble.absent]
    _known("--absent", [each.crn for each in absences], {person.crn for person in problem.people})
    for words, each in zip(trouble.absent, absences, strict=True):
        _within(problem, "--absent", words, each.date, each.date)
    return Disruption(
        supervisors_away=tuple(SupervisorAway(code, day) for code in trouble.supervisors for day in days),
        projects_closed=tuple(ProjectClosed(code, day) for code in trouble.projects for day in days),
        people_absent=tuple(absences),
        vehicles_off=tuple(VehicleOff(code, day, seats) for code, seats in vehicles for day in days),
        first_day=the_date(trouble.first_day, "--first-day"),
    )


def _days(problem: UnpaidWorkProblem, trouble: Trouble) -> tuple[dt.date, ...]:
    """The days of --on; without it every day of the horizon that may change."""
    if not trouble.days:
        first = the_date(trouble.first_day, "--first-day") or problem.first
        return tuple(day for day in problem.days if day >= first)
    found: list[dt.date] = []
    for words in trouble.days:
        begin, _, end = words.partition("..")
        first, last = _date("--on", begin), _date("--on", end or begin)
        if last < first:
            raise UsageError(f"--on: {words} ends before it begins")
        _within(problem, "--on", words, first, last)
        found += [first + dt.timedelta(days=after) for after in range((last - first).days + 1)]
    return tuple(dict.fromkeys(found))


def _within(problem: UnpaidWorkProblem, option: str, words: str, first: dt.date, last: dt.date) -> None:
    if first < problem.first or last >= problem.end:
        horizon = f"{problem.first} to {problem.end - dt.timedelta(days=1)}"
        raise UsageError(f"{option}: {words} is not within the roster's days, {horizon}")


def _date(option: str, text: str) -> dt.date:
    day = the_date(text.strip(), option)
    assert day is not None
    return day


def _absence(words: str) -> PersonAbsent:
    crn, colon, day = words.partition(":")
    if not colon:
        raise UsageError(f"--absent: '{words}' says no day; expected CRN:DATE such as X123456:2026-11-24")
    return PersonAbsent(crn.strip().upper(), _date("--absent", day))


def _vehicle(words: str) -> tuple[str, int]:
    code, colon, seats = words.partition(":")
    if colon and not seats.strip().isdecimal():
        raise UsageError(f"--vehicle-off: '{words}' says no number of seats; expected CODE or CODE:SEATS")
    return code.strip(), int(seats) if colon else 0


def _known(option: str, given: tuple[str, ...] | list[str], known: set[str]) -> None:
    """Raises UsageError for a code that names nobody: a slip of the pen would repair nothing, in silence."""
    strange = [code for code in given if code not in known]
    if strange:
        raise UsageError(f"{option}: the problem has no {', '.join(strange)}")
