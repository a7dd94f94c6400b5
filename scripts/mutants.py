"""Remove each hard rule in turn, three ways, and show that a test notices.

    python scripts/mutants.py             every mutant, one line each; fails when one survives
    python scripts/mutants.py tier_limit  the mutants of these rules alone

For each rule, of allocation and of unpaid work: its constraint does nothing, its check does nothing, its entry is gone
from the register. The tests run in a process of their own for each mutant, until the first
failure. A constraint or check keeps its name and docstring, so that only its work is missed and not its presence.
"""

from __future__ import annotations

import functools
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

TESTS = {
    "constraint": ("tests/allocation/test_constraints.py",),
    "check": ("tests/verify",),
    "register": ("tests/verify", "tests/allocation/test_constraints.py"),
    "roster_constraint": ("tests/unpaid_work_model/test_roster_constraints.py",),
    "roster_check": ("tests/verify_unpaid",),
    "roster_register": ("tests/verify_unpaid/test_roster_register.py",),
}
"""What runs against each kind of mutant."""

TABLES = {
    "constraint": ("solver.allocation.constraints", "CONSTRAINTS"),
    "check": ("solver.verify.register", "CHECKS"),
    "register": ("models.rules", "ALLOCATION_RULES"),
    "roster_constraint": ("solver.unpaid_work.constraints", "CONSTRAINTS"),
    "roster_check": ("solver.verify.unpaid_work.register", "ROSTER_CHECKS"),
    "roster_register": ("models.rules", "UNPAID_WORK_RULES"),
}
"""Where each kind of mutant is made: a module and its table of rules."""

NOTHING = "nothing"
"""In place of a rule: the tests as they are, which must pass."""


def _without_work(function: Callable[..., Any], returns: object) -> Callable[..., Any]:
    @functools.wraps(function)
    def nothing(*_: object) -> object:
        return returns

    return nothing


def _mutate(kind: str, rule: str) -> None:
    """Take the rule out of this process."""
    if rule == NOTHING:
        return
    module, name = importlib.import_module(TABLES[kind][0]), TABLES[kind][1]
    table = dict(getattr(module, name))
    if kind.endswith("register"):
        del table[rule]
    else:
        table[rule] = _without_work(table[rule], None if kind.endswith("constraint") else ())
    setattr(module, name, MappingProxyType(table))


def _run_one(kind: str, rule: str) -> int:
    """Mutate this process and run the tests in it. Returns pytest's exit code."""
    import pytest

    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    sys.path.insert(0, str(ROOT))
    _mutate(kind, rule)
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--no-header", *TESTS[kind]]))


def _mutants(rules: Iterable[str]) -> Iterator[tuple[str, str]]:
    tables = {kind: getattr(importlib.import_module(module), name) for kind, (module, name) in TABLES.items()}
    for rule in rules:
        for kind, table in tables.items():
            if rule in table:
                yield kind, rule


def _hard_rules() -> list[str]:
    from models.rules import ALLOCATION_RULES, UNPAID_WORK_RULES, Strength

    both = (*ALLOCATION_RULES.values(), *UNPAID_WORK_RULES.values())
    return list(dict.fromkeys(entry.id for entry in both if entry.strength is Strength.HARD))


def _tests_fail(kind: str, rule: str) -> str | None:
    """The first test that fails against a mutant in a process of its own, None when all pass."""
    command = [sys.executable, __file__, "--in-here", kind, rule]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return None if ended.returncode == 0 else _what_failed(ended.stdout)


def _what_failed(output: str) -> str:
    """The first failing test, or the first line of an error while collecting."""
    for line in output.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            return line.split(" - ")[0].split(" ", 1)[1]
    return "the tests could not be collected"


def main(arguments: Sequence[str]) -> int:
    """Run every mutant, or one in this process with `--in-here KIND RULE`."""
    if arguments[:1] == ["--in-here"]:
        return _run_one(arguments[1], arguments[2])
    sys.path.insert(0, str(ROOT))
    known = _hard_rules()
    unknown = [rule for rule in arguments if rule not in known]
    if unknown:
        print(f"there is no hard rule {', '.join(unknown)}")
        return 2
    for kind in TESTS:
        if _tests_fail(kind, NOTHING):
            print(f"the {kind} tests fail without a mutant: mend them first")
            return 1
    survivors = []
    for kind, rule in _mutants(list(arguments) or known):
        noticed_by = _tests_fail(kind, rule)
        print(f"{rule:22} {kind:17} {'noticed by ' + noticed_by if noticed_by else 'SURVIVED'}", flush=True)
        if not noticed_by:
            survivors.append((kind, rule))
    print(f"{len(survivors)} survived" if survivors else "every mutant was noticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
