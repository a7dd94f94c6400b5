"""One chaos run: a batch and an API at work, something done to them, and what came of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.chaos_asking import EVENHAND, Asking, Service
from benchmarks.chaos_processes import ROOT, Setting, processes_below, wait_until_gone, workers_apart

MOST_STARTS = 6
ANSWER_SECONDS = 120.0

Result = dict[str, str]
"""A hash of the plan, the time it took left out, by part."""

Live = Callable[[], Mapping[int, str]]
"""The processes that live: what each is, by id."""


@dataclass
class Told:
    """What happened in a run. faults: what was done to it. starts, serves: how often batch and API were started.

    statuses: how often a caller got each answer; 0 where there was none. asked: what was made of each job asked over
    HTTP, as a hash.
    """

    faults: list[str] = field(default_factory=list)
    starts: int = 0
    serves: int = 0
    seconds: float = 0.0
    statuses: Mapping[int, int] = field(default_factory=dict)
    asked: Result = field(default_factory=dict)


class Blow(Protocol):
    """Something done to a run, so many seconds after its beginning."""

    @property
    def after(self) -> float:
        """Seconds."""

    def strike(self, live: Live, told: Told) -> bool:
        """Does it, to the processes that live by id and kind; False when it has to come again."""

    def undo(self) -> None:
        """Takes back what is still in force."""


@dataclass(frozen=True)
class Kill:
    """SIGKILL for one process of a kind (None: of any that lives then)."""

    after: float
    chance: random.Random
    kind: str | None = None

    def strike(self, live: Live, told: Told) -> bool:
        """See Blow."""
        found = live()
        kinds = sorted({kind for kind in found.values() if self.kind in (None, kind)})
        if not kinds:
            return False
        kind = self.chance.choice(kinds)  # as often a worker as a solve process, however many there are
        try:
            os.kill(self.chance.choice([pid for pid, name in found.items() if name == kind]), signal.SIGKILL)
        except ProcessLookupError:
            return False
        told.faults.append(kind)
        return True

    def undo(self) -> None:
        """See Blow."""


@dataclass
class Outage:
    """Something that begins when it can and ends so many seconds later; None for what stays.

    name: what the figures call it. ready: whether it can begin.
    """

    after: float
    name: str
    begin: Callable[[], None]
    end: Callable[[], None] = lambda: None
    seconds: float | None = None
    ready: Callable[[], bool] = lambda: True
    _begun: float | None = None

    def strike(self, live: Live, told: Told) -> bool:  # noqa: ARG002 - the protocol's
        """See Blow."""
        if self._begun is None:
            if not self.ready():
                return False
            self.begin()
            self._begun = time.monotonic()
            told.faults.append(self.name)
            return self.seconds is None
        if self.seconds is None or time.monotonic() - self._begun < self.seconds:
            return False
        self.end()
        self.seconds = None
        return True

    def undo(self) -> None:
        """Ends it, where it has begun and not ended."""
        if self._begun is not None and self.seconds is not None:
            self.end()


def run_batch(
    setting: Setting,
    blows: Sequence[Blow] = (),
    *,
    asked: Mapping[str, object] | None = None,
    forgiving: bool = False,
) -> Told:
    """Runs a batch to its end, doing one thing after another to it.

    asked: a problem that is asked about over HTTP meanwhile. forgiving: a batch that ends badly is begun again, as one
    that was killed is. Raises RuntimeError when it does not come to its end, or a caller was answered wrongly.
    """
    told, begun, left = Told(), time.monotonic(), list(blows)
    service = (
        None
        if setting.port is None
        else Service(setting.port, setting.environment, ROOT, worker=not setting.apart)
    )
    asking = None
    if setting.port is not None and asked is not None:
        asking = Asking(setting.port, asked, setting.work / 10)
    with workers_apart(setting) as apart:
        roots = [each.pid for each in apart]

        def live(batch: int | None) -> Mapping[int, str]:
            mine = [*roots, *([] if batch is None else [batch]), *([] if service is None else [service.pid])]
            return {pid: kind for root in mine for pid, kind in processes_below(root).items()}

        def tend(batch: int | None = None) -> None:
            if service is not None:
                service.keep_alive()
            if (
                left
                and time.monotonic() - begun >= left[0].after
                and left[0].strike(lambda: live(batch), told)
            ):
                left.pop(0)
            time.sleep(0.02)

        try:
            _to_its_end(setting, told, tend, forgiving=forgiving)
            told.seconds = time.monotonic() - begun
            while any(isinstance(blow, Outage) for blow in left):
                tend()
            if asking is not None:
                _answered(asking, tend)
        finally:
            for blow in left:
                blow.undo()
            everything = list(live(None))
            if service is not None:
                service.stop()
                told.serves = service.starts
            if asking is not None:
                told.statuses = dict(sorted(asking.statuses.items()))
                told.asked = dict(asking.plans)
    wait_until_gone(everything)
    return told


def _to_its_end(setting: Setting, told: Told, tend: Callable[[int], None], *, forgiving: bool) -> None:
    while told.starts < MOST_STARTS:
        told.starts += 1
        batch = subprocess.Popen(
            setting.command,
            env=setting.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        while batch.poll() is None:
            tend(batch.pid)
        _, words = batch.communicate()
        if batch.returncode == 0:
            return
        if batch.returncode != -signal.SIGKILL and not forgiving:
            raise RuntimeError(f"the batch ended with {batch.returncode}: {words.decode()[-500:]}")
    raise RuntimeError(f"the batch did not end in {MOST_STARTS} starts")


def _answered(asking: Asking, tend: Callable[[], None]) -> None:
    end = time.monotonic() + ANSWER_SECONDS
    while asking.at_work and time.monotonic() < end:
        tend()
    asking.finish()


def result_of(setting: Setting) -> Result:
    """Each part's plan as a hash without the time it took. Raises ValueError unless each was made exactly once.

    And unless the audit trail is whole, and of what the batch made one plan of each part is a proposal.
    """
    told, _ = _said(setting, ("batch", "status", "--json"), ("audit", "verify"))
    batch = json.loads(told)
    if not batch["ended"] or batch["failed"] or batch["open"]:
        raise ValueError("the batch has not ended well")
    for unit in batch["units"]:
        if not unit["jobs"] == unit["rounds"] == unit["plans"] or unit["proposals"] != 1:
            raise ValueError(
                f"{unit['pdu']}: {unit['jobs']} jobs, {unit['plans']} plans, {unit['proposals']} proposals"
            )
    return {f"{unit['pdu']} {unit['kind']}": unit["planHash"] for unit in batch["units"]}


def _said(setting: Setting, *commands: Sequence[str]) -> list[str]:
    """What commands say, which run at the same time. Raises ValueError when one ends badly."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", EVENHAND, *words],
            env=setting.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in commands
    ]
    said = [each.communicate() for each in running]
    for each, words, (_, complaint) in zip(running, commands, said, strict=True):
        if each.returncode != 0:
            raise ValueError(f"{' '.join(words)} ended with {each.returncode}: {complaint[-500:]}")
    return [text for text, _ in said]
