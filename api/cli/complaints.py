"""What went wrong, said to people on stderr or, with --json, to machines on stdout. Never a traceback.

With --json: {"error": one sentence, "count": n, "faults": [{file, row, column, path, problem, expected, sentence}]},
where `faults` is empty for what is no fault of an input. Neither form repeats more of a record than a fault shows.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from api.cli.exits import ExitCode
from api.cli.terminal import say, show_json
from models.errors import EvenhandError, InputError, StoreError, UsageError

MOST_SHOWN = 50
"""Faults shown on a terminal before it says how many more there are."""


def complain(error: BaseException, *, as_json: bool) -> ExitCode:
    """Says what went wrong, and which exit code it means."""
    code = ExitCode.BAD_INPUT if isinstance(error, (InputError, UsageError)) else ExitCode.NOT_CLEAN
    if as_json:
        show_json({"error": sentence_of(error), **_report(error)})
        return code
    if isinstance(error, InputError):
        _say_faults(error)
    else:
        say(f"evenhand: {sentence_of(error)}")
    return code


def sentence_of(error: BaseException) -> str:
    """One sentence for an error; for what nobody foresaw, its kind and place but not its words.

    The words of an unforeseen error may repeat a record, so they are left out.
    """
    if isinstance(error, (InputError, UsageError, StoreError)):
        return str(error)
    if isinstance(error, EvenhandError):
        return f"internal error: {error}; no plan was written, please report this"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this problem"
    return f"internal error: {type(error).__name__} at {_place_of(error)}; please report this"


def _report(error: BaseException) -> dict[str, Any]:
    """The fault report of an error, empty for what is no fault of an input."""
    if not isinstance(error, InputError):
        return {"count": 0, "faults": []}
    from models.extracts.report import fault_report_json

    return fault_report_json(error.faults)


def _say_faults(error: InputError) -> None:
    from models.extracts.report import fault_lines  # here, so that a broken reader can be complained of too

    say("evenhand: the input cannot be used:")
    most = MOST_SHOWN if sys.stderr.isatty() else None
    for line in fault_lines(error.faults, most=most):
        say(f"  {line}")
    if most is not None and len(error.faults) > most:
        say("  --json lists all of them")


def _place_of(error: BaseException) -> str:
    """File and line where the error arose, the innermost of ours where there is one."""
    ours = Path(__file__).parents[2]
    place = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(ours) and "site-packages" not in path.relative_to(ours).parts:
            place = f"{path.relative_to(ours)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
