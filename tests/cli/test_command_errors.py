"""What goes wrong ends in a sentence and an exit code; files are written whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from api.cli import complaints
from models.errors import InputError, PlanRefusedError, SolverError
from models.faults import Fault
from models.rules import Violation
from solver.allocation import allocate

Run = Callable[..., Result]
EVENHAND = Path(sys.executable).with_name("evenhand")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["allocate"], "PROBLEM"),
        (["allocate", "."], "--out"),
        (["allocate", "nowhere", "--out", "plan.json"], "cannot be found"),
        (["allocate", ".", "--out", "plan.json", "--time-limit", "soon"], "number"),
        (["allocate", ".", "--out", "plan.json", "--time-limit", "0"], "0.1"),
        (["allocate", ".", "--out", "plan.json", "--time-limit", "inf"], "--time-limit"),
        (["allocate", ".", "--out", "plan.json", "--work-limit", "nan"], "--work-limit"),
        (["allocate", ".", "--out", "plan.json", "--threads", "0"], "threads"),
        (["allocate", ".", "--out", "plan.json", "--strategy", "luck"], "luck"),
        (["allocate", ".", "--out", "plan.json", "--as-of", "tomorrow"], "tomorrow"),
        (["allocate", ".", "--out", "plan.json", "--policy", "nowhere.toml"], "cannot be read"),
        (["allocate", ".", "--out", "plan.json", "--report", "plan.pdf"], ".xlsx"),
        (["allocate", ".", "--out", "plan.xlsx", "--report", "plan.xlsx"], "same file"),
        (["allocate", "nowhere", "--out", "."], "folder"),
        (["allocate", ".", "--out", "/dev/null"], "ordinary"),
        (["allocate", ".", "--out", "plan.json", "--release", " , "], "--release"),
        (["rebalance", ".", "--out", "plan.json"], "--moves"),
        (["rebalance", ".", "--out", "plan.json", "--moves", "-1"], "--moves"),
        (["frontier", ".", "--out", "f.json", "--moves", "1,two"], "1,two"),
        (["frontier", ".", "--out", "f.json", "--moves", ",".join(map(str, range(101)))], "101"),
        (["recommend", "."], "--crn"),
        (["recommend", "nowhere", "--crn", "X000001"], "cannot be found"),
        (["verify", "."], "PLAN"),
        (["verify", ".", "nowhere.json"], "nowhere.json"),
        (["verify", ".", "plan.doc"], "plan.doc"),
        (["generate"], "generate"),
        (["generate", "allocation"], "--out"),
        (["generate", "allocation", "--out", "x", "--officers", "1"], "officers"),
        (["policy", "check", "nowhere.toml"], "cannot be read"),
        (["policy", "show", "--version", "1066"], "1066"),
        (["policy", "show", "--version", "2026-11", "--policy", "mine.toml"], "exclude"),
        (["divine"], "divine"),
        (["--loudly"], "--loudly"),
    ],
)
def test_bad_usage_and_input_exit_with_2(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("evenhand: ")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["allocate", "nowhere"], "1 fault in the input"),
        (["allocate", ".", "--threads", "0"], "--threads"),
        (["rebalance", ".", "--moves", "two"], "--moves"),
        (["recommend", "."], "--crn"),
        (["verify", ".", "plan.doc"], "1 fault in the input"),
        (["policy", "check", "nowhere.toml"], "1 fault in the input"),
        (["divine"], "divine"),
    ],
)
def test_bad_usage_and_input_in_json(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*args, "--json")
    assert result.exit_code == 2
    said = json.loads(result.stdout)
    assert set(said) == {"error", "count", "faults"}
    assert said["count"] == len(said["faults"])
    assert words in said["error"]
    assert result.stderr == ""


def spoil(unit: Path, count: int) -> None:
    """Gives the first cases of the unit a tier that does not exist, and adds cases until there are `count`."""
    path = unit / "cases.csv"
    heading, *rows = path.read_text(encoding="utf-8").splitlines()
    rows = [f"Y{number:06},Z9,{','.join(rows[0].split(',')[2:])}" for number in range(count)]
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")


def test_every_fault_is_listed_in_a_pipe(unit: Path, run: Run, tmp_path: Path) -> None:
    spoil(unit, 60)
    result = run("allocate", unit, "--out", tmp_path / "plan.json")
    assert result.exit_code == 2
    assert sum("column tier: 'Z9' is not a tier" in line for line in result.stderr.splitlines()) == 60
    assert "60 faults" in result.stderr
    assert not (tmp_path / "plan.json").exists()


def test_every_fault_is_listed_in_json(unit: Path, run: Run) -> None:
    spoil(unit, 60)
    result = run("allocate", unit, "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 2
    assert said["count"] == len(said["faults"]) == 60
    assert said["faults"][1] == {
        "file": "cases.csv",
        "row": 3,
        "column": "tier",
        "path": None,
        "problem": "'Z9' is not a tier",
        "expected": said["faults"][1]["expected"],
        "sentence": f"cases.csv, row 3, column tier: 'Z9' is not a tier; expected {said['faults'][1]['expected']}",
    }


def test_a_terminal_shows_the_first_fifty(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    faults = [Fault(f"fault {number}", "none", file="cases.csv", row=number) for number in range(60)]
    assert complaints.complain(InputError(faults), as_json=False) == 2
    said = capsys.readouterr().err
    assert "fault 49;" in said
    assert "fault 50;" not in said
    assert "10 more" in said
    assert "--json lists all" in said


@pytest.mark.parametrize(
    "error",
    [
        PlanRefusedError([Violation("tier_limit", "X123456 has a secret", crn="X123456")]),
        SolverError("CP-SAT refuses the model"),
        KeyError("X123456"),
        RecursionError("X123456"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("as_json", [False, True])
def test_internal_errors_exit_with_1_and_leave_files_as_they_were(
    run: Run,
    unit: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    as_json: bool,
) -> None:
    def fails(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(allocate, "plan", fails)
    out = tmp_path / "plan.json"
    out.write_text("before", encoding="utf-8")
    result = run("allocate", unit, "--out", out, *(["--json"] if as_json else []))
    assert result.exit_code == 1
    assert out.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.json", "unit"]
    assert "X123456" not in result.output
    assert "Traceback" not in result.output
    if isinstance(error, PlanRefusedError):
        assert "tier_limit" in result.output
    if isinstance(error, KeyError):
        assert "KeyError" in result.output
    if as_json:
        assert set(json.loads(result.stdout)) == {"error", "count", "faults"}


def test_result_may_not_replace_the_problem(unit: Path, run: Run) -> None:
    before = (unit / "cases.csv").read_bytes()
    result = run("allocate", unit, "--out", unit / "cases.csv")
    assert result.exit_code == 2
    assert "part of the problem" in result.stderr
    assert (unit / "cases.csv").read_bytes() == before


def test_control_characters_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    result = run("allocate", tmp_path / "a\x1b[31mb", "--out", tmp_path / "plan.json")
    assert result.exit_code == 2
    assert "\x1b" not in result.output


def test_no_arguments_show_the_help(run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert "allocate" in result.stdout
    assert "Exit codes" in result.stdout


def evenhand(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The installed command, as a process of its own."""
    return subprocess.run(
        [str(EVENHAND), *map(str, args)], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_installed_command_says_its_version_and_loads_nothing_slow(tmp_path: Path) -> None:
    shown = evenhand("--version", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("evenhand ")
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, api.cli.app; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    slow = {"ortools", "numpy", "scipy", "numba", "polars", "pydantic", "xlsxwriter"}
    assert slow.isdisjoint(loaded.stdout.split())


def test_installed_command_exits_with_2_for_a_fault(tmp_path: Path) -> None:
    ended = evenhand("allocate", "nowhere", "--out", "plan.json", cwd=tmp_path)
    assert ended.returncode == 2
    assert "nowhere" in ended.stderr
    assert ended.stdout == ""


def test_whoever_stops_reading_gets_no_complaint(tmp_path: Path) -> None:
    command = f"'{EVENHAND}' policy show | head -1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert ended.stdout.startswith("#")
    assert ended.stderr == ""


def test_a_terminal_of_another_encoding_is_served(unit: Path) -> None:
    ended = subprocess.run(
        [str(EVENHAND), "allocate", str(unit), "--out", str(unit.parent / "plan.json"), "--threads", "1"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert b" +  " in ended.stdout  # the bar of an officer who has nothing but what they receive
    assert ended.stdout.isascii()


def test_a_broken_installation_is_said_in_a_sentence(unit: Path) -> None:
    code = "import sys; sys.modules['models.extracts'] = None; from api.cli.main import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "allocate", str(unit), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 1
    assert ended.stderr == ""
    assert "internal error: ModuleNotFoundError at api/cli/" in json.loads(ended.stdout)["error"]


def test_a_thread_that_is_still_at_work_does_not_hold_up_the_end(unit: Path) -> None:
    code = """
import threading, time
threading.Thread(target=time.sleep, args=(100,)).start()
from api.cli.main import main
main()
"""
    args = [sys.executable, "-c", code, "recommend", str(unit), "--crn", "X000013"]
    ended = subprocess.run(args, capture_output=True, text=True, check=False, timeout=80)
    assert ended.returncode == 1
    assert "may not take it" in ended.stdout
