"""The command on the literature's format: reading, judging, writing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.smptsp import duties_of
from benchmarks.smptsp_instances import ShiftInstance, read_folder, read_instance
from models.errors import InputError

TEXT = """# made by hand
Type = 1
Jobs = 4
  9   12
 10 13
12 15
14 16
Qualifications = 3
 4:  0 1 2 3
 2: 1 3
 1: 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data_hand.dat").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_a_file_is_read_as_written(folder: Path) -> None:
    (instance,) = read_folder(folder)
    assert instance == ShiftInstance(
        "data_hand",
        ((9, 12), (10, 13), (12, 15), (14, 16)),
        (frozenset({0, 1, 2, 3}), frozenset({1, 3}), frozenset({0})),
    )
    assert instance.most_at_once() == duties_of(instance).most_at_once() == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("10 13", "10 x", "'10 x'"),
        ("10 13", "13 13", "'13 13'"),
        ("10 13", "10 13 14", "'10 13 14'"),
        ("Jobs = 4", "Tasks = 4", "'Tasks = 4'"),
        ("Jobs = 4", "Jobs = 0", "'Jobs = 0'"),
        (" 2: 1 3", " 3: 1 3", "'3: 1 3'"),
        (" 2: 1 3", " 2: 1 1", "'2: 1 1'"),
        (" 2: 1 3", " 2: 1 4", "a job that does not exist"),
        (" 1: 0\n", "", "the file ends too soon"),
        (" 1: 0\n", " 1: 0\n 1: 0\n", "after the last worker"),
        ("10 13", f"10 {2**50}", "far too large"),
    ],
)
def test_faults_name_the_file_and_the_place(folder: Path, old: str, new: str, fault: str) -> None:
    path = folder / "data_hand.dat"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_instance(path)
    (told,) = caught.value.faults
    assert "data_hand.dat" in told.sentence
    assert fault in told.sentence


def test_missing_and_empty_folders_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        assert main(["smptsp", "--instances", str(path), "--out", str(tmp_path / "o.csv")]) == 2
    assert "no instance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ([0, 1, 0], "3 workers are named for 4 tasks"),
        ([0, 1, 1, 0], "worker 1 may not do task 2"),
        ([0, 3, 0, 1], "worker 3 may not do task 1"),
        ([0, 0, 0, 1], "worker 0 has two tasks at 10"),
    ],
)
def test_an_answer_that_is_none_is_refused(folder: Path, workers: list[int], words: str) -> None:
    (instance,) = read_folder(folder)
    with pytest.raises(ValueError, match=words):
        instance.recount(workers)


def test_an_answer_is_counted(folder: Path) -> None:
    (instance,) = read_folder(folder)
    assert instance.recount([0, 1, 0, 1]) == 2
    assert instance.recount([2, 1, 0, 1]) == 3


def test_the_command_writes_the_figures_and_the_solutions(folder: Path, tmp_path: Path) -> None:
    out, solutions = tmp_path / "figures.csv", tmp_path / "solutions"
    words = ["--instances", str(folder), "--time-limit", "10", "--seed", "1", "--out", str(out)]
    assert main(["smptsp", *words, "--solutions", str(solutions)]) == 0
    with out.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == ["instance", "value", "bound", "seconds"]
    assert (row["instance"], row["value"], row["bound"]) == ("data_hand", "2", "2")
    workers = [int(line) for line in (solutions / "data_hand.sol").read_text(encoding="utf-8").splitlines()]
    assert read_instance(folder / "data_hand.dat").recount(workers) == 2
