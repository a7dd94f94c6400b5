"""What `evenhand frontier` does: a plan for each move budget, in ascending order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from api.cli.exits import ExitCode
from api.cli.interruptible import Interrupts
from api.cli.loading import check_released, the_policy, the_problem
from api.cli.planning import check_places
from api.cli.progress import Display
from api.cli.terminal import say, show, show_json
from api.files import write_json
from api.reports.view import gap_in_words, workload
from models.allocation.plan import Plan, Question, QuestionKind, gap_of
from models.errors import UsageError
from models.record import as_json
from solver.engine import Limits, Stop

MOST_BUDGETS = 100


@dataclass(frozen=True)
class Frontier:
    """Which budgets of moves are tried on which problem, how, and where the answer goes."""

    source: Path
    budgets: tuple[int, ...]
    released: tuple[str, ...]
    limits: Limits
    policy: Path | None
    as_of: str | None
    out: Path | None
    as_json: bool


def budgets_of(text: str) -> tuple[int, ...]:
    """The budgets of --moves, ascending, each once. Raises UsageError for what is none."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        raise UsageError(
            f"--moves: '{text[:40]}' is no list of budgets; expected whole numbers, such as 0,5,10"
        )
    budgets = tuple(sorted({int(part) for part in parts}))
    if len(budgets) > MOST_BUDGETS:
        raise UsageError(f"--moves: {len(budgets)} budgets are too many; expected at most {MOST_BUDGETS}")
    return budgets


def trace(asked: Frontier) -> ExitCode:
    """Solves each budget, writes the points and shows them. Raises what reading and solving raise."""
    check_places(asked.source, asked.out, None, as_json=asked.as_json)
    display = Display()
    with display.showing(wanted=not asked.as_json):
        display.stage(f"reading {asked.source}")
        policy = the_policy(asked.policy)
        problem = the_problem(asked.source, asked.as_of)
        check_released(problem, asked.released)

        def solve(stop: Stop) -> list[Plan]:
            display.stage("starting the solver")
            from solver.allocation.allocate import plan

            plans: list[Plan] = []
            for budget in asked.budgets:
                if plans and stop.requested:
                    break
                question = Question(QuestionKind.REBALANCE, budget, asked.released)
                display.stage(f"{budget} moves", asked.limits.seconds)
                plans.append(
                    plan(problem, policy, question, asked.limits, stop=stop, on_progress=display.note)
                )
            return plans

        with Interrupts() as interrupts:
            plans = no_worse_with_more(interrupts.run(solve))
            points = [_point(each) for each in plans]
            if asked.out is not None:
                write_json(asked.out, {"points": points})
    if asked.as_json:
        show_json({"points": points})
        return ExitCode.DONE
    show(_lines(plans))
    if asked.out is not None:
        say(f"evenhand: wrote {asked.out}")
    if len(plans) < len(asked.budgets):
        say(f"evenhand: stopped early, after {len(plans)} of {len(asked.budgets)} budgets")
    return ExitCode.DONE


def no_worse_with_more(plans: Sequence[Plan]) -> list[Plan]:
    """The plans, with that of a smaller budget in the place of a worse one of a larger budget.

    A plan within a budget is within every larger one, so where time ran out a point must not look worse than the
    one before it. The bound stays that of the point's own solve when it speaks of the same unallocated weight.
    """
    best: list[Plan] = []
    for each in plans:
        before = best[-1] if best else each
        if _level(before) < _level(each):
            same_weight = before.objective.unallocated_weight == each.objective.unallocated_weight
            bound = each.bound if same_weight else None
            total, fixed = before.objective.total, before.objective.fixed
            best.append(
                replace(
                    before,
                    question=each.question,
                    status="FEASIBLE",
                    bound=bound,
                    gap=gap_of(total, bound, fixed),
                    unallocated_proven=before.unallocated_proven and same_weight,
                )
            )
        else:
            best.append(each)
    return best


def _level(plan: Plan) -> tuple[int, int]:
    return plan.objective.unallocated_weight, plan.objective.total


def _point(plan: Plan) -> dict[str, Any]:
    return {
        "moves": plan.question.moves,
        "status": plan.status,
        "objective": as_json(plan.objective),
        "bound": plan.bound,
        "gap": plan.gap,
        "balance": as_json(plan.balance),
    }


def _lines(plans: Sequence[Plan]) -> Iterator[Text]:
    yield Text("What each budget of moves buys (band-points; Workload % after)", style="bold")
    yield Text(
        f"  {'moves':>5} {'unallocated':>12} {'total':>12} {'saved':>10} {'gap':>18} "
        f"{'highest':>9} {'spread':>8} {'over 110':>9}",
        style="dim",
    )
    for plan in plans:
        after = plan.balance.after
        gap = "unknown" if plan.gap is None else gap_in_words(plan.gap)
        saved = plans[0].objective.total - plan.objective.total
        yield Text(
            f"  {plan.question.moves:>5,} {plan.objective.unallocated_weight:>12,} {plan.objective.total:>12,} "
            f"{saved:>10,} {gap:>18} {workload(after.max_workload):>9} {workload(after.spread):>8} "
            f"{after.officers_over_110:>9}"
        )
