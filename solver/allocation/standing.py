"""Where everything stands now, and which limits refuse one more case: for what is placed one at a time.

Baselines, starts, pins, recommendations and the reasons for unallocated cases all ask the same question here: may
this case enter that officer, as things stand?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from solver.allocation.constraints import Draft, GroupLimit
from solver.allocation.facts import Facts
from solver.assignment.problem import NOWHERE, Bools, Ints

LIMIT_RULES = (
    "linked_cases",
    "tier_limit",
    "new_case_limit",
    "team_oversight_limit",
    "workload_ceiling",
    "move_budget",
)
"""The rules that look at more than one case and officer, in the order of the register."""


@dataclass
class Standing:
    """A placement that grows one case at a time.

    placed: int64 (n,), the officer of each row, NOWHERE for none. loads: int64 (m,) points. received: int64
    (owners,), cases new to each person. moved: held cases whose person changed.
    """

    facts: Facts
    draft: Draft
    weights: Ints
    placed: Ints
    loads: Ints
    received: Ints
    moved: int

    @classmethod
    def of(cls, facts: Facts, draft: Draft, weights: Ints, placed: Ints) -> Self:
        """The standing of a placement, int64 (n,). weights: int64 (n, m)."""
        rows = np.flatnonzero(placed != NOWHERE)
        loads = facts.base_points.copy()
        np.add.at(loads, placed[rows], weights[rows, placed[rows]])
        new = rows[facts.owner[placed[rows]] != facts.home_owner[rows]]
        received = np.bincount(facts.owner[placed[new]], minlength=len(facts.persons)).astype(np.int64)
        moved = int((facts.home[new] != NOWHERE).sum())
        return cls(facts, draft, weights, placed.copy(), loads, received, moved)

    def place(self, row: int, officer: int) -> None:
        """Put an unplaced row at an officer."""
        self.placed[row] = officer
        self.loads[officer] += self.weights[row, officer]
        if self.facts.owner[officer] != self.facts.home_owner[row]:
            self.received[self.facts.owner[officer]] += 1
            self.moved += int(self.facts.home[row] != NOWHERE)

    def refused(self, row: int) -> Bools:
        """bool (m,): officers whom some limit forbids to receive the case as things stand."""
        refused: Bools = np.logical_or.reduce(list(self.refusals(row).values()))
        return refused

    def refusals(self, row: int) -> dict[str, Bools]:
        """bool (m,) by rule of LIMIT_RULES: officers whom this limit forbids to receive the case."""
        nobody = np.zeros(len(self.facts.officers), dtype=bool)
        return {
            "linked_cases": self._together(row) | self._apart(row),
            "tier_limit": self._groups(row, "tier_limit"),
            "new_case_limit": nobody
            if self.draft.intake_limit is None
            else self._intake(self.draft.intake_limit),
            "team_oversight_limit": self._groups(row, "team_oversight_limit"),
            "workload_ceiling": self.over_ceiling(row),
            "move_budget": nobody | self._budget_spent(row),
        }

    def _intake(self, limit: Ints) -> Bools:
        full: Bools = (self.received >= limit)[self.facts.owner]
        return full

    def over_ceiling(self, row: int) -> Bools:
        """bool (m,): officers whom the case would take above their ceiling."""
        if self.draft.intake_ceiling is None:
            return np.zeros(len(self.facts.officers), dtype=bool)
        over: Bools = self.loads + self.weights[row] > self.draft.intake_ceiling
        return over

    def _budget_spent(self, row: int) -> bool:
        if self.facts.home[row] == NOWHERE or self.draft.move_budget is None:
            return False
        return self.moved >= self.draft.move_budget

    def _groups(self, row: int, rule: str) -> Bools:
        refused = np.zeros(len(self.facts.officers), dtype=bool)
        for limit in self.draft.group_limits:
            if limit.rule != rule or row not in limit.rows:
                continue
            if self._full(limit) and self.placed[row] not in limit.officers:
                refused[limit.officers] = True
        return refused

    def _full(self, limit: GroupLimit) -> bool:
        """Whether one more case would exceed the limit."""
        inside = np.isin(self.placed[limit.rows], limit.officers)
        return int(inside.sum()) + 1 > limit.limit

    def refused_whatever_its_points(self) -> Bools:
        """bool (n, m): what `refusals` says of every row at once, but for the ceiling and the budget of moves."""
        refused = np.zeros(self.facts.shape, dtype=bool)
        if self.draft.intake_limit is not None:
            refused |= self._intake(self.draft.intake_limit)
        for limit in self.draft.group_limits:
            if self._full(limit):
                enters = limit.rows[~np.isin(self.placed[limit.rows], limit.officers)]
                refused[np.ix_(enters, limit.officers)] = True
        for members in (*self.draft.together, *self.draft.apart):
            for row in members:
                refused[row] |= self._together(int(row)) | self._apart(int(row))
        return refused

    def _others(self, row: int, groups: list[Ints]) -> list[Ints]:
        """The placed other members of the groups that hold this row."""
        found = []
        for members in groups:
            if row in members:
                others = members[members != row]
                found.append(others[self.placed[others] != NOWHERE])
        return found

    def _together(self, row: int) -> Bools:
        refused = np.zeros(len(self.facts.officers), dtype=bool)
        for others in self._others(row, self.draft.together):
            owners = self.facts.owner[self.placed[others]]
            stays = owners == self.facts.home_owner[others]
            for wanted in (owners[stays], owners[~stays]):
                if wanted.size:
                    refused |= ~np.isin(self.facts.owner, wanted)
        return refused

    def _apart(self, row: int) -> Bools:
        refused = np.zeros(len(self.facts.officers), dtype=bool)
        for others in self._others(row, self.draft.apart):
            refused |= np.isin(self.facts.owner, self.facts.owner[self.placed[others]])
        return refused
