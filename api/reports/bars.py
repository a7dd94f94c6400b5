"""Workload % as bars of text."""

from __future__ import annotations

BAR_WIDTH = 40
PERCENT_PER_CELL = 4


def bar(before: float | None, after: float | None, *, blocks: bool = True) -> str:
    """A bar from 0 to 160 %: what stays full, then what came (dense) or went (light). Empty for unknown.

    Every change, however small, shows in one cell at least; what is beyond the end ends in ">".
    """
    if before is None or after is None:
        return ""
    full, came, went = ("█", "▒", "░") if blocks else ("#", "+", "-")
    kept, longer = _cells(min(before, after)), _cells(max(before, after))
    if before != after and longer == kept:
        kept = max(0, kept - 1)
        longer = max(longer, 1)
    drawn = full * kept + (came if after > before else went) * (longer - kept)
    return drawn if len(drawn) <= BAR_WIDTH else drawn[: BAR_WIDTH - 1] + ">"


def mark(percent: float | None) -> str:
    """One exclamation mark above 100 %, two above 110 %."""
    if percent is None or percent <= 100:
        return ""
    return "!!" if percent > 110 else "!"


def _cells(percent: float) -> int:
    return round(percent / PERCENT_PER_CELL)
