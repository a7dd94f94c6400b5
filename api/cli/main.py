"""The console script's entry. It imports next to nothing, so that Ctrl-C finds it ready from the first moment."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import NoReturn


def main() -> None:
    """Run the command and exit."""
    keep_stdout()
    try:
        from api.cli.app import app

        app()
    except KeyboardInterrupt:
        print("evenhand: interrupted; nothing was written", file=sys.stderr)
        _leave(130)
    except SystemExit as ending:
        _leave(ending.code if isinstance(ending.code, int) else int(ending.code is not None))


def keep_stdout() -> None:
    """From here on stdout is Python's alone: what a compiled library prints goes to stderr, and spoils no JSON.

    HiGHS prints a line now and then although its output is off.
    """
    try:
        private = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # one of them is closed: nothing to keep
        return
    now = sys.stdout
    sys.stdout = os.fdopen(private, "w", encoding=now.encoding, errors=now.errors)
    sys.stdout.reconfigure(line_buffering=now.isatty())


def _leave(code: int) -> NoReturn:
    """Ends the process; at once where a thread is still inside the solver.

    Such a thread was given up by a solve that ran out of time, or by Ctrl-C. It cannot be ended in any gentler
    way, and Python's own way of exiting would abort the process when the thread comes back.
    """
    if threading.active_count() == 1:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
