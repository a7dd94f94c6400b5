"""Figures for Prometheus: how many requests by route and status, how long they took, what jobs there are.

Labels are routes as declared, methods, statuses and states: a handful of values each. No PDU, person, case or id is a
label.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "evenhand_http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "evenhand_http_request_seconds",
            "Time from request to the end of the answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._jobs = Gauge("evenhand_jobs", "Jobs by state.", ("state",), registry=self._registry)
        self.streams = Gauge(
            "evenhand_progress_streams", "Progress streams open now.", registry=self._registry
        )
        self.refused = Counter(
            "evenhand_jobs_refused_total",
            "Jobs refused because a PDU had too many.",
            registry=self._registry,
        )
        self.cache = Counter(
            "evenhand_problem_cache_total",
            "Prepared problems, found in memory or loaded.",
            ("outcome",),
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request ended."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def jobs(self, states: Mapping[str, int]) -> None:
        """How many jobs are in each state."""
        for state, count in states.items():
            self._jobs.labels(state).set(count)

    def text(self) -> bytes:
        """All figures in Prometheus' text form."""
        return generate_latest(self._registry)
