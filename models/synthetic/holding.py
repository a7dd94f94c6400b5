"""Who holds what: held cases spread over officers as managers spread them, then base points that make the fill.

An officer's target is a Workload drawn around the mean. Cases go, the hardest to place first, to one of those who
may hold them and are furthest below their target, near ones before far ones, with some noise. What is missing to
the target is base points (reports, court work), scaled so that the mean Workload is the fill that was asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.policy.policy import Policy
from models.synthetic.caseload import Caseload
from models.synthetic.draws import Bools, Floats, Generator, Ints, some
from models.synthetic.parameters import AllocationParameters
from models.synthetic.staff import Staff

NOISE = 0.06
"""Standard deviation of the noise in whom a case goes to, in parts of availability."""
FAR = 0.015
"""How much a kilometre between offices counts, in parts of availability."""


class MayHold:
    """Which rows may hold a case by grade, stage and skills; newly qualified officers hold nothing of tier A."""

    def __init__(
        self, parameters: AllocationParameters, policy: Policy, staff: Staff, caseload: Caseload
    ) -> None:
        self._by_kind: Bools = np.array(
            [
                [
                    policy.grades.of(officer.grade, officer.training_stage).may_hold(kind.tier)
                    and not (newly and kind.tier.letter == "A")
                    for officer, newly in zip(staff.officers, staff.newly_qualified, strict=True)
                ]
                for kind in caseload.kinds
            ]
        )
        bits = {skill.name: 1 << bit for bit, skill in enumerate(parameters.skills)}
        self._skills: Ints = np.array(
            [sum(bits[name] for name in officer.skills) for officer in staff.officers], dtype=np.int64
        )
        self.rows = functools.cache(self._rows)

    def _rows(self, kind: int, required: int) -> Bools:
        """The rows [rows] that may hold a case of this kind with these required skills."""
        return np.asarray(self._by_kind[kind] & ((self._skills & required) == required))


@dataclass(frozen=True)
class Holding:
    """Who holds what, and how much they have.

    holder: the row of each held case, by case number; gone: the held cases whose holder has left the input, which
    count for nobody; base [rows]: base points; load [rows]: base and held points together; required: the
    caseload's, without what nobody in the unit could meet.
    """

    holder: Mapping[int, int]
    gone: frozenset[int]
    base: Ints
    load: Ints
    required: Ints


def draw_targets(rng: Generator, parameters: AllocationParameters, available: Ints, fill: float) -> Floats:
    """Points [rows] that each officer should end with; their mean Workload is `fill`."""
    table = parameters.workload
    share = np.clip(rng.normal(1.0, table.spread, len(available)), table.least, table.most)
    return np.asarray(fill * share / share.mean() * available, dtype=np.float64)


def hold(
    rng: Generator,
    parameters: AllocationParameters,
    policy: Policy,
    staff: Staff,
    caseload: Caseload,
    may: MayHold,
    fill: float,
) -> Holding:
    """Give every case that does not wait a holder, and every officer base points."""
    usual = staff.available >= policy.limits.least_available_points
    target = draw_targets(rng, parameters, staff.available, fill)
    held = np.flatnonzero(~caseload.waiting)
    home, required = _spread(rng, parameters, staff, caseload, may, np.where(usual, target, 0.0))
    _leave_some_with_absent(rng, parameters, caseload, may, home, np.flatnonzero(~usual))
    stays = ~some(rng, parameters.untidiness.holder_gone, len(held))
    weights = np.where(stays, caseload.points[held], 0)
    points = np.bincount(home, weights=weights, minlength=len(usual)).astype(np.int64)
    base = _base_points(parameters, staff.available, usual, target, points, fill)
    return Holding(
        holder=dict(zip(held.tolist(), home.tolist(), strict=True)),
        gone=frozenset(held[~stays].tolist()),
        base=base,
        load=base + points,
        required=required,
    )


def nearness(staff: Staff) -> Floats:
    """What distance counts against an officer [offices, rows], in parts of availability."""
    places = np.array([[place.easting, place.northing] for place in staff.offices], dtype=np.float64)
    kilometres = np.sqrt(((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)) / 1000
    return np.asarray(FAR * kilometres[:, staff.office], dtype=np.float64)


def _spread(
    rng: Generator,
    parameters: AllocationParameters,
    staff: Staff,
    caseload: Caseload,
    may: MayHold,
    target: Floats,
) -> tuple[Ints, Ints]:
    """The row of each held case, and what cases require [cases] after that; a target of 0 receives nothing.

    A requirement that nobody meets is dropped from a held case, for somebody did take it.
    """
    held, required = np.flatnonzero(~caseload.waiting), caseload.required.copy()
    usual: Bools = target > 0
    pairs = list(zip(caseload.kind[held].tolist(), required[held].tolist(), strict=True))
    breadth = {pair: int((may.rows(*pair) & usual).sum()) for pair in set(pairs)}
    narrow = np.array([breadth[pair] for pair in pairs], dtype=np.int64)
    room = target * (1 - parameters.workload.least_base)
    scale = 1.0 / np.maximum(staff.available, 1)
    far = nearness(staff)
    raised = some(rng, parameters.untidiness.tier_raised, len(held))
    order = np.lexsort((rng.random(len(held)), narrow))
    home = np.zeros(len(held), dtype=np.int64)
    anyone = usual if bool(usual.any()) else np.ones(len(usual), dtype=np.bool_)
    for place in order.tolist():
        case = int(held[place])
        able = may.rows(int(caseload.kind[case]), int(required[case])) & usual
        if raised[place]:
            able = anyone
        elif not able.any():
            required[case] = 0
            able = may.rows(int(caseload.kind[case]), 0) & usual
        wish = room * scale - far[caseload.office[case]] + rng.normal(0.0, NOISE, len(room))
        row = int(np.where(able, wish, -np.inf).argmax())
        home[place] = row
        room[row] -= caseload.points[case]
    return home, required


def _leave_some_with_absent(
    rng: Generator,
    parameters: AllocationParameters,
    caseload: Caseload,
    may: MayHold,
    home: Ints,
    absent: Ints,
) -> None:
    """Officers on long-term absence still hold a few cases; `home` is changed in place."""
    held = np.flatnonzero(~caseload.waiting)
    for row in absent.tolist():
        for place in rng.permutation(len(held))[
            : int(rng.integers(parameters.untidiness.left_with_absent + 1))
        ]:
            case = int(held[place])
            if may.rows(int(caseload.kind[case]), int(caseload.required[case]))[row]:
                home[place] = row


def _base_points(
    parameters: AllocationParameters, available: Ints, usual: Bools, target: Floats, points: Ints, fill: float
) -> Ints:
    """Base points [rows]: at least a little for everybody, and what is missing to the target, scaled to the fill.

    The mean of (base + held) / available over the usual rows is linear in the scale, so the scale is exact. Where
    the cases alone exceed the fill, everybody's little is scaled down instead.
    """
    least = parameters.workload.least_base * available
    wanted = np.maximum(0.0, target - points - least) * usual
    scale = np.where(usual, 1.0 / np.maximum(available, 1), 0.0)
    missing = fill * int(usual.sum()) - float(((least + points) * scale).sum())
    extra = float((wanted * scale).sum())
    if missing < 0:
        little = float((least * scale).sum())
        base = least * max(0.0, 1 + missing / little) if little > 0 else least
    else:
        base = least + wanted * (missing / extra if extra > 0 else 0.0)
    return np.asarray(np.rint(base), dtype=np.int64)
