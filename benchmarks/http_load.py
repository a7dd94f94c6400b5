"""Callers for `python -m benchmarks http`: threads that ask a running service, each with a connection of its own."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What callers saw: seconds of each answer, and how many there were of each status (0: no answer)."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, seconds: float) -> None:
        """One answer."""
        with self.lock:
            self.statuses[status] += 1
            self.seconds.append(seconds)

    def percentile(self, share: float) -> float | None:
        """The time within which this share of answers came, in milliseconds; None without any."""
        ordered = sorted(self.seconds)
        if not ordered:
            return None
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def errors(self) -> int:
        """Answers that were neither what was asked for nor the documented 429."""
        return sum(count for status, count in self.statuses.items() if status not in {200, 201, 202, 429})


class Caller:
    """One caller with one connection."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._port, self._tally = port, tally
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, float]:
        """Status, body and the seconds to wait before asking again. No answer is status 0."""
        begun = time.perf_counter()
        text = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            content = answer.read()
            status, wait = answer.status, float(answer.headers.get("Retry-After", 0))
        except (OSError, http.client.HTTPException):
            self._connection.close()
            status, content, wait = 0, b"null", 1.0
        self._tally.note(status, time.perf_counter() - begun)
        return status, json.loads(content), wait


def recommending(
    port: int, problem_id: str, crns: Sequence[str], tally: Tally, seed: int
) -> Callable[[], None]:
    """What a caller does over and over: ask for one case's officers."""
    caller, rng = Caller(port, tally), random.Random(seed)

    def once() -> None:
        path = f"/v1/problems/{problem_id}/recommendations"
        _, _, wait = caller.ask("POST", path, {"crn": rng.choice(crns)})
        time.sleep(wait)

    return once


def solving(port: int, problem_id: str, seconds: float, tally: Tally, seed: int) -> Callable[[], None]:
    """What a caller does over and over: ask for a plan, wait for it, take it."""
    caller = Caller(port, tally)

    def once() -> None:
        body = {"limits": {"seconds": seconds, "seed": seed}}
        status, job, wait = caller.ask("POST", f"/v1/problems/{problem_id}/allocations", body)
        time.sleep(wait)
        while status == 202 and job["state"] in {"QUEUED", "RUNNING"}:
            time.sleep(1.0)
            again, found, _ = caller.ask("GET", f"/v1/jobs/{job['id']}")
            if again != 200:
                return
            job = found
        if status == 202 and job["planId"] is not None:
            caller.ask("GET", f"/v1/plans/{job['planId']}")

    return once


def for_a_while(acts: Sequence[Callable[[], None]], seconds: float) -> None:
    """Each act over and over in a thread of its own, until the time is over."""
    end = time.monotonic() + seconds

    def run(act: Callable[[], None]) -> None:
        while time.monotonic() < end:
            act()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
