"""Where the time goes: processor time by stage, from the records of a unit to the verified plan.

`python -m benchmarks.stages --out FILE.csv`. Times are those of the threads that do the work, so another program on the
machine changes the shares little; each stage counts what it does itself, less the stages that it calls.
"""

from __future__ import annotations

import argparse
import functools
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.allocation_instances import instance as unit
from benchmarks.ledger import Ledger
from benchmarks.questions import question_of
from benchmarks.setting import add_run_arguments
from models.policy.policy import default_policy
from solver.allocation import allocate, staged
from solver.assignment import branching, kernel
from solver.assignment.bound import Lagrangian
from solver.assignment.columns import Master
from solver.assignment.deciding import Deciding
from solver.assignment.primal import Primal
from solver.assignment.relaxation import LinearProgramme
from solver.engine import Limits
from solver.verify import Checker

STAGES: tuple[tuple[str, Any, str], ...] = (
    ("rules to arrays", allocate, "compile_instance"),
    ("first level", allocate, "least_unallocated"),
    ("arrays made ready", kernel, "prepare"),
    ("arrays made ready", kernel, "tables"),
    ("first prices", kernel, "_guess"),
    ("linear programmes", LinearProgramme, "solve"),
    ("bound: agents' prices tuned", Lagrangian, "tuned"),
    ("bound: agents solved exactly", Lagrangian, "evaluate"),
    ("columns", Master, "step"),
    ("columns", Master, "pick"),
    ("local search", Primal, "round"),
    ("pairs and rounding", kernel, "_follow"),
    ("linked cases", staged, "regrouped"),
    ("linked cases", staged, "shared"),
    ("linked cases", staged, "shares_by"),
    ("groups decided", Deciding, "branch"),
    ("groups put elsewhere", staged, "regrouped_by_search"),
    ("what a better plan may use", staged, "least_with"),
    ("what a better plan may use", staged, "doubt_at"),
    ("HiGHS on that", branching, "branch_and_bound"),
    ("plan written", allocate, "make_plan"),
    ("what a plan is written with", Checker, "prepare"),
    ("plan checked", Checker, "verify"),
    ("bound recomputed", allocate, "unproven_in"),
)
"""Stage, and where its function is."""

KEY = ("instance", "question", "time_limit", "seed", "threads", "stage")
COLUMNS = (*KEY, "processor_seconds", "share", "gap")


class Stages:
    """Processor seconds by stage, of all threads."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner = threading.local()
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, stage: str, owner: Any, name: str) -> Iterator[None]:
        """Count the calls of a function while inside."""
        plain = getattr(owner, name)
        setattr(owner, name, self._timed(stage, plain))
        try:
            yield
        finally:
            setattr(owner, name, plain)

    def _timed(self, stage: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(plain)
        def timed(*args: Any, **options: Any) -> Any:
            before = getattr(self._inner, "seconds", 0.0)
            self._inner.seconds = 0.0
            begun = time.thread_time()
            try:
                return plain(*args, **options)
            finally:
                spent = time.thread_time() - begun
                with self._lock:
                    self.seconds[stage] += spent - self._inner.seconds
                self._inner.seconds = before + spent

        return timed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--sizes", default="300x20,2300x100,10000x400", help="cases x officers")
    parser.add_argument("--fill", type=int, default=118, help="mean Workload, %%")
    parser.add_argument("--question", choices=("rebalance", "allocate"), default="rebalance")
    parser.add_argument("--time-limit", type=float, default=10.0)
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Plan each unit once, counting."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    for size in arguments.sizes.split(","):
        name = f"pdu-{size}-fill{arguments.fill}-normal-s{arguments.seed}"
        for row in rows_of(name, arguments.question, limits):
            ledger.add(row)
            print("  ".join(f"{row[each]}" for each in COLUMNS), flush=True)
    return 0


def rows_of(name: str, kind: str, limits: Limits) -> list[dict[str, object]]:
    """The stages of one plan by falling share; what belongs to none of them is "other"."""
    problem = unit(name)
    kernel.warm_up()
    stages = Stages()
    with ExitStack() as watches:
        for stage in STAGES:
            watches.enter_context(stages.watching(*stage))
        begun = time.process_time()
        made = allocate.plan(problem, default_policy(), question_of(kind, problem, None), limits)
        _await_highs()
        spent = time.process_time() - begun
    seconds = dict(stages.seconds)
    seconds["other"] = max(0.0, spent - sum(seconds.values()))
    values = (name, kind, limits.seconds, limits.seed, limits.threads)
    return [
        {
            **dict(zip(KEY, (*values, stage), strict=True)),
            "processor_seconds": round(each, 3),
            "share": round(each / max(sum(seconds.values()), 1e-9), 3),
            "gap": made.gap,
        }
        for stage, each in sorted(seconds.items(), key=lambda pair: -pair[1])
    ]


def _await_highs() -> None:
    """Wait for HiGHS, which ends a little after it has been asked to, so that its time is counted where it belongs."""
    for thread in threading.enumerate():
        if thread.name == branching.THREAD:
            thread.join()


if __name__ == "__main__":
    own = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    add_arguments(own)
    sys.exit(main(own.parse_args()))
