"""The `evenhand` command: its commands, and what becomes of everything that goes wrong in them.

Exit codes: 0 done; 1 a plan with violations, nothing found, or an internal error; 2 bad input or usage; 130
interrupted before any plan. Modules of commands import what is slow only when they run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.cli.allocate import allocate
from api.cli.atrs import atrs
from api.cli.audit import audit_app
from api.cli.batch import batch_app
from api.cli.erase import erase
from api.cli.exits import ExitCode
from api.cli.explain import explain
from api.cli.frontier import frontier
from api.cli.generate import generate_app
from api.cli.place import place
from api.cli.policy import policy_app
from api.cli.rebalance import rebalance
from api.cli.recommend import recommend
from api.cli.repair import repair
from api.cli.roster import roster
from api.cli.serve import serve
from api.cli.store import store_app
from api.cli.verify import verify
from api.cli.worker import worker


class EvenhandCommand(TyperGroup):
    """The command as a whole: every error ends in a sentence and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - the parent's; this command always exits by itself
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run and exit."""
        given = (sys.argv[1:] if args is None else list(args)) or ["--help"]
        as_json = "--json" in given
        try:
            result = super().main(
                given,
                prog_name or "evenhand",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
            code = result if isinstance(result, int) else ExitCode.DONE
        except typer.TyperException as error:
            code = _misused(error, as_json=as_json)
        except BrokenPipeError:
            _close_quietly()
            code = ExitCode.DONE
        except Exception as error:  # noqa: BLE001 - the last door: nobody sees a traceback
            from api.cli.complaints import complain

            code = complain(error, as_json=as_json)
        if code == ExitCode.INTERRUPTED:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # one more Ctrl-C must not spoil the exit code
            print("evenhand: interrupted; nothing was written", file=sys.stderr)
        sys.exit(int(code))


def _misused(error: typer.TyperException, *, as_json: bool) -> ExitCode:
    """Says what is wrong with the command line."""
    from api.cli.complaints import complain
    from models.errors import UsageError

    return complain(UsageError(f"{error.format_message()} (--help explains)"), as_json=as_json)


def _close_quietly() -> None:
    """Whoever read stdout has gone: send what is still buffered nowhere, so that no second error arises."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    name="evenhand",
    cls=EvenhandCommand,
    help="Fair, safe case allocation and unpaid work rosters: balanced, rule-abiding, verified, with reasons.",
    epilog="Exit codes: 0 done, 1 a plan with violations or nothing found, 2 bad input or usage, 130 interrupted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"evenhand {metadata.version('evenhand')}")
        raise typer.Exit(0)


@app.callback()
def _evenhand(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="The version, and nothing else."
        ),
    ] = False,
) -> None:
    """Fair, safe case allocation and unpaid work rosters: balanced, rule-abiding, verified, with reasons."""


for _command in (allocate, rebalance, frontier, recommend, roster, place, repair, explain, verify):
    app.command()(_command)
app.add_typer(generate_app, name="generate")
app.add_typer(policy_app, name="policy")
app.add_typer(batch_app, name="batch")
app.add_typer(store_app, name="store")
app.add_typer(audit_app, name="audit")
app.command()(erase)
app.command()(serve)
app.command()(worker)
app.command()(atrs)
