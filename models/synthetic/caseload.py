"""The cases of an invented unit before anybody holds them: tier, type, points, skills asked for, place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.allocation.terms import CaseType, Location, Tier, TierScheme, parse_tier
from models.errors import UsageError
from models.policy.policy import Policy
from models.synthetic.draws import Bools, Floats, Generator, Ints, quota, some
from models.synthetic.parameters import AllocationParameters
from models.synthetic.staff import Staff, place


@dataclass(frozen=True, slots=True)
class Kind:
    """A tier and a case type, with their share and the policy's points."""

    tier: Tier
    case_type: CaseType
    share: float
    points: int


@dataclass(frozen=True)
class Caseload:
    """Cases as arrays, one entry a case.

    kinds: the table that `kind` points into. points: after suspension and T2A. required, preferred: bits of the
    parameters' skills. office: the nearest office; places: None where unknown. waiting: to be allocated.
    """

    kinds: tuple[Kind, ...]
    kind: Ints
    suspended: Bools
    t2a: Bools
    points: Ints
    required: Ints
    preferred: Ints
    office: Ints
    places: tuple[Location | None, ...]
    waiting: Bools


def table_of_kinds(parameters: AllocationParameters, policy: Policy, scheme: TierScheme) -> tuple[Kind, ...]:
    """Every tier and type of the scheme that the parameters give a share."""
    kinds: list[Kind] = []
    for case_type in CaseType:
        digits = parameters.tiers.digits_community
        if case_type is not CaseType.COMMUNITY:
            digits = parameters.tiers.digits_other
        for letter, letter_share in parameters.tiers.letters(scheme).items():
            share = parameters.case_types.share(case_type) * letter_share
            names = {letter: 1.0}
            if scheme is TierScheme.V2:
                names = {f"{letter}{digit}": part for digit, part in enumerate(digits)}
            for name, part in names.items():
                if share * part > 0:
                    tier = parse_tier(name, scheme)
                    kinds.append(Kind(tier, case_type, share * part, table_points(policy, tier, case_type)))
    return tuple(kinds)


def table_points(policy: Policy, tier: Tier, case_type: CaseType) -> int:
    """The policy's points for a tier and a type."""
    table = policy.points.v2 if tier.scheme is TierScheme.V2 else policy.points.v3
    return table[case_type][tier.name]


def tilted(kinds: Sequence[Kind], most_mean: float) -> Floats:
    """The shares of `kinds`, bent so that a case weighs at most `most_mean` points on average.

    Among all such shares these differ least from the given ones (in relative entropy): each share times
    exp(-t * points), the same t for all. Where the given shares are light enough they stay as they are.
    Raises UsageError when not even the lightest cases are light enough.
    """
    shares = np.array([kind.share for kind in kinds])
    points = np.array([kind.points for kind in kinds], dtype=np.float64)
    if float(shares @ points) / float(shares.sum()) <= most_mean:
        return shares
    if float(points[points > 0].min()) > most_mean:
        raise UsageError(
            "that is more cases than these officers can hold; ask for fewer cases or a higher fill"
        )
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        weights = shares * np.exp(-middle * points)
        if float(weights @ points) / float(weights.sum()) > most_mean:
            low = middle
        else:
            high = middle
    return np.asarray(shares * np.exp(-high * points), dtype=np.float64)


def draw_caseload(
    rng: Generator,
    parameters: AllocationParameters,
    policy: Policy,
    staff: Staff,
    kinds: tuple[Kind, ...],
    shares: Floats,
    cases: int,
    waiting: int,
) -> Caseload:
    """`cases` cases of these kinds, `waiting` of them waiting; every case lives near one of the offices."""
    kind = quota(rng, shares, cases)
    community = np.array([each.case_type is CaseType.COMMUNITY for each in kinds])[kind]
    v2 = kinds[0].tier.scheme is TierScheme.V2
    suspended = some(rng, parameters.tiers.suspended, cases) & community & v2
    t2a = some(rng, parameters.tiers.t2a, cases)
    required, preferred = _draw_skills(rng, parameters, policy, kinds, kind)
    work_at = np.bincount(staff.office, weights=staff.available, minlength=len(staff.offices)).tolist()
    office = quota(rng, [points + 1.0 for points in work_at], cases)
    waits = np.zeros(cases, dtype=np.bool_)
    waits[rng.permutation(cases)[:waiting]] = True
    return Caseload(
        kinds=kinds,
        kind=kind,
        suspended=suspended,
        t2a=t2a,
        points=points_of(policy, kinds, kind, suspended, t2a),
        required=required,
        preferred=preferred,
        office=office,
        places=_draw_places(rng, parameters, staff, office),
        waiting=waits,
    )


def points_of(policy: Policy, kinds: Sequence[Kind], kind: Ints, suspended: Bools, t2a: Bools) -> Ints:
    """Points of cases: the suspended ones' own, else the T2A column for T2A cases, else the table's."""
    plain = np.array([each.points for each in kinds], dtype=np.int64)
    column = policy.points.t2a_case_type
    adult = np.array([table_points(policy, each.tier, column) for each in kinds], dtype=np.int64)
    return np.where(suspended, policy.points.suspended, np.where(t2a, adult[kind], plain[kind])).astype(
        np.int64
    )


def _draw_skills(
    rng: Generator, parameters: AllocationParameters, policy: Policy, kinds: Sequence[Kind], kind: Ints
) -> tuple[Ints, Ints]:
    high = np.array([policy.limits.high_risk(each.tier) for each in kinds])[kind]
    required = np.zeros(len(kind), dtype=np.int64)
    preferred = np.zeros(len(kind), dtype=np.int64)
    for bit, skill in enumerate(parameters.skills):
        for which, among in ((0, high), (1, ~high)):
            numbers = np.flatnonzero(among)
            marks = quota(
                rng,
                [
                    skill.required[which],
                    skill.preferred[which],
                    1 - skill.required[which] - skill.preferred[which],
                ],
                len(numbers),
            )
            required[numbers[marks == 0]] |= 1 << bit
            preferred[numbers[marks == 1]] |= 1 << bit
    return required, preferred


def _draw_places(
    rng: Generator, parameters: AllocationParameters, staff: Staff, office: Ints
) -> tuple[Location | None, ...]:
    """Around the office, normally distributed each way; some unknown."""
    unit = parameters.unit
    away = rng.normal(0.0, unit.case_spread_metres, (len(office), 2))
    unknown = some(rng, unit.case_without_place, len(office))
    corner_east, corner_north = unit.area_corner
    places: list[Location | None] = []
    for number, (east, north) in enumerate(away.tolist()):
        near = staff.offices[int(office[number])]
        places.append(
            None
            if unknown[number]
            else place(parameters, near.easting - corner_east + east, near.northing - corner_north + north)
        )
    return tuple(places)
