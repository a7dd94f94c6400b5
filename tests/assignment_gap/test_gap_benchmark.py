"""The benchmark of the plain problem: what it reads, what it refuses, what it writes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.gap_instances import (
    BEST_KNOWN,
    GapInstance,
    generate,
    read_best_known,
    read_folder,
    read_instance,
    write_instance,
)
from models.errors import InputError

TWO_BY_TWO = "2 2\n1 2\n3 4\n5 6\n7 8\n9 9\n"


def test_an_instance_is_read_by_agents_then_jobs(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(TWO_BY_TWO, encoding="utf-8")
    found = read_instance(tmp_path / "a")
    assert found.cost.tolist() == [[1, 3], [2, 4]]
    assert found.weight.tolist() == [[5, 7], [6, 8]]
    assert found.capacity.tolist() == [9, 9]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "sizes"),
        ("0 3\n", "sizes"),
        ("2 2\n1 2 x", "'x'"),
        ("2 2\n1 2 3.5", "'3.5'"),
        (TWO_BY_TWO + " 1", "13 numbers"),
        ("2 2\n1 2\n3 4\n5 6\n7 8\n9\n", "11 numbers"),
        ("2 2\n1 2\n3 4\n5 6\n7 -8\n9 9\n", "negative"),
        ("1 1\n99999999999999999999 1 1\n", "too large"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "broken").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_instance(tmp_path / "broken")
    assert "broken" in caught.value.faults[0].sentence
    assert words in caught.value.faults[0].sentence


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError) as caught:
        read_instance(tmp_path / "binary")
    assert "cannot be read" in caught.value.faults[0].sentence


def test_best_known_values(tmp_path: Path) -> None:
    assert read_best_known(tmp_path) == {}
    path = tmp_path / BEST_KNOWN
    path.write_text("instance,best_known_value\na,12\n", encoding="utf-8")
    (tmp_path / "a").write_text(TWO_BY_TWO, encoding="utf-8")
    assert [instance.best_known for instance in read_folder(tmp_path)] == [12]
    path.write_text("instance,best_known_value\na,\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_best_known(tmp_path)
    assert "row 2" in caught.value.faults[0].sentence
    path.write_text("name,value\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_best_known(tmp_path)


def test_a_folder_without_instances(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError):
            read_folder(path)


@pytest.mark.parametrize("kind", ["c", "d", "e"])
def test_generated_instances_survive_writing(kind: str, tmp_path: Path) -> None:
    made = generate(kind, 3, 12, 5)
    write_instance(made, tmp_path / made.name)
    back = read_instance(tmp_path / made.name)
    assert back.cost.tolist() == made.cost.tolist()
    assert back.weight.tolist() == made.weight.tolist()
    assert back.capacity.tolist() == made.capacity.tolist()
    assert made.weight.min() >= 1
    assert generate(kind, 3, 12, 5).cost.tolist() == made.cost.tolist()
    assert generate(kind, 3, 12, 6).cost.tolist() != made.cost.tolist()


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="not a type"):
        generate("z", 2, 2, 1)


def test_recosting_trusts_nobody() -> None:
    instance = GapInstance("small", np.array([[1, 3], [2, 4]]), np.array([[5, 7], [6, 8]]), np.array([9, 9]))
    assert instance.recost(np.array([0, 1])) == 5
    for wrong in ([0, 0], [0], [0, 2], [0, -1]):
        with pytest.raises(ValueError, match="small"):
            instance.recost(np.array(wrong))


def test_the_command_writes_values_and_solutions(tmp_path: Path) -> None:
    folder = tmp_path / "instances"
    words = ["gap-generate", "--out", str(folder), "--kinds", "cd", "--sizes", "3x12", "--seeds", "1"]
    assert main(words) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["c0312-1", "d0312-1"]
    out, plans = tmp_path / "out" / "result.csv", tmp_path / "plans"
    words = ["gap", "--instances", str(folder), "--time-limit", "0.5", "--seed", "1", "--out", str(out)]
    assert main([*words, "--solutions", str(plans)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["instance", "value", "bound", "seconds", "best_known", "excess"]
    assert [row["instance"] for row in rows] == names
    for row in rows:
        lines = (plans / f"{row['instance']}.sol").read_text(encoding="utf-8").split()
        instance = read_instance(folder / row["instance"])
        assert instance.recost(np.array(lines, np.int64)) == int(row["value"])
        assert int(row["bound"]) <= int(row["value"])
        assert (row["best_known"], row["excess"]) == ("", "")


@pytest.mark.parametrize("solver", ["highs", "cp-sat"])
def test_peers_answer_from_their_own_process(solver: str, tmp_path: Path) -> None:
    write_instance(generate("c", 3, 12, 1), tmp_path / "c0312-1")
    (tmp_path / BEST_KNOWN).write_text("instance,best_known_value\nc0312-1,1\n", encoding="utf-8")
    out = tmp_path / "result.csv"
    words = ["gap", "--instances", str(tmp_path), "--time-limit", "5", "--out", str(out)]
    assert main([*words, "--solver", solver]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["value"] == row["bound"]
    assert float(row["excess"]) == int(row["value"]) - 1


def test_faults_end_the_command_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken").write_text("2 2 1", encoding="utf-8")
    words = ["gap", "--instances", str(tmp_path), "--out", str(tmp_path / "result.csv")]
    assert main(words) == 2
    assert "broken" in capsys.readouterr().err


def test_the_dispatcher_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "gap" in capsys.readouterr().out
    assert main([]) == 2
    assert main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
