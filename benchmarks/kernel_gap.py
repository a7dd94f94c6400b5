"""Gap over time of the kernel on generated units: `python -m benchmarks.kernel_gap --help`."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

from benchmarks.kernel_instances import Unit, generate, only_waiting
from solver.assignment.kernel import Solution, solve
from solver.engine import Limits, Progress


def gap(total: int, bound: int, fixed: int) -> float:
    """The contract's gap in percent."""
    return 100.0 * max(0, total - bound) / max(1, total - fixed)


def run(unit: Unit, seconds: float, seed: int, skip_budget: int) -> tuple[Solution, list[Progress]]:
    """One solve and its progress."""
    seen: list[Progress] = []
    solution = solve(
        unit.problem,
        limits=Limits(seconds=seconds, seed=seed),
        skip_budget=skip_budget,
        fixed=unit.fixed,
        on_progress=seen.append,
    )
    return solution, seen


def main() -> None:
    """Run every fill and seed asked for and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=2300)
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--fills", type=float, nargs="+", default=[0.9, 1.0, 1.1, 1.18, 1.25, 1.35])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--allocate", action="store_true")
    parser.add_argument("--moves", type=int)
    parser.add_argument("--skip", type=int, default=0)
    options = parser.parse_args()
    for fill in options.fills:
        for seed in options.seeds:
            unit = generate(options.tasks, options.agents, fill, seed)
            if options.allocate:
                unit = only_waiting(unit)
            if options.moves is not None:
                unit = replace(unit, problem=replace(unit.problem, move_budget=options.moves))
            begun = time.process_time()
            solution, seen = run(unit, options.seconds, seed, options.skip)
            cpu = time.process_time() - begun
            marks = " ".join(
                f"{p.seconds:.1f}:{'-' if p.gap is None else f'{100 * p.gap:.3f}'}"
                for p in seen[:: max(1, len(seen) // 8)]
            )
            if solution.total is None or solution.bound is None:
                print(f"{fill:.2f} {seed} {solution.status} bound {solution.bound} {marks}")
                continue
            moved = (
                0 if solution.assignment is None else int(np.sum(solution.assignment != unit.problem.home))
            )
            print(
                f"{fill:.2f} seed {seed} {solution.status} gap {gap(solution.total, solution.bound, unit.fixed):.4f} %"
                f" total {solution.total} moved {moved} {solution.seconds:.2f} s cpu {cpu:.2f} | {marks}"
            )


if __name__ == "__main__":
    main()
