"""Solve processes kept ready, and one solve with its second try.

A process answers several questions, one after another, because its imports cost seconds; after a failure, a cancelled
question or its share of questions a fresh one takes its place. One more than is at work is kept warm.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from api.jobs.answer import Asked
from api.jobs.child import COMMAND, Child, ChildLimits, Outcome, ProgressLine
from api.jobs.failure import Failure, FailureCode

TRIES = 2
FALSE_STARTS = 4
"""Processes that may die before they take the question, for example because somebody killed the spare one."""


class Children:
    """The solve processes of one worker. Open it with `with`; they all end when it closes."""

    def __init__(
        self, limits: ChildLimits | None = None, *, spare: bool = True, command: Sequence[str] = COMMAND
    ) -> None:
        """spare: keep a process ready beside those at work. command: what to run instead of the solve process."""
        self._limits = limits or ChildLimits()
        self._command = tuple(command)
        self._spare = spare
        # One thread starts every process and lives as long as they may: the kernel ties a child to that thread.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="evenhand-starter")
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._closed = False

    def __enter__(self) -> Self:
        if self._spare:
            self._starter.submit(self._keep_spare)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> frozenset[int]:
        """The ids of the processes that live."""
        with self._lock:
            return frozenset(child.pid for child in self._all)

    def close(self) -> None:
        """Ends every process, those at work too."""
        with self._lock:
            self._closed = True
            every = list(self._all)
        for child in every:
            child.end(gently=False)
        self._starter.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            late = list(self._all - set(every))
        for child in late:
            child.end(gently=False)

    def solve(
        self,
        asked: Asked,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        watch: Callable[[ProgressLine], None] | None = None,
    ) -> Outcome:
        """The answer to a question; a solve that crashes, hangs or eats its memory gets one more try."""
        outcome = Outcome(failure=Failure(FailureCode.CRASHED, "the solve was never tried"))
        tries = false_starts = 0
        while tries < TRIES and false_starts <= FALSE_STARTS:
            with self._child() as child:
                outcome = child.solve(asked, cancelled=cancelled, watch=watch)
                if outcome.failure is not None or outcome.cancelled:
                    child.end()
            tries += outcome.begun
            false_starts += not outcome.begun
            if outcome.failure is None or not outcome.failure.again or cancelled() or self._closed:
                return outcome
        return outcome

    @contextmanager
    def _child(self) -> Iterator[Child]:
        child = self._take()
        try:
            yield child
        except BaseException:
            child.end(gently=False)
            raise
        finally:
            self._give_back(child)

    def _take(self) -> Child:
        with self._lock:
            live = [child for child in self._idle if child.usable]
            dead = [child for child in self._idle if not child.usable]
            taken = live.pop(0) if live else None
            self._idle = live
        self._forget(dead)
        if taken is None:
            taken = self._starter.submit(self._start).result()
        if self._spare and not live:
            self._starter.submit(self._keep_spare)
        return taken

    def _give_back(self, child: Child) -> None:
        with self._lock:
            keep = child.usable and not self._closed and len(self._idle) < 2
            if keep:
                self._idle.insert(0, child)
        if not keep:
            self._forget([child])

    def _forget(self, children: list[Child]) -> None:
        for child in children:
            child.end(gently=False)
        with self._lock:
            self._all.difference_update(children)

    def _start(self) -> Child:
        if self._closed:
            raise RuntimeError("these solve processes have been closed")
        child = Child(self._limits, self._command)
        with self._lock:
            self._all.add(child)
        return child

    def _keep_spare(self) -> None:
        with self._lock:
            enough = self._closed or any(child.usable for child in self._idle)
        if not enough:
            child = self._start()
            with self._lock:
                self._idle.append(child)
