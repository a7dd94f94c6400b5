"""A region: thousands of people in teams, each team's roster made by itself, several processes at a time."""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.ledger import Ledger, read_rows, text_of
from benchmarks.roster import row_of
from benchmarks.roster_instances import Team, team
from benchmarks.roster_peers import Asked, ask
from benchmarks.setting import add_run_arguments
from solver.engine import Limits

KEY = ("instance", "time_limit", "seed", "threads", "processes")
COLUMNS = (
    *KEY,
    "status",
    "total",
    "bound",
    "gap",
    "own_best",
    "gap_net",
    "unplaced_people",
    "minutes_at_risk",
    "days_planned",
    "days_lost",
    "seconds",
    "broken",
    "claims",
)


@dataclass(frozen=True)
class Job:
    """One team to be rostered, under its key in the file."""

    team: Team
    limits: Limits
    key: dict[str, object]


def rostered(job: Job) -> dict[str, object]:
    """The line of one team."""
    found = row_of(job.key, job.team.problem(), ask("evenhand", Asked(job.team, job.limits)))
    return {name: found.get(name) for name in COLUMNS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--people", type=int, default=4000, help="people in all")
    parser.add_argument("--team", type=int, default=160, help="people in each team")
    parser.add_argument("--projects", type=int, default=10, help="projects of each team")
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--region-seed", type=int, default=100, help="the seed of the first team")
    parser.add_argument("--time-limit", type=float, default=15.0, help="seconds for each team")
    parser.add_argument("--processes", type=int, default=2)
    add_run_arguments(parser, threads=1, threads_of="threads of each process")


def main(arguments: argparse.Namespace) -> int:
    """Make every roster that the file does not hold yet; print the region's figures and the wall time."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    begun = time.perf_counter()
    jobs = [job for job in _jobs(arguments) if not ledger.has(job.key)]
    for row in _made(jobs, arguments.processes):
        ledger.add(row)
        print("  ".join(text_of(value) for value in row.values()), flush=True)
    rows = read_rows(arguments.out)
    print(f"{summary(rows)}; {len(jobs)} made in {time.perf_counter() - begun:.0f} s")
    return 1 if any(row["broken"] or row["claims"] for row in rows) else 0


def _made(jobs: Sequence[Job], processes: int) -> Iterator[dict[str, object]]:
    """The lines, as they are ready; one process at a time is this one's."""
    if processes == 1:
        yield from map(rostered, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(rostered, jobs)


def _jobs(arguments: argparse.Namespace) -> list[Job]:
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    found = []
    for number in range(round(arguments.people / arguments.team)):
        one = team(arguments.team, arguments.projects, arguments.weeks, arguments.region_seed + number)
        values = (one.name, limits.seconds, limits.seed, limits.threads, arguments.processes)
        found.append(Job(one, limits, dict(zip(KEY, values, strict=True))))
    return found


def summary(rows: Sequence[Mapping[str, str]]) -> str:
    """The region in a line: the gap of the sum of all totals, and what people would notice."""
    made = [row for row in rows if row["total"]]
    total = sum(int(row["total"]) for row in made)
    known = [row for row in made if row["bound"]]
    bound = sum(int(row["bound"]) for row in known)
    gap = f"{100 * (total - bound) / max(1, total):.2f} %" if len(known) == len(made) else "unknown"
    planned = sum(int(row["days_planned"]) for row in made)
    lost = sum(float(row["days_lost"]) for row in made)
    return (
        f"{len(made)} of {len(rows)} teams with a roster, gap of the sum {gap}, "
        f"{sum(int(row['unplaced_people']) for row in made)} people without an appointment, "
        f"{100 * lost / max(1, planned):.2f} % of {planned} days expected to be stood down"
    )
