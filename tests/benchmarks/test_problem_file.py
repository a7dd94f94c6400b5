"""A problem comes out of its file as it went in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.problem_file import load_problem, save_problem
from solver.assignment.problem import AssignmentProblem


def plain(value: Any) -> Any:
    """Arrays as lists with their type, so that two problems can be compared."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return (str(value.dtype), value.tolist()) if isinstance(value, np.ndarray) else value


def test_round_trip(tiny: Callable[[int], AssignmentProblem], tmp_path: Path) -> None:
    for seed in range(60):
        problem = tiny(seed)
        start = problem.home if seed % 2 else None
        save_problem(tmp_path / "problem.npz", problem, start)
        again, begun = load_problem(tmp_path / "problem.npz")
        assert plain(again) == plain(problem)
        assert plain(begun) == plain(start)


def test_a_file_holds_numbers_only(tiny: Callable[[int], AssignmentProblem], tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, weight=np.array([{"code": "runs"}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        load_problem(path)
