"""One case, now: every officer ranked by exact price, and for those who may not take it the rules that forbid it.

There is no search: everything else stays as it stands today, so each officer's price is a sum. A `Recommender` is
made once for a loaded problem and answers any number of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.allocation.plan import Question
from models.allocation.problem import AllocationProblem
from models.allocation.workload import workload_percent
from models.errors import UsageError
from models.policy.policy import Policy
from models.record import CAMEL, as_json
from models.rules import ALLOCATION_RULES
from solver.allocation.baselines import standing_today
from solver.allocation.facts import Facts
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.prices import fit_items
from solver.allocation.standing import Standing
from solver.assignment.problem import NOWHERE, Bools, Ints
from solver.verify import pair_refusals


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that forbids this officer, in a sentence about this pair."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Price:
    """What this officer costs, by item, in band-points; total is the sum."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    pressure: int
    change_of_officer: int
    preferred_skills: int
    preferred_sex: int
    previous_officer: int
    travel: int
    leave: int
    total: int


@dataclass(frozen=True, slots=True)
class Option:
    """One officer for the case. rank: 1 is the cheapest, None where a rule forbids it. before, after: Workload %."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rank: int | None
    staff_code: str
    team_code: str
    eligible: bool
    current: bool
    before: float | None
    after: float | None
    price: Price
    rules: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Every officer for one case, the best first, then those who may not take it."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    options: tuple[Option, ...]

    def as_json(self) -> dict[str, Any]:
        """The recommendation in the names of the contract."""
        return as_json(self)


@dataclass(frozen=True)
class Prices:
    """One case against every officer, int64 (m,) each; allowed: bool (m,). before and after are points."""

    total: Ints
    pressure: Ints
    allowed: Bools
    before: Ints
    after: Ints


@dataclass(frozen=True)
class Recommender:
    """A loaded problem, ready to answer. Every held case may be asked about too: what would a move cost?"""

    instance: Instance
    standing: Standing
    items: Mapping[str, Ints]
    rows: Mapping[str, int]
    _cost_now: Ints = field(repr=False)
    _allowed: Bools = field(repr=False)

    @classmethod
    def of(cls, problem: AllocationProblem, policy: Policy, released: tuple[str, ...] = ()) -> Recommender:
        """Load a problem. released: as in Question."""
        instance = compile_instance(problem, policy, Question(released=released))
        facts = instance.facts
        standing = standing_today(instance)
        return cls(
            instance=instance,
            standing=standing,
            items=fit_items(facts, instance.draft),
            rows={case.crn: row for row, case in enumerate(facts.cases)},
            _cost_now=instance.kernel.bands.cost(standing.loads),
            _allowed=instance.draft.may_take & ~standing.refused_whatever_its_points(),
        )

    def row_of(self, crn: str) -> int:
        """The row of a case. Raises UsageError when the problem has no such case, or its holder is not in it."""
        if crn in self.rows:
            return self.rows[crn]
        if crn in self.instance.facts.problem.case_numbers:
            raise UsageError(
                f"the holder of {crn} is not among the officers: release the case (--release findings) to ask about it"
            )
        raise UsageError(f"there is no case {crn} in the problem")

    def prices(self, row: int) -> Prices:
        """One case against every officer, without sentences: the fast part."""
        facts, standing = self.instance.facts, self.standing
        weights = standing.weights[row]
        loads, cost = standing.loads, self._cost_now
        home = int(facts.home[row])
        if home != NOWHERE:
            loads = loads.copy()
            loads[home] -= weights[home]
            cost = self.instance.kernel.bands.cost(loads)
        after = loads + weights
        pressure = self.instance.kernel.bands.cost(after) - cost
        allowed = self._allowed[row] & ~standing.over_ceiling(row)
        if home != NOWHERE:
            allowed[home] = True
        total = pressure + self.instance.fit[row] + self.instance.change[row]
        return Prices(total, pressure, allowed, standing.loads, after)

    def _refusals(self, row: int) -> dict[str, Bools]:
        """The limits that refuse the case. A question about one case has no move budget."""
        return {rule: mask for rule, mask in self.standing.refusals(row).items() if rule != "move_budget"}

    def recommend(self, crn: str) -> Recommendation:
        """Every officer for the case, the cheapest first. Raises UsageError for a case that cannot be asked about."""
        row = self.row_of(crn)
        prices = self.prices(row)
        best_first = sorted(
            range(len(self.instance.facts.officers)),
            key=lambda officer: (not prices.allowed[officer], int(prices.total[officer]), officer),
        )
        refusals = self._refusals(row)
        options = tuple(
            self._option(row, officer, rank, prices, refusals)
            for rank, officer in enumerate(best_first, start=1)
        )
        return Recommendation(crn, options)

    def _option(
        self, row: int, officer: int, rank: int, prices: Prices, refusals: Mapping[str, Bools]
    ) -> Option:
        facts = self.instance.facts
        person = facts.officers[officer]
        allowed = bool(prices.allowed[officer])
        available = int(facts.available[officer])
        return Option(
            rank=rank if allowed else None,
            staff_code=person.staff_code,
            team_code=person.team_code,
            eligible=allowed,
            current=int(facts.held_by[row]) == officer,
            before=workload_percent(int(prices.before[officer]), available),
            after=workload_percent(int(prices.after[officer]), available),
            price=self._price(row, officer, prices),
            rules=() if allowed else self._rules(row, officer, refusals),
        )

    def _price(self, row: int, officer: int, prices: Prices) -> Price:
        items = {item: int(matrix[row, officer]) for item, matrix in self.items.items()}
        return Price(
            pressure=int(prices.pressure[officer]),
            change_of_officer=int(self.instance.change[row, officer]),
            total=int(prices.total[officer]),
            **items,
        )

    def _rules(self, row: int, officer: int, refusals: Mapping[str, Bools]) -> tuple[Refusal, ...]:
        facts = self.instance.facts
        refused = [
            Refusal(violation.rule, violation.sentence)
            for violation in pair_refusals(
                facts.problem, facts.policy, facts.cases[row], officer, facts.question
            )
        ]
        named = {refusal.rule for refusal in refused}
        refused.extend(
            Refusal(rule, _limit_sentence(facts, rule, officer))
            for rule, mask in refusals.items()
            if mask[officer] and rule not in named
        )
        return tuple(refused)


def _limit_sentence(facts: Facts, rule: str, officer: int) -> str:
    """What the limit says of this officer."""
    person = facts.officers[officer]
    limits = facts.policy.limits
    specific = {
        "workload_ceiling": f"{person.staff_code} would end above {limits.ceiling_percent} %.",
        "new_case_limit": f"{person.staff_code} received {limits.new_cases} cases or more in the last 7 days.",
        "tier_limit": f"{person.staff_code} would hold more cases of this tier than their limit.",
        "team_oversight_limit": f"{person.senior_code} would oversee more high-risk cases than the limit.",
    }
    return specific.get(rule, ALLOCATION_RULES[rule].sentence)
