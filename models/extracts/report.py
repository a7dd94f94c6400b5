"""The fault report: every fault as a line for people, and as data for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from models.faults import Fault


def fault_lines(faults: Sequence[Fault], *, most: int | None = None) -> list[str]:
    """One line for each fault in order, then how many there are.

    most: shows only so many of them, and says how many are not shown; None shows all.
    """
    shown = list(faults if most is None else faults[:most])
    lines = [printable(fault.sentence) for fault in shown]
    if len(shown) < len(faults):
        lines.append(f"... and {len(faults) - len(shown):,} more")
    return [*lines, _count(faults)]


def _count(faults: Sequence[Fault]) -> str:
    files = Counter(fault.file for fault in faults)
    total = f"{len(faults):,} fault{'' if len(faults) == 1 else 's'}"
    named = [f"{count:,} in {printable(file)}" for file, count in files.items() if file is not None]
    return f"{total}: {', '.join(named)}" if len(named) > 1 else total


def fault_report_json(faults: Sequence[Fault]) -> dict[str, Any]:
    """All faults as data: {"faults": [{file, row, column, path, problem, expected, sentence}], "count": n}."""
    return {
        "count": len(faults),
        "faults": [
            {
                name: printable(value) if isinstance(value, str) else value
                for name, value in (*fault.as_json().items(), ("sentence", fault.sentence))
            }
            for fault in faults
        ],
    }


def printable(text: str) -> str:
    """The text with ? for every character that could not be shown or would steer a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
