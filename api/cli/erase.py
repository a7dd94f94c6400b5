"""`evenhand erase`: one person out of the store. The CRN comes on standard input, never on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import DatabaseOption, JsonOption


def erase(
    database: DatabaseOption = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="CODE", help="Kept in the audit trail; name nobody in it."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Erase a person from every problem, plan, question and decision. Reads the CRN from standard input.

    Exit code 1 when there was nothing to erase.
    """
    import dataclasses
    import re
    import sys

    from api.cli.exits import ExitCode
    from api.cli.opening import open_store, operator
    from api.cli.terminal import say, show_json, show_text
    from models.errors import UsageError

    if sys.stdin.isatty():
        say("CRN:")
    crn = sys.stdin.readline().strip()
    if not re.fullmatch(r"[A-Za-z][0-9]{6}", crn):
        raise UsageError("expected one CRN on standard input: a letter and six digits")
    with open_store(database) as store:
        erased = store.erase(operator(), crn, reason, route="evenhand erase")
    if as_json:
        show_json(dataclasses.asdict(erased))
    else:
        show_text(
            f"erased from {erased.problems} problems, {erased.plans} plans, {erased.jobs} questions,"
            f" {erased.decisions} decisions; backups and extracts elsewhere are yours to see to"
        )
    return ExitCode.DONE if erased.anything else ExitCode.NOT_CLEAN
