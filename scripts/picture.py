"""Draw README's picture from a plan: `python scripts/picture.py out/plan.json docs/workload.svg`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.svg import workload_bars


def main(arguments: Sequence[str]) -> int:
    """Read the plan, write the picture."""
    plan, picture = (Path(argument) for argument in arguments)
    officers = json.loads(plan.read_text(encoding="utf-8"))["officers"]
    rows = [
        (each["staffCode"], each["workloadBefore"], each["workloadAfter"])
        for each in officers
        if each["workloadBefore"] is not None
    ]
    rows.sort(key=lambda row: -row[2])
    picture.write_text(
        workload_bars("Workload % by officer, before and after the plan", rows), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
