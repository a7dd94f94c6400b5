"""evenhand, other solvers and today's practice on one generated team, each in a process of its own.

Everyone gets the same team, drawn anew in the process, the same seconds and the same threads. evenhand's limit is wall
time from the problem to the roster. For the others it binds the search alone: building their models is theirs, counted
in `seconds` only, and how few told appointments must be dropped is settled in nobody's time. Libraries and compiled
code are loaded first.
"""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from benchmarks.roster_instances import Team, team, team_of
from models.policy.policy import default_policy
from models.record import as_json
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Appointment, Placement, Session
from solver.engine import Limits, Progress, Stop, run
from solver.unpaid_work.draft import Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.full_model import FullModel
from solver.unpaid_work.joining import seated
from solver.unpaid_work.reckoning import Reckoning
from solver.unpaid_work.roster_making import appointments_of
from solver.verify import unpaid_work as checker

GRACE = 240.0
"""Seconds beyond the limit, for building models and loading libraries, after which a process is given up."""

ROUNDING = 1e-3
"""What a bound in floats may be off before it is rounded up to a whole number."""


@dataclass(frozen=True)
class Step:
    """How a search stood: seconds since it began, best total and bound so far, None where unknown."""

    seconds: float
    best: int | None
    bound: int | None

    @property
    def gap(self) -> float | None:
        """(best - bound) / best, None while one is unknown."""
        return (
            None if self.best is None or self.bound is None else (self.best - self.bound) / max(1, self.best)
        )


@dataclass(frozen=True)
class Answer:
    """What a solver answered. lines: None when it found nothing. bound, own_best: as claimed, None when unknown.

    status: as the solver says, or FAILED and why. seconds: wall time without starting the process. claims: what the
    checker has against the claims of a whole roster (evenhand's alone makes any).
    """

    status: str
    lines: checker.Drawn | None
    bound: int | None
    seconds: float
    own_best: int | None = None
    claims: tuple[str, ...] = ()
    trace: tuple[Step, ...] = field(default=())


@dataclass(frozen=True)
class Asked:
    """One question to one solver. until: the gap at which evenhand may stop, None to use the time it has."""

    team: Team
    limits: Limits
    until: float | None = None


def _evenhand(asked: Asked, problem: UnpaidWorkProblem) -> Answer:
    from solver.unpaid_work.roster import make_roster

    make_roster(team(30, 4, 4, 1).problem(), default_policy(), Limits(seconds=2.0))
    stop, steps = Stop(), list[Step]()
    begun = time.perf_counter()

    def watch(progress: Progress) -> None:
        steps.append(Step(round(time.perf_counter() - begun, 3), progress.best, progress.bound))
        gap = steps[-1].gap
        if asked.until is not None and gap is not None and gap <= asked.until:
            stop.request()

    begun = time.perf_counter()
    made = make_roster(problem, default_policy(), asked.limits, stop=stop, watch=watch)
    seconds = time.perf_counter() - begun
    steps.append(Step(round(seconds, 3), made.objective.total, made.bound))
    lines = checker.Drawn(made.placements, made.sessions, made.appointments)
    claims = tuple(sorted({each.rule for each in checker.verify_roster(problem, made, default_policy())}))
    return Answer(made.status, lines, made.bound, seconds, made.own_best, claims, tuple(steps))


def _cp_sat(asked: Asked, problem: UnpaidWorkProblem) -> Answer:
    facts = RosterFacts(problem, default_policy())
    may_drop = _fewest_dropped(facts, asked.limits)
    begun = time.perf_counter()
    full = FullModel(facts, may_drop=may_drop)
    full.minimise()
    found = run(full.dated.model, asked.limits)
    lines = None
    if found.values is not None:
        lines = lines_of(facts, seated(facts, full.draft(found.values)))
    seconds = time.perf_counter() - begun
    return Answer(found.status.value, lines, found.bound if full.exact else None, seconds)


def _highs(asked: Asked, problem: UnpaidWorkProblem) -> Answer:
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    from benchmarks.roster_milp import programme_of

    facts = RosterFacts(problem, default_policy())
    may_drop = _fewest_dropped(facts, asked.limits)
    begun = time.perf_counter()
    full = FullModel(facts, may_drop=may_drop)
    full.minimise()
    form = programme_of(full.dated.model)
    found = milp(
        form.price,
        integrality=np.ones(len(form.price), np.int64),
        bounds=Bounds(form.least, form.most),
        constraints=[LinearConstraint(form.rows, form.lower, form.upper)],
        options={"time_limit": asked.limits.seconds or math.inf, "mip_rel_gap": 0.0},
    )
    seconds = time.perf_counter() - begun
    dual = found.mip_dual_bound
    known = full.exact and dual is not None and math.isfinite(dual)
    bound = math.ceil(float(dual or 0.0) + form.constant - ROUNDING) if known else None
    if found.x is None:
        return Answer("INFEASIBLE" if found.status == 2 else "UNKNOWN", None, bound, seconds)
    draft = seated(facts, full.draft(np.rint(found.x).astype(np.int64)))
    status = "OPTIMAL" if found.status == 0 else "FEASIBLE"
    return Answer(status, lines_of(facts, draft), bound, seconds)


def _fewest_dropped(facts: RosterFacts, limits: Limits) -> int:
    """How many told appointments cannot all be kept together: CP-SAT says it, in nobody's time."""
    told = sum(len(person.appointments) for person in facts.problem.people)
    full = FullModel(facts, may_drop=told)
    full.minimise_drops()
    fewest = run(full.dated.model, limits.with_seconds(60.0)).objective
    return told if fewest is None else fewest


def _today(_: Asked, problem: UnpaidWorkProblem, *, careful: bool) -> Answer:
    from solver.unpaid_work.baselines import one_person_at_a_time

    begun = time.perf_counter()
    facts = RosterFacts(problem, default_policy())
    draft = one_person_at_a_time(facts, careful=careful)
    return Answer("FEASIBLE", lines_of(facts, draft), None, time.perf_counter() - begun)


def _timefold(asked: Asked, problem: UnpaidWorkProblem) -> Answer:
    from benchmarks.roster_timefold import solve_by_timefold

    begun = time.perf_counter()
    facts = RosterFacts(problem, default_policy())
    draft = solve_by_timefold(facts, seconds=asked.limits.seconds or 60.0, seed=asked.limits.seed)
    return Answer("FEASIBLE", lines_of(facts, draft), None, time.perf_counter() - begun)


def lines_of(facts: RosterFacts, draft: Draft) -> checker.Drawn:
    """The lines of a draft of the solver's."""
    sessions = Reckoning(facts, draft).session_rows()
    return checker.Drawn(draft.placements, sessions, appointments_of(facts, draft))


SOLVERS: dict[str, Callable[[Asked, UnpaidWorkProblem], Answer]] = {
    "evenhand": _evenhand,
    "cpsat": _cp_sat,
    "highs": _highs,
    "timefold": _timefold,
    "today": lambda asked, problem: _today(asked, problem, careful=False),
    "today-careful": lambda asked, problem: _today(asked, problem, careful=True),
}
"""Everyone who makes a roster."""


def ask(solver: str, asked: Asked) -> Answer:
    """The answer of `solver`, from a process of its own; one that fails or hangs is an answer FAILED."""
    limit = None if asked.limits.seconds is None else asked.limits.seconds + GRACE
    question = {
        "solver": solver,
        "team": asked.team.name,
        "until": asked.until,
        **{name: getattr(asked.limits, name) for name in ("seconds", "work", "seed", "threads")},
    }
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "question.json"
        path.write_text(json.dumps(question), encoding="utf-8")
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "benchmarks.roster_peers", str(path)],
                capture_output=True,
                text=True,
                check=False,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            return Answer("FAILED: no answer in time", None, None, limit or 0.0)
        if ran.returncode != 0:
            words = ran.stderr.strip().splitlines()[-1:] or ["no words"]
            return Answer(f"FAILED: {words[0][:200]}", None, None, 0.0)
        return _read(json.loads(path.with_name("answer.json").read_text(encoding="utf-8")))


_LINES = TypeAdapter(tuple[tuple[Placement, ...], tuple[Session, ...], tuple[Appointment, ...]])


def _read(told: dict[str, Any]) -> Answer:
    lines = None if told["lines"] is None else checker.Drawn(*_LINES.validate_python(told["lines"]))
    trace = tuple(Step(*step) for step in told["trace"])
    return Answer(
        told["status"],
        lines,
        told["bound"],
        told["seconds"],
        told["own_best"],
        tuple(told["claims"]),
        trace,
    )


def _written(answer: Answer) -> dict[str, Any]:
    lines = answer.lines
    groups = None if lines is None else (lines.placements, lines.sessions, lines.appointments)
    return {
        "status": answer.status,
        "lines": None if groups is None else [[as_json(each) for each in group] for group in groups],
        "bound": answer.bound,
        "seconds": answer.seconds,
        "own_best": answer.own_best,
        "claims": list(answer.claims),
        "trace": [(step.seconds, step.best, step.bound) for step in answer.trace],
    }


def main(path: Path) -> None:
    """Answer the question in a file; the process of a solver."""
    question = json.loads(path.read_text(encoding="utf-8"))
    limits = Limits(**{name: question[name] for name in ("seconds", "work", "seed", "threads")})
    asked = Asked(team_of(question["team"]), limits, question["until"])
    if question["solver"] in ("evenhand", "cpsat"):
        importlib.import_module("ortools.sat.python.cp_model")
    answer = SOLVERS[question["solver"]](asked, asked.team.problem())
    path.with_name("answer.json").write_text(json.dumps(_written(answer)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
