"""The console script's entry. It imports next to nothing, so that Ctrl-C finds it ready from the first moment."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command and exit."""
    try:
        from api.cli.app import app

        app()
    except KeyboardInterrupt:
        print("evenhand: interrupted; nothing was written", file=sys.stderr)
        sys.exit(130)
