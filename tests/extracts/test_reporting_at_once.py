"""Everything is reported at once, and nothing that only seems wrong because something else is."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from models.extracts.limits import Limits
from models.extracts.report import fault_lines, fault_report_json
from models.faults import Fault

if TYPE_CHECKING:
    from tests.extracts.conftest import Input, Refused


def places(found: list[tuple[tuple[str | None, int | None, str | None], str]]) -> list[tuple[object, ...]]:
    """The places alone."""
    return [place for place, _ in found]


def test_all_faults_of_all_files_come_in_the_order_of_the_files(sound: Input, refused: Refused) -> None:
    sound.officers(
        ("N03A001", "N03F01", "PO", "37", "0", "yes", ""), ("N03A004", "N03F01", "XX", "-1", "", "", "")
    )
    sound.cases(
        ("X100001", "B2", "COMMUNITY", "", "", "", ""),
        ("X1", "Q", "COMMUNITY", "", "31/31/2026", "", "x"),
        ("X100003", "Q", "COMMUNITY", "", "", "N03A999", ""),
    )
    sound.write("problem.csv", "asOf,tierScheme\nnever,V9\n")
    assert places(refused(sound.folder)) == [
        ("officers.csv", 4, "staffCode"),
        ("officers.csv", 5, "grade"),
        ("officers.csv", 5, "contractedHours"),
        ("cases.csv", 4, "crn"),
        ("cases.csv", 5, "crn"),
        ("cases.csv", 5, "points"),
        ("cases.csv", 5, "heldSince"),
        ("cases.csv", 6, "tier"),
        ("cases.csv", 6, "pinnedStaffCode"),
        ("problem.csv", 2, "asOf"),
        ("problem.csv", 2, "tierScheme"),
    ]


def test_a_pin_to_an_officer_whose_row_is_faulty_is_no_fault(sound: Input, refused: Refused) -> None:
    sound.officers(("N03A004", "N03F01", "XX", "37", "", "", ""))
    sound.cases(("X100003", "B2", "COMMUNITY", "", "", "N03A004", ""))
    assert places(refused(sound.folder)) == [("officers.csv", 4, "grade")]


def test_a_pin_is_not_judged_while_an_officers_code_is_unknown(sound: Input, refused: Refused) -> None:
    sound.officers(("", "N03F01", "PO", "37", "", "", ""))
    sound.cases(("X100003", "B2", "COMMUNITY", "", "", "N03A004", ""))
    assert places(refused(sound.folder)) == [("officers.csv", 4, "staffCode")]


def test_a_pin_is_not_judged_while_the_officers_cannot_be_read(sound: Input, refused: Refused) -> None:
    sound.write("officers.csv", b"%PDF-1.7")
    sound.cases(("X100003", "B2", "COMMUNITY", "", "", "N03A004", ""))
    assert places(refused(sound.folder)) == [("officers.csv", None, None)]


def test_contradictory_pins_are_told_even_then(sound: Input, refused: Refused) -> None:
    sound.write("officers.csv", b"%PDF-1.7")
    headings = ("crn", "tier", "caseType", "pinnedStaffCode", "togetherGroup")
    sound.table(
        "cases.csv",
        headings,
        [("X100001", "B2", "CUSTODY", "N03A001", "g"), ("X100002", "B2", "CUSTODY", "N03A002", "g")],
    )
    assert places(refused(sound.folder)) == [
        ("officers.csv", None, None),
        ("cases.csv", 3, "pinnedStaffCode"),
    ]


def test_a_bare_letter_is_not_judged_while_the_scheme_is_unknown(sound: Input, refused: Refused) -> None:
    sound.write("problem.csv", "asOf,tierScheme\n2026-11-23,V9\n")
    sound.cases(("X100003", "B", "COMMUNITY", "", "", "", ""))
    assert places(refused(sound.folder)) == [("problem.csv", 2, "tierScheme")]


@pytest.mark.parametrize(
    ("headings", "cells", "column"),
    [
        ("reductionHours", ("N03A004", "N03F01", "PO", "x", "50"), "contractedHours"),
        ("authorisedFrom", ("N03A004", "N03F01", "PO", "x", "2026-01-01"), "contractedHours"),
        ("skills", ("N03A001", "N03 F2", "PO", "37", ""), "teamCode"),
    ],
)
def test_an_officers_faulty_cell_causes_no_further_fault(
    headings: str, cells: tuple[str, ...], column: str, sound: Input, refused: Refused
) -> None:
    sound.table(
        "officers.csv",
        ("staffCode", "teamCode", "grade", "contractedHours", headings),
        [("N03A001", "N03F01", "PO", "37", ""), ("N03A002", "N03F01", "PO", "37", ""), cells],
    )
    assert places(refused(sound.folder)) == [("officers.csv", 4, column)]


@pytest.mark.parametrize(
    ("headings", "cells", "column"),
    [
        (("overrideReason", "pinnedStaffCode"), ("other", "N03 A1"), "pinnedStaffCode"),
        (("points", "tier"), ("x", "B"), "points"),
        (("currentTeamCode", "currentStaffCode"), ("a b", "N03A001"), "currentTeamCode"),
        (("currentStaffCode", "pinnedStaffCode"), ("a b", "N03A999"), "currentStaffCode"),
        (("crn",), ("X10000",), "crn"),
        (("crn",), ("",), "crn"),
    ],
)
def test_a_cases_faulty_cell_causes_no_further_fault(
    headings: tuple[str, ...], cells: tuple[str, ...], column: str, sound: Input, refused: Refused
) -> None:
    sound.write("problem.csv", "asOf,tierScheme\n2026-11-23,V2\n")
    row = {"crn": "X100001", "tier": "B2", "caseType": "CUSTODY"} | dict(zip(headings, cells, strict=True))
    sound.table("cases.csv", tuple(row), [tuple(row.values())])
    assert places(refused(sound.folder)) == [("cases.csv", 2, column)]


def test_a_missing_column_is_one_fault_whatever_the_number_of_rows(sound: Input, refused: Refused) -> None:
    sound.table("cases.csv", ("crn", "tier"), [(f"X{number:06d}", "B2") for number in range(500)])
    assert places(refused(sound.folder)) == [("cases.csv", 1, "caseType")]


def test_rows_count_as_a_spreadsheet_counts_them(sound: Input, refused: Refused) -> None:
    sound.write(
        "cases.csv",
        'crn,tier,caseType,overrideText\nX100001,B2,CUSTODY,"two\nlines, ""quoted"""\n\n,,,\nX100002,ZZ,CUSTODY,\n',
    )
    assert places(refused(sound.folder)) == [("cases.csv", 5, "tier")]


def test_more_faults_than_are_listed_are_said_to_be_more(sound: Input, refused: Refused) -> None:
    sound.cases(*[("X1", "B2", "COMMUNITY", "", "", "", "")] * 10)
    found = refused(sound.folder, Limits(faults=4))
    assert sorted(row or 0 for (_, row, _), _ in found) == [0, 4, 5, 6, 7]
    assert any("more than 4 faults; the others are not listed" in sentence for _, sentence in found)


def test_more_faults_between_records_than_are_listed_are_counted(sound: Input, refused: Refused) -> None:
    sound.cases(*[("X100001", "B2", "COMMUNITY", "", "", "", "")] * 10)
    found = refused(sound.folder, Limits(faults=4))
    assert len(found) == 5
    assert any("6 more faults between records" in sentence for _, sentence in found)


def test_too_many_rows_of_csv(sound: Input, refused: Refused) -> None:
    assert places(refused(sound.folder, Limits(rows=1))) == [
        ("officers.csv", 3, None),
        ("cases.csv", 3, None),
    ]


def test_a_file_beyond_the_limit_is_not_opened(sound: Input, refused: Refused) -> None:
    found = refused(sound.folder, Limits(file_bytes=70))
    assert places(found) == [("officers.csv", None, None), ("cases.csv", None, None)]
    assert "at most 0 MB" in found[0][1]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_300_megabytes_takes_neither_memory_nor_the_other_faults(
    quote: str, sound: Input, refused: Refused
) -> None:
    sound.officers(("N03A004", "N03F01", "XX", "37", "", "", ""))
    with (sound.folder / "cases.csv").open("w") as stream:
        stream.write(f"crn,tier,caseType,overrideText\nX100001,B2,CUSTODY,\nX100002,B2,CUSTODY,{quote}")
        for _ in range(300):
            stream.write("abcd\n     " * 100_000 if quote else "abcdefghij" * 100_000)
        stream.write(f"{quote}\n")
    tracemalloc.start()
    found = refused(sound.folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert places(found) == [("officers.csv", 4, "grade"), ("cases.csv", 3, None)]
    assert "far too long" in found[1][1]
    assert peak < 30_000_000


FAULTS = [
    Fault("it is bad", "good", file="cases.csv", row=2, column="tier"),
    Fault("it is worse", "good", file="cases.csv", row=3),
    Fault("it is missing", "a file", file="officers.csv"),
]


def test_the_report_for_people_has_a_line_for_each_fault_and_a_count() -> None:
    assert fault_lines(FAULTS) == [
        "cases.csv, row 2, column tier: it is bad; expected good",
        "cases.csv, row 3: it is worse; expected good",
        "officers.csv: it is missing; expected a file",
        "3 faults: 2 in cases.csv, 1 in officers.csv",
    ]
    assert fault_lines(FAULTS, most=1)[1:] == [
        "... and 2 more",
        "3 faults: 2 in cases.csv, 1 in officers.csv",
    ]
    assert fault_lines(FAULTS[2:])[-1] == "1 fault"


def test_the_report_for_machines_has_every_part() -> None:
    report = fault_report_json(FAULTS)
    assert report["count"] == 3
    assert report["faults"][0] == {
        "file": "cases.csv",
        "row": 2,
        "column": "tier",
        "path": None,
        "problem": "it is bad",
        "expected": "good",
        "sentence": "cases.csv, row 2, column tier: it is bad; expected good",
    }


def test_nothing_in_a_report_steers_a_terminal() -> None:
    fault = Fault("'\x1b[2J' is bad", "good", file="a\nb.csv", column="\ud800")
    assert fault_lines([fault]) == ["a?b.csv, column ?: '?[2J' is bad; expected good", "1 fault"]
    assert fault_report_json([fault])["faults"][0]["file"] == "a?b.csv"


@pytest.mark.parametrize(
    ("name", "clause"), [("nothing", "cannot be found"), ("pdu.txt", "'.txt' cannot be a whole problem")]
)
def test_what_is_no_input_is_a_fault(name: str, clause: str, sound: Input, refused: Refused) -> None:
    (sound.folder.parent / "pdu.txt").write_text("?", encoding="utf-8")
    ((place, sentence),) = refused(sound.folder.parent / name)
    assert place == (name, None, None)
    assert clause in sentence


def test_a_pipe_is_no_file_and_is_not_waited_for(sound: Input, refused: Refused) -> None:
    (sound.folder / "cases.csv").unlink()
    os.mkfifo(sound.folder / "cases.csv")
    assert places(refused(sound.folder)) == [("cases.csv", None, None)]


def test_a_row_of_many_lines_is_bounded_too(sound: Input, refused: Refused) -> None:
    lines = "line\n" * 100
    sound.write("cases.csv", f'crn,tier,caseType,overrideText\nX100001,B2,CUSTODY,"{lines}"\n')
    ((place, sentence),) = refused(sound.folder, Limits(line_characters=400))
    assert place == ("cases.csv", 2, None)
    assert "far too long" in sentence
