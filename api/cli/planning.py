"""From a command line to a plan: read, solve, write, show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from api.cli.exits import ExitCode
from api.cli.interruptible import Interrupts
from api.cli.loading import check_released, the_policy, the_problem
from api.cli.progress import Display
from api.cli.terminal import draws_blocks, say, show, show_json
from api.files import check_writable, replacing, write_json
from models.allocation.plan import Plan, Question
from models.allocation.problem import AllocationProblem
from models.errors import UsageError
from models.extracts import read_plan
from models.extracts.columns import SHEETS
from models.policy.policy import Policy
from solver.engine import Limits, Stop

DEFAULT_SECONDS = 10.0
QUICK_PAIRS = 250_000
"""Up to so many pairs of case and officer the comparison with today's ways takes about a second."""


@dataclass(frozen=True)
class Answer:
    """What is asked of which problem, how, and where the answer goes.

    compare: None where it is quick. start: a plan in hand to begin from.
    """

    source: Path
    question: Question
    limits: Limits
    policy: Path | None
    as_of: str | None
    out: Path | None
    report: Path | None
    compare: bool | None
    as_json: bool
    start: Path | None = None


def limits_of(seconds: float | None, work: float | None, seed: int, threads: int) -> Limits:
    """Limits from options. With a work limit alone the clock has no say, so that the plan can be made again."""
    for option, value in (("--time-limit", seconds), ("--work-limit", work)):
        if value is not None and not math.isfinite(value):
            raise UsageError(f"{option}: {value} is no limit; leave the option out for the usual one")
    if seconds is None and work is None:
        seconds = DEFAULT_SECONDS
    return Limits(seconds=seconds, work=work, seed=seed, threads=threads)


def check_places(source: Path, out: Path | None, report: Path | None, *, as_json: bool) -> None:
    """Raises UsageError, before anything is read, where a result could not be written or would spoil the input."""
    if out is None and not as_json:
        raise UsageError("--out is missing: name the file for the result, such as --out out/plan.json")
    if report is not None and report.suffix.casefold() != ".xlsx":
        raise UsageError(f"--report: {report} is no spreadsheet; expected a name that ends in .xlsx")
    if out is not None and report is not None and out.resolve() == report.resolve():
        raise UsageError("--out and --report name the same file")
    names = {sheet.name for sheet in SHEETS}
    for place in (out, report):
        if place is None:
            continue
        inside = place.resolve().parent == source.resolve() and place.stem.casefold() in names
        if inside or place.resolve() == source.resolve():
            raise UsageError(f"{place} is part of the problem; name another file for the result")
        check_writable(place)


def answer(asked: Answer) -> ExitCode:
    """Answers a question with a plan: written, and shown in summary. Raises what reading and solving raise."""
    check_places(asked.source, asked.out, asked.report, as_json=asked.as_json)
    display = Display()
    with display.showing(wanted=not asked.as_json):
        display.stage(f"reading {asked.source}")
        policy = the_policy(asked.policy)
        problem = the_problem(asked.source, asked.as_of)
        check_released(problem, asked.question.released)
        start = None if asked.start is None else plan_in_hand(asked.start)

        def solve(stop: Stop) -> Plan:
            display.stage("starting the solver")
            from solver.allocation.allocate import plan

            display.stage("placing waiting cases", asked.limits.seconds)
            return plan(
                problem,
                policy,
                asked.question,
                asked.limits,
                start=start,
                stop=stop,
                on_progress=display.note,
            )

        with Interrupts() as interrupts:
            made = interrupts.run(solve)
            display.stage("writing")
            _write(asked, problem, made, policy)
            stopped = interrupts.count > 0
            peers = [] if stopped or asked.as_json else _peers(asked, problem, policy)
    if asked.as_json:
        show_json(made.as_json())
    else:
        _summarise(asked, problem, made, policy, peers)
        if stopped:
            say("evenhand: stopped early; this is the best plan found until then")
    return ExitCode.DONE


def plan_in_hand(path: Path) -> Plan:
    """The plan of a file. Raises InputError for one that cannot be read, UsageError for a table."""
    found = read_plan(path)
    if not isinstance(found, Plan):
        raise UsageError(f"--start: {path.name} is a table; expected a plan.json")
    return found


def _write(asked: Answer, problem: AllocationProblem, made: Plan, policy: Policy) -> None:
    if asked.out is not None:
        write_json(asked.out, made.as_json())
    if asked.report is not None:
        from api.reports.spreadsheet import write_plan_spreadsheet

        with replacing(asked.report) as beside:
            write_plan_spreadsheet(problem, made, policy, beside)


def _peers(asked: Answer, problem: AllocationProblem, policy: Policy) -> list[Plan]:
    """What today's ways would make of the same question."""
    quick = len(problem.cases) * len(problem.officers) <= QUICK_PAIRS
    if asked.question.strategy != "optimise" or not (quick if asked.compare is None else asked.compare):
        return []
    from dataclasses import replace

    from solver.allocation.allocate import plan

    return [
        plan(problem, policy, replace(asked.question, strategy=name), asked.limits)
        for name in ("least_loaded", "previous_officer")
    ]


def _summarise(
    asked: Answer, problem: AllocationProblem, made: Plan, policy: Policy, peers: list[Plan]
) -> None:
    from api.reports.summary import plan_summary
    from api.reports.view import PlanView

    view = PlanView.of(problem, made, policy)
    show(plan_summary(view, peers=peers, blocks=draws_blocks()))
    for place in (asked.out, asked.report):
        if place is not None:
            say(f"evenhand: wrote {place}")
