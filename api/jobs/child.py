"""The parent's side of one solve process: started, asked, watched and ended."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.jobs.answer import Answered, Asked
from api.jobs.failure import Failure, FailureCode

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "api.jobs.solve_child")
TICK = 0.1


@dataclass(frozen=True)
class ChildLimits:
    """What a solve process may take.

    megabytes: memory that it may hold, None for no limit. silence: seconds without a sign of life after which it has
    hung. overrun: seconds beyond its own time limit after which it has hung. most_seconds: the longest any answer
    may take, whatever its limits. farewell: seconds between being asked to stop and being killed. starting: seconds
    until it must be ready. questions: how many it answers before a fresh one takes its place.
    """

    megabytes: int | None = 4_000
    silence: float = 120.0
    overrun: float = 120.0
    most_seconds: float = 4 * 3600.0
    farewell: float = 8.0
    starting: float = 300.0
    questions: int = 25


@dataclass(frozen=True)
class Outcome:
    """How a solve ended: with an answer, with a failure, or (both None) cancelled before there was any plan.

    begun: whether the process took the question at all; one that died before was to blame, not the question.
    """

    answered: Answered | None = None
    failure: Failure | None = None
    cancelled: bool = False
    begun: bool = True


ProgressLine = Mapping[str, Any]


class Child:
    """One solve process. Used by one thread at a time; `kill` may come from any."""

    def __init__(self, limits: ChildLimits, command: Sequence[str] = COMMAND) -> None:
        """Starts the process. Its parent-death signal belongs to the calling thread, which must outlive it."""
        self._limits = limits
        self._lines: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._heard = time.monotonic()
        self._ready = False
        self.asked = 0
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, f"--megabytes={limits.megabytes or 0}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            encoding="utf-8",
            start_new_session=True,  # a terminal's Ctrl-C reaches the parent alone
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._reader = threading.Thread(target=self._read, name="evenhand-child", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it lives and may be asked once more."""
        return self._process.poll() is None and self.asked < self._limits.questions

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            for text in self._process.stdout:
                self._heard = time.monotonic()
                with contextlib.suppress(json.JSONDecodeError):  # half a line of a process that was killed
                    self._lines.put(json.loads(text))
        self._lines.put(None)

    def solve(
        self,
        asked: Asked,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        watch: Callable[[ProgressLine], None] | None = None,
    ) -> Outcome:
        """The answer to a question. cancelled is asked ten times a second; watch gets each line of progress."""
        self.asked += 1
        watcher = _Watch(self._limits, asked)
        self._send({"ask": asked.as_json()})
        asked_to_stop: float | None = None
        begun = False
        while True:
            line = self._next()
            if line is None:
                return self._died(begun)
            begun = begun or "taken" in line
            if "answer" in line:
                return Outcome(
                    Answered(line["answer"]["plan"], line["answer"]["summary"]),
                    cancelled=asked_to_stop is not None,
                )
            if "failed" in line:
                told = line["failed"]
                return Outcome(failure=Failure(FailureCode(told["code"]), told["sentence"]))
            if line.get("ready"):
                self._ready = True
                watcher.begin()
            if "progress" in line and watch is not None:
                watch(line["progress"])
            if asked_to_stop is None and cancelled():
                asked_to_stop = time.monotonic()
                self._send({"cancel": True})
            farewell = (
                self._limits.farewell if begun else 0.0
            )  # before it begins there is no plan to wait for
            if asked_to_stop is not None and time.monotonic() - asked_to_stop > farewell:
                self.end()
                return Outcome(cancelled=True)
            failure = watcher.fault(self.pid, self._heard, ready=self._ready)
            if failure is not None:
                self.end(gently=False)
                return Outcome(failure=failure)

    def _next(self) -> Mapping[str, Any] | None:
        """The next line, {} when none has come within a tick, None when none will come any more."""
        try:
            return self._lines.get(timeout=TICK)
        except queue.Empty:
            return {}

    def _send(self, line: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":"))
        with contextlib.suppress(OSError, ValueError):  # the process has died: reading will tell
            self._process.stdin.write(text + "\n")
            self._process.stdin.flush()

    def _died(self, begun: bool) -> Outcome:
        code = self._process.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        failure = Failure(FailureCode.CRASHED, f"the solve process ended early ({how})")
        return Outcome(failure=failure, begun=begun)

    def end(self, *, gently: bool = True) -> None:
        """Ends the process: SIGTERM first where it may take a moment, then SIGKILL."""
        if gently and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class _Watch:
    """Whether a solve still keeps to what it may take."""

    def __init__(self, limits: ChildLimits, asked: Asked) -> None:
        self._limits = limits
        self._begun = time.monotonic()
        seconds = asked.limits.get("seconds")
        mine = limits.most_seconds if seconds is None else float(seconds) + limits.overrun
        self._seconds = min(mine, limits.most_seconds)

    def begin(self) -> None:
        """The process was not ready when it was asked; now it is, and its time begins."""
        self._begun = time.monotonic()

    def fault(self, pid: int, heard: float, *, ready: bool) -> Failure | None:
        now = time.monotonic()
        if not ready:
            late = now - self._begun > self._limits.starting
            return Failure(FailureCode.HUNG, "the solve process did not become ready") if late else None
        if now - heard > self._limits.silence:
            return Failure(FailureCode.HUNG, f"the solve gave no sign of life for {self._limits.silence:g} s")
        if now - self._begun > self._seconds:
            return Failure(FailureCode.HUNG, f"the solve was not done after {self._seconds:g} s")
        most = self._limits.megabytes
        if most is not None and resident_megabytes(pid) > most:
            return Failure(FailureCode.OUT_OF_MEMORY, f"the solve held more than {most} MB")
        return None


def resident_megabytes(pid: int) -> float:
    """The memory a process holds, 0 for one that has gone or where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000
