"""`make_roster`: who goes where on which regular day, which sessions run under whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.allocation.plan import gap_of
from models.errors import UsageError
from models.policy.policy import Policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterQuestion
from solver.engine import Clock, Limits, Progress, ProgressCallback, Stop
from solver.unpaid_work.assigning import assign
from solver.unpaid_work.board import board_of
from solver.unpaid_work.bound import Bounding
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.full_model import solve_full
from solver.unpaid_work.mend import draft_from, mended
from solver.unpaid_work.moves import CHAIN, DO_WITHOUT, ONE_DAY, OPEN_ONE, PUSH_IN, REGROUP, improve
from solver.unpaid_work.pricing import Pricing
from solver.unpaid_work.reckoning import Reckoning
from solver.unpaid_work.regular import may_take_turns, placements_of
from solver.unpaid_work.roster_making import finished
from solver.unpaid_work.start import alone, begun, worth_of
from solver.unpaid_work.table import HAVE, LONG, SIZE, TOTAL, UNDER_WHOM, WHERE, Table
from solver.verify.unpaid_work import broken_by

TRIES = 400
"""Tries between two looks at the clock and the stop."""
TRY_WORK = 0.0001
"""Work units of one try; a unit is about one second of one core."""
KINDS = np.repeat(
    np.array([REGROUP, PUSH_IN, ONE_DAY, CHAIN, OPEN_ONE, DO_WITHOUT], dtype=np.int64), [4, 8, 200, 400, 2, 1]
)
"""What tries are drawn from: single days cost a fiftieth of those in which whole people choose again."""
ROUND_WORK = 0.001
"""Work units for each person of a round of prices."""
PRICING = 0.3
"""The share of the limit after which the search begins anew by the prices; all they get, without a thread apart."""
STARTS = 3
"""How often it begins anew at the most, each time by newer prices and with other supervisors."""
START_SECONDS = 0.04
"""The least seconds (or units of work) of the limit for each person and each time that it does."""
ANEW = 0.9
"""The share of the limit after which only the best of these goes on."""
VARIED = 0.3
"""By which part of itself the worth of a session is varied then."""
SLACK, SLACK_AGAIN = 5000.0, 1000.0
"""How much dearer, in tenths of a minute, a try may leave the roster on average at first; it falls to nothing."""
RESERVE = 0.4
"""Seconds kept for writing the roster out and checking it, and for each person and week a little more."""
RESERVE_EACH = 0.0004
SMALL = 80
"""The most pairs of a person and a session open to them for which everything is solved as one model afterwards."""
SMALL_SHARE = 0.3
"""The part of the limit that the search has then."""


def make_roster(
    problem: UnpaidWorkProblem,
    policy: Policy,
    limits: Limits,
    *,
    stop: Stop | None = None,
    watch: ProgressCallback | None = None,
    start: Roster | None = None,
    strategy: str = "optimise",
) -> Roster:
    """A verified roster for the horizon.

    limits: seconds or deterministic work. start: a roster than which the answer is no dearer, if it is sound. stop:
    ends the search with the best roster so far. watch: told how it stands about twice a second. strategy: "optimise",
    or "greedy" for everybody's first choice in turn. Raises UsageError for another, and PlanRefusedError when the
    checker refuses what was found.
    """
    if strategy not in {"optimise", "greedy"}:
        raise UsageError(f"there is no strategy '{strategy}'; expected optimise or greedy")
    facts = RosterFacts(problem, policy, RosterQuestion(strategy=strategy))
    run = _Run(facts, limits, stop, watch)
    draft = better_of(facts, mended(facts, run.search(strategy)), start)
    bound = run.bounding.bound
    if run.small and strategy == "optimise" and not run.over:
        whole = solve_full(facts, run.left(), start=draft, stop=stop, workers=1)
        draft = cheaper(facts, mended(facts, whole.draft), draft)
        if not may_take_turns(facts):
            bound = max(
                bound, whole.bound or 0
            )  # in that model nobody goes on every other week of a weekly slot
    return finished(
        facts,
        draft,
        bound=bound,
        own_best=run.bounding.own_best,
        limits=limits,
        seconds=run.clock.elapsed,
    )


class _Run:
    """One search: its limits, its clock, the best so far."""

    def __init__(
        self, facts: RosterFacts, limits: Limits, stop: Stop | None, watch: ProgressCallback | None
    ) -> None:
        self.clock = Clock(limits.seconds)
        self._facts, self._limits, self._stop, self._watch = facts, limits, stop, watch
        self._board = board_of(facts)
        self._floor = alone(facts, self._board)
        self._best: Table | None = None
        self._total = 0
        self._used, self._told = 0.0, 0.0
        self.bounding = Bounding(facts, self._board)
        self.small = 0 < np.count_nonzero(facts.open_minutes) <= SMALL

    @property
    def over(self) -> bool:
        """Whether a stop was asked for or no seconds are left."""
        return self.clock.over or (self._stop is not None and self._stop.requested)

    def left(self) -> Limits:
        """What the search has left of the limits of a small team."""
        limits = self._limits
        work = None if limits.work is None else limits.work * (1 - SMALL_SHARE)
        left = self.clock.left
        return replace(limits, seconds=None if left is None else max(0.1, left - RESERVE), work=work)

    def search(self, strategy: str) -> Draft:
        """The best draft until the limit."""
        facts, board, seed = self._facts, self._board, self._limits.seed
        table = begun(facts, board, assign(facts, worth_of(facts), seed=seed), self._floor, seed)
        best = self._keep(table)
        if strategy == "greedy":
            return draft_of(facts, best)
        with Pricing(self.bounding, apart=self._apart, over=self._ended) as pricing:
            self._price(pricing, table)
            for number in range(self._starts()):
                if not self._ended():
                    table = self._begun_anew(pricing, table, number)
            begun_at = self._share()
            while not self._ended():
                self._improved(table, SLACK_AGAIN * self._left_of(begun_at, 1.0))
        return draft_of(facts, self._keep(table))

    def _starts(self) -> int:
        """How often the search begins anew: as often as each time has enough of the limit, at least once."""
        limits = [each for each in (self._limits.seconds, self._limits.work) if each is not None]
        each = START_SECONDS * max(1, len(self._facts.problem.people))
        return max(1, min(STARTS, int(min(limits, default=0.0) / each)))

    def _begun_anew(self, pricing: Pricing, table: Table, number: int) -> Table:
        """The better one of a table and another that begins by the prices as they are, after its share of the tries.

        From the second time on the worth of sessions is varied, so that supervisors are elsewhere.
        """
        facts, seed = self._facts, self._limits.seed + number
        tolls, worth = pricing.prices()
        if number > 0:
            varied = np.random.default_rng(seed).uniform(1 - VARIED, 1 + VARIED, len(worth))
            worth = np.rint(worth * varied).astype(np.int64)
        other = begun(facts, self._board, assign(facts, worth, seed=seed), self._floor, seed, tolls)
        self._keep(other)
        starts = self._starts()
        begun_at, until = self._share(), PRICING + (ANEW - PRICING) * (number + 1) / starts
        while self._share() < until:
            self._improved(other, SLACK * self._left_of(begun_at, until))
        return other if other.state[TOTAL] <= table.state[TOTAL] else table

    def _left_of(self, begun_at: float, until: float) -> float:
        """What is left of a part of the limit, squared: how far what is dearer may still be kept."""
        left = (until - self._share()) / max(1e-9, until - begun_at)
        return min(1.0, max(0.0, left)) ** 2

    def _price(self, pricing: Pricing, table: Table) -> None:
        """Rounds of prices while their share of what is left lasts, the search going on meanwhile where it can."""
        begun_at = self._share()
        until = begun_at + PRICING * (1 - begun_at)
        while self._share() < until and not pricing.done:
            if pricing.apart:
                self._improved(table, SLACK * self._left_of(begun_at, until))
            else:
                pricing.advance()
                self._used += ROUND_WORK * len(self._facts.problem.people)
                self._tell("prices")

    def _improved(self, table: Table, slack: float) -> Table:
        """The best table after some tries on this one."""
        improve(self._board, table, self._floor, KINDS, TRIES, slack)
        self._used += TRIES * TRY_WORK
        return self._keep(table)

    @property
    def _apart(self) -> bool:
        """Whether prices have a thread of their own: not under a work limit, which promises the same roster."""
        return self._limits.threads > 1 and self._limits.work is None

    def _ended(self) -> bool:
        return self._share() >= 1

    def _share(self) -> float:
        """How much of the limit is used, 1 when it is over or a stop was asked for."""
        if self._stop is not None and self._stop.requested:
            return 1.0
        share, limits = 0.0, self._limits.share(SMALL_SHARE) if self.small else self._limits
        if limits.seconds is not None:
            reserve = RESERVE + RESERVE_EACH * len(self._facts.problem.people) * self._facts.weeks
            share = self.clock.elapsed / max(1e-9, limits.seconds - min(reserve, limits.seconds / 2))
        if limits.work is not None:
            share = max(share, self._used / max(1e-9, limits.work))
        return min(1.0, share)

    def _keep(self, table: Table) -> Table:
        """The best table, a copy of what a draft needs of this one if it is better than all before."""
        total = int(table.state[TOTAL])
        if self._best is None or total < self._total:
            copies = table.people.copy(), table.mine.copy(), table.sessions.copy()
            self._best = table._replace(people=copies[0], mine=copies[1], sessions=copies[2])
            self._total = total
        self._tell("search")
        return self._best

    def _tell(self, stage: str) -> None:
        if self._watch is None or self.clock.elapsed - self._told < 0.5:
            return
        self._told = self.clock.elapsed
        best = None if self._best is None else self._total
        bound = self.bounding.bound
        gap = None if best is None else gap_of(best, bound, 0)
        self._watch(Progress(self.clock.elapsed, best, bound, gap, stage))


def cheaper(facts: RosterFacts, one: Draft, other: Draft) -> Draft:
    """The draft whose sum is lower, the other where they are alike."""
    return one if Reckoning(facts, one).objective.total < Reckoning(facts, other).objective.total else other


def better_of(facts: RosterFacts, draft: Draft, start: Roster | None) -> Draft:
    """The draft, or what a sound roster that was given already has, when that is no dearer."""
    given = None if start is None else draft_from(facts, start)
    if start is None or given is None or broken_by(facts.problem, start, facts.policy):
        return draft
    return (
        given if Reckoning(facts, given).objective.total <= Reckoning(facts, draft).objective.total else draft
    )


def draft_of(facts: RosterFacts, table: Table) -> Draft:
    """What the table says, as a draft."""
    bookings = tuple(
        Booking(number, int(table.mine[number, place, WHERE]), int(table.mine[number, place, LONG]))
        for number in range(len(table.people))
        for place in range(int(table.people[number, HAVE]))
    )
    none = len(facts.problem.supervisors)
    supervisor = {
        int(session): None
        if table.sessions[session, UNDER_WHOM] == none
        else int(table.sessions[session, UNDER_WHOM])
        for session in np.flatnonzero(table.sessions[:, SIZE] > 0)
    }
    return Draft(supervisor, bookings, placements_of(facts, bookings))
