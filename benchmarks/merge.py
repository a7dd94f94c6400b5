"""Several files of figures as one, each line set against the best bound that any solver proved for its question."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.ledger import read_rows, text_of, write_again
from models.allocation.plan import gap_of

SAME = ("instance", "question", "moves", "skip_budget", "fixed")
"""What makes two lines answers to one question."""


def with_best_bounds(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The rows with `best_bound_of_all` and `gap_to_best_bound` filled in where anything is known."""
    best: dict[tuple[str, ...], int] = {}
    for row in rows:
        if row["bound"] and not row["status"].startswith("FAILED"):
            question = tuple(row[name] for name in SAME)
            best[question] = max(best.get(question, int(row["bound"])), int(row["bound"]))
    filled = []
    for row in rows:
        bound = best.get(tuple(row[name] for name in SAME))
        gap = gap_of(int(row["total"]), bound, int(row["fixed"])) if row["total"] else None
        filled.append({**row, "best_bound_of_all": text_of(bound), "gap_to_best_bound": text_of(gap)})
    return filled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("files", type=Path, nargs="+", help="CSV files of `python -m benchmarks rebalance`")
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def main(arguments: argparse.Namespace) -> int:
    """Write every row of the files, in order, with the best bounds of all."""
    rows = [row for path in arguments.files for row in read_rows(path)]
    write_again(arguments.out, with_best_bounds(rows))
    print(f"{arguments.out}: {len(rows)} rows")
    return 0
