"""`python -m benchmarks NAME ...`: one sub-command for each question of README.md.

A sub-command is a module of this folder with `add_arguments(parser)` and `main(arguments) -> exit code`; it is
imported only when it is asked for.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from models.errors import UsageError

COMMANDS: dict[str, tuple[str, str]] = {
    "baselines": ("benchmarks.baselines", "allocation against today's practice, on generated units"),
    "rebalance": ("benchmarks.rebalance", "evenhand and its peers on generated units, with proven gaps"),
    "merge": ("benchmarks.merge", "several files of `rebalance` as one, against the best bound of all"),
    "growth": ("benchmarks.growth", "how the time to a gap grows with size"),
    "again": ("benchmarks.again", "rebalancing again after one more pin, from the plan in hand"),
    "cancel": ("benchmarks.cancel", "cancelling at random moments: how soon the verified plan is there"),
    "http": (
        "benchmarks.http",
        "a real server: the time of a recommendation, and callers of all kinds together",
    ),
    "nation": ("benchmarks.nation", "110 units, 250,000 cases, each rebalanced"),
    "plots": ("benchmarks.plots", "the pictures and the summary of the files in results"),
    "gap": ("benchmarks.gap", "the literature's generalised assignment instances"),
    "gap-generate": ("benchmarks.gap_generate", "generated instances of the literature's types"),
    "smptsp": ("benchmarks.smptsp", "the literature's sessions to fewest supervisors"),
    "roster": ("benchmarks.roster", "rosters of generated teams, against other solvers and today's practice"),
    "roster-growth": ("benchmarks.roster_growth", "how the time to a gap grows with the people of a team"),
    "roster-region": ("benchmarks.roster_region", "4,000 people in teams, each with a roster of its own"),
    "quarter": ("benchmarks.quarter", "a simulated quarter of a team, against today's practice"),
    "chaos": ("benchmarks.chaos", "batches in which a process is killed: the result must not change"),
    "national": ("benchmarks.national", "the nation through the overnight batch, with one worker or more"),
}
"""Sub-command: (module, what it does in a line)."""


def usage() -> str:
    """What there is to run."""
    lines = [f"  {name:<14}{line}" for name, (_, line) in COMMANDS.items()]
    return "\n".join(["usage: python -m benchmarks COMMAND ...", "", *lines])


def main(words: list[str]) -> int:
    """Run one sub-command; returns its exit code, 2 when there is no such command."""
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0 if words else 2
    if words[0] not in COMMANDS:
        print(f"there is no benchmark '{words[0]}'\n{usage()}", file=sys.stderr)
        return 2
    module = importlib.import_module(COMMANDS[words[0]][0])
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks {words[0]}", description=COMMANDS[words[0]][1]
    )
    module.add_arguments(parser)
    try:
        return int(module.main(parser.parse_args(words[1:])))
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
