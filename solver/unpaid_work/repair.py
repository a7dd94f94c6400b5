"""`repair`: the fewest changes to a roster that people were told of, when the day or the input has changed.

First all that still fits is kept and whoever lost a place is seated again, in a moment. Then the dated model is solved
over what lies near the damage, with all the rest as it is: what people were told of has a price for each appointment
that is dropped or moved, higher the nearer it is, on top of the one sum. Hard rules are never broken.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from models.policy.policy import Policy
from models.unpaid_work.disruption import Disruption
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterKind, RosterQuestion
from solver import engine
from solver.unpaid_work.changes import changes_between
from solver.unpaid_work.dated_model import Pair, Scope
from solver.unpaid_work.draft import Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.full_model import FullModel, known_of
from solver.unpaid_work.joining import seated
from solver.unpaid_work.reckoning import Reckoning
from solver.unpaid_work.repair_greedy import kept_at_once
from solver.unpaid_work.repair_reading import Before, hash_of, read_back
from solver.unpaid_work.repair_scope import scope_around
from solver.unpaid_work.roster_making import appointments_of, finished
from solver.unpaid_work.standing import standing, told_appointments

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

RESERVE = 0.35
"""Share of the time that is kept for writing the repaired roster out and checking it."""


def repair(
    problem: UnpaidWorkProblem,
    roster: Roster,
    disruption: Disruption,
    policy: Policy,
    limits: engine.Limits,
    *,
    stop: engine.Stop | None = None,
    watch: engine.ProgressCallback | None = None,
) -> Roster:
    """The roster with the fewest changes that does without what is missing, verified, with the changes by person.

    problem: the input as it now is; it may have new people, changed availability and less that remains than the one
    that `roster` was made for. What people were told of is what `roster` says. Raises PlanRefusedError when the checker
    refuses what was found.
    """
    clock = engine.Clock(limits.seconds)
    question = RosterQuestion(
        RosterKind.REPAIR, strategy="repair", repaired_from=hash_of(roster), disruption=disruption
    )
    facts = RosterFacts(problem, policy, question)
    before = read_back(facts, roster)
    draft = kept_at_once(facts, before)
    search = _Search(facts, before, draft)
    if watch is not None:
        watch(engine.Progress(clock.elapsed, search.price(draft), None, None, "repair"))
    draft = search.improved(draft, limits, clock, stop)
    return finished(
        facts,
        draft,
        bound=None,
        own_best=None,
        limits=limits,
        seconds=clock.elapsed,
        changes=changes_between(problem, roster.appointments, appointments_of(facts, draft)),
    )


@dataclasses.dataclass(frozen=True)
class _Search:
    """A repair under way. first: the draft in hand before the model was asked."""

    facts: RosterFacts
    before: Before
    first: Draft

    def price(self, draft: Draft) -> int:
        """The one sum, and what the changes cost on top of it."""
        return Reckoning(self.facts, draft).objective.total + self._changes(draft)

    def _changes(self, draft: Draft) -> int:
        prices = self.facts.rules.repair
        was, now = set(self.before.bookings), set(draft.bookings)
        cost = sum(prices.appointment_changed * self._times(each.session) for each in was - now)
        cost += sum(prices.appointment_added * self._times(each.session) for each in now - was)
        cost += sum(
            prices.supervisor_changed * self._times(session)
            for session, under in draft.supervisor.items()
            if session in self.before.supervisor and under != self.before.supervisor[session]
        )
        return cost

    def _times(self, session: int) -> int:
        """How many times its price a change on the session's day weighs."""
        facts = self.facts
        first = facts.question.disruption.first_day or facts.problem.first
        return facts.rules.repair.times((facts.date(session) - first).days)

    def improved(
        self, draft: Draft, limits: engine.Limits, clock: engine.Clock, stop: engine.Stop | None
    ) -> Draft:
        """The better of the draft and what the model finds near the damage."""
        scope = scope_around(self.facts, self.before, draft)
        if scope is None:
            return draft
        may_drop = self._dropped_without_need(draft)
        full = FullModel(self.facts, may_drop=may_drop, scope=scope, known=known_of(draft))
        self._pay_changes(full, scope)
        full.minimise()
        full.hint(draft)
        seconds = None if limits.seconds is None else max(0.1, limits.seconds * (1 - RESERVE) - clock.elapsed)
        result = engine.run(full.dated.model, limits.with_seconds(seconds), stop=stop)
        if result.values is None:
            return draft
        found = seated(self.facts, full.draft(result.values))
        return min(draft, found, key=self.price)

    def _dropped_without_need(self, draft: Draft) -> int:
        """How many told appointments of the days gone by the first draft had to drop."""
        kept = {(each.requirement, each.session, each.minutes) for each in draft.bookings}
        held = {
            told.what
            for told in told_appointments(self.facts)
            if (told.number, told.session, told.minutes) in kept
        }
        return len(standing(self.facts) - held)

    def _pay_changes(self, full: FullModel, scope: Scope) -> None:
        """What is told weighs: for each appointment that is dropped or moved, each new one, each other supervisor."""
        prices, dated = self.facts.rules.repair, full.dated
        was = {(each.requirement, each.session): each.minutes for each in self.before.bookings}
        for pair, booked in dated.booked.items():
            if pair in scope.booked:
                continue
            times = self._times(pair[1])
            if pair not in was:
                full.pay(booked, prices.appointment_added * times)
                continue
            kept = _kept_as_told(full, pair, was[pair])
            if kept is not None:
                full.pay(kept.negated(), prices.appointment_changed * times)
        for session, under in dated.supervisor.items():
            if session in scope.supervisors or session not in self.before.supervisor:
                continue
            others = [each for number, each in under.items() if number != self.before.supervisor[session]]
            for variable in others:
                full.pay(variable, prices.supervisor_changed * self._times(session))


def _kept_as_told(full: FullModel, pair: Pair, minutes: int) -> cp_model.IntVar | None:
    """Whether the pair is booked for as long as it was; None when it cannot be."""
    dated = full.dated
    short = int(dated.outline.stay[pair]) - minutes
    if pair not in dated.cut:
        return dated.booked[pair] if short == 0 else None
    if short < 0:
        return None
    kept = dated.model.new_bool_var("")
    dated.model.add_implication(kept, dated.booked[pair])
    dated.model.add(dated.cut[pair] == short).only_enforce_if(kept)
    return kept
