"""Why a case is where it is, and why a case is nowhere: in sentences, from the plan as it stands."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from models.allocation.plan import Unallocated
from models.allocation.workload import full_months, workload_percent
from models.rules import ALLOCATION_RULES
from solver.allocation.instance import Instance
from solver.allocation.standing import Standing
from solver.assignment.problem import NOWHERE, Ints
from solver.verify import pair_refusals


def percent(points: int, available: int) -> str:
    """Workload % in words: "96.1 %", "no availability" where there is none."""
    workload = workload_percent(points, available)
    return "no availability" if workload is None else f"{workload:.1f} %"


def reasons_of(instance: Instance, placed: Ints, loads: Ints, row: int) -> tuple[str, ...]:
    """The reasons of one allocated case. placed: int64 (n,); loads: int64 (m,), after the plan."""
    facts = instance.facts
    case = facts.cases[row]
    officer = int(placed[row])
    home = int(facts.home[row])
    if instance.kept_pins[row]:
        return (f"pinned to {facts.officers[officer].staff_code} under an override: {case.override_reason}",)
    if officer == home:
        return (_why_stays(instance, row),)
    after = percent(int(loads[officer]), int(facts.available[officer]))
    reasons = [f"{facts.officers[officer].staff_code} ends at {after}"]
    if home != NOWHERE:
        months = full_months(case.held_since, facts.problem.as_of)
        ends = percent(int(loads[home]), int(facts.available[home]))
        reasons.append(f"{facts.officers[home].staff_code} ends at {ends}; held {months} months")
        if instance.change[row, officer]:
            reasons.append(f"a change of officer: {int(instance.change[row, officer])} band-points")
    if case.pinned_staff_code is not None:
        reasons.append("pinned there")
    else:
        reasons.append(f"one of {_how_many(instance, row)} who may take it")
    return (*reasons, *_fit_reasons(instance, row, officer))


def _why_stays(instance: Instance, row: int) -> str:
    facts = instance.facts
    if facts.pinned_at_home[row]:
        return "stays: pinned"
    if facts.protected[row]:
        return f"stays: protected until {facts.cases[row].protected_until}"
    return "stays with its holder"


def _how_many(instance: Instance, row: int) -> str:
    people = np.unique(instance.facts.owner[np.flatnonzero(instance.draft.may_take[row])])
    return "1 person" if people.size == 1 else f"{people.size} people"


def _fit_reasons(instance: Instance, row: int, officer: int) -> Iterable[str]:
    facts = instance.facts
    case, person = facts.cases[row], facts.officers[officer]
    if person.staff_code in case.previous_staff_codes:
        yield "held this person's case before"
    if case.preferred_skills and set(case.preferred_skills) <= set(person.skills):
        yield "has every preferred skill"
    price = int(instance.fit[row, officer])
    if price:
        yield f"what does not fit costs {price} band-points"


def why_unallocated(instance: Instance, placed: Ints, row: int) -> Unallocated:
    """The smallest set of rules that together refuse every officer, and how many each refuses."""
    facts = instance.facts
    standing = standing_of(instance, placed)
    refused_by = [rules_refusing(instance, standing, row, officer) for officer in range(len(facts.officers))]
    free = [facts.officers[number].staff_code for number, rules in enumerate(refused_by) if not rules]
    rules = smallest_cover([rules for rules in refused_by if rules])
    counts = Counter(rule for refused in refused_by for rule in refused)
    parts = [f"{ALLOCATION_RULES[rule].sentence} This refuses {counts[rule]}." for rule in rules]
    if case_pin := facts.cases[row].pinned_staff_code:
        parts.insert(0, f"The pin to {case_pin} is refused.")
    if free:
        rules = (*rules, "unallocated")
        parts.append(
            f"{', '.join(sorted(set(free))[:3])} could take it only if other work of more weight were left out."
        )
    sentence = f"None of {len(refused_by)} officers can take it. " + " ".join(parts)
    return Unallocated(facts.cases[row].crn, tuple(rules), sentence)


def standing_of(instance: Instance, placed: Ints) -> Standing:
    """The standing of a whole placement."""
    facts = instance.facts
    weights = (
        facts.weights if facts.weights.ndim == 2 else np.broadcast_to(facts.weights[:, None], facts.shape)
    )
    return Standing.of(facts, instance.draft, weights, placed)


def rules_refusing(instance: Instance, standing: Standing, row: int, officer: int) -> tuple[str, ...]:
    """The rules that forbid this pair: pair rules first; where none does, the limits as things stand."""
    facts = instance.facts
    if not instance.draft.may_take[row, officer]:
        violations = pair_refusals(facts.problem, facts.policy, facts.cases[row], officer, facts.question)
        return tuple(dict.fromkeys(violation.rule for violation in violations))
    return tuple(rule for rule, refused in standing.refusals(row).items() if refused[officer])


def smallest_cover(refused_by: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The smallest set of rules such that every officer is refused by one of them, in the register's order."""
    order = {rule: number for number, rule in enumerate(ALLOCATION_RULES)}
    needed = sorted({frozenset(rules) for rules in refused_by}, key=len)
    names = sorted({rule for rules in needed for rule in rules}, key=order.__getitem__)
    for size in range(1, len(names) + 1):
        for chosen in itertools.combinations(names, size):
            if all(rules & set(chosen) for rules in needed):
                return chosen
    return ()
