"""Workload measurement: points of a case, points an officer has available, Workload %.

Source: ministryofjustice/hmpps-workload and wmt-worker. Exact: hours are taken as decimals, never as floats.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.terms import CaseType, Grade, Tier, TierScheme
from models.policy.policy import Policy


def available_points(officer: Officer, policy: Policy) -> int:
    """trunc(full_time_points * (contractedHours - reductionHours) / full_time_hours)."""
    hours = Fraction(repr(officer.contracted_hours)) - Fraction(repr(officer.reduction_hours))
    return int(policy.workload.full_time_points * hours / Fraction(repr(policy.workload.full_time_hours)))


def case_points(case: Case, tier: Tier, policy: Policy) -> int:
    """The case's own points, else 0 when suspended, else the table's, in the T2A column for a T2A case."""
    if case.points is not None:
        return case.points
    if tier.suspended:
        return policy.points.suspended
    column = policy.points.t2a_case_type if case.t2a else CaseType(case.case_type)
    table = policy.points.v2 if tier.scheme is TierScheme.V2 else policy.points.v3
    return table[column][tier.name]


def points_with(points: int, grade: Grade, policy: Policy) -> int:
    """The points of a case for an officer of this grade: with the grade's uplift, rounded half up."""
    uplift = policy.uplift_percent.get(grade, 0)
    return (points * (100 + uplift) * 2 + 100) // 200 if uplift else points


def workload_percent(points: int, available: int) -> float | None:
    """100 * points / available, the ratio rounded half up to 3 places; None when nothing is available."""
    if available == 0:
        return None
    ratio = (Decimal(points) / Decimal(available)).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)
    return float(ratio * 100)


def full_months(since: dt.date | None, until: dt.date) -> int:
    """Full months by day of the month; 0 when `since` is unknown or not before `until`."""
    if since is None or since >= until:
        return 0
    months = (until.year - since.year) * 12 + until.month - since.month
    return months - (until.day < since.day)
