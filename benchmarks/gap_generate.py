"""Generated instances of the literature's types, on which settings may be chosen."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.gap_instances import generate, write_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the generator takes."""
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--kinds", default="cde", help="types, a letter each")
    parser.add_argument("--sizes", nargs="+", default=["10x100", "20x200"], help="agents x jobs")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])


def main(arguments: argparse.Namespace) -> int:
    """Write generated instances, on which settings may be chosen."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    for kind in arguments.kinds:
        for size in arguments.sizes:
            agents, tasks = (int(part) for part in size.split("x"))
            for seed in arguments.seeds:
                instance = generate(kind, agents, tasks, seed)
                write_instance(instance, arguments.out / instance.name)
    return 0
