"""`evenhand generate unpaid-work`: invented teams that can be read, and templates that can be filled in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from models.extracts import read_unpaid_work
from models.extracts.unpaid_columns import UNPAID_WORK

Run = Callable[..., Result]
SMALL = ("--people", "30", "--projects", "4", "--supervisors", "3", "--weeks", "4")


def test_a_team_is_written_and_read_back(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "team"
    result = run("generate", "unpaid-work", "--seed", "3", *SMALL, "--from", "2026-12-07", "--out", folder)
    assert result.exit_code == 0, result.stderr
    assert "30 people, 4 projects, 3 supervisors, 4 weeks from 2026-12-07" in result.stdout
    made = read_unpaid_work(folder)
    assert (len(made.people), len(made.projects), len(made.supervisors), made.weeks) == (30, 4, 3, 4)
    assert made.first.isoformat() == "2026-12-07"


def test_the_same_seed_makes_the_same_team(run: Run, tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        run("generate", "unpaid-work", "--seed", seed, *SMALL, "--out", tmp_path / name)
    one, two, other = ((tmp_path / name / "people.csv").read_bytes() for name in ("one", "two", "other"))
    assert one == two != other


def test_there_are_supervisors_for_the_people_where_none_are_asked_for(run: Run, tmp_path: Path) -> None:
    for people, supervisors in ((10, 1), (160, 9), (300, 17)):
        folder = tmp_path / str(people)
        assert run("generate", "unpaid-work", "--people", people, "--out", folder).exit_code == 0
        assert len(read_unpaid_work(folder).supervisors) == supervisors


def test_extracts_that_are_there_stay_unless_forced(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "people.csv"
    mine.write_text("mine", encoding="utf-8")
    for more in (SMALL, ("--templates",)):
        result = run("generate", "unpaid-work", *more, "--out", tmp_path)
        assert result.exit_code == 2
        assert "already holds people.csv" in result.stderr
        assert mine.read_text(encoding="utf-8") == "mine"
    assert run("generate", "unpaid-work", *SMALL, "--force", "--out", tmp_path).exit_code == 0
    assert len(read_unpaid_work(tmp_path).people) == 30


def test_templates_have_every_table_and_the_columns_explained(run: Run, tmp_path: Path) -> None:
    result = run("generate", "unpaid-work", "--templates", "--out", tmp_path / "new")
    assert result.exit_code == 0, result.stderr
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {*(f"{sheet.name}.csv" for sheet in UNPAID_WORK.sheets), "columns.md"}


def test_parameters_with_faults_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[area]\nsource = 'assumption'\n", encoding="utf-8")
    result = run(
        "generate", "unpaid-work", "--parameters", tmp_path / "mine.toml", "--out", tmp_path / "team"
    )
    assert result.exit_code == 2
    assert "mine.toml, area.region" in result.stderr
    assert not (tmp_path / "team").exists()
