"""Cases to be held together and cases to be kept apart, drawn around who holds them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from models.allocation.case import Case
from models.synthetic.draws import about, pick
from models.synthetic.records import Unit


def add_links(unit: Unit, cases: list[Case]) -> None:
    """Label groups; `cases` is changed in place. Pinned cases and cases of leavers are in no group.

    What is waiting without a plan may be linked to anything; everything else is linked as its anchors allow, but
    for the untidiness of the parameters: groups already split, co-defendants in another unit.
    """
    free = [
        case for case in range(unit.count) if cases[case].pinned_staff_code is None and case not in unit.gone
    ]
    used = _add_together(unit, cases, free)
    _add_apart(unit, cases, [case for case in free if case not in used])


def _person(unit: Unit, case: int) -> int | None:
    row = unit.anchor(case)
    return None if row is None else int(unit.staff.person[row])


def _add_together(unit: Unit, cases: list[Case], free: list[int]) -> set[int]:
    """Pairs and threes with one person: mates of a random case, at the same person. Returns who is in a group."""
    rng = unit.rng
    mates: dict[int, list[int]] = defaultdict(list)
    for case in free:
        person = _person(unit, case)
        if person is not None:
            mates[person].append(case)
    used: set[int] = set()
    waiting = [case for case in free if unit.caseload.waiting[case]]
    wanted = about(rng, unit.parameters.demands.together * len(free) / 2.3)
    for number in range(wanted):
        # One group in four begins with a waiting case: families and co-defendants are sentenced on one day.
        pool = waiting if waiting and rng.random() < 0.25 else free
        first = pick(rng, pool)
        person = _person(unit, first)
        if person is None:
            person = pick(rng, list(mates)) if mates else None
        if first in used or person is None:
            continue
        others = [case for case in mates[person] if case not in used and case != first]
        size = 2 + int(rng.random() < 0.3)
        group = [first, *(others[int(n)] for n in rng.permutation(len(others))[: size - 1])]
        if rng.random() < unit.parameters.untidiness.split_group:
            group = _split(unit, free, used, group)
        if len(group) < 2:
            continue
        used.update(group)
        for case in group:
            cases[case] = replace(cases[case], together_group=f"T{number + 1:03d}")
    return used


def _split(unit: Unit, free: list[int], used: set[int], group: list[int]) -> list[int]:
    """The group with a held case of somebody else in place of the others; as it was when some of it waits."""
    other = pick(unit.rng, free)
    if other in used or other in group or any(case not in unit.holder for case in (*group, other)):
        return group
    return [group[0], other]


def _add_apart(unit: Unit, cases: list[Case], free: list[int]) -> None:
    """Pairs and threes, no two with one person; some have their only member here."""
    rng = unit.rng
    used: set[int] = set()
    wanted = about(rng, unit.parameters.demands.apart * len(free) / 2.2) if free else 0
    waiting = [case for case in free if unit.caseload.waiting[case]]
    for number in range(wanted):
        size = 2 + int(rng.random() < 0.2)
        alone = rng.random() < unit.parameters.untidiness.member_elsewhere
        group: list[int] = []
        people: set[int] = set()
        pool = waiting if waiting and rng.random() < 0.25 else free
        for candidate in (pick(rng, pool), *(pick(rng, free) for _ in range(size + 2))):
            person = _person(unit, candidate)
            if len(group) == size or candidate in used or candidate in group or person in people:
                continue
            group.append(candidate)
            if person is not None:
                people.add(person)
        if alone:
            group = group[:1]
        elif len(group) < 2:
            continue
        used.update(group)
        for case in group:
            cases[case] = replace(cases[case], apart_group=f"K{number + 1:03d}")
