"""The one place that runs CP-SAT: limits, seed, threads, status, cancel and progress.

Everything else in the solver builds models and asks here. `ortools` is imported when a model is first run,
because the import alone takes longer than many answers.
"""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace


class Status(enum.StrEnum):
    """What a solve ended with. INFEASIBLE is said only when a second, different solve agrees."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Limits:
    """How long and how a solve may run.

    seconds: wall time, None for no limit. work: deterministic work units, None for no limit; with it the same
    input, seed and work give the same plan. threads: worker threads. seed: every random choice follows from it.
    """

    seconds: float | None = 10.0
    work: float | None = None
    seed: int = 0
    threads: int = 2

    def with_seconds(self, seconds: float | None) -> Limits:
        """These limits with another wall time."""
        return replace(self, seconds=seconds)


@dataclass(frozen=True)
class Progress:
    """How a solve stands: seconds since it began, best value so far and proven bound, None where unknown.

    gap is the fraction (best - bound) / (best - fixed) when both are known, as the plan will report it.
    """

    seconds: float
    best: int | None
    bound: int | None
    gap: float | None
    stage: str


ProgressCallback = Callable[[Progress], None]


class Stop:
    """A request to end early, keeping the best plan so far. Safe to set from any thread or signal handler."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def request(self) -> None:
        """Ask every solve that was given this object to end now."""
        self._event.set()

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for a request; True when there is one."""
        return self._event.wait(seconds)


class Clock:
    """Wall time since a solve began, against its limit. The only clock the solver reads."""

    def __init__(self, limit: float | None) -> None:
        self._begun = time.perf_counter()
        self.limit = limit

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._begun

    @property
    def left(self) -> float | None:
        """Seconds left, never below 0, None without a limit."""
        return None if self.limit is None else max(0.0, self.limit - self.elapsed)

    @property
    def over(self) -> bool:
        return self.limit is not None and self.elapsed >= self.limit
