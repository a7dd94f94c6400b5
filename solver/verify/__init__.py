"""Every rule again from the input alone, without the solver.

`verify` checks a plan and every claim it makes; `verify_edited` checks lines that came back from a spreadsheet.
`CHECKS` and `CLAIMS` hold one function for each hard rule and each claim of models.rules.
"""

from solver.verify.checker import (
    Checker,
    Placement,
    balance,
    findings,
    load_rows,
    mismatches,
    pair_refusals,
    recompute,
    verify,
    verify_edited,
)
from solver.verify.claims import CLAIMS, Claim
from solver.verify.facts import Line
from solver.verify.pairs import PAIR_RULES
from solver.verify.register import CHECKS, Check
from solver.verify.releases import situation_of
from solver.verify.situation import Situation, Standing

__all__ = [
    "CHECKS",
    "CLAIMS",
    "PAIR_RULES",
    "Check",
    "Checker",
    "Claim",
    "Line",
    "Placement",
    "Situation",
    "Standing",
    "balance",
    "findings",
    "load_rows",
    "mismatches",
    "pair_refusals",
    "recompute",
    "situation_of",
    "verify",
    "verify_edited",
]
