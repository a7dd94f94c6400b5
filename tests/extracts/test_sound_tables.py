"""What is forgiven in tables, and that every form of the same facts is the same problem."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from models.allocation.case import Case
from models.allocation.problem import AllocationProblem
from models.allocation.terms import CaseType, Sex, TierScheme
from models.extracts import read_allocation
from models.extracts.write import write_allocation

if TYPE_CHECKING:
    from tests.extracts.conftest import Input

DAY = dt.datetime.fromisoformat
FULL_OFFICER = {
    "staffCode": "N03A003",
    "teamCode": "N03F02",
    "grade": "PQIP",
    "contractedHours": 37,
    "reductionHours": 7.4,
    "basePoints": 138,
    "skills": ["DOMESTIC_ABUSE", "WELSH"],
    "sex": "FEMALE",
    "active": False,
    "authorisedFrom": "2024-04-01",
    "authorisedUntil": "2027-03-31",
    "lastDay": "2027-01-29",
    "trainingStage": 2,
    "seniorCode": "N03S01",
    "tierLimits": {"A": 0, "B": 10},
    "newCasesLast7Days": 2,
    "leave": [{"from": "2026-12-21", "to": "2027-01-01"}, {"from": "2027-02-15", "to": "2027-02-19"}],
    "location": {"easting": 435300, "northing": 336100},
}
FULL_CASE = {
    "crn": "X100003",
    "tier": "B2S",
    "caseType": "LICENSE",
    "t2a": True,
    "points": 115,
    "requiredSkills": ["DOMESTIC_ABUSE"],
    "preferredSkills": ["WELSH", "YOUNG_ADULTS"],
    "teamCodes": ["N03F01", "N03F02"],
    "currentStaffCode": "N03A001",
    "currentTeamCode": "N03F01",
    "heldSince": "2025-05-06",
    "officerChanges": 1,
    "previousStaffCodes": ["N03A007", "N03A011"],
    "excludedStaffCodes": ["N03A020"],
    "officerSex": "FEMALE",
    "preferredOfficerSex": "MALE",
    "togetherGroup": "family-12",
    "apartGroup": "co defendants 3",
    "protectedUntil": "2026-12-18",
    "pinnedStaffCode": "N03A001",
    "dueBy": "2026-11-30",
    "restricted": True,
    "location": {"easting": 435300, "northing": 336100},
    "overrideReason": "no_staff",
    "overrideText": 'knows the family, "all" of it\nand the street',
}


@pytest.fixture
def full(sound_json: dict[str, Any], json_file: Callable[[Any], Path]) -> AllocationProblem:
    """A problem in which some record uses every field."""
    sound_json["officers"].append(FULL_OFFICER)
    sound_json["cases"].append(FULL_CASE)
    sound_json |= {"tierScheme": "V2", "oversightLimits": {"N03S01": 40, "N03S02": 35}}
    return read_allocation(json_file(sound_json))


def test_the_full_problem_uses_every_field(full: AllocationProblem) -> None:
    written = full.as_json()
    assert written["officers"][2] == FULL_OFFICER
    assert written["cases"][2] == FULL_CASE


def test_csv_of_the_same_facts_is_the_same_problem(full: AllocationProblem, tmp_path: Path) -> None:
    write_allocation(full, tmp_path / "csv")
    again = read_allocation(tmp_path / "csv")
    assert again == full
    assert again.input_hash == full.input_hash


def test_parquet_of_the_same_facts_is_the_same_problem(full: AllocationProblem, tmp_path: Path) -> None:
    write_allocation(full, tmp_path / "csv")
    (tmp_path / "parquet").mkdir()
    for name in ("officers", "cases", "problem"):
        frame = pl.read_csv(tmp_path / "csv" / f"{name}.csv", try_parse_dates=True)
        frame.write_parquet(tmp_path / "parquet" / f"{name}.parquet")
    schema = pl.read_parquet_schema(tmp_path / "parquet" / "cases.parquet")
    assert schema["points"] == pl.Int64
    assert schema["heldSince"] == pl.Date
    again = read_allocation(tmp_path / "parquet")
    assert again == full
    assert again.input_hash == full.input_hash


def test_a_workbook_of_the_same_facts_is_the_same_problem(
    full: AllocationProblem, tmp_path: Path, workbook: Callable[..., Path]
) -> None:
    write_allocation(full, tmp_path / "csv")
    sheets = {}
    for name in ("problem", "cases", "officers"):
        frame = pl.read_csv(tmp_path / "csv" / f"{name}.csv", try_parse_dates=True)
        rows = [["" if value is None else _typed(value) for value in row] for row in frame.iter_rows()]
        sheets[name.upper()] = [frame.columns, *rows]
    again = read_allocation(workbook(sheets))
    assert again == full
    assert again.input_hash == full.input_hash


def _typed(value: object) -> object:
    """Yes and no as a spreadsheet's own truth values; dates as its own dates."""
    if isinstance(value, dt.date):
        return DAY(value.isoformat())
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


HEADINGS = [
    "crn,tier,caseType,currentStaffCode",
    "CRN,Tier,Case Type,Current Staff Code",
    " crn , TIER,case_type,CURRENT-STAFF-CODE",
    "\ufeffCrn,tier,CASETYPE,current staff_code",
    '"crn","tier","case type","current  staff code"',
]


@pytest.mark.parametrize("headings", HEADINGS)
def test_headings_match_whatever_their_case_and_blanks(headings: str, sound: Input) -> None:
    sound.write("cases.csv", f"{headings}\nX100001,B2,COMMUNITY,N03A001\n")
    (found,) = read_allocation(sound.folder).cases
    assert (found.case_type, found.current_staff_code) == (CaseType.COMMUNITY, "N03A001")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_reads_in_the_usual_encodings(encoding: str, sound: Input) -> None:
    line = "X100001,B2,COMMUNITY,Zoë “café” €5"
    sound.write("cases.csv", f"crn,tier,caseType,overrideText\n{line}\n".encode(encoding))
    assert read_allocation(sound.folder).cases[0].override_text == "Zoë “café” €5"


def test_utf_16_of_either_order_reads(sound: Input) -> None:
    sound.write("cases.csv", b"\xfe\xff" + "crn,tier,caseType\nX100001,B2,CUSTODY\n".encode("utf-16-be"))
    assert read_allocation(sound.folder).cases == (Case("X100001", "B2", CaseType.CUSTODY),)


def only_case(sound: Input, text: str) -> Case:
    """The one case of a cases.csv."""
    sound.write("cases.csv", text)
    (found,) = read_allocation(sound.folder).cases
    return found


def test_tabs_separate_columns_too(sound: Input) -> None:
    assert only_case(sound, "crn\ttier\tcaseType\nX100001\tB2\tCUSTODY\n").tier == "B2"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str, sound: Input) -> None:
    assert only_case(sound, f"crn,tier,caseType{end}X100001,B2,CUSTODY{end}{end}").tier == "B2"


@pytest.mark.parametrize(
    "text", ["2026-02-01", "01/02/2026", "1/2/2026", " 2026-02-01 ", "2026-02-01 00:00:00"]
)
def test_dates_are_iso_or_day_first(text: str, sound: Input) -> None:
    found = only_case(sound, f"crn,tier,caseType,heldSince\nX100001,B2,CUSTODY,{text}\n")
    assert found.held_since == dt.date(2026, 2, 1)


@pytest.mark.parametrize("text", ["37", "37.0", " 37 ", "37.00", "+37", '"37"', "\u00a037"])
def test_whole_numbers_may_end_in_point_zero(text: str, sound: Input) -> None:
    assert only_case(sound, f"crn,tier,caseType,points\nX100001,B2,CUSTODY,{text}\n").points == 37


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((yes, True) for yes in ("yes", "Y", "TRUE", "true", "1", "1.0")),
        *((no, False) for no in ("no", "N", "False", "0", "0.0", "")),
    ],
)
def test_yes_and_no_have_many_spellings(text: str, value: bool, sound: Input) -> None:
    assert only_case(sound, f"crn,tier,caseType,t2a\nX100001,B2,CUSTODY,{text}\n").t2a is value


def test_words_match_whatever_their_case(sound: Input) -> None:
    sound.write("problem.csv", "as of,tier scheme\n23/11/2026,v3\n")
    found = only_case(
        sound,
        "crn,tier,case type,officer sex,preferred officer sex,override reason,pinned staff code\n"
        "x100001, b ,licence,f,Male,No Staff,N03A001\n",
    )
    assert (found.crn, found.tier, found.case_type) == ("X100001", "B", CaseType.LICENSE)
    assert (found.officer_sex, found.preferred_officer_sex) == (Sex.FEMALE, Sex.MALE)
    assert found.override_reason == "no_staff"
    assert read_allocation(sound.folder).tier_scheme is TierScheme.V3


def test_lists_forgive_blanks_and_ends(sound: Input) -> None:
    found = only_case(
        sound,
        "crn,tier,caseType,requiredSkills,teamCodes\nX100001,B2,CUSTODY, domestic abuse ;Welsh;,;N03F01; \n",
    )
    assert found.required_skills == ("DOMESTIC_ABUSE", "WELSH")
    assert found.team_codes == ("N03F01",)


def test_blank_rows_columns_and_ends_of_rows_are_nothing(sound: Input) -> None:
    sound.write(
        "cases.csv",
        "\n,,\ncrn,tier,caseType,,points,\n\n , ,\nX100001,B2,CUSTODY\n,,,,,\nX100002,B2,CUSTODY,,5,\n\n",
    )
    assert [found.points for found in read_allocation(sound.folder).cases] == [None, 5]


def test_no_cases_are_no_fault(sound: Input) -> None:
    sound.write("cases.csv", "crn,tier,caseType\n")
    assert read_allocation(sound.folder).cases == ()


def test_a_minus_alone_or_before_a_number_is_no_formula(sound: Input) -> None:
    found = only_case(sound, "crn,tier,caseType,overrideText\nX100001,B2,CUSTODY,-\n")
    assert found.override_text == "-"
    assert (
        only_case(sound, "crn,tier,caseType,overrideText\nX100001,B2,CUSTODY,-12.5\n").override_text
        == "-12.5"
    )


def test_files_may_be_named_in_capitals_and_others_may_lie_beside(sound: Input) -> None:
    (sound.folder / "cases.csv").rename(sound.folder / "Cases.CSV")
    sound.write("notes.csv", "whatever")
    sound.write("columns.md", "# whatever")
    assert len(read_allocation(sound.folder).cases) == 2


def test_other_sheets_of_a_workbook_are_left_alone(
    sound_sheets: dict[str, list[list[Any]]], workbook: Callable[..., Path]
) -> None:
    sound_sheets["notes"] = [["=1+1"], ["whatever"]]
    assert len(read_allocation(workbook(sound_sheets)).cases) == 2


def test_a_table_may_begin_anywhere_in_a_sheet(
    sound_sheets: dict[str, list[list[Any]]], workbook: Callable[..., Path]
) -> None:
    moved = [[], [], *([""] * 3 + row for row in sound_sheets["cases"])]
    expected = read_allocation(workbook(sound_sheets, "a.xlsx"))
    assert read_allocation(workbook(sound_sheets | {"cases": moved}, "b.xlsx")) == expected


def test_json_may_have_a_byte_order_mark(
    sound_json: dict[str, Any], json_file: Callable[[Any], Path]
) -> None:
    assert len(read_allocation(json_file("\ufeff" + json.dumps(sound_json))).cases) == 2


def test_the_callers_plan_date_stands_in_for_json_without_one(
    sound_json: dict[str, Any], json_file: Callable[[Any], Path]
) -> None:
    del sound_json["asOf"]
    day = dt.date(2026, 11, 24)
    assert read_allocation(json_file(sound_json), as_of=day).as_of == day
