"""What is done today, one case at a time, within the rules: the strategies that evenhand is measured against.

`least_loaded`: each waiting case goes to the officer with the lowest Workload %. `previous_officer`: back to the
latest previous officer who may take it, even if full, else to the least loaded (the order of the recommender of
ministryofjustice/keyworker-api). Neither looks ahead, and neither moves a held case.
"""

from __future__ import annotations

import enum

import numpy as np

from solver.allocation.instance import Instance
from solver.allocation.standing import Standing
from solver.assignment.problem import NOWHERE, Bools, Ints


class Strategy(enum.StrEnum):
    """How a plan is made: by optimisation, or one case at a time as today."""

    OPTIMISE = "optimise"
    LEAST_LOADED = "least_loaded"
    PREVIOUS_OFFICER = "previous_officer"


def one_at_a_time(instance: Instance, *, previous_first: bool) -> Ints:
    """int64 (k,): where each task ends when waiting cases are placed in the order of the input, held ones at home.

    A case that no officer may take as things stand is left out (NOWHERE).
    """
    standing = standing_today(instance)
    for row in waiting_rows(instance):
        options = instance.draft.may_take[row] & ~standing.refused(int(row))
        if previous_first:
            options = _previous(instance, int(row), options)
        if options.any():
            standing.place(int(row), _least_loaded(instance, standing.loads, options))
    assignment: Ints = standing.placed[instance.tasks]
    return assignment


def standing_today(instance: Instance) -> Standing:
    """Everything settled or at home, nothing else placed."""
    facts = instance.facts
    weights = (
        facts.weights if facts.weights.ndim == 2 else np.broadcast_to(facts.weights[:, None], facts.shape)
    )
    return Standing.of(facts, instance.draft, weights, instance.placement(instance.start()))


def waiting_rows(instance: Instance) -> Ints:
    """The rows of tasks that wait for an officer."""
    rows: Ints = instance.tasks[instance.kernel.home == NOWHERE]
    return rows


def _previous(instance: Instance, row: int, options: Bools) -> Bools:
    """The options that are the latest previous officer who may take the case; all options when none is."""
    facts = instance.facts
    for code in reversed(facts.cases[row].previous_staff_codes):
        theirs: Bools = options & (facts.owner == facts.owner_of.get(code, NOWHERE))
        if theirs.any():
            return theirs
    return options


def _least_loaded(instance: Instance, loads: Ints, options: Bools) -> int:
    """The option with the lowest Workload %, the first of equals."""
    share = loads / np.maximum(1, instance.facts.available)
    return int(np.argmin(np.where(options, share, np.inf)))
