"""The whole roster as one CP-SAT model with the exact objective: small teams, a peer, and neighbourhoods of repairs.

Leaving people unplaced is always possible, so a roster is always found; what may be impossible is to keep every told
appointment that still stands by itself, and then as few as possible are dropped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from models.policy.policy import Policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterQuestion
from solver import engine
from solver.unpaid_work.constraints import outline_of
from solver.unpaid_work.dated_model import DatedModel, Pair, Scope
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.joining import joinable, seated
from solver.unpaid_work.promises import Promises
from solver.unpaid_work.room import join_cut
from solver.unpaid_work.roster_making import finished
from solver.unpaid_work.sizes import COARSE
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.standing import standing

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Known = Mapping[int, frozenset[int]]
"""People of whom it is known that they fit in a session together, by session."""


class FullModel:
    """The dated model with its objective. Every item of the objective is a sum that may be larger, never smaller."""

    def __init__(
        self,
        facts: RosterFacts,
        *,
        may_drop: int = 0,
        scope: Scope | None = None,
        known: Known | None = None,
    ) -> None:
        self.facts = facts
        self.dated = DatedModel(facts, outline_of(facts, may_drop=may_drop), scope, known)
        self.promises = Promises(self.dated)
        self._variables: list[cp_model.LinearExprT] = []
        self._prices: list[int] = []
        self._add_objective()

    @property
    def exact(self) -> bool:
        """Whether the model refuses nothing that the rules allow, so that its bound is one of the question's."""
        return self.dated.exact

    def pay(self, variable: cp_model.LinearExprT, price: int) -> None:
        """Add something to the objective."""
        if price:
            self._variables.append(variable)
            self._prices.append(price)

    def minimise(self) -> None:
        """Make the sum of all that is paid the objective."""
        self.dated.model.minimize(self.dated.weighted(self._variables, self._prices))

    def minimise_drops(self) -> None:
        """Make the number of told appointments that are dropped without need the objective."""
        drops = [self.dated.drops[what] for what in sorted(standing(self.facts))]
        self.dated.model.minimize(self.dated.sum(drops))

    # -- the objective, item by item

    def _add_objective(self) -> None:
        prices, facts = self.facts.rules.prices, self.facts
        for unplaced in self.dated.unplaced.values():
            self.pay(unplaced, prices.unplaced_person)
        for number in self.dated.unplaced:
            self._pay_lost(number, prices.lost_minute)
            self._pay_short(number, prices.short_of_offer_minute)
            self._pay_allocations(number, prices.allocation_changed)
        for session, under in self.dated.supervisor.items():
            for variable in under.values():
                self.pay(variable, prices.supervised_minute * int(facts.sessions.minutes[session]))
        for (number, session), booked in self.dated.booked.items():
            journey = 2 * int(facts.travel[number, facts.sessions.project[session]])
            self.pay(booked, prices.travel_minute * journey)
        for dropped in self.dated.drops.values():
            self.pay(dropped, prices.appointment_dropped)
        self._pay_commitments(prices.commitment_minute_unmet)

    def _pay_lost(self, number: int, price: int) -> None:
        """2 d lost >= 2 d remaining - 2 a booked - a weeks (minutes a fortnight), for the chance a / d."""
        dated, facts = self.dated, self.facts
        remaining, chance = int(facts.remaining[number]), facts.chances[number]
        if (
            chance.denominator > COARSE
        ):  # rounded up: then lost may be a minute too low in the model, never too high
            chance = Fraction(math.ceil(chance * COARSE), COARSE)
        lost = dated.model.new_int_var(0, remaining, "")
        variables, minutes, constant = dated.minutes(
            [(number, each) for each in dated.of_requirement[number]]
        )
        on, halves = self.promises.weekly_halves(number)
        comes, of = chance.numerator, chance.denominator
        weeks = int(facts.full_weeks[number])
        dated.model.add(
            dated.weighted(
                [lost, *variables, *on],
                [2 * of, *(2 * comes * each for each in minutes), *(comes * weeks * each for each in halves)],
            )
            >= 2 * of * remaining - 2 * comes * constant
        )
        self.pay(lost, price)

    def _pay_short(self, number: int, price: int) -> None:
        """Week by week: short + booked >= min(weekly minimum, remaining - booked before)."""
        dated, facts = self.dated, self.facts
        remaining, least = int(facts.remaining[number]), int(facts.weekly_least[number])
        weeks = dated.weeks_of((number,))
        before: list[Pair] = []
        most_before = 0
        for week in range(facts.weeks):
            here = weeks.get(week, [])
            if facts.owed[number, week] and min(least, remaining) > 0:
                short = dated.model.new_int_var(0, min(least, remaining), "")
                if remaining - most_before >= least:
                    self._short_row(short, here, least)
                else:
                    ends = dated.model.new_bool_var("")
                    self._short_row(short, [*before, *here], remaining, ends)
                    self._short_row(short, here, least, ends.negated())
                self.pay(short, price)
            before = [*before, *here]
            weekly = int(facts.weekly_most[facts.body[number]])
            most_before += min(weekly, sum(int(dated.outline.stay[pair]) for pair in here))

    def _short_row(
        self, short: cp_model.IntVar, pairs: list[Pair], due: int, when: cp_model.LiteralT | None = None
    ) -> None:
        variables, minutes, constant = self.dated.minutes(pairs)
        row = self.dated.model.add(self.dated.weighted([short, *variables], [1, *minutes]) >= due - constant)
        if when is not None:
            row.only_enforce_if(when)

    def _pay_allocations(self, number: int, price: int) -> None:
        for allocation in self.facts.counted_allocations(number):
            changed = self.dated.model.new_bool_var("")
            self.dated.model.add_bool_or([changed, *self.promises.continuing(number, allocation)])
            self.pay(changed, price)

    def _pay_commitments(self, price: int) -> None:
        facts = self.facts
        for number, project in enumerate(facts.problem.projects):
            promised = project.commitment_sessions_per_week
            if promised == 0 or not project.availability:
                continue
            length = project.availability[0].end_time - project.availability[0].start_time
            for week in range(facts.weeks):
                there = (facts.sessions.project == number) & (facts.sessions.week == week)
                runs = [self.dated.run[s] for s in np.flatnonzero(there).tolist() if s in self.dated.run]
                unmet = self.dated.model.new_int_var(0, promised, "")
                self.dated.model.add(self.dated.sum([unmet, *runs]) >= promised)
                self.pay(unmet, price * length)

    # -- in and out

    def hint(self, draft: Draft) -> None:
        """Suggest a roster to CP-SAT."""
        minutes = {(each.requirement, each.session): each.minutes for each in draft.bookings}
        for pair, variable in self.dated.booked.items():
            if variable is not self.dated.one:
                self.dated.model.add_hint(variable, int(pair in minutes))
        for pair, cut in self.dated.cut.items():
            longest = int(self.dated.outline.stay[pair])
            self.dated.model.add_hint(cut, longest - minutes.get(pair, longest))
        for session, running in self.dated.run.items():
            if running is self.dated.one:
                continue
            self.dated.model.add_hint(running, int(session in draft.supervisor))
            for number, under in self.dated.supervisor[session].items():
                self.dated.model.add_hint(under, int(draft.supervisor.get(session) == number))

    def draft(self, values: Ints) -> Draft:
        """The roster in these values."""
        dated = self.dated
        bookings = [
            Booking(number, session, self._minutes(values, (number, session)))
            for (number, session), variable in dated.booked.items()
            if values[variable.index]
        ]
        running = {booking.session for booking in bookings}
        supervisor = {
            session: next(
                (number for number, under in dated.supervisor[session].items() if values[under.index]), None
            )
            for session in sorted(running)
        }
        bookings.sort(key=lambda each: (each.session, each.requirement))
        return Draft(supervisor, tuple(bookings), self.promises.placements(values, bookings))

    def _minutes(self, values: Ints, pair: Pair) -> int:
        cut = self.dated.cut.get(pair)
        short = self.dated.fixed_cut.get(pair, 0) if cut is None else int(values[cut.index])
        return int(self.dated.outline.stay[pair]) - short


@dataclass(frozen=True)
class FullRun:
    """What the model gave. bound: of the question, None where unknown or where the model refuses more than the rules.

    bound_of_model: what CP-SAT proved of the model itself, whose chance rule may be the linear one.
    """

    status: engine.Status
    draft: Draft
    bound: int | None
    bound_of_model: int | None


EMPTY = Draft({}, ())


def solve_full(
    facts: RosterFacts,
    limits: engine.Limits,
    *,
    start: Draft | None = None,
    stop: engine.Stop | None = None,
    watch: engine.Watcher | None = None,
    workers: int | None = None,
) -> FullRun:
    """Solve a roster by CP-SAT alone, until nobody is left out whom a session could take, or time is up.

    Where the model is not exact, whoever the exact chance rule still has room for is seated afterwards.
    """
    clock = engine.Clock(limits.seconds)
    may_drop = _fewest_dropped(facts, limits, stop)
    full = FullModel(facts, may_drop=may_drop, known=known_of(start))
    full.minimise()
    if start is not None:
        full.hint(start)
    while True:
        result = engine.run(
            full.dated.model, limits.with_seconds(clock.left), stop=stop, watch=watch, workers=workers
        )
        if result.values is None:
            found = start or seated(facts, EMPTY)
            return FullRun(result.status, found, None, result.bound)
        draft = full.draft(result.values)
        left_out = joinable(facts, draft)
        ended = clock.over or (stop is not None and stop.requested)
        if not left_out or ended or not full.exact or result.status is not engine.Status.OPTIMAL:
            bound = result.bound if full.exact else None
            return FullRun(result.status, seated(facts, draft), bound, result.bound)
        booked = {(each.requirement, each.session): each.minutes for each in draft.bookings}
        for number, session in left_out:
            join_cut(full.dated, (number, session), booked, draft.supervisor[session])


def known_of(draft: Draft | None) -> Known:
    """Who is in each session of a sound roster: they fit."""
    found: dict[int, set[int]] = {}
    for booking in () if draft is None else draft.bookings:
        found.setdefault(booking.session, set()).add(booking.requirement)
    return {session: frozenset(numbers) for session, numbers in found.items()}


def _fewest_dropped(facts: RosterFacts, limits: engine.Limits, stop: engine.Stop | None) -> int:
    """How many told appointments that stand by themselves cannot be kept together; 0 when there are none."""
    stands = len(standing(facts))
    if stands == 0:
        return 0
    full = FullModel(facts, may_drop=stands)
    full.minimise_drops()
    result = engine.run(full.dated.model, limits.share(0.25), stop=stop)
    return stands if result.objective is None else result.objective


def full_model_roster(
    problem: UnpaidWorkProblem,
    policy: Policy,
    limits: engine.Limits,
    *,
    stop: engine.Stop | None = None,
    watch: engine.Watcher | None = None,
    question: RosterQuestion | None = None,
) -> Roster:
    """A roster by plain CP-SAT, verified. Raises PlanRefusedError when the checker refuses it."""
    clock = engine.Clock(None)
    facts = RosterFacts(problem, policy, question or RosterQuestion(strategy="full_model"))
    run = solve_full(facts, limits, stop=stop, watch=watch)
    return finished(facts, run.draft, bound=run.bound, own_best=None, limits=limits, seconds=clock.elapsed)
