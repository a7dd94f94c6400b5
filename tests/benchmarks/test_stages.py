"""Where the time goes: every stage is found where it is said to be, and nothing is counted twice."""

from __future__ import annotations

import pytest

from benchmarks import stages
from models.synthetic import allocation_parameters, generate_allocation
from solver.engine import Limits


def test_stages_of_a_unit_share_its_time_and_leave_everything_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = generate_allocation(
        allocation_parameters(), seed=1, cases=300, officers=20, fill=1.35, waiting=0.06
    ).problem
    monkeypatch.setattr(stages, "unit", lambda _: unit)
    before = [getattr(owner, name) for _, owner, name in stages.STAGES]
    rows = stages.rows_of("unit", "rebalance", Limits(seconds=2.0, threads=2))
    found = {str(row["stage"]): float(str(row["share"])) for row in rows}
    assert {"rules to arrays", "local search", "HiGHS on that", "plan written", "other"} <= found.keys()
    assert found.keys() <= {stage for stage, _, _ in stages.STAGES} | {"other"}
    assert all(0.0 <= share <= 1.0 for share in found.values())
    assert sum(found.values()) == pytest.approx(1.0, abs=0.02)
    assert [getattr(owner, name) for _, owner, name in stages.STAGES] == before
