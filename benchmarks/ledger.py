"""Figures in a CSV that grows a row at a time, so that an interrupted benchmark goes on where it stopped."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.setting import machine, today, versions
from models.errors import UsageError

SETTING = ("date", "machine", "versions")


class Ledger:
    """A CSV of figures with the columns `columns` and the setting; `key` names the columns that identify a row.

    Rows that the file already holds are kept. Raises UsageError when it has other columns.
    """

    def __init__(self, path: Path, columns: Sequence[str], key: Sequence[str]) -> None:
        self.path, self._key = path, tuple(key)
        self._columns = (*columns, *SETTING)
        self._setting = dict(zip(SETTING, (today(), machine(), _all_versions()), strict=True))
        rows = read_rows(path) if path.exists() else []
        if rows and tuple(rows[0]) != self._columns:
            raise UsageError(
                f"{path} has other columns than this run would write; choose another --out or the same options"
            )
        self._known = {self._identity(row) for row in rows}
        if not rows:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerow(self._columns)

    def _identity(self, row: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(text_of(row[name]) for name in self._key)

    def has(self, row: Mapping[str, object]) -> bool:
        """Whether the file holds a row with this key."""
        return self._identity(row) in self._known

    def add(self, row: Mapping[str, object]) -> None:
        """Write a row down at once. What is unknown is left blank."""
        line = {**{name: text_of(value) for name, value in row.items()}, **self._setting}
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self._columns, lineterminator="\n", restval="").writerow(line)
        self._known.add(self._identity(row))


def _all_versions() -> str:
    """The versions that decide the figures, peers included where they are installed."""
    peers = []
    for name in ("pyscipopt", "timefold"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            peers.append(f"{name} {metadata.version(name)}")
    return " ".join([versions(), *peers])


def text_of(value: object) -> str:
    """A value as it stands in a file: blank when unknown, fractions to six places at most."""
    if value is None:
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV of figures."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_again(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Replace a file by these rows, with every column that any of them has, the setting last."""
    names = dict.fromkeys(name for row in rows for name in row if name not in SETTING)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*names, *SETTING], lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)
