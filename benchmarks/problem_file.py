"""An assignment problem in a file of plain arrays, so that a peer in a process of its own gets exactly the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from solver.assignment.problem import AssignmentProblem, Bands, CountLimit, Ints, Link

_PLAIN = ("pair_price", "weight", "eligible", "base_load", "home", "owner", "skip_weight")
_OPTIONAL = ("capacity", "intake_limit", "intake_ceiling")
_LINKS = ("together", "apart")


def save_problem(path: Path, problem: AssignmentProblem, start: Ints | None = None) -> None:
    """Write the problem, and a plan to start from, as an .npz file that holds numbers only."""
    parts: dict[str, Any] = {name: getattr(problem, name) for name in _PLAIN}
    parts |= {name: value for name in _OPTIONAL if (value := getattr(problem, name)) is not None}
    parts |= {"edges": problem.bands.edges, "prices": problem.bands.prices}
    parts["may_skip"] = np.array(problem.may_skip)
    if problem.move_budget is not None:
        parts["move_budget"] = np.array(problem.move_budget)
    if start is not None:
        parts["start"] = start
    for name in _LINKS:
        links = getattr(problem, name)
        parts |= _ragged(f"{name}_tasks", [link.tasks for link in links])
        parts |= _ragged(f"{name}_fixed", [link.fixed_owners for link in links])
    limits = problem.count_limits
    parts |= _ragged("count_tasks", [limit.tasks for limit in limits])
    parts |= _ragged("count_agents", [limit.agents for limit in limits])
    parts["count_numbers"] = np.array(
        [(limit.base_count, limit.limit) for limit in limits], np.int64
    ).reshape(-1, 2)
    np.savez(path, **parts)


def load_problem(path: Path) -> tuple[AssignmentProblem, Ints | None]:
    """The problem of a file that `save_problem` wrote, and the plan to start from when there is one."""
    with np.load(path, allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    links = {
        name: tuple(
            Link(tasks, fixed)
            for tasks, fixed in zip(_rows(parts, f"{name}_tasks"), _rows(parts, f"{name}_fixed"), strict=True)
        )
        for name in _LINKS
    }
    counts = tuple(
        CountLimit(tasks, agents, int(numbers[0]), int(numbers[1]))
        for tasks, agents, numbers in zip(
            _rows(parts, "count_tasks"), _rows(parts, "count_agents"), parts["count_numbers"], strict=True
        )
    )
    plain: dict[str, Any] = {name: parts.get(name) for name in (*_PLAIN, *_OPTIONAL)}
    problem = AssignmentProblem(
        **plain,
        bands=Bands(parts["edges"], parts["prices"]),
        may_skip=bool(parts["may_skip"]),
        move_budget=int(parts["move_budget"]) if "move_budget" in parts else None,
        together=links["together"],
        apart=links["apart"],
        count_limits=counts,
    )
    return problem, parts.get("start")


def _ragged(name: str, rows: list[Ints]) -> dict[str, Ints]:
    """Rows of different lengths as one array and the places where each ends."""
    ends = np.cumsum([len(row) for row in rows], dtype=np.int64)
    flat = np.concatenate([np.zeros(0, np.int64), *rows])
    return {name: flat, f"{name}_ends": ends}


def _rows(parts: dict[str, Any], name: str) -> list[Ints]:
    ends = parts[f"{name}_ends"]
    return [row.copy() for row in np.split(parts[name], ends[:-1])] if len(ends) else []
