"""Every parameter of generated teams has a source or is marked as an assumption, and faults in them are named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from models.errors import InputError
from models.synthetic import generate_unpaid_work, load_unpaid_work_parameters, unpaid_work_parameters

KNOWN_SOURCES = ("assumption", "ministryofjustice/", "domain figures", "Sentencing Act 2020")


def shipped_text() -> str:
    return resources.files("models.synthetic").joinpath("unpaid_work.toml").read_text(encoding="utf-8")


def tables(found: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of the file, those of lists one by one, inner ones too; plain mappings of numbers are values."""
    for name, value in found.items():
        entries = value if isinstance(value, list) else [value]
        for number, entry in enumerate(entries):
            if isinstance(entry, dict) and name != "modes":
                place = f"{prefix}{name}" + (f"[{number}]" if isinstance(value, list) else "")
                yield place, entry
                yield from tables(entry, place + ".")


TABLES = list(tables(tomllib.loads(shipped_text())))


@pytest.mark.parametrize(("name", "table"), TABLES, ids=[name for name, _ in TABLES])
def test_every_table_states_its_source_or_that_it_is_an_assumption(name: str, table: dict[str, Any]) -> None:
    assert any(known.lower() in table["source"].lower() for known in KNOWN_SOURCES), name


def test_every_table_of_the_file_is_a_field() -> None:
    assert set(tomllib.loads(shipped_text())) == set(type(unpaid_work_parameters()).model_fields)


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = shipped_text()
    assert text.count(old) == 1
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_an_edited_copy_is_read_and_used(tmp_path: Path) -> None:
    parameters = load_unpaid_work_parameters(edited(tmp_path, "\nallocated = 0.75", "\nallocated = 0.0"))
    made = generate_unpaid_work(parameters, seed=1, people=60, projects=6, supervisors=6)
    assert not any(person.allocations for person in made.people)


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ("two_events = 0.04", "two_events = 0.9", "less than or equal to 0.5|at most 0.5"),
        ("risk_in_group = 0.12", "risk_in_groups = 0.12", "demands.risk_in_group"),
        ("modes = { PUBLIC = 0.60", "modes = { PUBLIC = 0.50", "travel.modes do not add up to 1"),
        ("limits = [0, 60, 45]", "limits = [0, 60]", "travel.limit_shares differ in number"),
        ("least = 0.3\n", "least = 0.99\n", "attendance.least is above attendance.most"),
        ('morning_times = ["09:30"', 'morning_times = ["half nine"', "not a time"),
        ('never = ["SUNDAY_MORNING"]', 'never = ["SUNDAY"]', r"observances\[2\].never"),
        ("share = 0.07\nnever", "share = 0.97\nnever", "shares of observances exceed 1"),
        ("[area]", "[area", "this is not TOML"),
    ],
)
def test_faults_are_named(old: str, new: str, clause: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_unpaid_work_parameters(edited(tmp_path, old, new))
    assert caught.value.faults[0].file == "mine.toml"
    assert any(re.search(clause, fault.sentence) for fault in caught.value.faults), caught.value.faults


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_unpaid_work_parameters(tmp_path / "missing.toml")
    assert caught.value.faults[0].sentence == (
        "missing.toml: this file cannot be read; expected a TOML file in UTF-8"
    )
