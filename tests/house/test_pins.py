"""The pins: exact, hashed, without addresses, and enough for what pyproject.toml asks."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-peers.txt")


def pins_in(file: str) -> dict[Requirement, list[str]]:
    """Each pin with its hashes. Raises ValueError for a line that is neither."""
    pins: dict[Requirement, list[str]] = {}
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        pins[Requirement(requirement)] = hashes
    return pins


@pytest.fixture(scope="module")
def project() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by group."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        "runtime": [*declared["project"]["dependencies"], *declared["build-system"]["requires"]],
        **declared["dependency-groups"],
    }


@pytest.mark.parametrize("file", FILES)
def test_every_pin_is_exact_and_hashed(file: str) -> None:
    pins = pins_in(file)
    assert len(pins) > len(FILES)
    for pin, hashes in pins.items():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], str(pin)
        assert pin.url is None, str(pin)
        assert hashes, f"{pin} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", entry) for entry in hashes), str(pin)


@pytest.mark.parametrize("file", FILES)
def test_pins_name_no_index(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(#|-)(?!-hash)", text, re.MULTILINE), "only pins and hashes"


@pytest.mark.parametrize(
    ("file", "groups"),
    [
        ("requirements.txt", ["runtime", "build"]),
        ("requirements-dev.txt", ["runtime", "build", "dev"]),
        ("requirements-peers.txt", ["runtime", "build", "dev", "peers"]),
    ],
)
def test_pins_satisfy_what_the_project_asks(
    file: str, groups: list[str], project: dict[str, list[str]]
) -> None:
    pins = pins_in(file)
    for wanted in (Requirement(line) for group in groups for line in project[group]):
        versions = [
            next(iter(pin.specifier)).version
            for pin in pins
            if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
        ]
        assert versions, f"{wanted} is not pinned in {file}"
        assert all(wanted.specifier.contains(version) for version in versions), f"{wanted}: {versions}"


def test_each_file_holds_the_pins_of_the_one_before() -> None:
    held = [{str(pin): hashes for pin, hashes in pins_in(file).items()} for file in FILES]
    for fewer, more in itertools.pairwise(held):
        assert {pin: more.get(pin) for pin in fewer} == fewer
