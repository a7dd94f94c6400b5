"""What a file may at most hold, so that no input takes the machine's memory or time."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one file.

    file_bytes: its size. json_bytes, workbook_bytes: the same for JSON and for a zipped workbook.
    unpacked_bytes: a workbook, unpacked. unpacked_ratio: unpacked to packed, of parts over a megabyte.
    workbook_parts: files in the zip. rows: of one table. workbook_rows: of one sheet. columns: of one table.
    cell_characters: of one cell. line_characters: of one row of CSV as text.
    faults: listed for one file, before it says that there are more.
    """

    file_bytes: int = 512 * MEGABYTE
    json_bytes: int = 256 * MEGABYTE
    workbook_bytes: int = 128 * MEGABYTE
    unpacked_bytes: int = 512 * MEGABYTE
    unpacked_ratio: int = 200
    workbook_parts: int = 1_000
    rows: int = 1_000_000
    workbook_rows: int = 300_000
    columns: int = 64
    cell_characters: int = 32_767
    line_characters: int = 500_000
    faults: int = 10_000


LIMITS = Limits()
"""The limits that hold unless a caller brings others."""
