"""The wheel: the three packages with their data, the command, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("models", "solver", "api")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel made from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (made,) = folder.glob("evenhand-*-py3-none-any.whl")
    return zipfile.ZipFile(made)


def test_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    checked_out = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert inside == checked_out
    assert {f"{package}/py.typed" for package in PACKAGES} <= inside


def test_wheel_has_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    (commands,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert wheel.read(commands).decode() == "[console_scripts]\nevenhand = api.cli.main:main\n"
    assert any(name.endswith("/LICENSE") for name in wheel.namelist())
