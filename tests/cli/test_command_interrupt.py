"""Ctrl-C on a real terminal: the first keeps the best plan so far, the second quits, one before any plan quits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

OnTerminal = Callable[..., Any]

# A solver that goes on until it is asked to stop, and one that does not listen; each makes its stage seen first.
PATIENT = """
import solver.allocation.allocate as module
solve = module.plan
def plan(*args, stop, on_progress, **options):
    from solver.engine import Progress
    if stop is not None:
        on_progress(Progress(0.0, 12345, 12000, 0.25, "balancing"))
        {wait}
    return solve(*args, stop=stop, on_progress=on_progress, **options)
module.plan = plan
"""
LISTENING = PATIENT.format(wait="assert stop.wait(100)")
DEAF = PATIENT.format(wait="import time; time.sleep(100)")
SLOW_READER = """
import time, api.cli.loading as loading
def read_allocation(*args, **options):
    print("now reading", flush=True)
    time.sleep(100)
loading.read_allocation = read_allocation
"""
MAIN = "\nfrom api.cli.main import main\nmain()\n"


def args(unit: Path) -> list[object]:
    return ["allocate", unit, "--out", unit.parent / "plan.json", "--no-compare", "--threads", "1"]


def test_first_ctrl_c_keeps_the_best_plan(unit: Path, on_terminal: OnTerminal) -> None:
    ended = on_terminal(LISTENING + MAIN, args(unit), ["balancing"])
    assert ended.code == 0, ended.text
    for words in ("best 12,345", "bound 12,000", "gap 25.00 %", "s left", "stopped early"):
        assert words in ended.text
    assert "Workload % before and after" in ended.text
    assert "\x1b[" in ended.text
    plan = json.loads((unit.parent / "plan.json").read_text(encoding="utf-8"))
    assert len(plan["assignments"]) == 6


def test_second_ctrl_c_quits_without_a_plan(unit: Path, on_terminal: OnTerminal) -> None:
    ended = on_terminal(DEAF + MAIN, args(unit), ["balancing", "stopping with the best plan so far"])
    assert ended.code == 130, ended.text
    assert "interrupted; nothing was written" in ended.text
    assert "Traceback" not in ended.text
    assert "\x1b[?25h" in ended.text  # the cursor is back
    assert [path.name for path in unit.parent.iterdir()] == ["unit"]


def test_ctrl_c_while_reading_quits(unit: Path, on_terminal: OnTerminal) -> None:
    ended = on_terminal(SLOW_READER + MAIN, args(unit), ["now reading"])
    assert ended.code == 130, ended.text
    assert "Traceback" not in ended.text
    assert [path.name for path in unit.parent.iterdir()] == ["unit"]


def test_json_on_a_terminal_has_no_decoration(unit: Path, on_terminal: OnTerminal) -> None:
    ended = on_terminal(MAIN, ["allocate", unit, "--json", "--threads", "1"])
    assert ended.code == 0
    assert "\x1b" not in ended.text
    assert json.loads(ended.text)["status"] == "OPTIMAL"
