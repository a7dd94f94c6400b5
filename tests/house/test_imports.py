"""Imports run one way, and the contracts in pyproject.toml would notice if they did not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("models", "solver", "api", "benchmarks")


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts on the packages in `where`, and on none installed elsewhere."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(where)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages' Python files alone, to be spoilt."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda folder, names: [
                name for name in names if not name.endswith(".py") and not Path(folder, name).is_dir()
            ],
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("models/policy/stray.py", "import solver"),
        ("models/policy/stray.py", "import ortools"),
        ("models/policy/stray.py", "import fastapi"),
        ("solver/allocation/stray.py", "import api"),
        ("solver/allocation/stray.py", "import typer"),
        ("solver/allocation/stray.py", "import polars"),
        ("solver/verify/stray.py", "import solver.engine"),
        ("solver/verify/stray.py", "import solver.allocation"),
        ("solver/verify/stray.py", "import scipy"),
        (
            "solver/stray.py",
            "import models",
        ),  # a part of the solver that the verifier's contract does not name
        ("api/cli/stray.py", "import benchmarks"),
        ("benchmarks/stray.py", "import api"),
    ],
)
def test_contracts_notice(copy: Path, module: str, line: str) -> None:
    (copy / module).write_text(f'"""A stray module."""\n\n{line}\n', encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
