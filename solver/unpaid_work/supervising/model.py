"""Part of the duties, or all of them, to some of the people: one CP-SAT model with a Boolean for each able pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.unpaid_work.supervising.duties import NOBODY, Bools, Duties, Ints

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True)
class Part:
    """What a model decides. duties: int64 (d,), people: int64 (p,), able: bool (d, p), who could take what.

    resting: bool (p,), people who hold nothing outside the part; `room` of them at most may be used.
    """

    duties: Ints
    people: Ints
    able: Bools
    resting: Bools
    room: int


class Pairs:
    """The Booleans of a part's able pairs, "at most one at a moment" in place, and "used" for who rests."""

    def __init__(self, model: cp_model.CpModel, duties: Duties, part: Part) -> None:
        self.rows, self.columns = np.nonzero(part.able)
        self.chosen = [model.new_bool_var("") for _ in range(len(self.rows))]
        self.used = {person: model.new_bool_var("") for person in np.flatnonzero(part.resting).tolist()}
        self.of_duty: list[list[cp_model.IntVar]] = [[] for _ in part.duties]
        number = np.full(part.able.shape, NOBODY, np.int64)
        for place, (row, column) in enumerate(zip(self.rows.tolist(), self.columns.tolist(), strict=True)):
            self.of_duty[row].append(self.chosen[place])
            number[row, column] = place
        row_of = np.full(duties.count, NOBODY, np.int64)
        row_of[part.duties] = np.arange(len(part.duties))
        for column in range(len(part.people)):
            used = self.used.get(column)
            for group in duties.at_once(part.duties[part.able[:, column]]):
                mine = [self.chosen[number[row, column]] for row in row_of[group].tolist()]
                if used is not None:
                    model.add_at_most_one([*mine, ~used])
                elif len(mine) > 1:
                    model.add_at_most_one(mine)

    def holders(self, part: Part, values: Ints) -> Ints:
        """int64 (d,): the person of each duty in a solution, NOBODY for one that is left."""
        found = np.full(len(part.duties), NOBODY, np.int64)
        taken = values[[variable.index for variable in self.chosen]] == 1
        found[self.rows[taken]] = part.people[self.columns[taken]]
        return found
