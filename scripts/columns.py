"""Write the columns of the extracts, as the reader knows them, into docs/data.md: `python scripts/columns.py`."""

from __future__ import annotations

from pathlib import Path

from models.extracts.columns import columns_markdown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data.md"
BEGIN, END = "<!-- columns: begin -->\n", "<!-- columns: end -->\n"


def page_with_columns(page: str) -> str:
    """The page with everything between the two marks replaced by the register's tables."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{columns_markdown().strip()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_columns(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
