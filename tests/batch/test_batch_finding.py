"""Which PDUs a folder holds, what is wrong with them, and which of their cases are protected."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from api.jobs.batch.finding import Found, Read, Unusable, find, protected, read, read_stored
from api.store.records import ProblemKind
from models.errors import UsageError
from models.extracts import read_allocation
from tests.support.problems import AS_OF, case, day, held, officer, problem

EXAMPLES = Path(__file__).parents[2] / "examples"
ALLOCATION, UNPAID = ProblemKind.ALLOCATION, ProblemKind.UNPAID_WORK


def test_each_folder_is_a_pdu_with_one_or_both_kinds(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "pdu", tmp_path / "N01PDU01")
    shutil.copytree(EXAMPLES / "upw", tmp_path / "N01PDU02")
    shutil.copytree(EXAMPLES / "pdu", tmp_path / "N01PDU03" / "allocation")
    shutil.copytree(EXAMPLES / "upw", tmp_path / "N01PDU03" / "unpaid-work")
    (tmp_path / "N01PDU04").mkdir()
    (tmp_path / "N01PDU04" / "Allocation.json").write_text("{}", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    assert list(find(tmp_path)) == [
        Found("N01PDU01", ALLOCATION, tmp_path / "N01PDU01"),
        Found("N01PDU02", UNPAID, tmp_path / "N01PDU02"),
        Found("N01PDU03", ALLOCATION, tmp_path / "N01PDU03" / "allocation"),
        Found("N01PDU03", UNPAID, tmp_path / "N01PDU03" / "unpaid-work"),
        Found("N01PDU04", ALLOCATION, tmp_path / "N01PDU04" / "Allocation.json"),
    ]


def test_a_folder_without_extracts_with_a_strange_name_or_with_two_of_a_kind_is_reported(
    tmp_path: Path,
) -> None:
    (tmp_path / "EMPTY").mkdir()
    (tmp_path / "not a code").mkdir()
    shutil.copytree(EXAMPLES / "pdu", tmp_path / "TWICE")
    (tmp_path / "TWICE" / "allocation.json").write_text("{}", encoding="utf-8")
    found = list(find(tmp_path))
    assert all(isinstance(each, Unusable) for each in found)
    assert [(each.pdu, each.kind) for each in found] == [
        ("EMPTY", None),
        ("TWICE", ALLOCATION),
        ("not a code", None),
    ]


def test_no_pdu_at_all_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no folder"):
        list(find(tmp_path))
    with pytest.raises(UsageError, match="cannot be read"):
        list(find(tmp_path / "nowhere"))


def test_a_unit_is_read_whole_or_reported_with_every_fault(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "pdu", tmp_path / "N01PDU01")
    (good,) = find(tmp_path)
    assert isinstance(good, Found)
    got = read(good, AS_OF, 28)
    assert isinstance(got, Read)
    assert got.size == len(got.content["cases"])
    table = tmp_path / "N01PDU01" / "cases.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(lines[1].split(",")[0], "notacrn", 1)
    lines[3] = lines[3].replace(lines[3].split(",")[0], "alsonot", 1)
    table.write_text("\n".join(lines), encoding="utf-8")
    bad = read(good, AS_OF, 28)
    assert isinstance(bad, Unusable)
    assert {fault.row for fault in bad.faults} >= {2, 4}


def test_a_team_is_read_too() -> None:
    got = read(Found("N01PDU01", UNPAID, EXAMPLES / "upw"), AS_OF, 28)
    assert isinstance(got, Read)
    assert got.size == len(got.content["people"])
    again = read_stored("N01PDU01", UNPAID, got.content, 28)
    assert isinstance(again, Read)
    assert again.input_hash == got.input_hash


def test_a_case_is_protected_for_28_days_after_a_change_of_officer() -> None:
    ann = officer()
    given = problem(
        [ann],
        [
            case("X000001"),  # waits: nobody to protect it from
            held("X000002", "C1", ann, held_since=day(-28), officer_changes=1),  # to this day, and no longer
            held("X000003", "C1", ann, held_since=day(-29), officer_changes=1),  # a day too long ago
            held("X000004", "C1", ann, held_since=day(-3)),  # new to the officer, and never changed
            held("X000005", "C1", ann, held_since=day(-3), officer_changes=2, protected_until=day(60)),
            held("X000006", "C1", ann, held_since=day(-3), officer_changes=2, protected_until=day(1)),
        ],
    )
    until = [each.protected_until for each in protected(given, 28).cases]
    assert until == [None, AS_OF, None, None, day(60), AS_OF + dt.timedelta(days=25)]


def test_a_stored_problem_is_read_again_as_it_is_today() -> None:
    given = read_allocation(EXAMPLES / "pdu")
    once = read_stored("N01PDU01", ALLOCATION, given.as_json(), 28)
    assert isinstance(once, Read)
    twice = read_stored("N01PDU01", ALLOCATION, once.content, 28)
    assert isinstance(twice, Read)
    assert once.input_hash == twice.input_hash
    broken = read_stored("N01PDU01", ALLOCATION, {**given.as_json(), "cases": [{"crn": 7}]}, 28)
    assert isinstance(broken, Unusable)
