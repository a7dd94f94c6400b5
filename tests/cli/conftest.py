"""A small unit as extracts, the command run in this process, and real processes on a pseudo-terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade, Sex
from models.extracts.write import write_allocation
from tests.support.problems import case, held, officer, problem

QUICK = ("--threads", "1", "--time-limit", "20")
Run = Callable[..., Result]


def small_unit() -> AllocationProblem:
    """Two POs and a PSO; four held cases, one of them by somebody who has left; three waiting.

    X000013 demands a male officer and there is none, so it stays unallocated; X000012 is B2, so the PSO may not
    take it. N03A001 holds 4 * 206 points, N03A002 nothing, so both others go to N03A002 or N03A003.
    """
    first = officer("N03A001", sex=Sex.FEMALE)
    second = officer("N03A002", sex=Sex.FEMALE)
    third = officer("N03A003", grade=Grade.PSO)
    return problem(
        [first, second, third],
        [
            *(held(f"X00000{number}", "A3", first) for number in range(1, 5)),
            held("X000005", "C2", officer("N03A099")),
            case("X000011", "D2"),
            case("X000012", "B2"),
            case("X000013", "C1", officer_sex=Sex.MALE),
        ],
    )


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The small unit as a folder of extracts."""
    folder = tmp_path / "unit"
    write_allocation(small_unit(), folder)
    return folder


@pytest.fixture
def run() -> Run:
    """Runs the command in this process: run("allocate", folder, ...). Nothing may leave it but an exit."""

    def invoke(*args: object) -> Result:
        result = CliRunner().invoke(app, [str(arg) for arg in args])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture
def plan_of(run: Run, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The plan that `allocate` makes of a folder, read back: plan_of(folder, "--release", "findings")."""

    def made(folder: Path, *options: object) -> dict[str, Any]:
        out = tmp_path / "plan.json"
        result = run("allocate", folder, "--out", out, *QUICK, *options)
        assert result.exit_code == 0, result.stderr
        plan: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return plan

    return made


@dataclass(frozen=True)
class Ended:
    """How a process on a terminal ended and what it showed, escape codes included."""

    code: int
    text: str


OnTerminal = Callable[..., Ended]


@pytest.fixture
def on_terminal() -> OnTerminal:
    """Runs Python code as a real process on a terminal, and types Ctrl-C as each of `waits` appears in turn."""

    def invoke(code: str, args: Sequence[object], waits: Sequence[str] = ()) -> Ended:
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="xterm", COLUMNS="120", NO_COLOR="")
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever started the tests may have had it ignored
            os.execv(sys.executable, [sys.executable, "-c", code, *map(str, args)])  # noqa: S606 - the process under test
        try:
            text = _watch(terminal, list(waits))
            _, status = os.waitpid(child, 0)
        except BaseException:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        finally:
            os.close(terminal)
        return Ended(os.waitstatus_to_exitcode(status), text)

    return invoke


def _watch(terminal: int, waits: list[str]) -> str:
    """Everything that appears until the process ends; a hang ends the test instead of the suite."""
    seen, read_until, deadline = b"", 0, time.monotonic() + 120
    while True:
        assert time.monotonic() < deadline, seen[-2000:]
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            more = b""
        if not more:
            assert waits == [], f"never seen: {waits}; seen: {seen[-2000:]!r}"
            return seen.decode("utf-8", "replace")
        seen += more
        if waits and waits[0].encode() in seen[read_until:]:
            waits.pop(0)
            read_until = len(seen)
            os.write(terminal, b"\x03")
