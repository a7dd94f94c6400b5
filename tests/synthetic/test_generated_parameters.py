"""Every parameter of the generator has a source or is marked as an assumption, and faults in them are named."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from models.errors import InputError
from models.synthetic import allocation_parameters, load_parameters

KNOWN_SOURCES = (
    "assumption",
    "ministryofjustice/",
    "HM Inspectorate of Probation",
    "HMPPS workforce statistics",
    "domain figures",
    "240,362 people supervised",
)


def shipped_text() -> str:
    return resources.files("models.synthetic").joinpath("allocation.toml").read_text(encoding="utf-8")


def tables() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of the file, those of lists one by one."""
    for name, value in tomllib.loads(shipped_text()).items():
        entries = value if isinstance(value, list) else [value]
        for number, table in enumerate(entries):
            yield f"{name}[{number}]" if isinstance(value, list) else name, table


@pytest.mark.parametrize(("name", "table"), list(tables()), ids=[name for name, _ in tables()])
def test_every_table_states_its_source_or_that_it_is_an_assumption(name: str, table: dict[str, Any]) -> None:
    source = table["source"].lower()
    assert any(known.lower() in source for known in KNOWN_SOURCES), name


def test_every_table_of_the_file_is_a_field_and_nothing_stands_outside_tables() -> None:
    parsed = tomllib.loads(shipped_text())
    assert set(parsed) == set(type(allocation_parameters()).model_fields)
    assert all(isinstance(value, dict | list) for value in parsed.values())


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = shipped_text()
    assert text.count(old) == 1
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_an_edited_copy_is_read(tmp_path: Path) -> None:
    path = edited(tmp_path, "fill = 1.18", "fill = 1.05")
    assert load_parameters(path).workload.fill == 1.05


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fill = 1.18", "fill = 11.8", "workload.fill"),
        ("PO = 0.52", "PO = 0.62", "posts do not add up to 1"),
        ("fill = 1.18", "filling = 1.18", "workload.filling"),
        ("reductions = [0.8, 0.6, 0.4]", "reductions = [0.8, 0.6]", "trainees.reductions"),
        ("shares = [0.58, 0.06, 0.13, 0.06, 0.10, 0.07]", "shares = [0.58, 0.42]", "hours and their shares"),
        ("fill = 1.18", "fill = = 1", "not TOML"),
        ("B = 0.27, C = 0.39", "B = 0.27, E = 0.39", "tiers.v2.E"),
        ('name = "MAPPA"', 'name = "mappa; and more"', "skills[2].name"),
        ("required = [0.07, 0.0]", "required = [0.97, 0.0]", "exceed 1"),
        ("agency = 0.08 ", "agency = 0.99 ", "agency, lapsed and left exceed 1"),
        ("share = 0.07\nreduction = 0.1", "share = 0.97\nreduction = 0.1", "duties exceed 1"),
    ],
)
def test_faults_of_parameters_are_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        load_parameters(edited(tmp_path, old, new))
    assert words in " ".join(fault.sentence for fault in caught.value.faults)


def test_a_duty_has_a_source_like_every_other_table(tmp_path: Path) -> None:
    source = "Kind of reduction: ministryofjustice/wmt-worker; share and size: assumption"
    old = f'name = "court duty"\nsource = "{source}"\n'
    with pytest.raises(InputError) as caught:
        load_parameters(edited(tmp_path, old, 'name = "court duty"\n'))
    assert [fault.path for fault in caught.value.faults] == ["duties[3].source"]


def test_a_file_that_cannot_be_read_is_an_input_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_parameters(tmp_path / "nowhere.toml")


def test_scarcer_skills_are_had_by_fewer() -> None:
    usual = allocation_parameters()
    for before, after in zip(usual.skills, usual.scarcer(0.5).skills, strict=True):
        assert {grade: share * 0.5 for grade, share in before.had.items()} == after.had
