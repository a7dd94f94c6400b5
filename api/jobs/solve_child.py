"""`python -m api.jobs.solve_child`: solves what its parent asks, one question at a time, and ends with its parent.

One JSON object a line. In: {"ask": {...}}, {"cancel": true}. Out: {"ready": true} when everything slow is imported and
compiled, {"taken": true} for a question, {"beat": true} twice a second, {"progress": {...}}, {"answer": {"plan",
"summary"}} or {"failed": {"code", "sentence"}}. A process of its own, so that a crash, a hang or a full memory takes
nothing else down.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib
import json
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from api.jobs.answer import Asked, answer
from api.jobs.failure import failure_of
from solver.engine import Progress, Stop

BEAT_SECONDS = 0.5
PR_SET_PDEATHSIG = 1
ROOM = 2_000_000_000
"""Bytes of address space beyond the limit: libraries reserve more than they ever use."""


class Speaker:
    """Lines to the parent, one at a time from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, line: Mapping[str, Any]) -> None:
        """One line. A parent that has gone ends the process."""
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":"))
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                os._exit(1)


class Questions:
    """What the parent asks: read in a thread, because a question to stop comes while another is being answered."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._asked: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._stop = Stop()
        threading.Thread(target=self._read, name="evenhand-questions", daemon=True).start()

    def next(self) -> tuple[Mapping[str, Any], Stop]:
        """The next question, and what a request to cancel it sets."""
        asked = self._asked.get()
        return asked, self._stop

    def _read(self) -> None:
        for text in self._stream:
            line = json.loads(text)
            if "ask" in line:
                self._stop = Stop()
                self._asked.put(line["ask"])
            elif "cancel" in line:
                self._stop.request()
        os._exit(0)  # the parent has closed the pipe, or has died: nobody waits for an answer


def die_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies; elsewhere than on Linux the pipe's end does it."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def limit_memory(megabytes: int) -> None:
    """Refuses address space far beyond what the solve may use, so that no single request can take the machine's."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + megabytes * 1_000_000 + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def warm() -> None:
    """Imports and compiles what every answer needs."""
    for name in ("scipy.optimize", "ortools.sat.python.cp_model", "solver.allocation.allocate"):
        importlib.import_module(name)
    from solver.assignment.kernel import warm_up

    warm_up()


def reply(asked: Mapping[str, Any], stop: Stop, say: Callable[[Mapping[str, Any]], None]) -> None:
    """Answers one question with a line."""

    def watch(progress: Progress) -> None:
        say(
            {
                "progress": {
                    "seconds": round(progress.seconds, 3),
                    "best": progress.best,
                    "bound": progress.bound,
                    "gap": progress.gap,
                    "stage": progress.stage,
                }
            }
        )

    try:
        answered = answer(Asked.of_json(asked), stop=stop, watch=watch)
        line: dict[str, Any] = {"answer": {"plan": answered.plan, "summary": answered.summary}}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told and decides
        line = {"failed": failure_of(error).as_json()}
    say(line)


def _beat(say: Callable[[Mapping[str, Any]], None]) -> None:
    pause = threading.Event()
    while not pause.wait(BEAT_SECONDS):
        say({"beat": True})


def main(words: list[str]) -> None:
    """Answer questions until the parent goes."""
    parser = argparse.ArgumentParser(prog="python -m api.jobs.solve_child")
    parser.add_argument("--megabytes", type=int, default=0, help="memory limit, 0 for none")
    given = parser.parse_args(words)
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which cancels in words
    speaker = Speaker(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)  # whatever a library prints goes where it cannot be taken for an answer
    questions = Questions(sys.stdin)
    warm()
    if given.megabytes:
        with contextlib.suppress(OSError, ValueError):
            limit_memory(given.megabytes)
    threading.Thread(target=_beat, args=(speaker.say,), name="evenhand-beat", daemon=True).start()
    speaker.say({"ready": True})
    while True:
        asked, stop = questions.next()
        speaker.say({"taken": True})
        reply(asked, stop, speaker.say)


if __name__ == "__main__":
    main(sys.argv[1:])
