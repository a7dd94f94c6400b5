"""Every rule of unpaid work again from the input alone, without the solver.

`verify_roster` checks a roster and every claim it makes. `ROSTER_CHECKS` and `ROSTER_CLAIMS` hold one function for
each hard rule and each claim of models.rules.
"""

from solver.verify.unpaid_work.attendance import overflow_probability
from solver.verify.unpaid_work.checker import (
    broken_by,
    recompute_roster,
    roster_findings,
    roster_forecast,
    roster_mismatches,
    sessions_of,
    slot_refusals,
    told_refusals,
    verify_roster,
)
from solver.verify.unpaid_work.claims import ROSTER_CLAIMS, RosterClaim
from solver.verify.unpaid_work.facts import Drawn, Lines
from solver.verify.unpaid_work.register import ROSTER_CHECKS, RosterCheck
from solver.verify.unpaid_work.situation import Slot

__all__ = [
    "ROSTER_CHECKS",
    "ROSTER_CLAIMS",
    "Drawn",
    "Lines",
    "RosterCheck",
    "RosterClaim",
    "Slot",
    "broken_by",
    "overflow_probability",
    "recompute_roster",
    "roster_findings",
    "roster_forecast",
    "roster_mismatches",
    "sessions_of",
    "slot_refusals",
    "told_refusals",
    "verify_roster",
]
