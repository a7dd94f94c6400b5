"""Who supervises what: week by week, the sessions of most worth that the supervisors can have between them.

A small CP-SAT model for each calendar week, because a supervisor's minutes count by the week and nothing else ties
the weeks together. What people were told comes before any worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from solver.engine import Limits, run
from solver.unpaid_work.company import kept_in
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.standing import told_that_stand

Choice = tuple[int, int | None]
"""A session and its supervisor, None where none is needed."""

_TOLD = 1_000_000
"""Worth of keeping one told appointment, above all others together."""
_WORK = 1.0
"""Deterministic work for the model of one week, far more than it takes."""


@dataclass(frozen=True)
class Assigned:
    """supervisor: of each session that may run. pinned: the told bookings that are kept."""

    supervisor: Mapping[int, int | None]
    pinned: tuple[Booking, ...]


def assign(facts: RosterFacts, worth: Ints, *, seed: int) -> Assigned:
    """Supervisors for the sessions of most worth, told appointments first. worth: int64 (sessions,), not negative."""
    told: dict[int, list[Booking]] = {}
    for each in told_that_stand(facts):
        told.setdefault(each.session, []).append(Booking(each.number, each.session, each.minutes))
    supervisor: dict[int, int | None] = {}
    pinned: list[Booking] = []
    for week in range(facts.weeks):
        sessions = np.flatnonzero(facts.sessions.week == week).tolist()
        kept = {
            choice: _kept(facts, choice, told) for session in sessions for choice in _choices(facts, session)
        }
        for choice in _chosen(facts, kept, worth, seed):
            supervisor[choice[0]] = choice[1]
            pinned += kept[choice]
    return Assigned(supervisor, tuple(sorted(pinned)))


def _choices(facts: RosterFacts, session: int) -> list[Choice]:
    if not facts.supervised[facts.sessions.project[session]]:
        return [(session, None)]
    return [(session, int(under)) for under in np.flatnonzero(facts.able[session])]


def _kept(facts: RosterFacts, choice: Choice, told: Mapping[int, Sequence[Booking]]) -> list[Booking]:
    return kept_in(facts, choice[0], choice[1], told[choice[0]]) if choice[0] in told else []


def _chosen(
    facts: RosterFacts,
    kept: Mapping[Choice, Sequence[Booking]],
    worth: Ints,
    seed: int,
) -> list[Choice]:
    """The choices of one week."""
    from ortools.sat.python import cp_model

    if not kept:
        return []
    model = cp_model.CpModel()
    use = {choice: model.new_bool_var("") for choice in kept}
    by_session: dict[int, list[Choice]] = {}
    by_supervisor: dict[int, list[Choice]] = {}
    for choice in use:
        by_session.setdefault(choice[0], []).append(choice)
        if choice[1] is not None:
            by_supervisor.setdefault(choice[1], []).append(choice)
    for session, choices in by_session.items():
        model.add_at_most_one(use[choice] for choice in choices)
        for other in facts.sessions.clashes[session]:
            if session < other:
                model.add_at_most_one(use[c] for c in (*choices, *by_session.get(other, ())))
    for under, choices in by_supervisor.items():
        for one, two in combinations(choices, 2):
            if not facts.together(one[0], two[0]):
                model.add_at_most_one(use[one], use[two])
        minutes = [int(facts.sessions.minutes[choice[0]]) for choice in choices]
        if sum(minutes) > facts.supervisor_minutes[under]:
            duty = sum(length * use[choice] for length, choice in zip(minutes, choices, strict=True))
            model.add(duty <= int(facts.supervisor_minutes[under]))
    model.maximize(sum(_value(facts, choice, kept[choice], worth) * var for choice, var in use.items()))
    found = run(model, Limits(seconds=None, work=_WORK, seed=seed, threads=1))
    if found.values is None:
        return []
    return [choice for choice, var in use.items() if found.values[var.index]]


def _value(facts: RosterFacts, choice: Choice, kept: Sequence[Booking], worth: Ints) -> int:
    """Told appointments first, then worth, more with more places."""
    places = facts.places_under(*choice)
    whole = max(1, int(facts.places[facts.sessions.project[choice[0]]]))
    return _TOLD * len(kept) + 1 + int(worth[choice[0]]) * places // whole
