"""From a command line to a roster: read, solve, write, show. For `roster` and `repair`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.cli.exits import ExitCode
from api.cli.interruptible import Interrupts
from api.cli.loading import the_policy, the_team, today
from api.cli.progress import Display
from api.cli.terminal import say, show, show_json
from api.files import check_writable, replacing, write_json
from models.errors import UsageError
from models.extracts import read_roster
from models.extracts.unpaid_columns import UNPAID_WORK
from models.policy.policy import Policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster
from solver.engine import Limits, ProgressCallback, Stop

Solve = Callable[[UnpaidWorkProblem, Policy, Stop, ProgressCallback], Roster]
"""Makes a roster of a problem under a policy."""


FULL_MODEL = "full_model"
"""The strategy that makes one CP-SAT model of everything."""


@dataclass(frozen=True)
class Where:
    """Where a roster goes: JSON, spreadsheet, calendar; week: the one that the summary shows as a grid."""

    out: Path | None
    report: Path | None
    calendar: Path | None
    calendar_for: str | None
    week: int
    as_json: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is written."""
        return tuple(place for place in (self.out, self.report, self.calendar) if place is not None)


@dataclass(frozen=True)
class Rostering:
    """What `roster` is asked. first: the first day, whatever the input says. start: a roster in hand."""

    source: Path
    limits: Limits
    where: Where
    policy: Path | None
    first: str | None
    start: Path | None
    strategy: str


def make(asked: Rostering) -> ExitCode:
    """Makes a roster, writes it and shows it. Raises what reading and solving raise."""
    start = None if asked.start is None else read_roster(asked.start)

    def solve(problem: UnpaidWorkProblem, policy: Policy, stop: Stop, watch: ProgressCallback) -> Roster:
        if asked.strategy == FULL_MODEL:
            from solver.unpaid_work.full_model import full_model_roster

            return full_model_roster(problem, policy, asked.limits, stop=stop)
        from solver.unpaid_work.roster import make_roster

        return make_roster(
            problem, policy, asked.limits, stop=stop, watch=watch, start=start, strategy=asked.strategy
        )

    return answer(asked.source, asked.policy, asked.first, asked.limits, asked.where, solve)


def answer(
    source: Path,
    policy: Path | None,
    first: str | None,
    limits: Limits,
    where: Where,
    solve: Solve,
    *,
    default: dt.date | None = None,
) -> ExitCode:
    """Reads the problem, solves, writes every file and shows the summary.

    default: the first day of tables that state none, else today.
    """
    check_roster_places(source, where)
    display = Display()
    with display.showing(wanted=not where.as_json):
        display.stage(f"reading {source}")
        rules = the_policy(policy)
        problem = the_team(source, first, rules, default=default)
        if first is None and default is None and problem.first == today():
            say(f"evenhand: the roster begins today, {problem.first}, unless the input says so (--from)")
        display.stage("starting the solver")
        with Interrupts() as interrupts:

            def work(stop: Stop) -> Roster:
                display.stage("making the roster", limits.seconds)
                return solve(problem, rules, stop, display.note)

            made = interrupts.run(work)
            display.stage("writing")
            _write(problem, made, rules, where)
            stopped = interrupts.count > 0
    if where.as_json:
        show_json(made.as_json())
        return ExitCode.DONE
    from api.reports.roster_summary import roster_summary
    from api.reports.roster_view import RosterView

    show(roster_summary(RosterView(problem, made, rules), week=where.week))
    for place in where.files:
        say(f"evenhand: wrote {place}")
    if stopped:
        say("evenhand: stopped early; this is the best roster found until then")
    return ExitCode.DONE


def check_roster_places(source: Path, where: Where) -> None:
    """Raises UsageError, before anything is read, where a result could not be written or would spoil the input."""
    if where.out is None and not where.as_json:
        raise UsageError("--out is missing: name the file for the result, such as --out out/roster.json")
    for option, place, ending in (
        ("--report", where.report, ".xlsx"),
        ("--calendar", where.calendar, ".ics"),
    ):
        if place is not None and place.suffix.casefold() != ending:
            raise UsageError(f"{option}: expected a name that ends in {ending}, not {place}")
    if where.calendar_for is not None and where.calendar is None:
        raise UsageError("--calendar-for needs --calendar FILE.ics, where the calendar goes")
    if len({place.resolve() for place in where.files}) < len(where.files):
        raise UsageError("two results name the same file")
    names = {sheet.name for sheet in UNPAID_WORK.sheets}
    for place in where.files:
        inside = place.resolve().parent == source.resolve() and place.stem.casefold() in names
        if inside or place.resolve() == source.resolve():
            raise UsageError(f"{place} is part of the problem; name another file for the result")
        check_writable(place)


def _write(problem: UnpaidWorkProblem, made: Roster, policy: Policy, where: Where) -> None:
    from api.reports.roster_view import RosterView

    view = RosterView(problem, made, policy)
    calendar = None
    if where.calendar is not None:
        from api.reports.roster_calendar import calendar_of

        calendar = calendar_of(view, where.calendar_for)
    if where.out is not None:
        write_json(where.out, made.as_json())
    if where.report is not None:
        from api.reports.roster_spreadsheet import write_roster_spreadsheet

        with replacing(where.report) as beside:
            write_roster_spreadsheet(view, beside)
    if where.calendar is not None and calendar is not None:
        with replacing(where.calendar) as beside:
            beside.write_bytes(calendar)
