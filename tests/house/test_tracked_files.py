"""What is committed: nothing that belongs to one machine, one index of packages or one run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In halves, so that this file does not name what it looks for.
ADDRESSES = tuple(
    first + second
    for first, second in [
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("npmjs", ".org"),
        ("npmjs", ".com"),
        ("deb.", "debian.org"),
        ("index", "-url"),
        ("find", "-links"),
        ("file:", "///"),
    ]
)


def tracked_files() -> list[Path]:
    """Every file that git tracks here and that still exists, whoever owns the checkout."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_file_names_where_packages_come_from(address: str) -> None:
    files = tracked_files()
    assert ROOT / "pyproject.toml" in files
    assert [str(path) for path in files if address.encode() in path.read_bytes().lower()] == []


def test_tests_need_no_packages_and_have_names_of_their_own() -> None:
    tests = [path for path in tracked_files() if path.is_relative_to(ROOT / "tests")]
    assert [str(path) for path in tests if path.name == "__init__.py"] == []
    names = [path.name for path in tests if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))
