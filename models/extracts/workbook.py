"""XLSX."""

from __future__ import annotations

from pathlib import Path

from models.extracts.grid import Source, refuse


def workbook_source(path: Path) -> Source:
    """The sheets of a workbook."""
    raise refuse("workbooks are not read yet", "a folder of CSV files", path.name)
