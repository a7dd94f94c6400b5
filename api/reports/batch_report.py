"""A batch's report as files: HTML that needs nothing but itself, and a spreadsheet."""

from __future__ import annotations

from pathlib import Path

from api.files import replacing
from api.reports.batch_view import BatchView
from api.reports.sheets import workbook

TEMPLATES = Path(__file__).parent / "templates"


def batch_html(view: BatchView) -> str:
    """The report as one page of HTML. Every text of a record is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("batch.html")
    return page.render(view=view, percent=_percent, number=_number, workload=_workload)


def write_batch_html(view: BatchView, path: Path) -> None:
    """The page, written whole or not at all, for its owner alone to read. Raises UsageError."""
    text = batch_html(view)
    with replacing(path) as beside:
        beside.chmod(0o600)
        beside.write_text(text, encoding="utf-8")


def write_batch_spreadsheet(view: BatchView, path: Path) -> None:
    """The spreadsheet, written whole or not at all, for its owner alone to read. Raises UsageError."""
    with replacing(path) as beside:
        beside.chmod(0o600)
        with workbook(beside) as book:
            book.sheet("units", _UNITS, (_unit_row(view, number) for number in range(len(view.units))))
            book.sheet(
                "moves",
                ("PDU", "case", "from", "to", "why"),
                ((each.pdu, each.crn, each.before, each.after, each.why) for each in view.moves),
            )
            book.sheet(
                "not placed",
                ("PDU", "part", "CRN", "rules", "why"),
                ((each.pdu, each.what, each.crn, each.rules, each.sentence) for each in view.left),
            )
            book.sheet(
                "failed",
                ("PDU", "part", "code", "what is wrong"),
                ((each.pdu, each.what, each.code, each.sentence) for each in view.failures),
            )


_UNITS = (
    "PDU",
    "part",
    "state",
    "cases or people",
    "placed",
    "would move",
    "not placed",
    "highest Workload % before",
    "highest Workload % after",
    "gap",
    "status",
)


def _unit_row(view: BatchView, number: int) -> tuple[str | int | float | None, ...]:
    each = view.units[number]
    return (
        each.pdu,
        each.what,
        each.state.lower(),
        each.size,
        each.placed,
        each.moved,
        each.left,
        each.highest_before,
        each.highest_after,
        each.gap,
        each.status,
    )


def _percent(gap: float | None) -> str:
    return "not known" if gap is None else f"{100 * gap:.2f} %"


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _workload(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %"
