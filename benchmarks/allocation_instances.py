"""Named families of generated units that the allocation benchmarks run on.

A name says everything that makes the instance: `pdu-2300x100-fill118-scarce-s7`. The same name is the same problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from models.allocation.problem import AllocationProblem
from models.synthetic import allocation_parameters, generate_allocation

Scarcity = Literal["normal", "scarce"]

SCARCE = 0.4
"""The share of the usual skills that officers of a scarce unit have."""

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fill": tuple(f"pdu-2300x100-fill{fill}-normal-s1" for fill in (90, 100, 110, 118, 125, 135)),
        "size": tuple(
            f"pdu-{size}-fill118-normal-s1"
            for size in ("300x14", "600x28", "1200x55", "2300x100", "4600x200")
        ),
        "scarcity": tuple(
            f"pdu-1200x55-fill118-{scarcity}-s{seed}"
            for scarcity in ("normal", "scarce")
            for seed in (1, 2, 3)
        ),
        "baselines": tuple(f"pdu-1200x55-fill118-normal-s{seed}" for seed in range(1, 6)),
    }
)
"""The instances of each family: over the fill, over the size, with fewer skills, and five alike for baselines."""

_NAME = re.compile(r"pdu-(\d+)x(\d+)-fill(\d+)-(normal|scarce)-s(\d+)")


def pdu(
    seed: int, cases: int, officers: int, fill: float, scarcity: Scarcity = "normal"
) -> AllocationProblem:
    """A unit with this mean Workload (1.18 is 118 %); in a scarce one fewer officers have each skill."""
    parameters = allocation_parameters()
    if scarcity == "scarce":
        parameters = parameters.scarcer(SCARCE)
    return generate_allocation(parameters, seed=seed, cases=cases, officers=officers, fill=fill).problem


def instance(name: str) -> AllocationProblem:
    """The instance of this name. Raises ValueError for a name that says no instance."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"'{name}' is no instance; expected a name such as pdu-2300x100-fill118-normal-s1")
    cases, officers, fill, scarcity, seed = match.groups()
    kind: Scarcity = "scarce" if scarcity == "scarce" else "normal"
    return pdu(int(seed), int(cases), int(officers), int(fill) / 100, kind)


def family(name: str) -> Iterator[tuple[str, AllocationProblem]]:
    """(name, problem) of every instance of a family. Raises KeyError for an unknown one."""
    for each in FAMILIES[name]:
        yield each, instance(each)
