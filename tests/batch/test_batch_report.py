"""The batch's report: what it shows, what it hides, and that it stands on its own."""

from __future__ import annotations

import datetime as dt
import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl

from api.reports.batch_report import batch_html, write_batch_html, write_batch_spreadsheet
from api.reports.batch_view import (
    BatchView,
    FailureLine,
    left_of,
    moves_of,
    unit_of_plan,
    unit_without,
)

WHEN = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)


def assignment(crn: str, before: str | None, after: str) -> dict[str, Any]:
    return {
        "crn": crn,
        "staffCode": after,
        "teamCode": "N03F01",
        "previousStaffCode": before,
        "reason": ["Workload falls.", f"<b>{crn}</b> is near."],
    }


PLAN: dict[str, Any] = {
    "status": "FEASIBLE",
    "gap": 0.0123,
    "assignments": [
        assignment("X100001", "N03A001", "N03A002"),
        assignment("X100002", "N03A001", "N03A003"),
        assignment("X100003", None, "N03A002"),
        assignment("X100004", "N03A002", "N03A002"),
    ],
    "unallocated": [
        {"crn": "X100005", "rules": ["grade"], "sentence": "Nobody may hold it."},
        {"crn": "X100006", "rules": ["skills"], "sentence": "Secret reason."},
    ],
    "balance": {"before": {"maxWorkload": 131.4}, "after": {"maxWorkload": 104.0}},
}
HIDDEN = frozenset({"X100002", "X100006"})


def view() -> BatchView:
    return BatchView(
        batch_id="b-1",
        where="/data/night",
        begun=WHEN,
        ended=WHEN,
        policy_version="2026-11",
        units=(
            unit_of_plan("N03PDU01", "DONE", PLAN, 6),
            unit_without("N03PDU02", "allocation", "FAILED", None),
        ),
        moves=tuple(moves_of("N03PDU01", PLAN, HIDDEN)),
        left=tuple(left_of("N03PDU01", "allocation", PLAN["unallocated"], HIDDEN)),
        failures=(
            FailureLine("N03PDU02", "allocation", "BAD_INPUT", "cases.csv, row 7: '<script>' is no tier"),
        ),
    )


def test_what_moves_what_is_left_and_what_failed() -> None:
    shown = view()
    assert [(move.crn, move.before, move.after) for move in shown.moves] == [
        ("X100001", "N03A001", "N03A002 (N03F01)"),
        ("X100002", "N03A001", "N03A003 (N03F01)"),
    ]
    unit = shown.units[0]
    assert (unit.placed, unit.moved, unit.left) == (1, 2, 2)
    assert (shown.done, shown.failed, shown.open) == (1, 1, 0)
    assert shown.worst is unit


def test_a_restricted_case_is_named_without_a_reason() -> None:
    shown = view()
    assert [move.why for move in shown.moves] == [
        "Workload falls. <b>X100001</b> is near.",
        "not shown: restricted",
    ]
    assert [line.sentence for line in shown.left] == ["Nobody may hold it.", "not shown: restricted"]
    assert "Secret reason" not in batch_html(shown)


class Reader(HTMLParser):
    """Tags and their attributes, and whether everything that opens also closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_on_its_own_and_can_be_read_by_everybody() -> None:
    page = batch_html(view())
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    tags = [tag for tag, _ in reader.tags]
    assert ("html", {"lang": "en-GB"}) in reader.tags
    assert tags.count("h1") == 1
    assert tags.count("table") == tags.count("caption") == 4
    assert all("scope" in attributes for tag, attributes in reader.tags if tag == "th")
    assert not {"script", "link", "img", "iframe", "object"} & set(tags)
    assert not re.search(r"https?://|url\(|@import", page)
    anchors = {value for tag, attributes in reader.tags if tag == "a" and (value := attributes["href"])}
    ids = {f"#{attributes['id']}" for _, attributes in reader.tags if "id" in attributes}
    assert anchors == ids
    assert "&lt;b&gt;X100001" in page
    assert "'&lt;script&gt;'" in page.replace("&#39;", "'")


def test_an_empty_batch_has_a_page_too() -> None:
    empty = BatchView("b-2", "region N09", WHEN, None, "2026-11", (), (), (), ())
    page = batch_html(empty)
    assert "not ended yet" in page
    assert "Nothing would move." in page
    assert "Everything was placed." in page


def test_the_files_are_whole_and_their_owners_alone(tmp_path: Path) -> None:
    write_batch_html(view(), tmp_path / "batch.html")
    write_batch_spreadsheet(view(), tmp_path / "batch.xlsx")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    book = openpyxl.load_workbook(tmp_path / "batch.xlsx")
    assert book.sheetnames == ["units", "moves", "not placed", "failed"]
    moves = list(book["moves"].iter_rows(values_only=True))
    assert moves[1] == (
        "N03PDU01",
        "X100001",
        "N03A001",
        "N03A002 (N03F01)",
        "Workload falls. <b>X100001</b> is near.",
    )
    assert list(book["units"].iter_rows(values_only=True))[1][:4] == ("N03PDU01", "allocation", "done", 6)
