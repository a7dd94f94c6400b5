"""A batch of real processes, of which one of each kind is killed with SIGKILL: its result is the undisturbed one's."""

from __future__ import annotations

import random
from pathlib import Path

from api.jobs.batch.reporting import evidence
from api.store.store import Store
from benchmarks.chaos import Kill, Setting, result_of, run_batch
from tests.support.batches import Here, asked_of, really, run


def test_killing_processes_changes_no_result(database_url: str, nation_folder: Path, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'calm.db'}", migrate=True) as calm:
        run(calm, Here(calm, really), asked_of(calm, folder=nation_folder), plain=calm)
        units = evidence(calm, calm.batches().items[0].id)
    wanted = {f"{unit['pdu']} {unit['kind']}": unit["planHash"] for unit in units}
    assert len(wanted) == 3
    setting = Setting(nation_folder, database_url, workers=1, work=3.0)
    kinds = ("solve", "worker", "batch")
    told = run_batch(setting, [Kill(0.0, random.Random(1), kind) for kind in kinds])
    assert result_of(setting) == wanted
    assert told.killed == [kind for kind in kinds if kind in told.killed]
    assert "solve" in told.killed
    assert told.starts == 1 + told.killed.count("batch")
