"""Parquet, read with polars in slices; every value becomes text, as in the other tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.extracts.grid import Grid, Row, is_blank, refuse, shown, whole
from models.extracts.limits import Limits
from models.extracts.text_file import checked_size, first_bytes

if TYPE_CHECKING:
    import polars as pl

_SLICE = 20_000


def parquet_grid(path: Path, limits: Limits) -> Grid:
    """The rows of a Parquet file, the headings as row 1. Raises InputError when it cannot be read."""
    import polars as pl  # a large import, only for those who bring Parquet

    file = path.name
    checked_size(path, file, limits.file_bytes)
    if first_bytes(path, file, 4) != b"PAR1":
        raise refuse("this is not a Parquet file", "a Parquet file", file)
    with whole(file, "this Parquet file is broken", "a whole Parquet file"):
        lazy = pl.scan_parquet(path, glob=False)
        schema = lazy.collect_schema()
        rows = int(lazy.select(pl.len()).collect().item())
    if rows > limits.rows:
        raise refuse(f"there are {rows:,} rows", f"at most {limits.rows:,}", file)
    for name, kind in schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise refuse(
                f"the column {shown(name)} holds lists or objects",
                "a column of text, numbers or dates, lists separated by ;",
                file,
                1,
                name[:60],
            )
    return Grid(file, _rows(lazy, list(schema), rows, file, limits))


def _rows(lazy: pl.LazyFrame, names: list[str], count: int, file: str, limits: Limits) -> Iterator[Row]:
    import polars as pl

    yield 1, names
    text = pl.all().cast(pl.String, strict=False)
    for start in range(0, count, _SLICE):
        with whole(file, "this Parquet file is broken", "a whole Parquet file", start + 2):
            part = lazy.slice(start, _SLICE).select(text).collect()
            longest = part.select(pl.max_horizontal(pl.all().str.len_chars().max())).item()
        if longest is not None and longest > limits.line_characters:
            raise refuse(
                "a cell of these rows is far too long; nothing from here on was read",
                f"at most {limits.cell_characters:,} characters in a cell",
                file,
                start + 2,
            )
        for number, cells in enumerate(part.iter_rows(), start=start + 2):
            row = [cell or "" for cell in cells]
            if not is_blank(row):
                yield number, row
