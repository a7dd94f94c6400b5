"""From rules to arrays: the assignment problem of a question, and the way back from an assignment to officers.

What the question cannot change (held cases that stay, pins that are kept) is settled here and becomes load,
counts and links of the assignment problem; what is left to decide are its tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.allocation.officer import OfficerKey
from models.allocation.plan import Plan, Question
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy
from solver.allocation.constraints import Draft, GroupLimit, draft_of
from solver.allocation.facts import Facts, gather
from solver.allocation.prices import change_prices, fit_prices, pressure_bands, skip_weights
from solver.allocation.standing import Standing
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, CountLimit, Ints, Link
from solver.verify import Checker


@dataclass(frozen=True)
class Instance:
    """A question ready to be solved.

    settled: int64 (n,), the officer of each row that the question does not decide, NOWHERE for the others.
    tasks: int64 (k,), the rows that it decides. kernel: the assignment problem over those rows and all officers.
    fixed: band-points of pressure and fit of what the question cannot move. settled_price: pair prices of settled
    rows, which the kernel's total leaves out. kept_pins: bool (n,), pins that are kept under an override.
    """

    facts: Facts
    draft: Draft
    settled: Ints
    tasks: Ints
    kernel: AssignmentProblem
    fit: Ints
    change: Ints
    fixed: int
    settled_price: int
    kept_pins: Bools

    def placement(self, assignment: Ints) -> Ints:
        """int64 (n,): the officer of each row when the tasks are at `assignment` (k,); NOWHERE is unallocated."""
        placed = self.settled.copy()
        placed[self.tasks] = assignment
        return placed

    def assignment_of(self, plan: Plan) -> Ints:
        """int64 (k,): where a plan in hand puts the tasks; home or nowhere where it says nothing that may be."""
        facts = self.facts
        wanted = {each.crn: OfficerKey(each.staff_code, each.team_code) for each in plan.assignments}
        assignment = self.start()
        for task, row in enumerate(self.tasks):
            officer = facts.problem.officer_numbers.get(wanted.get(facts.cases[row].crn, OfficerKey("", "")))
            if officer is not None and self.kernel.eligible[task, officer]:
                assignment[task] = officer
        return assignment

    @cached_property
    def loads_today(self) -> Ints:
        """int64 (m,): points before the plan, released cases still with their holders."""
        facts = self.facts
        rows = np.flatnonzero(facts.held_by != NOWHERE)
        loads = facts.base_points.copy()
        np.add.at(loads, facts.held_by[rows], facts.weights_by_officer[rows, facts.held_by[rows]])
        return loads

    @cached_property
    def checker(self) -> Checker:
        """Who checks the plans for this question."""
        return Checker(self.facts.problem, self.facts.question, self.facts.policy)

    def look_ahead(self) -> None:
        """Look up now what making and checking a plan needs and no plan changes."""
        self.checker.prepare()
        facts = self.facts
        self.loads_today, facts.problem.input_hash, facts.policy.policy_hash  # noqa: B018  kept once asked for

    def start(self) -> Ints:
        """int64 (k,): every held task at home, every other one nowhere: always feasible."""
        return self.kernel.home.copy()


@dataclass(frozen=True)
class Compiler:
    """The steps from a question to an `Instance`."""

    facts: Facts
    draft: Draft
    fit: Ints
    change: Ints

    @property
    def weights(self) -> Ints:
        """int64 (n, m): points of each case for each officer."""
        return self.facts.weights_by_officer

    def compile(self) -> Instance:
        """Settle what cannot change, and state the rest as an assignment problem."""
        settled, kept = self._settle()
        rows = np.flatnonzero(self.draft.accounted & (settled == NOWHERE))
        kernel = self._kernel(rows, settled)
        placed = np.flatnonzero(settled != NOWHERE)
        prices = self.fit + self.change
        return Instance(
            facts=self.facts,
            draft=self.draft,
            settled=settled,
            tasks=rows,
            kernel=kernel,
            fit=self.fit,
            change=self.change,
            fixed=self._fixed(kernel),
            settled_price=int(prices[placed, settled[placed]].sum()),
            kept_pins=kept,
        )

    def _settle(self) -> tuple[Ints, Bools]:
        """The officer of each row that is not decided, and which of them are pins kept under an override."""
        facts, draft = self.facts, self.draft
        settled = np.where(draft.accounted & draft.stays, facts.home, NOWHERE)
        kept = np.zeros(len(facts.cases), dtype=bool)
        movable = draft.accounted & (facts.waiting | ~draft.stays)
        for row in np.flatnonzero(movable & (facts.pinned_owner != NOWHERE)):
            within_budget = facts.home[row] == NOWHERE or self._may_move(settled)
            if facts.cases[row].override_reason is not None and within_budget:
                theirs = np.flatnonzero(facts.owner == facts.pinned_owner[row])
                kept[row] = True
                settled[row] = _least_loaded(theirs, self._loads(settled), facts)
        for row in np.flatnonzero(movable & (facts.home != NOWHERE) & (facts.pinned_owner != NOWHERE)):
            if settled[row] == NOWHERE:
                settled[row] = self._honoured_pin(int(row), settled)
        return settled, kept

    def _may_move(self, settled: Ints) -> bool:
        """Whether the budget has room for one more settled move."""
        return self.draft.move_budget is None or self._moved(settled) < self.draft.move_budget

    def _honoured_pin(self, row: int, settled: Ints) -> int:
        """The officer to whom a held case pinned elsewhere moves, or its holder when rules or budget refuse."""
        facts = self.facts
        home = int(facts.home[row])
        now = np.where(settled == NOWHERE, facts.home, settled)
        standing = Standing.of(facts, self.draft, self.weights, now)
        options = np.flatnonzero(self.draft.may_take[row] & ~standing.refused(row))
        return _least_loaded(options, standing.loads, facts) if options.size else home

    def _loads(self, placed: Ints) -> Ints:
        rows = np.flatnonzero(placed != NOWHERE)
        loads = self.facts.base_points.copy()
        np.add.at(loads, placed[rows], self.weights[rows, placed[rows]])
        return loads

    def _kernel(self, rows: Ints, settled: Ints) -> AssignmentProblem:
        facts, draft = self.facts, self.draft
        home = facts.home[rows]
        eligible = draft.may_take[rows].copy()
        held = np.flatnonzero(home != NOWHERE)
        eligible[held, home[held]] = True
        base = self._loads(settled)
        today = base.copy()
        np.add.at(today, home[held], self.weights[rows[held], home[held]])
        most = today if draft.intake_ceiling is None else np.maximum(today, draft.intake_ceiling)
        if draft.intake_ceiling is None:
            most = today + np.where(eligible, self.weights[rows], 0).sum(axis=0)
        entered = self._entered(settled)
        return AssignmentProblem(
            pair_price=(self.fit + self.change)[rows],
            weight=facts.weights[rows],
            eligible=eligible,
            base_load=base,
            bands=pressure_bands(facts, most + int(self.weights.max(initial=0))),
            home=home,
            owner=facts.owner,
            skip_weight=skip_weights(facts)[rows],
            intake_limit=None if draft.intake_limit is None else np.maximum(0, draft.intake_limit - entered),
            intake_ceiling=draft.intake_ceiling,
            move_budget=None
            if draft.move_budget is None
            else max(0, draft.move_budget - self._moved(settled)),
            together=self._links(draft.together, rows, settled),
            apart=self._links(draft.apart, rows, settled),
            count_limits=tuple(self._count_limit(limit, rows, settled) for limit in draft.group_limits),
        )

    def _entered(self, settled: Ints) -> Ints:
        """int64 (owners,): settled cases that are new to each person: pins."""
        rows = np.flatnonzero(settled != NOWHERE)
        new = rows[self.facts.owner[settled[rows]] != self.facts.home_owner[rows]]
        return np.bincount(self.facts.owner[settled[new]], minlength=len(self.facts.persons)).astype(np.int64)

    def _moved(self, settled: Ints) -> int:
        """Settled held cases that change person: pins."""
        rows = np.flatnonzero((settled != NOWHERE) & (self.facts.home != NOWHERE))
        return int((self.facts.owner[settled[rows]] != self.facts.home_owner[rows]).sum())

    def _links(self, groups: list[Ints], rows: Ints, settled: Ints) -> tuple[Link, ...]:
        position = np.full(len(self.facts.cases), NOWHERE, dtype=np.int64)
        position[rows] = np.arange(len(rows))
        found = []
        for members in groups:
            tasks = position[members][position[members] != NOWHERE]
            placed = members[settled[members] != NOWHERE]
            if tasks.size:
                found.append(Link(tasks, np.unique(self.facts.owner[settled[placed]])))
        return tuple(found)

    def _count_limit(self, limit: GroupLimit, rows: Ints, settled: Ints) -> CountLimit:
        counted = np.zeros(len(self.facts.cases), dtype=bool)
        counted[limit.rows] = True
        standing = int(np.isin(settled[limit.rows], limit.officers).sum())
        return CountLimit(np.flatnonzero(counted[rows]), limit.officers, standing, limit.limit)

    def _fixed(self, kernel: AssignmentProblem) -> int:
        """Pressure and fit of the held cases that stay, with base points: what the question cannot move."""
        stays = np.flatnonzero(self.draft.accounted & self.draft.stays)
        loads = self._loads(np.where(self.draft.accounted & self.draft.stays, self.facts.home, NOWHERE))
        fit = int(self.fit[stays, self.facts.home[stays]].sum())
        return int(kernel.bands.cost(loads).sum()) + fit


def _least_loaded(officers: Ints, loads: Ints, facts: Facts) -> int:
    """The officer among these with the lowest share of availability in use, the first of equals."""
    share = loads[officers] / np.maximum(1, facts.available[officers])
    return int(officers[int(np.argmin(share))])


def compile_instance(problem: AllocationProblem, policy: Policy, question: Question) -> Instance:
    """The question as an assignment problem, with every rule of the register in it."""
    facts = gather(problem, policy, question)
    draft = draft_of(facts)
    return Compiler(facts, draft, fit_prices(facts, draft), change_prices(facts)).compile()
