"""How people decide: how often as proposed, after how long a look, and whether anybody has stopped looking. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable

from api.store.database import StoreSettings
from api.store.records import Acceptance, BlindRun, Decision, Outcome


def acceptance_of(made: Iterable[Decision], settings: StoreSettings) -> Acceptance:
    """Counts, rate, review time and blind runs of decisions given in the order in which they were made."""
    counts: Counter[Outcome] = Counter()
    seconds: list[float] = []
    by_person: dict[str, list[Decision]] = {}
    for decision in made:
        counts[decision.outcome] += 1
        if decision.review_seconds is not None:
            seconds.append(decision.review_seconds)
        by_person.setdefault(decision.actor.subject, []).append(decision)
    total = counts.total()
    return Acceptance(
        accepted=counts[Outcome.ACCEPT],
        overridden=counts[Outcome.OVERRIDE],
        rejected=counts[Outcome.REJECT],
        rate=counts[Outcome.ACCEPT] / total if total else None,
        median_review_seconds=statistics.median(seconds) if seconds else None,
        blind_runs=tuple(
            run for person in sorted(by_person) for run in _blind_runs(person, by_person[person], settings)
        ),
    )


def _blind_runs(person: str, made: list[Decision], settings: StoreSettings) -> list[BlindRun]:
    """The runs long enough to be flagged. A review of unknown length neither ends a run nor lengthens it."""
    runs: list[list[Decision]] = [[]]
    for decision in made:
        blind = _is_blind(decision, settings.blind_seconds)
        if blind:
            runs[-1].append(decision)
        elif blind is False:
            runs.append([])
    return [
        BlindRun(person, len(run), run[0].decided_at, run[-1].decided_at)
        for run in runs
        if len(run) >= settings.blind_run
    ]


def _is_blind(decision: Decision, limit: float) -> bool | None:
    """Whether this was an acceptance without a look; None when the clock was put back and nobody can tell."""
    if decision.outcome is not Outcome.ACCEPT:
        return False
    if decision.opened_at is None:
        return True
    return None if decision.review_seconds is None else decision.review_seconds < limit
