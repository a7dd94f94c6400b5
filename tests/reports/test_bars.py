"""Workload as bars of text: 4 % a cell, 40 cells."""

from __future__ import annotations

import pytest

from api.reports.bars import BAR_WIDTH, bar, mark


@pytest.mark.parametrize(
    ("before", "after", "drawn"),
    [
        (20.0, 20.0, "#####"),
        (20.0, 28.0, "#####++"),
        (28.0, 20.0, "#####--"),
        (20.0, 20.4, "####+"),  # both are 5 cells, but a change always shows
        (20.4, 20.0, "####-"),
        (0.0, 0.1, "+"),
        (0.0, 0.0, ""),
        (None, 20.0, ""),
        (20.0, None, ""),
        (160.0, 160.0, "#" * 40),
        (400.0, 400.0, "#" * 39 + ">"),
    ],
)
def test_bar(before: float | None, after: float | None, drawn: str) -> None:
    assert bar(before, after, blocks=False) == drawn
    assert len(bar(before, after)) == len(drawn) <= BAR_WIDTH


def test_blocks() -> None:
    assert bar(20.0, 28.0) == "█████▒▒"
    assert bar(28.0, 20.0) == "█████░░"


@pytest.mark.parametrize(
    ("percent", "marked"), [(None, ""), (100.0, ""), (100.1, "!"), (110.0, "!"), (110.1, "!!")]
)
def test_mark(percent: float | None, marked: str) -> None:
    assert mark(percent) == marked
