"""The port behind which jobs wait their turn. What a job is and what came of it is the store's alone.

A queue carries ids. It may hand one out twice, never loses one, and knows nothing of problems, plans or people: the
store makes the effect of a job happen once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Run = Callable[[str], None]
"""Does the job with this id and brings it to an end in the store. Harmless when the job has ended already."""


class JobQueue(Protocol):
    """Where whoever has a job done leaves its id."""

    def submit(self, job_id: str, priority: int = 0) -> None:
        """Let a worker do this job; the lower the number, the sooner. Saying so twice is harmless.

        Raises StoreUnavailableError when the queue cannot be reached. A job that is in the store and was never
        submitted is found by a worker within half a minute.
        """

    def cancel(self, job_id: str) -> None:
        """Take a job that waits out of the queue; one that runs is stopped through the store."""

    def close(self) -> None:
        """Let go of every connection."""
