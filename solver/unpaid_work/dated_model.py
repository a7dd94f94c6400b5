"""The dated CP-SAT model of a roster: its variables, and what the rules write before there are any.

Sessions run or not, each under one of its supervisors; a requirement is booked for a session from its start, for as
long as it can stay or less. Variables carry no names, so that no record's contents can leak into a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.slots import Bools, Ints
from solver.unpaid_work.standing import Told, told_appointments

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    Row = Callable[["DatedModel"], None]

UNIT = 60
"""Minutes: an appointment that ends early lasts a whole number of them, is as it was, or is all that remains."""

SMALL = 4_000
"""Pairs of requirement and session up to which a model allows every early end."""

Pair = tuple[int, int]
"""A requirement and a session."""


@dataclass
class Outline:
    """What the rules have written so far. They may write in any order.

    stay: int64 (n, sessions), the longest minutes for which each requirement may be booked. able: bool (sessions,
    supervisors). may_drop: how many told appointments need not be kept that the input still allows. rows: what is
    added to a model once it has its variables.
    """

    stay: Ints
    able: Bools
    may_drop: int
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """A part of the roster that may change; the rest is given.

    pairs: bool (n, sessions), who may be booked where. booked: minutes of the pairs that stay as they are.
    supervisors: who has the sessions that stay as they are (None: nobody is needed). sessions: those that may change.
    """

    pairs: Bools
    booked: Mapping[Pair, int]
    supervisors: Mapping[int, int | None]
    sessions: frozenset[int]


class DatedModel:
    """The variables of a roster and the rows of the rules over them.

    run[session], supervisor[session][supervisor], booked[requirement, session], unplaced[requirement] and
    drops[requirement, told appointment] are Booleans, and kept[told] for the session that holds one;
    cut[requirement, session] is by how many minutes an appointment ends before it must. known: people of whom it is
    known that they fit in a session together. exact: whether the rows refuse nothing that the rules allow.
    """

    def __init__(
        self,
        facts: RosterFacts,
        outline: Outline,
        scope: Scope | None = None,
        known: Mapping[int, frozenset[int]] | None = None,
    ) -> None:
        from ortools.sat.python import cp_model as cp

        self.facts = facts
        self.outline = outline
        self.scope = scope
        self.known = known or {}
        self.exact = True
        self.model: cp_model.CpModel = cp.CpModel()
        self.sum = cp.LinearExpr.sum
        self.weighted = cp.LinearExpr.weighted_sum
        self.one = self.model.new_constant(1)
        self.run: dict[int, cp_model.IntVar] = {}
        self.supervisor: dict[int, dict[int, cp_model.IntVar]] = {}
        self.booked: dict[Pair, cp_model.IntVar] = {}
        self.cut: dict[Pair, cp_model.IntVar] = {}
        self.fixed_cut: dict[Pair, int] = {}
        self.rests: dict[int, list[cp_model.IntVar]] = {}
        self.unplaced: dict[int, cp_model.IntVar] = {}
        self.drops: dict[tuple[int, int], cp_model.IntVar] = {}
        self.kept: dict[Told, cp_model.IntVar] = {}
        self.in_session: dict[int, list[int]] = {}
        self.of_requirement: list[list[int]] = [[] for _ in facts.problem.people]
        self._add_sessions()
        self._add_bookings()
        self._add_rests()
        self._add_unplaced()
        self._add_told()
        for row in outline.rows:
            row(self)

    # -- variables

    def _add_sessions(self) -> None:
        scope = self.scope
        someone = np.any(self.outline.stay > 0 if scope is None else scope.pairs, axis=0).tolist()
        for session in range(len(self.facts.sessions)):
            if scope is not None and session in scope.supervisors:
                number = scope.supervisors[session]
                self.run[session] = self.one
                self.supervisor[session] = {} if number is None else {number: self.one}
            elif someone[session] and (scope is None or session in scope.sessions):
                self.run[session] = self.model.new_bool_var("")
                self.supervisor[session] = {
                    int(number): self.model.new_bool_var("")
                    for number in np.flatnonzero(self.outline.able[session])
                }

    def _add_bookings(self) -> None:
        scope = self.scope
        may = self.outline.stay > 0
        for session in self.run:
            for number in np.flatnonzero(may[:, session]).tolist():
                pair = number, session
                if scope is not None and pair in scope.booked:
                    self.booked[pair] = self.one
                    self.fixed_cut[pair] = int(self.outline.stay[pair]) - scope.booked[pair]
                elif scope is None or scope.pairs[pair]:
                    self.booked[pair] = self.model.new_bool_var("")
                    self.model.add_implication(self.booked[pair], self.run[session])
                    if self.may_be_cut[number]:
                        self._add_cut(pair)
                else:
                    continue
                self.in_session.setdefault(session, []).append(number)
                self.of_requirement[number].append(session)
        for session, running in self.run.items():
            self.model.add_bool_or([running.negated(), *self.members(session)])

    def _add_cut(self, pair: Pair) -> None:
        """Let the appointment end early: after whole units, as before, or once when nothing remains after it."""
        from ortools.sat.python import cp_model as cp

        number, longest = pair[0], int(self.outline.stay[pair])
        lengths = {longest, *range(UNIT, longest, UNIT)}
        lengths |= {each for each in self._lengths_before[int(self.facts.body[number])] if each < longest}
        short = cp.Domain.from_values([longest - length for length in sorted(lengths)])
        if self._may_leave_a_rest[number]:
            cut = self.cut[pair] = self.model.new_int_var(0, longest - 1, "")
            rest = self.model.new_bool_var("")
            self.rests.setdefault(number, []).append(rest)
            self.model.add_linear_expression_in_domain(cut, short).only_enforce_if(rest.negated())
        elif len(lengths) > 1:
            cut = self.cut[pair] = self.model.new_int_var_from_domain(short, "")
        else:
            return
        self.model.add(cut <= (longest - 1) * self.booked[pair])

    def _add_rests(self) -> None:
        """At most one appointment is as short as what remains, and then nothing remains after it."""
        for number, rests in self.rests.items():
            self.model.add_at_most_one(rests)
            pairs = [(number, session) for session in self.of_requirement[number]]
            variables, coefficients, constant = self.minutes(pairs)
            left = int(self.facts.remaining[number]) - constant
            for rest in rests:
                self.model.add(self.weighted(variables, coefficients) == left).only_enforce_if(rest)

    @cached_property
    def _may_leave_a_rest(self) -> tuple[bool, ...]:
        """Whose bookings may come to all that remains, and leave less than a unit of it over."""
        facts = self.facts
        return tuple(
            bool(facts.remaining[number] % UNIT != 0 or np.any(self.outline.stay[number] % UNIT != 0))
            and bool(facts.remaining[number] <= facts.weekly_most[facts.body[number]] * facts.weeks)
            for number in range(len(facts.problem.people))
        )

    @cached_property
    def may_be_cut(self) -> tuple[bool, ...]:
        """For whom less than the longest stay may be worth while.

        In a small model: where a limit could keep somebody from staying everywhere as long as they can, because two
        short days are sometimes better than one long one (two events of one body, two groups that need people). In a
        large one only where limits are no whole numbers of stays; then it is not exact.
        """
        small = int(np.count_nonzero(self.outline.stay)) <= SMALL
        self.exact = self.exact and small
        fits = self._never_limited if small else self._fits_whole
        return tuple(not fits(number) for number in range(len(self.facts.problem.people)))

    def _never_limited(self, number: int) -> bool:
        """Whether everybody of the body can stay as long as possible wherever they may be booked."""
        facts, stay = self.facts, self.outline.stay
        body = int(facts.body[number])
        mates = list(facts.bodies[body])
        if any(length < int(stay[mates].max()) for length in self._lengths_before[body]):
            return False
        by_week = np.bincount(facts.sessions.week, weights=stay[mates].sum(axis=0), minlength=1)
        by_day = np.bincount(facts.sessions.day, weights=stay[mates].sum(axis=0), minlength=1)
        return bool(
            by_week.max() <= facts.weekly_most[body]
            and by_day.max() <= facts.rules.limits.day_minutes
            and np.all(stay[mates].sum(axis=1) <= facts.remaining[mates])
        )

    @cached_property
    def _lengths_before(self) -> list[set[int]]:
        """How long the told appointments and existing allocations of each body are."""
        facts = self.facts
        found: list[set[int]] = [set() for _ in facts.bodies]
        for told in told_appointments(facts):
            found[int(facts.body[told.number])].add(told.minutes)
        for number in range(len(facts.problem.people)):
            mine = found[int(facts.body[number])]
            mine |= {each.end_time - each.start_time for each in facts.counted_allocations(number)}
        return found

    def _fits_whole(self, number: int) -> bool:
        """Whether all stays of the person's body are as long, and the limits whole numbers of them."""
        facts = self.facts
        mates = facts.bodies[int(facts.body[number])]
        lengths = {int(each) for mate in mates for each in np.unique(self.outline.stay[mate]) if each > 0}
        lengths |= self._lengths_before[int(facts.body[number])]
        if len(lengths) != 1:
            return False
        (length,) = lengths
        most = int(facts.weekly_most[facts.body[number]])
        limits = [most, *(int(facts.remaining[mate]) for mate in mates)]
        bookable = most // length * length * facts.weeks
        return all(
            limit % length == 0 or (place > 0 and limit >= bookable) for place, limit in enumerate(limits)
        )

    def _add_unplaced(self) -> None:
        for number in np.flatnonzero(self.facts.remaining > 0).tolist():
            mine = [self.booked[number, session] for session in self.of_requirement[number]]
            unplaced = self.unplaced[number] = self.model.new_bool_var("")
            self.model.add_bool_or([unplaced, *mine])
            for booked in mine:
                self.model.add_implication(booked, unplaced.negated())

    def _add_told(self) -> None:
        kept: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        problem = self.facts.problem
        for number, person in enumerate(problem.people):
            for entry, each in enumerate(person.appointments):
                if problem.first <= each.date < problem.end:
                    kept[number, entry] = []
        for told in told_appointments(self.facts):
            variable = self._kept(told)
            if variable is not None:
                self.kept[told] = variable
                kept[told.what].append(variable)
        for what, variables in kept.items():
            self.drops[what] = self.model.new_bool_var("")
            self.model.add_bool_or([self.drops[what], *variables])

    def _kept(self, told: Told) -> cp_model.IntVar | None:
        """Whether the requirement is booked in that session for just as long; None when it cannot be."""
        if told.pair not in self.booked:
            return None
        booked, cut = self.booked[told.pair], self.cut.get(told.pair)
        short = int(self.outline.stay[told.pair]) - told.minutes
        if cut is None:
            return booked if short == self.fixed_cut.get(told.pair, 0) else None
        if short < 0:
            return None
        kept = self.model.new_bool_var("")
        self.model.add_implication(kept, booked)
        self.model.add(cut == short).only_enforce_if(kept)
        return kept

    # -- expressions

    def members(self, session: int) -> list[cp_model.IntVar]:
        """Who may be in a session, as Booleans, in the order of `in_session`."""
        return [self.booked[number, session] for number in self.in_session.get(session, ())]

    def minutes(self, pairs: list[Pair]) -> tuple[list[cp_model.IntVar], list[int], int]:
        """The booked minutes of these pairs as variables, coefficients and a constant."""
        variables: list[cp_model.IntVar] = []
        coefficients: list[int] = []
        constant = 0
        for pair in pairs:
            variables.append(self.booked[pair])
            coefficients.append(int(self.outline.stay[pair]))
            constant -= self.fixed_cut.get(pair, 0)
            if pair in self.cut:
                variables.append(self.cut[pair])
                coefficients.append(-1)
        return variables, coefficients, constant

    def at_most(self, pairs: list[Pair], limit: int) -> None:
        """No more than `limit` minutes are booked over these pairs."""
        if sum(int(self.outline.stay[pair]) for pair in pairs) > limit:
            variables, coefficients, constant = self.minutes(pairs)
            self.model.add(self.weighted(variables, coefficients) <= limit - constant)

    def weeks_of(self, numbers: tuple[int, ...]) -> Mapping[int, list[Pair]]:
        """The pairs of these requirements by calendar week."""
        return self._grouped(numbers, self.facts.sessions.week)

    def days_of(self, numbers: tuple[int, ...]) -> Mapping[int, list[Pair]]:
        """The pairs of these requirements by day."""
        return self._grouped(numbers, self.facts.sessions.day)

    def _grouped(self, numbers: tuple[int, ...], by: Ints) -> Mapping[int, list[Pair]]:
        found: dict[int, list[Pair]] = {}
        for number in numbers:
            for session in self.of_requirement[number]:
                found.setdefault(int(by[session]), []).append((number, session))
        return found
