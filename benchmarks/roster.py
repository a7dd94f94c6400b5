"""Rosters of generated teams: evenhand, other solvers and today's practice, re-priced and checked by the reader.

Lines that the file already holds are not run again, so an interrupted run goes on; at the end every line is set
against the best bound of all. A line's `broken` counts the hard rules that a roster breaks, by the project's checker.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.ledger import Ledger, read_rows, text_of, write_again
from benchmarks.roster_instances import Team, team
from benchmarks.roster_measures import measured
from benchmarks.roster_peers import SOLVERS, Answer, Asked, Step, ask
from benchmarks.setting import add_run_arguments
from models.allocation.plan import gap_of
from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from solver.engine import Limits

KEY = ("instance", "solver", "time_limit", "seed", "threads")
COLUMNS = (
    *KEY,
    "status",
    "total",
    "bound",
    "best_bound_of_all",
    "own_best",
    "gap",
    "gap_net",
    "gap_to_best_bound",
    "unplaced_people",
    "lost_minutes",
    "minutes_at_risk",
    "days_planned",
    "days_lost",
    "stand_down_rate",
    "seconds",
    "broken",
    "claims",
)
PRACTICE = ("today", "today-careful")
"""Whose rosters may break rules: that is what is measured."""


def row_of(key: Mapping[str, object], problem: UnpaidWorkProblem, answer: Answer) -> dict[str, object]:
    """The line of one answer: everything but its bound is recomputed from its lines."""
    row: dict[str, object] = {
        **key,
        "status": answer.status,
        "bound": answer.bound,
        "own_best": answer.own_best,
        "seconds": f"{answer.seconds:.2f}",
        "claims": " ".join(answer.claims),
    }
    if answer.lines is None:
        return row
    found = measured(problem, answer.lines, default_policy())
    claims = list(answer.claims)
    if answer.bound is not None and answer.bound > found.total:
        claims.append("bound_above_total")
    return {
        **row,
        "total": found.total,
        "gap": gap_of(found.total, answer.bound, 0),
        "gap_net": None if answer.own_best is None else gap_of(found.total, answer.bound, answer.own_best),
        "unplaced_people": found.unplaced,
        "lost_minutes": found.lost_minutes,
        "minutes_at_risk": round(found.minutes_at_risk),
        "days_planned": found.days_planned,
        "days_lost": round(found.days_lost, 2),
        "stand_down_rate": found.stand_down_rate,
        "broken": " ".join(f"{rule}:{count}" for rule, count in found.broken.items()),
        "claims": " ".join(claims),
    }


def gap_at(trace: Sequence[Step], seconds: float) -> float | None:
    """The proven gap that stood after `seconds`; None while it was unknown."""
    standing = [step for step in trace if step.seconds <= seconds]
    return standing[-1].gap if standing else None


def with_best_bounds(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The rows with the best bound that anyone proved for their team, and the gap to it."""
    best: dict[str, int] = {}
    for row in rows:
        if row["bound"] and "bound_above_total" not in row["claims"]:
            best[row["instance"]] = max(best.get(row["instance"], 0), int(row["bound"]))
    found = []
    for row in rows:
        bound = best.get(row["instance"])
        gap = gap_of(int(row["total"]), bound, 0) if row["total"] else None
        found.append({**row, "best_bound_of_all": text_of(bound), "gap_to_best_bound": text_of(gap)})
    return found


def summary(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Medians by solver, a line each."""
    lines = []
    for solver in dict.fromkeys(row["solver"] for row in rows):
        mine = [row for row in rows if row["solver"] == solver]
        parts = [f"{solver}: {len(mine)} teams"]
        for name, factor, unit in (
            ("gap", 100, " %"),
            ("gap_net", 100, " %"),
            ("gap_to_best_bound", 100, " %"),
            ("minutes_at_risk", 1, ""),
            ("stand_down_rate", 100, " %"),
            ("seconds", 1, " s"),
        ):
            known = [float(row[name]) for row in mine if row[name]]
            if known:
                parts.append(f"{name} {factor * median(known):.2f}{unit}")
        broken = sum(bool(row["broken"]) for row in mine)
        lines.append(", ".join([*parts, f"{broken} rosters that break a rule"]))
    return lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--projects", type=int, default=12)
    parser.add_argument("--supervisors", type=int, help="by default in proportion to the people")
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--seeds", type=whole, default=[11, 12, 13, 14, 15], help="seeds of the teams")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--checkpoints", type=seconds, default=[10.0, 30.0, 60.0, 120.0])
    parser.add_argument("--solver", type=words, default=["evenhand"], help=", ".join(SOLVERS))
    add_run_arguments(parser)


def words(text: str) -> list[str]:
    """Words separated by commas."""
    return [word for word in text.split(",") if word]


def whole(text: str) -> list[int]:
    """Whole numbers separated by commas."""
    return [int(word) for word in words(text)]


def seconds(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [float(word) for word in words(text)]


def main(arguments: argparse.Namespace) -> int:
    """Run what the file does not hold yet. 1 when a solver's roster breaks a rule or claims what is not so."""
    unknown = sorted(set(arguments.solver) - set(SOLVERS))
    if unknown:
        print(f"there is no solver {', '.join(unknown)}", file=sys.stderr)
        return 2
    ledger = Ledger(arguments.out, (*COLUMNS, *(f"gap_at_{at:g}s" for at in arguments.checkpoints)), KEY)
    size = arguments.people, arguments.projects, arguments.weeks
    for seed in arguments.seeds:
        _run(arguments, team(*size, seed, arguments.supervisors), ledger)
    rows = with_best_bounds(read_rows(arguments.out))
    write_again(arguments.out, rows)
    print("\n".join(summary(rows)))
    return 1 if any((row["broken"] or row["claims"]) and row["solver"] not in PRACTICE for row in rows) else 0


def _run(arguments: argparse.Namespace, one: Team, ledger: Ledger) -> None:
    """Every solver asked for on one team."""
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    how = {"time_limit": limits.seconds, "seed": limits.seed, "threads": limits.threads}
    keys = [{"instance": one.name, "solver": solver, **how} for solver in arguments.solver]
    keys = [key for key in keys if not ledger.has(key)]
    problem = one.problem() if keys else None
    for key in keys:
        assert problem is not None
        answer = ask(str(key["solver"]), Asked(one, limits))
        row = row_of(key, problem, answer)
        if key["solver"] == "evenhand":
            row |= {f"gap_at_{at:g}s": gap_at(answer.trace, at) for at in arguments.checkpoints}
        ledger.add(row)
        shown = (
            "instance",
            "solver",
            "status",
            "total",
            "bound",
            "gap",
            "gap_net",
            "seconds",
            "broken",
            "claims",
        )
        print("  ".join(text_of(row.get(name)) for name in shown), flush=True)
