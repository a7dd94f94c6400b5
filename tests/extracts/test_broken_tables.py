"""Extracts broken in every way we could think of: each gives exactly its faults, each at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.extracts.conftest import Input, Place, Refused

    Spoil = Callable[[Input], object]


@dataclass(frozen=True)
class Broken:
    """One kind of broken input, and each fault's place and a clause of its sentence."""

    name: str
    spoil: Spoil
    expected: tuple[tuple[Place, str], ...]


def one(name: str, spoil: Spoil, place: Place, clause: str) -> Broken:
    """Broken input with one fault."""
    return Broken(name, spoil, ((place, clause),))


def several(name: str, spoil: Spoil, *expected: tuple[Place, str]) -> Broken:
    """Broken input with several faults."""
    return Broken(name, spoil, expected)


OFFICER = {"staffCode": "N03A009", "teamCode": "N03F01", "grade": "PO", "contractedHours": "37"}
CASE = {"crn": "X100009", "tier": "B2", "caseType": "COMMUNITY"}


def officer(**cells: str) -> Spoil:
    """Two sound officers, and in row 4 one that is sound but for these cells."""
    row = OFFICER | cells
    sound = [{"staffCode": "N03A001"}, {"staffCode": "N03A002", "grade": "PSO"}]
    rows = [*({**dict.fromkeys(row, ""), **OFFICER, **cell} for cell in sound), row]
    return lambda extracts: extracts.table("officers.csv", tuple(row), [list(each.values()) for each in rows])


def cases(*rows: dict[str, str]) -> Spoil:
    """One sound case in row 2, and from row 3 on some that are sound but for these cells."""
    names = tuple(dict.fromkeys(name for row in ({}, CASE, *rows) for name in row))
    table = [
        [(CASE | {"crn": f"X20000{number}"} | row).get(name, "") for name in names]
        for number, row in enumerate(({}, *rows))
    ]
    return lambda extracts: extracts.table("cases.csv", names, table)


def case(**cells: str) -> Spoil:
    """One sound case, and in row 3 one that is sound but for these cells."""
    return cases(cells)


def file(name: str, content: str | bytes) -> Spoil:
    """Replaces a file, or adds one."""
    return lambda extracts: extracts.write(name, content)


def remove(*names: str) -> Spoil:
    """Removes files."""

    def spoil(extracts: Input) -> None:
        for name in names:
            (extracts.folder / name).unlink()

    return spoil


def folder_instead(extracts: Input) -> None:
    """A folder in the place of cases.csv."""
    (extracts.folder / "cases.csv").unlink()
    (extracts.folder / "cases.csv").mkdir()


def at_officer(row: int | None, column: str | None = None) -> Place:
    """A place in officers.csv."""
    return ("officers.csv", row, column)


def at_case(row: int | None, column: str | None = None) -> Place:
    """A place in cases.csv."""
    return ("cases.csv", row, column)


OFFICERS = "staffCode,teamCode,grade,contractedHours\nN03A001,N03F01,PO,37\nN03A002,N03F01,PSO,37\n"
CASES = "crn,tier,caseType\nX100001,B2,COMMUNITY\n"

FILES = [
    one("officers missing", remove("officers.csv"), at_officer(None), "is missing"),
    one("cases missing", remove("cases.csv"), at_case(None), "is missing"),
    one(
        "cases under another name",
        lambda i: (i.folder / "cases.csv").rename(i.folder / "case.csv"),
        at_case(None),
        "there is 'case.csv'",
    ),
    several(
        "an empty folder",
        remove("officers.csv", "cases.csv", "problem.csv"),
        (at_officer(None), "is missing"),
        (at_case(None), "is missing"),
        (("problem.csv", None, "asOf"), "no plan date"),
    ),
    one(
        "unpaid work extracts",
        lambda i: [
            (i.folder / old).rename(i.folder / new)
            for old, new in (
                ("officers.csv", "people.csv"),
                ("cases.csv", "projects.csv"),
                ("problem.csv", "supervisors.csv"),
            )
        ],
        ("pdu", None, None),
        "unpaid work",
    ),
    one(
        "CSV and Parquet of one name",
        file("cases.parquet", b"PAR1"),
        at_case(None),
        "cases.csv and cases.parquet",
    ),
    one(
        "one name in two cases",
        file("Officers.csv", OFFICERS),
        at_officer(None),
        "Officers.csv and officers.csv",
    ),
    several(
        "a folder named like a file",
        folder_instead,
        (at_case(None), "not a file"),
    ),
    one("an empty file", file("officers.csv", ""), at_officer(None), "is empty"),
    one("blank lines only", file("officers.csv", "\n\n ,,\n"), at_officer(None), "no headings"),
    one(
        "no officers",
        file("officers.csv", "staffCode,teamCode,grade,contractedHours\n"),
        at_officer(None),
        "there is no officer",
    ),
    one("a PDF named .csv", file("cases.csv", b"%PDF-1.7\n%\xe2\xe3"), at_case(None), "PDF"),
    one("a workbook named .csv", file("cases.csv", b"PK\x03\x04\x14\0"), at_case(None), "XLSX workbook"),
    one(
        "an old workbook named .csv",
        file("cases.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
        at_case(None),
        ".xls",
    ),
    one("Parquet named .csv", file("cases.csv", b"PAR1\x15\x04"), at_case(None), "Parquet"),
    one("gzip named .csv", file("cases.csv", b"\x1f\x8b\x08\0"), at_case(None), "gzip"),
    one("a sign-in page named .csv", file("cases.csv", "\n<!DOCTYPE html><html>"), at_case(None), "web page"),
    one("a NUL character", file("cases.csv", CASES + "X100002,B\0,CUSTODY\n"), at_case(3), "NUL"),
    one("UTF-16 without its mark", file("cases.csv", CASES.encode("utf-16-le")), at_case(1), "NUL"),
    one(
        "UTF-16 cut in half", file("cases.csv", CASES.encode("utf-16")[:-1]), at_case(None), "byte-order mark"
    ),
    one(
        "characters of no encoding",
        file("cases.csv", CASES.encode() + b"X100002,B2\x81,CUSTODY\n"),
        at_case(None),
        "neither UTF-8 nor Windows-1252",
    ),
    one(
        "semicolons between the columns", file("cases.csv", CASES.replace(",", ";")), at_case(1), "semicolons"
    ),
    one(
        "a quote never closed", file("cases.csv", CASES + 'X100002,"B2,CUSTODY\n'), at_case(3), "never closed"
    ),
    one(
        "text after a quote",
        file("cases.csv", CASES + 'X100002,"B2"x,CUSTODY\n'),
        at_case(3),
        "quotes do not match",
    ),
]

HEADINGS = [
    one(
        "a required column missing",
        file("cases.csv", "crn,caseType\nX100001,COMMUNITY\nX100002,CUSTODY\n"),
        at_case(1, "tier"),
        "column is missing",
    ),
    several(
        "two required columns missing",
        file("officers.csv", "staffCode,grade\nN03A001,PO\n"),
        (at_officer(1, "teamCode"), "column is missing"),
        (at_officer(1, "contractedHours"), "column is missing"),
    ),
    one("an unknown column", case(shoeSize="9"), at_case(1, "shoeSize"), "'shoeSize' is unknown"),
    one(
        "a misspelt column",
        case(requiredSkils="WELSH"),
        at_case(1, "requiredSkils"),
        "perhaps requiredSkills",
    ),
    one(
        "a column twice",
        case(**{"Case Type": "CUSTODY"}),
        at_case(1, "caseType"),
        "'caseType' and 'Case Type'",
    ),
    one(
        "a location twice",
        case(easting="1", northing="1", locationEasting="2"),
        at_case(1, "easting"),
        "two columns are easting",
    ),
    one(
        "no headings, data at once",
        file("cases.csv", "crn,B2,caseType,tier\nX100001,B2,CUSTODY,B2\n"),
        at_case(1, "B2"),
        "unknown",
    ),
    one(
        "too many columns", file("cases.csv", ",".join(f"c{n}" for n in range(65))), at_case(1), "65 columns"
    ),
    one(
        "more cells than headings",
        file("cases.csv", CASES + "X100002,B2,CUSTODY,,1\n"),
        at_case(3),
        "'1' in column 5 stands under no heading",
    ),
    one(
        "a value under a blank heading",
        file("cases.csv", "crn,,tier,caseType\nX100001,7,B2,CUSTODY\n"),
        at_case(2),
        "'7' in column 2",
    ),
]

OFFICER_CELLS = [
    one("no staff code", officer(staffCode=""), at_officer(4, "staffCode"), "this is missing"),
    one("a blank within a code", officer(staffCode="N03 A1"), at_officer(4, "staffCode"), "not a code"),
    one("no grade", officer(grade=""), at_officer(4, "grade"), "missing; expected PO, PSO, PQIP"),
    one("grade DMY", officer(grade="DMY"), at_officer(4, "grade"), "the grade is missing"),
    one("an unknown grade", officer(grade="HEO"), at_officer(4, "grade"), "'HEO' is not a grade"),
    one("negative hours", officer(contractedHours="-37"), at_officer(4, "contractedHours"), "too small"),
    one("too many hours", officer(contractedHours="370"), at_officer(4, "contractedHours"), "too large"),
    one(
        "hours in words",
        officer(contractedHours="full time"),
        at_officer(4, "contractedHours"),
        "not a number",
    ),
    one(
        "hours that are infinite", officer(contractedHours="inf"), at_officer(4, "contractedHours"), "finite"
    ),
    one(
        "hours with a decimal comma",
        file("officers.csv", OFFICERS + 'N03A009,N03F01,PO,"37,5"\n'),
        at_officer(4, "contractedHours"),
        "not a number",
    ),
    one(
        "reduction above the hours",
        officer(reductionHours="38"),
        at_officer(4, "reductionHours"),
        "at most 37",
    ),
    one(
        "points that are not whole",
        officer(basePoints="3.5"),
        at_officer(4, "basePoints"),
        "not a whole number",
    ),
    one("neither yes nor no", officer(active="perhaps"), at_officer(4, "active"), "neither yes nor no"),
    one("no such day", officer(lastDay="2026-02-30"), at_officer(4, "lastDay"), "not a date"),
    one("an American date", officer(lastDay="11/23/2026"), at_officer(4, "lastDay"), "not a date"),
    one("a date as a number", officer(lastDay="46349"), at_officer(4, "lastDay"), "not a date"),
    one("an unknown sex", officer(sex="X"), at_officer(4, "sex"), "is not known"),
    one("a stage out of range", officer(trainingStage="4"), at_officer(4, "trainingStage"), "at most 3"),
    one("limits that are no pairs", officer(tierLimits="A10"), at_officer(4, "tierLimits"), "pairs such as"),
    one("a limit twice", officer(tierLimits="A=1;A=2"), at_officer(4, "tierLimits"), "there twice"),
    one(
        "a limit that is no number",
        officer(tierLimits="A=many"),
        at_officer(4, "tierLimits"),
        "not a whole number",
    ),
    one("a limit for no tier", officer(tierLimits="Z=1"), at_officer(4, "tierLimits"), "not a tier letter"),
    one("leave that is no span", officer(leave="next week"), at_officer(4, "leave"), "not a span of days"),
    one("leave on no such day", officer(leave="2026-02-30/2026-03-01"), at_officer(4, "leave"), "not a date"),
    one(
        "leave that ends before it begins",
        officer(leave="2026-03-02/2026-03-01"),
        at_officer(4, "leave"),
        "ends before it begins",
    ),
    one(
        "authorised until before from",
        officer(authorisedFrom="2026-05-01", authorisedUntil="2026-04-01"),
        at_officer(4, "authorisedUntil"),
        "ends before it begins",
    ),
    one(
        "half of a location",
        officer(easting="435300", northing=""),
        at_officer(4, "northing"),
        "half of a location",
    ),
    one(
        "a location in degrees",
        officer(easting="-1", northing="336100"),
        at_officer(4, "easting"),
        "too small",
    ),
    one(
        "one officer twice in a team", officer(staffCode="N03A001"), at_officer(4, "staffCode"), "there twice"
    ),
    one("a formula", officer(basePoints="=SUM(A1:A9)"), at_officer(4, "basePoints"), "looks like a formula"),
    one(
        "a formula behind an at sign", officer(skills="@cmd"), at_officer(4, "skills"), "looks like a formula"
    ),
    one("a formula behind a minus", officer(staffCode="-1+cmd|calc"), at_officer(4, "staffCode"), "formula"),
]

CASE_CELLS = [
    one("a CRN that is none", case(crn="123456X"), at_case(3, "crn"), "'123456X' is not a CRN"),
    one("a CRN twice", case(crn="x200000"), at_case(3, "crn"), "first at cases.csv, row 2"),
    one("no tier", case(tier=""), at_case(3, "tier"), "this is missing"),
    one("an unknown tier", case(tier="H9"), at_case(3, "tier"), "'H9' is not a tier"),
    one("a bare letter without a scheme", case(tier="B"), at_case(3, "tier"), "tierScheme"),
    one("an unknown case type", case(caseType="PRISON"), at_case(3, "caseType"), "'PRISON' is not known"),
    one(
        "an error of a spreadsheet", case(points="#N/A"), at_case(3, "points"), "'#N/A' is not a whole number"
    ),
    one("points without end", case(points="9" * 5000), at_case(3, "points"), "far too large"),
    one(
        "a skill with an equals sign", case(requiredSkills="a=b"), at_case(3, "requiredSkills"), "not a label"
    ),
    one(
        "a code that is a sentence",
        case(previousStaffCodes="N03A001, N03A002".replace(",", " and")),
        at_case(3, "previousStaffCodes"),
        "not a code",
    ),
    one(
        "pinned to someone who does not exist",
        case(pinnedStaffCode="N03A999"),
        at_case(3, "pinnedStaffCode"),
        "not among the officers",
    ),
    one("an override without a pin", case(overrideReason="other"), at_case(3, "overrideReason"), "no pin"),
    one(
        "an unknown override",
        case(pinnedStaffCode="N03A001", overrideReason="because"),
        at_case(3, "overrideReason"),
        "is not known",
    ),
    one(
        "a cell of 40,000 characters",
        case(overrideText="x" * 40_000),
        at_case(3, "overrideText"),
        "40,000 char",
    ),
    one(
        "held together but pinned apart",
        cases(
            {"togetherGroup": "g", "pinnedStaffCode": "N03A001"},
            {"togetherGroup": "g", "pinnedStaffCode": "N03A002"},
        ),
        at_case(4, "pinnedStaffCode"),
        "pinned to somebody else",
    ),
    one(
        "kept apart but pinned together",
        cases(
            {"apartGroup": "g", "pinnedStaffCode": "N03A001"},
            {"apartGroup": "g", "pinnedStaffCode": "N03A001"},
        ),
        at_case(4, "pinnedStaffCode"),
        "pinned to the same person",
    ),
]

PROBLEM_CELLS = [
    one(
        "an unknown scheme",
        file("problem.csv", "asOf,tierScheme\n2026-11-23,V4\n"),
        ("problem.csv", 2, "tierScheme"),
        "'V4' is not known",
    ),
    one(
        "two rows for one problem",
        file("problem.csv", "asOf\n2026-11-23\n2026-11-24\n"),
        ("problem.csv", 3, None),
        "more than one row",
    ),
    one(
        "a plan date that is none",
        file("problem.csv", "asOf\nMonday\n"),
        ("problem.csv", 2, "asOf"),
        "not a date",
    ),
    one(
        "a plan date in no possible year",
        file("problem.csv", "asOf\n9999-12-31\n"),
        ("problem.csv", None, "asOf"),
        "the year 9999",
    ),
    one("no plan date at all", file("problem.csv", "asOf\n"), ("problem.csv", None, "asOf"), "no plan date"),
    one(
        "a V3 tier in a V2 problem",
        lambda i: (file("problem.csv", "asOf,tierScheme\n2026-11-23,V2\n")(i), case(tier="F")(i)),
        at_case(3, "tier"),
        "no tier of V2",
    ),
    one(
        "a bare V2 letter without points",
        lambda i: (file("problem.csv", "asOf,tierScheme\n2026-11-23,V2\n")(i), case(tier="B")(i)),
        at_case(3, "tier"),
        "no digit",
    ),
]

ALL = [*FILES, *HEADINGS, *OFFICER_CELLS, *CASE_CELLS, *PROBLEM_CELLS]


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_each_fault_is_named_at_its_place(broken: Broken, sound: Input, refused: Refused) -> None:
    broken.spoil(sound)
    found = refused(sound.folder)
    assert [place for place, _ in found] == [place for place, _ in broken.expected], found
    for (_, sentence), (_, clause) in zip(found, broken.expected, strict=True):
        assert clause in sentence


def test_there_are_at_least_forty_kinds() -> None:
    assert len({broken.name for broken in ALL}) == len(ALL) >= 40


def test_the_input_that_they_spoil_is_sound(sound: Input) -> None:
    from models.extracts import read_allocation

    assert len(read_allocation(sound.folder).cases) == 2
