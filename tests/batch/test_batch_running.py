"""A batch from intake to end, in one process: what it makes, how rounds go, and that cutting it off changes nothing."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.jobs.answer import Answered, Asked
from api.jobs.batch.reporting import view_of
from api.jobs.batch.running import BatchRun, all_jobs
from api.jobs.batch.service import begin, keep_policy, open_batch
from api.jobs.child import Outcome
from api.jobs.failure import Failure, FailureCode
from api.store.records import Actor, ActorKind, BatchItemState, JobState, ProblemKind
from api.store.store import Store
from models.errors import UsageError
from models.extracts import read_allocation
from models.policy.policy import policy_text
from tests.support.batches import Here, Quiet, asked_of, really, run
from tests.support.stored import plan_json


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it is done."""


@dataclass
class Mortal:
    """A store or a queue that dies at one of its calls: before the call takes effect, or after."""

    inner: Any
    lives: list[int]
    after: bool = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        def call(*words: Any, **named: Any) -> Any:
            self.lives[0] -= 1
            if self.lives[0] == 0 and not self.after:
                raise Killed
            result = method(*words, **named)
            if self.lives[0] == 0:
                raise Killed
            return result

        return call


def results(store: Store) -> Mapping[str, Any]:
    """The plan of each part of the newest batch, without the time it took."""
    batch = store.batches(size=1).items[0]
    found = {}
    for item in store.batch_items(batch.id):
        if item.job_id is not None:
            plan_id = store.job(item.job_id).plan_id
            assert plan_id is not None
            found[f"{item.pdu} {item.kind}"] = {**store.plan_content(plan_id), "wallSeconds": None}
    return found


def test_every_unit_gets_a_plan_and_a_bad_one_stops_nothing(store: Store, nation_folder: Path) -> None:
    (nation_folder / "N99BAD").mkdir()
    (nation_folder / "N99BAD" / "officers.csv").write_text("staffCode\nA B\n", encoding="utf-8")
    watcher = run(store, Here(store, really), asked_of(store, folder=nation_folder), plain=store)
    assert watcher.read == ["N01PDU01", "N02PDU01", "N03PDU01", "N99BAD"]
    assert watcher.rounds[0] == (0, 3)
    batch = store.batches(size=1).items[0]
    assert batch.ended_at is not None
    items = {item.pdu: item for item in store.batch_items(batch.id)}
    assert [item.state for item in items.values()] == [*[BatchItemState.DONE] * 3, BatchItemState.FAILED]
    report = items["N99BAD"].report
    assert report is not None
    assert len(report["faults"]) > 1
    view = view_of(store, batch.id)
    assert (view.done, view.failed, view.open) == (3, 1, 0)
    assert len(view.failures) == len(report["faults"])
    assert {each.pdu for each in view.moves} <= {"N01PDU01", "N02PDU01", "N03PDU01"}
    assert all(unit.moved is not None and unit.moved <= 20 for unit in view.units if unit.state == "DONE")


def test_going_on_after_being_cut_off_anywhere_makes_what_an_undisturbed_run_makes(
    nation_folder: Path, tmp_path: Path
) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'calm.db'}", migrate=True) as calm:
        run(calm, Here(calm, really), asked_of(calm, folder=nation_folder), plain=calm)
        wanted = results(calm)
    assert len(wanted) == 3
    cut = 0
    for lives, after in [
        (1, False),
        (3, True),
        (4, True),
        (5, False),
        (8, True),
        (10, False),
        (13, True),
        (16, True),
        (19, False),
        (500, False),
    ]:
        with Store.open(f"sqlite:///{tmp_path / f'cut{lives}.db'}", migrate=True) as store:
            counted = [lives]
            mortal = Mortal(store, counted, after)
            queue = Mortal(Here(store, really), counted, after)
            try:
                run(mortal, queue, asked_of(store, folder=nation_folder), plain=store)
            except Killed:
                cut += 1
                run(store, Here(store, really), asked_of(store, folder=nation_folder), plain=store)
            assert results(store) == wanted
            assert store.batches().total == 1
            assert store.problems(None).total == 3
            jobs = all_jobs(store, store.batches().items[0].id)
            assert len({(job.pdu, job.kind, job.limits["round"]) for job in jobs}) == len(jobs)
    assert cut == 9


def imitated(gaps: Mapping[str, list[float | None]]) -> Callable[[Asked], Outcome]:
    """A solver that says of each problem, by its first CRN, one gap after another; the total falls with the gap."""
    left = {crn: list(each) for crn, each in gaps.items()}

    def solve(asked: Asked) -> Outcome:
        crn = asked.problem["cases"][0]["crn"]
        gap = left[crn].pop(0)
        total = 1000 if gap is None else round(1000 * gap)
        summary = {"gap": gap, "total": total, "unallocatedWeight": 0}
        return Outcome(Answered(plan_json(crn), summary))

    return solve


def stored_units(store: Store, *crns: str) -> None:
    """Problems in the store, one PDU each, with a case of that CRN."""
    example = Path(__file__).parents[2] / "examples" / "pdu"
    given = read_allocation(example).as_json()
    for number, crn in enumerate(crns, start=1):
        content = {**given, "cases": [{**given["cases"][0], "crn": crn}]}
        store.add_problem(
            Actor("somebody", ActorKind.SERVICE),
            f"N07PDU{number:02d}",
            ProblemKind.ALLOCATION,
            content,
            f"hash {crn}",
        )


def test_rounds_begin_from_the_best_plan_and_give_the_worst_the_most(store: Store) -> None:
    stored_units(store, "X100001", "X100002", "X100003")
    gaps: dict[str, list[float | None]] = {
        "X100001": [0.04, 0.02, 0.03, 0.001],  # the third try is worse than the second
        "X100002": [0.01, 0.002],
        "X100003": [0.0],
    }
    watcher = run(store, Here(store, imitated(gaps)), asked_of(store, region="N07"), plain=store)
    assert watcher.rounds == [(0, 3), (1, 2), (2, 1), (3, 1)]
    jobs = all_jobs(store, store.batches().items[0].id)
    by_round = {(job.pdu, job.limits["round"]): job for job in jobs}
    # 40 % of 3 units of work in three equal parts; of the other 60 % a third in each round, by gap
    assert by_round["N07PDU01", 0].limits["work"] == pytest.approx(0.4)
    assert by_round["N07PDU01", 1].limits["work"] == pytest.approx(0.48)
    assert by_round["N07PDU02", 1].limits["work"] == pytest.approx(0.12)
    assert by_round["N07PDU01", 2].limits["work"] == pytest.approx(0.6)
    starts = {place: store.job_question(job.id).get("startPlanId") for place, job in by_round.items()}
    assert starts["N07PDU01", 0] is None
    assert starts["N07PDU01", 1] == by_round["N07PDU01", 0].plan_id
    assert starts["N07PDU01", 3] == by_round["N07PDU01", 1].plan_id
    items = {item.pdu: item.job_id for item in store.batch_items(store.batches().items[0].id)}
    assert items == {
        "N07PDU01": by_round["N07PDU01", 3].id,
        "N07PDU02": by_round["N07PDU02", 1].id,
        "N07PDU03": by_round["N07PDU03", 0].id,
    }


def test_a_solve_that_fails_is_reported_and_a_later_failure_keeps_the_plan(store: Store) -> None:
    stored_units(store, "X100001", "X100002")
    good = imitated({"X100001": [0.04]})
    tried: list[str] = []

    def solve(asked: Asked) -> Outcome:
        crn = asked.problem["cases"][0]["crn"]
        tried.append(crn)
        if crn == "X100002" or tried.count(crn) > 1:
            return Outcome(failure=Failure(FailureCode.CRASHED, "the solve process ended early (signal 11)"))
        return good(asked)

    run(store, Here(store, solve), asked_of(store, region="N07"), plain=store)
    items = {item.pdu: item for item in store.batch_items(store.batches().items[0].id)}
    assert items["N07PDU01"].state is BatchItemState.DONE
    assert items["N07PDU02"].state is BatchItemState.FAILED
    report = items["N07PDU02"].report
    assert report is not None
    assert (report["errorCode"], report["message"]) == (
        "CRASHED",
        "the solve process ended early (signal 11)",
    )
    assert tried.count("X100002") == 1


def test_a_job_that_somebody_cancelled_before_it_began_is_reported(store: Store) -> None:
    stored_units(store, "X100001")

    class Cancelling(Here):
        def submit(self, job_id: str, priority: int = 0) -> None:
            self.submitted.append((job_id, priority))
            self.store.request_cancel(job_id)

    run(store, Cancelling(store, really), asked_of(store, region="N07"), plain=store)
    (item,) = store.batch_items(store.batches().items[0].id)
    assert item.state is BatchItemState.FAILED
    assert item.report is not None
    assert item.report["errorCode"] == JobState.CANCELLED


def test_the_same_place_goes_on_and_an_ended_batch_makes_way_for_a_new_one(store: Store) -> None:
    asked = asked_of(store, region="N07")
    first = begin(store, asked)
    assert begin(store, asked).id == first.id
    assert open_batch(store, None).id == first.id
    assert begin(store, asked_of(store, region="N08")).id != first.id
    store.end_batch(first.id)
    assert begin(store, asked).id != first.id
    assert begin(store, asked, key="tonight").id == begin(store, asked, key="tonight").id


def test_there_is_nothing_to_go_on_with(store: Store) -> None:
    with pytest.raises(UsageError, match="no batch to go on with"):
        open_batch(store, None)


def test_a_batch_that_is_stopped_says_so_and_goes_on_later(store: Store, nation_folder: Path) -> None:
    asked = asked_of(store, folder=nation_folder)
    batch, stop = begin(store, asked), threading.Event()
    policy = keep_policy(store, policy_text())

    class Stopping(Here):
        def submit(self, job_id: str, priority: int = 0) -> None:
            self.submitted.append((job_id, priority))
            stop.set()

    stopped = BatchRun(store, Stopping(store, really), batch, policy, stop, Quiet(), lambda: None)
    assert not stopped.run()
    assert store.batch(batch.id).ended_at is None
    run(store, Here(store, really), asked, plain=store)
    assert store.batch(batch.id).ended_at is not None
    assert len(results(store)) == 3


def test_a_folder_that_changes_while_a_batch_is_cut_off_is_read_as_it_was_kept(
    store: Store, nation_folder: Path
) -> None:
    asked = asked_of(store, folder=nation_folder)
    batch, stop = begin(store, asked), threading.Event()
    policy = keep_policy(store, policy_text())

    class Stopping(Here):
        def submit(self, job_id: str, priority: int = 0) -> None:
            self.submitted.append((job_id, priority))
            stop.set()

    BatchRun(store, Stopping(store, really), batch, policy, stop, Quiet(), lambda: None).run()
    shutil.rmtree(nation_folder / "N02PDU01")
    run(store, Here(store, really), asked, plain=store)
    assert set(results(store)) == {"N01PDU01 REBALANCE", "N02PDU01 REBALANCE", "N03PDU01 REBALANCE"}
