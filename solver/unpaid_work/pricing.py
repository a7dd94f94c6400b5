"""Rounds of prices beside the search: in a thread of their own, or a share of the limit in turn with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from solver.unpaid_work.bound import Bounding
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.slots import Ints


class Prices(NamedTuple):
    """tolls: float64 (n, s), of each requirement in each session. worth: int64 (s,), what each session earns."""

    tolls: Floats
    worth: Ints


class Pricing:
    """Rounds of prices, the best prices so far, and whether more are to be had.

    apart: in a thread of its own from the beginning to the end of the `with` block; else `advance` does a round. The
    bound is read at any time (Bounding.bound). over: asked between two steps.
    """

    def __init__(self, bounding: Bounding, *, apart: bool, over: Callable[[], bool]) -> None:
        self.apart = apart
        self._bounding, self._over = bounding, over
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(1, "evenhand-pricing") if apart else None
        self._running: Future[None] | None = None
        self._prices = self._taken()

    def __enter__(self) -> Self:
        if self._pool is not None:
            self._running = self._pool.submit(self._go_on)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._pool is not None:
            self._pool.shutdown()
        if self._running is not None and error is None:
            self._running.result()  # what went wrong there is raised here

    @property
    def done(self) -> bool:
        """Whether no better prices are expected."""
        return self._bounding.done or (self._running is not None and self._running.done())

    def advance(self) -> None:
        """One round of steps, by whoever has no thread apart."""
        self._bounding.advance(self._over)
        self._prices = self._taken()

    def prices(self) -> Prices:
        """The best so far, as of the last round."""
        return self._prices

    def _go_on(self) -> None:
        while not self._stopped() and not self._bounding.done:
            self._bounding.advance(self._stopped)
            self._prices = self._taken()  # the search takes them as they are, never half a round

    def _stopped(self) -> bool:
        return self._ended.is_set() or self._over()

    def _taken(self) -> Prices:
        tolls = np.maximum(0.0, self._bounding.tolls)  # nobody is paid for coming but in the bound
        return Prices(tolls, np.rint(self._bounding.worth()).astype(np.int64))
