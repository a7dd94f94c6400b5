"""Why a case is where it is, and why a case is nowhere: in sentences, from the plan as it stands."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from models.allocation.plan import Unallocated
from models.allocation.workload import full_months, workload_percent
from models.rules import ALLOCATION_RULES
from solver.allocation.instance import Instance
from solver.allocation.standing import Standing
from solver.assignment.problem import NOWHERE, Bands, Ints
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
    if instance.kept_pins[row]:
        return (f"pinned to {facts.officers[officer].staff_code} under an override: {case.override_reason}",)
    if officer == int(facts.home[row]):
        return (_why_stays(instance, row),)
    may_take = f"one of {_how_many(instance, row)} who may take it"
    why = may_take if case.pinned_staff_code is None else "pinned there"
    if facts.home[row] != NOWHERE:
        return (*_move_reasons(instance, placed, loads, row), why, *_fit_reasons(instance, row, officer))
    return (_from_to(instance, loads, officer), why, *_fit_reasons(instance, row, officer))


def _from_to(instance: Instance, loads: Ints, officer: int) -> str:
    facts = instance.facts
    available = int(facts.available[officer])
    today = percent(int(instance.loads_today[officer]), available)
    return (
        f"{facts.officers[officer].staff_code} goes from {today} to {percent(int(loads[officer]), available)}"
    )


def _move_reasons(instance: Instance, placed: Ints, loads: Ints, row: int) -> Iterator[str]:
    """Why a held case moves, and what the move gains."""
    facts = instance.facts
    giver, taker = int(facts.home[row]), int(placed[row])
    today = instance.loads_today
    given, taken = facts.officers[giver], facts.officers[taker]
    yield (
        f"from {given.staff_code} at {percent(int(today[giver]), int(facts.available[giver]))} "
        f"to {taken.staff_code} at {percent(int(today[taker]), int(facts.available[taker]))}"
    )
    months = full_months(facts.cases[row].held_since, facts.problem.as_of)
    yield f"held {months} month{'' if months == 1 else 's'}"
    if given.staff_code == taken.staff_code:
        yield "the same person in another team"
    elif given.team_code == taken.team_code:
        yield "same team"
    elif given.location is not None and given.location == taken.location:
        yield "same office"
    gain = _gain(instance, loads, row, giver, taker)
    yield (
        f"gains {gain} band-points after its price of change"
        if gain > 0
        else "makes room for other work within the rules"
    )


def _gain(instance: Instance, loads: Ints, row: int, giver: int, taker: int) -> int:
    """How much dearer the plan would be if this one case went back."""
    both = np.array([giver, taker])
    bands = Bands(instance.kernel.bands.edges[both], instance.kernel.bands.prices[both])
    back = loads[both] + np.array([1, -1]) * instance.facts.weights_by_officer[row, both]
    pressure = int(bands.cost(back).sum()) - int(bands.cost(loads[both]).sum())
    prices = instance.fit[row] + instance.change[row]
    return pressure + int(prices[giver]) - int(prices[taker])


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
    refused_by = rules_refusing(instance, standing_of(instance, placed), row)
    free = [facts.officers[number].staff_code for number, rules in enumerate(refused_by) if not rules]
    rules = smallest_cover([rules for rules in refused_by if rules])
    counts = Counter(rule for refused in refused_by for rule in refused)
    parts = [f"{counts[rule]} by the rule '{ALLOCATION_RULES[rule].sentence}'" for rule in rules]
    sentence = f"Of {len(refused_by)} officers none can take it; refused are {', '.join(parts)}."
    if pin := facts.cases[row].pinned_staff_code:
        sentence = f"The pin to {pin} is refused. {sentence}"
    if free:
        rules = (*rules, "unallocated")
        names = ", ".join(sorted(set(free))[:3])
        sentence = f"{sentence} {names} could take it only if other work of no less weight were left out."
    return Unallocated(facts.cases[row].crn, rules, sentence)


def standing_of(instance: Instance, placed: Ints) -> Standing:
    """The standing of a whole placement."""
    facts = instance.facts
    weights = (
        facts.weights if facts.weights.ndim == 2 else np.broadcast_to(facts.weights[:, None], facts.shape)
    )
    return Standing.of(facts, instance.draft, weights, placed)


def rules_refusing(instance: Instance, standing: Standing, row: int) -> list[tuple[str, ...]]:
    """By officer the rules that forbid the pair: pair rules first; where none does, the limits as things stand."""
    facts = instance.facts
    limits = standing.refusals(row)
    found = []
    for officer, may_take in enumerate(instance.draft.may_take[row].tolist()):
        if may_take:
            found.append(tuple(rule for rule, refused in limits.items() if refused[officer]))
            continue
        violations = pair_refusals(facts.problem, facts.policy, facts.cases[row], officer, facts.question)
        found.append(tuple(dict.fromkeys(violation.rule for violation in violations)))
    return found


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
