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
from api.store.records import Actor, ActorKind, BatchItemState, JobState, PlanState, ProblemKind
from api.store.records import Outcome as Decided
from api.store.store import Store
from models.errors import ConflictError, UsageError
from models.extracts import read_allocation
from models.policy.policy import policy_text
from tests.support.batches import Here, Quiet, asked_of, really, run
from tests.support.stored import ADA, plan_json, queued_job


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
    assert sorted(watcher.read) == ["N01PDU01", "N02PDU01", "N03PDU01", "N99BAD"]
    assert watcher.rounds[0] == (0, 4)
    assert watcher.refusals == ["N99BAD"]
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
            if len(self.submitted) == 2:
                stop.set()

    cut_off = Quiet()
    BatchRun(store, Stopping(store, really), batch, policy, stop, cut_off, lambda: None).run()
    assert len(cut_off.read) == 2, "the third was not read while the first two were asked about"
    (unread,) = {"N01PDU01", "N02PDU01", "N03PDU01"} - set(cut_off.read)
    for name in (cut_off.read[0], unread):
        shutil.rmtree(nation_folder / name)
    watcher = run(store, Here(store, really), asked, plain=store)
    assert set(results(store)) == {f"{name} REBALANCE" for name in cut_off.read}
    assert watcher.refusals == [unread]
    (item,) = [each for each in store.batch_items(batch.id) if each.pdu == unread]
    assert item.report is not None
    assert "there when the batch began" in item.report["faults"][0]["sentence"]


def proposals(store: Store) -> dict[tuple[str, str], list[str]]:
    """The proposals of each PDU and kind."""
    found: dict[tuple[str, str], list[str]] = {}
    for plan in store.plans(None, state=PlanState.PROPOSED).items:
        found.setdefault((plan.pdu, plan.kind), []).append(plan.id)
    return found


def test_a_batch_leaves_one_proposal_for_each_part_the_best_and_the_next_night_replaces_it(
    store: Store,
) -> None:
    stored_units(store, "X100001", "X100002")
    gaps: dict[str, list[float | None]] = {
        "X100001": [0.04, 0.02, 0.03, 0.025],  # the second is the best
        "X100002": [0.0],
    }
    run(store, Here(store, imitated(gaps)), asked_of(store, region="N07"), plain=store)
    first = store.batches().items[0].id
    items = {(item.pdu, str(item.kind)): item.job_id for item in store.batch_items(first)}
    kept = proposals(store)
    assert {key: [store.job(str(job)).plan_id] for key, job in items.items()} == kept
    replaced = store.plans(None, state=PlanState.SUPERSEDED).items
    (best,) = kept["N07PDU01", "REBALANCE"]
    assert len(replaced) == 3
    assert {plan.superseded_by for plan in replaced} == {best}
    assert {plan.version for plan in replaced} == {2}, "whoever had it open is told that it has moved on"
    with pytest.raises(ConflictError, match="superseded"):
        store.decide(ADA, replaced[0].id, 2, Decided.ACCEPT)

    own = queued_job(
        store, store.problem(replaced[0].problem_id)
    )  # what a person asked for is not the batch's
    store.start_job(own.id, "here-1")
    asked_for = store.finish_job(own.id, plan_json("X100001"), {})
    begun = kept["N07PDU02", "REBALANCE"][0]
    store.decide(ADA, begun, 1, Decided.REJECT, crn="X100002")
    gaps = {"X100001": [0.0], "X100002": [0.0]}
    run(store, Here(store, imitated(gaps)), asked_of(store, region="N07"), plain=store)
    second = store.batches().items[0].id
    made = {item.pdu: store.job(str(item.job_id)).plan_id for item in store.batch_items(second)}
    now = proposals(store)
    assert second != first
    assert now["N07PDU01", "REBALANCE"] == [made["N07PDU01"]]
    assert now["N07PDU01", "ALLOCATE"] == [asked_for]
    assert set(now["N07PDU02", "REBALANCE"]) == {made["N07PDU02"], begun}, "somebody is at work on it"


def test_the_first_are_solved_while_the_last_are_still_to_be_read(store: Store, nation_folder: Path) -> None:
    watcher = Quiet()
    seen: list[tuple[int, int]] = []

    class Looking(Here):
        def submit(self, job_id: str, priority: int = 0) -> None:
            super().submit(job_id, priority)
            seen.append((len(watcher.read), self.store.problems(None).total))

    asked = asked_of(store, folder=nation_folder)
    batch, policy = begin(store, asked), keep_policy(store, policy_text())
    assert BatchRun(
        store, Looking(store, really), batch, policy, threading.Event(), watcher, lambda: None
    ).run()
    assert seen[:3] == [(1, 1), (2, 2), (3, 3)]
    sizes = {item.pdu: item.report["size"] for item in store.batch_items(batch.id) if item.report}
    assert [sizes[pdu] for pdu in watcher.read] == sorted(sizes.values(), reverse=True), "the largest first"
    assert {item.report["listed"] for item in store.batch_items(batch.id) if item.report} == set(
        sizes.values()
    )
