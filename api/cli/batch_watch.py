"""How a batch goes, for people (a bar with the time left and the worst gap) and for machines (JSON lines)."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from api.cli.terminal import say
from api.store.records import BatchItem, BatchItemState, StoredJob

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from api.jobs.batch.running import Best

STAGES = "first pass"


class Lines:
    """A line for each thing that happens: JSON on stdout, or words on stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._round, self._parts, self._done = 0, 0, 0
        self._gaps: dict[tuple[str, str], float | None] = {}

    def reading(self, pdu: str) -> None:
        """See Watcher."""
        self._tell({"event": "reading", "pdu": pdu}, None)

    def round(self, number: int, parts: int) -> None:
        """See Watcher."""
        self._round, self._parts, self._done = number, parts, 0
        name = STAGES if number == 0 else f"round {number}"
        self._tell({"event": "round", "round": number, "parts": parts}, f"{name}: {parts} part(s)")

    def unit(self, item: BatchItem, job: StoredJob, best: Best | None) -> None:
        """See Watcher."""
        self._done += 1
        gap = None if best is None else best.gap
        if best is not None:
            self._gaps[(item.pdu, item.kind)] = gap
        line: dict[str, Any] = {
            "event": "unit",
            "round": self._round,
            "done": self._done,
            "parts": self._parts,
            "pdu": item.pdu,
            "kind": item.kind,
            "state": item.state,
            "jobId": job.id,
            "planId": None if best is None else best.job.plan_id,
            "gap": gap,
            "worstGap": self.worst_gap,
            "errorCode": job.error_code,
        }
        how = "failed" if item.state is BatchItemState.FAILED else f"gap {shown(gap)}"
        self._tell(line, f"[{self._done}/{self._parts}] {item.pdu} {item.kind}: {how}")

    def refused(self, item: BatchItem) -> None:
        """See Watcher."""
        self._done += 1
        faults = (item.report or {}).get("faults", [])
        line: dict[str, Any] = {
            "event": "refused",
            "round": self._round,
            "done": self._done,
            "parts": self._parts,
            "pdu": item.pdu,
            "kind": item.kind,
            "state": item.state,
            "errorCode": "BAD_INPUT",
            "faults": len(faults),
        }
        words = f"[{self._done}/{self._parts}] {item.pdu} {item.kind}: {len(faults)} fault(s), see the report"
        self._tell(line, words)

    @property
    def worst_gap(self) -> float | None:
        """The widest known gap so far."""
        return max((gap for gap in self._gaps.values() if gap is not None), default=None)

    def end(self, line: dict[str, Any]) -> None:
        """The last line for machines."""
        if self._as_json:
            self._tell({"event": "end", **line}, None)

    def _tell(self, line: dict[str, Any], words: str | None) -> None:
        if self._as_json:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        elif words is not None:
            say(f"evenhand: {words}")


class Bar(Lines):
    """A bar on a terminal: how many of a round are done, the time left, the worst gap."""

    def __init__(self, bars: Bars) -> None:
        super().__init__(as_json=False)
        self._bars = bars
        self._task = bars.add_task("reading", total=None, gap="")

    def reading(self, pdu: str) -> None:
        """See Watcher."""
        self._bars.update(self._task, description=f"reading {pdu}")

    def _tell(self, line: dict[str, Any], words: str | None) -> None:
        if line["event"] == "round":
            self._bars.remove_task(self._task)
            name = STAGES if self._round == 0 else f"round {self._round}"
            self._task = self._bars.add_task(name, total=self._parts, gap="")
        elif line["event"] in ("unit", "refused"):
            worst = f"worst gap {shown(self.worst_gap)}"
            name = STAGES if self._round == 0 else f"round {self._round}"
            self._bars.update(self._task, completed=self._done, gap=worst, description=name)
            if line["state"] == BatchItemState.FAILED and words is not None:
                self._bars.console.print(words, markup=False, highlight=False)


@contextlib.contextmanager
def watching(*, as_json: bool) -> Iterator[Lines]:
    """Who is told: JSON lines where asked for, a bar on a terminal, words elsewhere."""
    if as_json or not sys.stderr.isatty():
        yield Lines(as_json=as_json)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[gap]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        yield Bar(bars)


def shown(gap: float | None) -> str:
    """A gap for people."""
    return "not known" if gap is None else f"{100 * gap:.2f} %"


def seconds_since(begun: float) -> float:
    """Wall time since a reading of the monotonic clock, in tenths."""
    return round(time.monotonic() - begun, 1)
