"""`python -m benchmarks http`: a real server under load.

First the time of a warm recommendation, by Debian's `wrk` where it is installed and else by threads of our own. Then
callers who recommend and callers who solve, together: errors, refusals, and the server's memory in its course.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.http_load import Caller, Tally, for_a_while, recommending, solving
from benchmarks.setting import RESULTS, today, write_rows
from models.synthetic import allocation_parameters, generate_allocation

COLUMNS = (
    "what", "cases", "officers", "recommending", "solving", "seconds", "tool", "answers", "per_second", "errors",
    "refused", "p50_ms", "p90_ms", "p99_ms", "most_ms", "memory_after_a_fifth_mb", "memory_at_end_mb",
)  # fmt: skip # names side by side
PDU = "N03PDU1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes and times."""
    parser.add_argument("--cases", type=int, default=2300)
    parser.add_argument("--officers", type=int, default=100)
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="of each measurement of one recommendation"
    )
    parser.add_argument(
        "--clients", type=int, nargs="*", default=[1, 2, 8], help="who recommend at the same time"
    )
    parser.add_argument(
        "--minutes", type=float, default=5.0, help="of recommending and solving together; 0: none"
    )
    parser.add_argument("--recommending", type=int, default=50)
    parser.add_argument("--solving", type=int, default=10)
    parser.add_argument("--out", type=Path, default=None)


@dataclass(frozen=True)
class Running:
    """A server that runs, with a problem in it."""

    port: int
    pid: int
    problem_id: str
    crns: tuple[str, ...]


def main(arguments: argparse.Namespace) -> int:
    """Measures and writes a dated CSV. Exit code 1 when there was an error."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="evenhand-http-") as folder, _server(Path(folder)) as (port, pid):
        running = _filled(port, pid, arguments.cases, arguments.officers)
        size = {"cases": arguments.cases, "officers": arguments.officers}
        for clients in arguments.clients:
            row = _latency(running, clients, arguments.seconds, Path(folder))
            rows.append({**size, **row})
            print(row)
        if arguments.minutes > 0:
            row = _together(running, arguments.recommending, arguments.solving, 60 * arguments.minutes)
            rows.append({**size, **row})
            print(row)
    out = arguments.out or RESULTS / f"{today()}-http-{arguments.cases}x{arguments.officers}.csv"
    write_rows(out, COLUMNS, rows)
    print(f"wrote {out}")
    return int(any(row["errors"] for row in rows))


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[tuple[int, int]]:
    """`evenhand serve` on a free port with a store of its own; its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EVENHAND_")}
    environ |= {"EVENHAND_DATABASE_URL": f"sqlite:///{folder / 'store.db'}", "EVENHAND_LOG_LEVEL": "WARNING"}
    environ["EVENHAND_REQUESTS_PER_MINUTE"] = "1000000"  # all callers here are one
    command = [sys.executable, "-c", "from api.cli.main import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_up(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer within a minute")


def _filled(port: int, pid: int, cases: int, officers: int) -> Running:
    """A problem in the server, asked about once so that it is warm."""
    problem = generate_allocation(allocation_parameters(), seed=6, cases=cases, officers=officers).problem
    caller = Caller(port, Tally())
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": problem.as_json()}
    status, kept, _ = caller.ask("POST", "/v1/problems", body)
    if status != 201:
        raise RuntimeError(f"the server answered {status}")
    crns = tuple(case.crn for case in problem.cases if case.waiting)
    for crn in crns[:3]:
        caller.ask("POST", f"/v1/problems/{kept['id']}/recommendations", {"crn": crn})
    return Running(port, pid, kept["id"], crns)


def _latency(running: Running, clients: int, seconds: float, folder: Path) -> dict[str, Any]:
    """How long one recommendation takes with so many callers at once."""
    measure = _by_wrk if shutil.which("wrk") else _by_threads
    return {
        "what": "recommendation",
        "recommending": clients,
        "solving": 0,
        "seconds": seconds,
        **measure(running, clients, seconds, folder),
    }


def _by_threads(running: Running, clients: int, seconds: float, _folder: Path) -> dict[str, Any]:
    tally = Tally()
    acts = [
        recommending(running.port, running.problem_id, running.crns, tally, number)
        for number in range(clients)
    ]
    for_a_while(acts, seconds)
    return {"tool": "threads", **_summary(tally, seconds)}


def _by_wrk(running: Running, clients: int, seconds: float, folder: Path) -> dict[str, Any]:
    """By wrk: each request asks about the next waiting case."""
    bodies = ", ".join(f"'{json.dumps({'crn': crn})}'" for crn in running.crns)
    script = folder / "load.lua"
    script.write_text(
        f"""
local bodies = {{ {bodies} }}
local number = 0
request = function()
  number = number % #bodies + 1
  return wrk.format("POST", nil, {{ ["Content-Type"] = "application/json" }}, bodies[number])
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('RESULT {{"answers": %d, "errors": %d, "p50": %f, "p90": %f, "p99": %f, "most": %f}}\\n',
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max))
end
""",
        encoding="ascii",
    )
    url = f"http://127.0.0.1:{running.port}/v1/problems/{running.problem_id}/recommendations"
    words = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(script), url]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = json.loads(next(line for line in told.splitlines() if line.startswith("RESULT"))[7:])
    return {
        "tool": "wrk",
        "answers": found["answers"],
        "per_second": found["answers"] / seconds,
        "errors": found["errors"],
        "refused": 0,
        "p50_ms": found["p50"] / 1000,
        "p90_ms": found["p90"] / 1000,
        "p99_ms": found["p99"] / 1000,
        "most_ms": found["most"] / 1000,
    }


def _together(running: Running, recommenders: int, solvers: int, seconds: float) -> dict[str, Any]:
    """Recommending and solving at once, with the server's memory looked at every second."""
    tally, jobs = Tally(), Tally()
    acts = [
        recommending(running.port, running.problem_id, running.crns, tally, number)
        for number in range(recommenders)
    ]
    acts += [solving(running.port, running.problem_id, 3.0, jobs, number) for number in range(solvers)]
    memory: list[float] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(1.0):
            memory.append(_megabytes(running.pid))

    looking = threading.Thread(target=look)
    looking.start()
    for_a_while(acts, seconds)
    done.set()
    looking.join()
    summary = _summary(tally, seconds)
    return {
        "what": "together",
        "recommending": recommenders,
        "solving": solvers,
        "seconds": seconds,
        "tool": "threads",
        **summary,
        "errors": summary["errors"] + jobs.errors,
        "refused": jobs.statuses[429],
        "memory_after_a_fifth_mb": memory[len(memory) // 5] if memory else None,
        "memory_at_end_mb": memory[-1] if memory else None,
    }


def _megabytes(pid: int) -> float:
    """The memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def _summary(tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "answers": len(tally.seconds),
        "per_second": len(tally.seconds) / seconds,
        "errors": tally.errors,
        "refused": tally.statuses[429],
        "p50_ms": tally.percentile(0.5),
        "p90_ms": tally.percentile(0.9),
        "p99_ms": tally.percentile(0.99),
        "most_ms": tally.percentile(1.0),
    }
