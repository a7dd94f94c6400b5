"""`evenhand generate`: invented units that can be read and solved, and templates that can be filled in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from models.allocation.terms import TierScheme
from models.errors import InputError
from models.extracts import read_allocation
from models.extracts.columns import SHEETS

Run = Callable[..., Result]
SMALL = ("--cases", "120", "--officers", "12")


def test_a_unit_is_written_and_read_back(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "unit"
    result = run("generate", "allocation", "--seed", "3", *SMALL, "--as-of", "2026-12-01", "--out", folder)
    assert result.exit_code == 0, result.stderr
    assert "120 cases" in result.stdout
    made = read_allocation(folder)
    assert (len(made.cases), len(made.officers), made.as_of.isoformat()) == (120, 12, "2026-12-01")


def test_the_same_seed_makes_the_same_unit(run: Run, tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        run("generate", "allocation", "--seed", seed, *SMALL, "--out", tmp_path / name)
    one, two, other = ((tmp_path / name / "cases.csv").read_bytes() for name in ("one", "two", "other"))
    assert one == two != other


def test_options_reach_the_generator(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "unit"
    options = ("--scheme", "V3", "--waiting", "0.2", "--fill", "0.9")
    assert run("generate", "allocation", *SMALL, *options, "--out", folder).exit_code == 0
    made = read_allocation(folder)
    assert made.tier(made.cases[0]).scheme is TierScheme.V3
    assert sum(case.waiting for case in made.cases) == 24


def test_a_planted_plan_is_sound(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "unit"
    result = run("generate", "allocation", *SMALL, "--fill", "0.8", "--plant", "--out", folder)
    assert result.exit_code == 0, result.stderr
    checked = run("verify", folder, folder / "planted.csv", "--json")
    assert json.loads(checked.stdout)["violations"] == []
    assert checked.exit_code == 0


def test_extracts_that_are_there_stay(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "cases.csv"
    mine.write_text("mine", encoding="utf-8")
    for command in (["generate", "allocation", *SMALL], ["generate", "--templates"]):
        result = run(*command, "--out", tmp_path)
        assert result.exit_code == 2
        assert "already holds cases.csv" in result.stderr
        assert mine.read_text(encoding="utf-8") == "mine"
    assert run("generate", "allocation", *SMALL, "--out", tmp_path, "--force").exit_code == 0
    assert len(read_allocation(tmp_path).cases) == 120


@pytest.mark.parametrize("command", [["generate"], ["generate", "allocation"]])
def test_templates_have_every_heading_explained(run: Run, tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "new"
    assert run(*command, "--templates", "--out", folder).exit_code == 0
    explained = (folder / "columns.md").read_text(encoding="utf-8")
    for sheet in SHEETS:
        headings = (folder / f"{sheet.name}.csv").read_text(encoding="utf-8").strip().split(",")
        assert tuple(headings) == sheet.names
        assert all(f"`{name}`" in explained for name in headings)


def test_templates_are_read_and_only_lack_officers(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    run("generate", "--templates", "--out", folder)
    with pytest.raises(InputError) as caught:
        read_allocation(folder)
    assert any("there is no officer" in fault.problem for fault in caught.value.faults)
    assert [fault for fault in caught.value.faults if fault.row == 1] == []


def test_a_file_is_no_folder(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    assert run("generate", "allocation", *SMALL, "--out", file).exit_code == 2
    assert run("generate", "--templates", "--out", file).exit_code == 2


def test_options_before_the_kind_are_refused(run: Run, tmp_path: Path) -> None:
    result = run("generate", "--out", tmp_path / "x", "allocation")
    assert result.exit_code == 2
    assert "after 'allocation'" in result.stderr
