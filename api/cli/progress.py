"""How the work stands, on one line of a terminal: stage, best, bound, gap and time left."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.text import Text

from solver.engine import Progress


class Display:
    """The line that changes while work goes on. Nothing is shown unless `showing()` is entered on a terminal."""

    def __init__(self) -> None:
        self._stage = ""
        self._latest: Progress | None = None
        self._limit: float | None = None
        self._begun = time.monotonic()

    def stage(self, words: str, limit: float | None = None) -> None:
        """A new stage, and how many seconds it may take."""
        self._stage, self._limit, self._latest, self._begun = words, limit, None, time.monotonic()

    def note(self, progress: Progress) -> None:
        """The solver's latest word. Called from the solver's threads."""
        self._latest = progress

    def line(self) -> Text:
        """The line as it stands."""
        seconds = time.monotonic() - self._begun
        latest = self._latest
        parts = [self._stage if latest is None else latest.stage]
        if latest is not None:
            parts.append("best " + ("-" if latest.best is None else f"{latest.best:,}"))
            parts.append("bound " + ("-" if latest.bound is None else f"{latest.bound:,}"))
            parts.append("gap " + ("-" if latest.gap is None else f"{100 * latest.gap:.2f} %"))
        if self._limit is None:
            parts.append(f"{seconds:.0f} s")
        else:
            parts.append(f"{max(0.0, self._limit - seconds):.0f} s left")
        return Text("  ".join(parts), style="cyan", no_wrap=True, overflow="ellipsis")

    @contextlib.contextmanager
    def showing(self, *, wanted: bool) -> Iterator[None]:
        """Shows the line while the block runs, on a terminal and where it is wanted."""
        if not wanted or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        live = Live(
            get_renderable=self.line,
            console=console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=True,
        )
        with live:
            yield
