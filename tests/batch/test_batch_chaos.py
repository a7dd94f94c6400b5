"""A batch and an API of real processes, of which one of each kind is killed: the result does not change."""

from __future__ import annotations

import random
from pathlib import Path

from api.jobs.batch.reporting import evidence
from api.store.store import Store
from benchmarks.chaos import asked_problem
from benchmarks.chaos_asking import ASKED, free_port
from benchmarks.chaos_processes import Setting
from benchmarks.chaos_running import Kill, result_of, run_batch
from tests.support.batches import Here, asked_of, really, run


def test_killing_processes_changes_no_result(database_url: str, nation_folder: Path, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'calm.db'}", migrate=True) as calm:
        run(calm, Here(calm, really), asked_of(calm, folder=nation_folder), plain=calm)
        units = evidence(calm, calm.batches().items[0].id)
    wanted = {f"{unit['pdu']} {unit['kind']}": unit["planHash"] for unit in units}
    assert len(wanted) == 3
    setting = Setting(nation_folder, database_url, workers=2, work=3.0, port=free_port())
    kinds = ("solve", "api", "worker", "batch")
    kills = [Kill(0.0, random.Random(1), kind) for kind in kinds]
    told = run_batch(setting, kills, asked=asked_problem())
    assert result_of(setting) == wanted
    assert len(told.asked) == ASKED
    assert told.faults == [kind for kind in kinds if kind in told.faults]
    assert {"solve", "api"} <= set(told.faults)
    assert told.starts == 1 + told.faults.count("batch")
    assert told.serves == 1 + told.faults.count("api")
