"""The spreadsheet: every part of the plan, every text as text, and it comes back as a plan."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from api.reports.spreadsheet import write_plan_spreadsheet
from api.reports.view import PlanView
from models.extracts import EditedPlan, read_plan
from solver.verify import verify_edited

FORMULA = '=HYPERLINK("http://example.invalid";"@+-")'


@pytest.fixture(scope="session")
def report(view: PlanView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "plan.xlsx"
    write_plan_spreadsheet(view.problem, view.plan, view.policy, path)
    return path


@pytest.fixture(scope="session")
def book(report: Path) -> Workbook:
    return openpyxl.load_workbook(report)


def rows(book: Workbook, name: str) -> list[dict[str, object]]:
    """The rows of a sheet by heading."""
    headings, *found = book[name].iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in found]


def test_sheets_have_frozen_headings_and_filters(book: Workbook) -> None:
    assert book.sheetnames == [
        "Summary",
        "Assignments",
        "Moves",
        "Unallocated",
        "Officers",
        "Findings",
        "Provenance",
    ]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref is not None
        assert max(column.width for column in sheet.column_dimensions.values()) > 10


def test_assignments_hold_every_case_waiting_first(book: Workbook, view: PlanView) -> None:
    assert [cell.value for cell in book["Assignments"][1]][:3] == ["crn", "staffCode", "teamCode"]
    found = rows(book, "Assignments")
    assert [row["change"] for row in found] == ["placed"] * 2 + ["unallocated"] + ["moved"] * 2 + [
        "stays"
    ] * 6
    by_crn = {row["crn"]: row for row in found}
    assert by_crn["X000013"]["staffCode"] is None
    for assignment in view.plan.assignments:
        row = by_crn[assignment.crn]
        assert (row["staffCode"], row["teamCode"]) == (assignment.staff_code, assignment.team_code)


def test_moves_unallocated_officers_findings_and_summary(book: Workbook, view: PlanView) -> None:
    assert [(row["from"], row["change"]) for row in rows(book, "Moves")] == [("N03A001", "moved")] * 2
    assert [row["crn"] for row in rows(book, "Unallocated")] == ["X000013"]
    officers = {row["staffCode"]: row for row in rows(book, "Officers")}
    for load in view.plan.officers:
        row = officers[load.staff_code]
        assert row["workloadBefore"] == load.workload_before
        assert row["workloadAfter"] == load.workload_after
        assert row["pointsAfter"] == load.points_after
    assert {row["crn"] for row in rows(book, "Findings")} == {finding.crn for finding in view.plan.findings}
    summary = {row["item"]: row["value"] for row in rows(book, "Summary")}
    assert summary["total"] == view.plan.objective.total
    assert summary["unallocated"] == 1
    made = {row["item"]: row["value"] for row in rows(book, "Provenance")}
    assert made["input hash"] == view.problem.input_hash
    assert made["policy hash"] == view.policy.policy_hash


def test_officers_have_data_bars(book: Workbook) -> None:
    kinds = [rule.type for area in book["Officers"].conditional_formatting for rule in area.rules]
    assert kinds == ["dataBar", "dataBar"]


def test_text_that_looks_like_a_formula_is_text(book: Workbook, report: Path) -> None:
    cells = [cell for row in book["Assignments"].iter_rows() for cell in row if cell.value == FORMULA]
    assert [cell.data_type for cell in cells] == ["s"]
    with zipfile.ZipFile(report) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        assert sheets
        assert not any(b"<f>" in parts.read(name) or b"<hyperlink" in parts.read(name) for name in sheets)


@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "http://example.invalid", "00123", "1e5"]
)
def test_no_text_becomes_anything_else(view: PlanView, tmp_path: Path, text: str) -> None:
    first, *others = view.plan.assignments
    plan = replace(view.plan, assignments=(replace(first, override_text=text), *others))
    path = tmp_path / "plan.xlsx"
    write_plan_spreadsheet(view.problem, plan, view.policy, path)
    sheet = openpyxl.load_workbook(path)["Assignments"]
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert [cell.data_type for cell in found] == ["s"]


def test_it_comes_back_as_the_plan(view: PlanView, report: Path) -> None:
    edited = read_plan(report)
    assert isinstance(edited, EditedPlan)
    assert verify_edited(view.problem, edited.assignments, view.plan.question, view.policy) == ()
    assert len(edited.assignments) == len(view.plan.assignments) + len(view.plan.unallocated)


def test_a_plan_without_anything_has_every_sheet(view: PlanView, tmp_path: Path) -> None:
    bare = replace(view.plan, assignments=(), unallocated=(), findings=(), bound=None, gap=None)
    path = tmp_path / "plan.xlsx"
    write_plan_spreadsheet(view.problem, bare, view.policy, path)
    assert len(openpyxl.load_workbook(path).sheetnames) == 7
