"""What `evenhand explain` does: finds out what is asked of which kind of plan, and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from api.cli.exits import ExitCode
from api.cli.loading import the_date, the_policy, the_problem, the_team
from api.cli.terminal import say, show, show_json
from api.reports.explanation import assignment_lines, case_lever_lines, explanation_lines, lever_lines
from models.allocation.plan import Plan
from models.errors import UsageError
from models.extracts import read_plan, read_roster
from models.extracts.rosters import states_sessions
from models.policy.policy import Policy
from models.record import as_json
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster
from solver.explain.cases import what_would_place
from solver.explain.levers import Solve, filled_further, what_would_fix_it
from solver.explain.roster_sessions import SessionExplainer
from solver.explain.rosters import RosterExplainer
from solver.explain.sayings import Explanation
from solver.verify import mismatches
from solver.verify.unpaid_work import roster_mismatches

MOST_CASES = 20
"""Unallocated cases that are gone through when none is named."""


@dataclass(frozen=True)
class Asked:
    """The command's arguments; `evenhand explain --help` says what each is."""

    source: Path
    plan: Path
    crn: str | None
    event: int | None
    project: str | None
    on: str | None
    supervisor: str | None
    levers: int | None
    time_limit: float | None
    work_limit: float | None
    seed: int
    threads: int
    policy: Path | None
    start: str | None
    as_json: bool


def explained(asked: Asked) -> ExitCode:
    """Answers the question. Raises what reading raises, and UsageError for what cannot be asked."""
    policy = the_policy(asked.policy)
    if states_sessions(asked.plan):
        return _of_roster(asked, policy)
    only = (asked.event, asked.project, asked.on, asked.supervisor, asked.levers)
    if any(each is not None for each in only):
        raise UsageError("--event, --project, --on, --supervisor and --levers are for rosters")
    return _of_plan(asked, policy)


def _of_plan(asked: Asked, policy: Policy) -> ExitCode:
    plan = read_plan(asked.plan)
    if not isinstance(plan, Plan):
        raise UsageError("only a plan.json can be explained: a table says nothing of reasons")
    as_of = plan.provenance.as_of
    problem = the_problem(
        asked.source, asked.start, default=None if as_of is None else dt.date.fromisoformat(as_of)
    )
    for warning in mismatches(problem, plan, policy):
        say(f"evenhand: warning: {warning}")
    placed = next((each for each in plan.assignments if each.crn == asked.crn), None)
    if placed is not None:
        return _told(asked, as_json(placed), assignment_lines(placed))
    waiting = [each.crn for each in plan.unallocated if asked.crn in {None, each.crn}]
    if asked.crn is not None and not waiting:
        raise UsageError(f"the plan does not have the case {asked.crn}")
    if not waiting:
        return _told(asked, {"cases": []}, [Text("No case is unallocated.", style="green")])
    found = [what_would_place(problem, policy, plan, crn) for crn in waiting[:MOST_CASES]]
    if len(waiting) > MOST_CASES:
        say(f"evenhand: the first {MOST_CASES} of {len(waiting)} unallocated cases; name others with --crn")
    return _told(asked, {"cases": [each.as_json() for each in found]}, case_lever_lines(found))


def _of_roster(asked: Asked, policy: Policy) -> ExitCode:
    roster = read_roster(asked.plan)
    team = the_team(asked.source, asked.start, policy)
    for warning in roster_mismatches(team, roster, policy):
        say(f"evenhand: warning: {warning}")
    if asked.levers is not None:
        return _levers(asked, asked.levers, team, roster, policy)
    found = _explanation(asked, RosterExplainer.of(team, policy, roster))
    return _told(asked, found.as_json(), explanation_lines(found))


def _explanation(asked: Asked, explainer: RosterExplainer) -> Explanation:
    on = the_date(asked.on, "--on")
    if asked.crn is not None:
        if asked.supervisor is not None:
            raise UsageError("--supervisor goes with --project and --on, without --crn")
        person = explainer.person(asked.crn, asked.event)
        if asked.project is None:
            if on is not None:
                raise UsageError("--on goes with --project: where should the person be that day?")
            return explainer.why(person)
        if on is None:
            return explainer.why_not(person, asked.project)
        return explainer.why_not_on(person, asked.project, on)
    if asked.project is None or on is None:
        raise UsageError("say what to explain: --crn, --project with --on, or --levers")
    sessions = SessionExplainer(explainer.placer)
    if asked.supervisor is not None:
        return sessions.why_not_supervisor(asked.supervisor, asked.project, on)
    return sessions.why_session(asked.project, on)


def _levers(asked: Asked, most: int, team: UnpaidWorkProblem, roster: Roster, policy: Policy) -> ExitCode:
    if asked.crn is not None:
        RosterExplainer.of(team, policy, roster).person(asked.crn, asked.event)
    solve = filled_further(policy) if _no_limit(asked) else _made_anew(asked, policy)
    say(f"evenhand: up to {most + 1} rosters are made")
    found = what_would_fix_it(team, policy, roster, solve, most=most, crn=asked.crn)
    return _told(asked, found.as_json(), lever_lines(found))


def _no_limit(asked: Asked) -> bool:
    return asked.time_limit is None and asked.work_limit is None


def _made_anew(asked: Asked, policy: Policy) -> Solve:
    """Whole rosters within the limits that were given."""
    from solver.engine import Limits
    from solver.unpaid_work.roster import make_roster

    limits = Limits(seconds=asked.time_limit, work=asked.work_limit, seed=asked.seed, threads=asked.threads)
    say("evenhand: whole rosters made anew may differ by more than a small change saves")
    return lambda problem, start: make_roster(problem, policy, limits, start=start).objective


def _told(asked: Asked, said: dict[str, Any], lines: Iterable[Text]) -> ExitCode:
    if asked.as_json:
        show_json(said)
    else:
        show(lines)
    return ExitCode.DONE
