"""A CP-SAT model as a mixed integer linear programme: the same variables, the same rules, for another solver.

Clauses and "at most one" are rows; a range with holes has a binary for each of its parts. A linear row that holds only
when literals do is relaxed by the most that its expression can exceed it (its big M, from the variables' own ranges)
for each literal that does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from models.errors import SolverError

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Floats = npt.NDArray[np.float64]
Terms = list[tuple[int, float]]

UNBOUNDED = 2**50
"""Beyond this a side of a row is no limit."""


@dataclass(frozen=True)
class Programme:
    """min price x + constant with lower <= rows x <= upper and least <= x <= most, x whole."""

    price: Floats
    constant: float
    rows: csr_array
    lower: Floats
    upper: Floats
    least: Floats
    most: Floats


@dataclass
class _Rows:
    """Rows so far. A literal is a variable, or for a negative number the complement of variable -literal - 1."""

    least: list[float]
    most: list[float]
    terms: list[Terms] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def binary(self) -> int:
        """A new column that is 0 or 1."""
        self.least.append(0.0)
        self.most.append(1.0)
        return len(self.least) - 1

    def within(self, terms: Terms, parts: Sequence[tuple[float, float]], when: Sequence[int]) -> None:
        """The expression lies in one of these ranges, when all of these literals hold."""
        if len(parts) == 1:
            self.linear(terms, *parts[0], when)
            return
        chosen = [self.binary() for _ in parts]
        self.literals(chosen, 1, 1)
        for column, (lower, upper) in zip(chosen, parts, strict=True):
            self.linear(terms, lower, upper, [*when, column])

    def add(self, terms: Terms, lower: float, upper: float) -> None:
        self.terms.append(terms)
        self.lower.append(lower)
        self.upper.append(upper)

    def literals(self, literals: Sequence[int], lower: float, upper: float) -> None:
        """lower <= number of literals that hold <= upper."""
        terms: Terms = []
        for literal in literals:
            if literal >= 0:
                terms.append((literal, 1.0))
            else:
                terms.append((-literal - 1, -1.0))
                lower, upper = lower - 1, upper - 1
        self.add(terms, lower, upper)

    def linear(self, terms: Terms, lower: float, upper: float, when: Sequence[int]) -> None:
        """lower <= expression <= upper, when all of these literals hold."""
        if not when:
            self.add(terms, lower, upper)
            return
        smallest = sum(c * (self.least[v] if c > 0 else self.most[v]) for v, c in terms)
        largest = sum(c * (self.most[v] if c > 0 else self.least[v]) for v, c in terms)
        if lower > -np.inf and smallest < lower:
            self._relaxed(terms, lower, np.inf, smallest - lower, when)
        if upper < np.inf and largest > upper:
            self._relaxed(terms, -np.inf, upper, largest - upper, when)

    def _relaxed(self, terms: Terms, lower: float, upper: float, slack: float, when: Sequence[int]) -> None:
        """The row with `slack` let go for each literal that does not hold."""
        found = list(terms)
        for literal in when:
            if literal >= 0:  # slack (1 - x)
                found.append((literal, slack))
                lower, upper = lower + slack, upper + slack
            else:  # slack x
                found.append((-literal - 1, -slack))
        self.add(found, lower, upper)


def programme_of(model: cp_model.CpModel) -> Programme:
    """The programme of a minimisation. Raises SolverError for a kind of constraint that has no row here."""
    proto: Any = model.proto
    domains = [_parts(variable.domain) for variable in proto.variables]
    rows = _Rows([parts[0][0] for parts in domains], [parts[-1][1] for parts in domains])
    for variable, parts in enumerate(domains):
        if len(parts) > 1:
            rows.within([(variable, 1.0)], parts, ())
    for constraint in proto.constraints:
        _add(rows, constraint)
    price = np.zeros(len(rows.least))
    for variable, coefficient in zip(proto.objective.vars, proto.objective.coeffs, strict=True):
        if variable >= 0:
            price[variable] += coefficient
        else:
            price[-variable - 1] -= coefficient
    return Programme(
        price,
        float(proto.objective.offset),
        _matrix(rows.terms, len(rows.least)),
        np.array(rows.lower),
        np.array(rows.upper),
        np.array(rows.least),
        np.array(rows.most),
    )


def _parts(domain: Sequence[int]) -> list[tuple[float, float]]:
    """The ranges of a domain, infinite where it is as good as unbounded."""
    ends = [-np.inf if end <= -UNBOUNDED else np.inf if end >= UNBOUNDED else float(end) for end in domain]
    return list(zip(ends[::2], ends[1::2], strict=True))


def _add(rows: _Rows, constraint: Any) -> None:
    when = list(constraint.enforcement_literal)
    if constraint.has_linear():
        terms: Terms = []
        for variable, coefficient in zip(constraint.linear.vars, constraint.linear.coeffs, strict=True):
            if variable >= 0:
                terms.append((variable, float(coefficient)))
            else:  # the negated variable: its value is -x
                terms.append((-variable - 1, -float(coefficient)))
        rows.within(terms, _parts(constraint.linear.domain), when)
    elif constraint.has_bool_or():
        rows.literals([*constraint.bool_or.literals, *(-each - 1 for each in when)], 1, np.inf)
    elif constraint.has_bool_and():
        for literal in constraint.bool_and.literals:
            rows.literals([literal, *(-each - 1 for each in when)], 1, np.inf)
    elif constraint.has_at_most_one() and not when:
        rows.literals(list(constraint.at_most_one.literals), -np.inf, 1)
    elif constraint.has_exactly_one() and not when:
        rows.literals(list(constraint.exactly_one.literals), 1, 1)
    else:
        raise SolverError(f"this constraint has no row in a linear programme: {str(constraint)[:60]}")


def _matrix(terms: list[Terms], columns: int) -> csr_array:
    counts = [len(row) for row in terms]
    row = np.repeat(np.arange(len(terms)), counts)
    column = np.fromiter((variable for line in terms for variable, _ in line), np.int64, sum(counts))
    value = np.fromiter((coefficient for line in terms for _, coefficient in line), np.float64, sum(counts))
    return csr_array((value, (row, column)), shape=(len(terms), columns))
