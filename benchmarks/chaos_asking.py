"""`evenhand serve` in a chaos run: kept alive as a service manager would, and asked over HTTP meanwhile."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EVENHAND = "from api.cli.main import main; main()"
ASKED_PDU = "N26PDU26"
ASKED = 2
"""Jobs asked over HTTP in a run, one after another."""

PAUSE_SECONDS = 0.3
AWAY = (0, 503, 507)
"""No answer, or one that says to come again: what a caller may get while something is broken."""


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """`evenhand serve` with a worker of its own, begun again when it ends, as systemd would."""

    def __init__(
        self, port: int, environment: Mapping[str, str], place: Path, *, worker: bool = True
    ) -> None:
        """Starts it. place: the working folder. worker: False leaves the jobs to others."""
        self.port, self.starts = port, 0
        self._environment, self._place = dict(environment), place
        self._command = [sys.executable, "-c", EVENHAND, "serve", "--port", str(port), "--migrate"]
        self._command += [] if worker else ["--no-worker"]
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        return subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=self._place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def keep_alive(self) -> None:
        """Starts it again when it has ended."""
        if self._process.poll() is not None:
            self._process = self._start()

    def stop(self) -> None:
        """Ends it; its worker ends with it."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Asking:
    """A caller who gives a problem and has it rebalanced a few times over, and asks again whenever nobody answers.

    statuses: of every answer; 0 where there was none. plans: hashes of what was made, the time that it took left out.
    """

    def __init__(self, port: int, problem: Mapping[str, Any], work: float) -> None:
        """problem: contract JSON. work: deterministic work of each solve."""
        self.statuses: Counter[int] = Counter()
        self.plans: dict[str, str] = {}
        self.faults: list[str] = []
        self._port, self._problem, self._work = port, problem, work
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="asking", daemon=True)
        self._thread.start()

    @property
    def at_work(self) -> bool:
        """Whether there is something that was not answered yet."""
        return self._thread.is_alive()

    def finish(self) -> None:
        """Raises RuntimeError when something asked was not answered, or wrongly."""
        late = self.at_work
        self._over.set()
        self._thread.join(90)
        if late or self.faults:
            raise RuntimeError("; ".join(self.faults) or "not all that was asked over HTTP was answered")

    def _run(self) -> None:
        given = {"pdu": ASKED_PDU, "kind": "ALLOCATION", "problem": self._problem}
        problem = self._ask("POST", "/v1/problems", given, key="chaos-problem")
        for number in range(ASKED):
            question = {"moves": 10, "limits": {"work": self._work, "seed": number}}
            path = f"/v1/problems/{problem.get('id')}/rebalances"
            job = self._ask("POST", path, question, key=f"chaos-asked-{number}")
            while job.get("state") in ("QUEUED", "RUNNING") and not self._over.is_set():
                time.sleep(PAUSE_SECONDS)
                job = self._ask("GET", f"/v1/jobs/{job['id']}")
            if job.get("state") != "SUCCEEDED" and not self._over.is_set():
                self.faults.append(f"a job ended as {job.get('state')} {job.get('errorCode')}")
                return
            plan = self._ask("GET", f"/v1/plans/{job.get('planId')}").get("content", {})
            text = json.dumps({**plan, "wallSeconds": None}, sort_keys=True)
            self.plans[f"asked {number}"] = hashlib.sha256(text.encode()).hexdigest()
        for what, most in (("problems", 1), ("jobs", ASKED), ("plans", ASKED)):
            total = self._ask("GET", f"/v1/{what}?pdu={ASKED_PDU}").get("total")
            if total != most and not self._over.is_set():
                self.faults.append(f"there are {total} {what} of what was asked, and not {most}")

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Mapping[str, Any]:
        """The answer, asked for until there is one; {} when this is over or the answer was none to be expected."""
        text = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", **({} if key is None else {"Idempotency-Key": key})}
        while not self._over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            try:
                connection.request(method, path, text, headers)
                answer = connection.getresponse()
                status, content = answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                status, content = 0, b""
            finally:
                connection.close()
            self.statuses[status] += 1
            if status in (200, 201, 202):
                found: dict[str, Any] = json.loads(content)
                return found
            if status not in AWAY:
                self.faults.append(
                    f"{method} {path.partition('/v1/')[2].partition('/')[0]} answered {status}"
                )
                self._over.set()
            time.sleep(PAUSE_SECONDS)
        return {}
