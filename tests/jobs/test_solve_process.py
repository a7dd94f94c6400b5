"""Solve processes: answers, failures of every kind, cancelling, and their end with their parent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.jobs.answer import Asked
from api.jobs.child import ChildLimits
from api.jobs.children import Children
from api.jobs.failure import FailureCode, failure_of
from api.store.records import JobKind
from models.allocation.plan import Plan
from models.errors import PlanRefusedError, UsageError
from models.extracts.json_problem import problem_of_json
from models.extracts.limits import LIMITS
from models.policy.policy import default_policy
from models.record import reader
from models.synthetic import allocation_parameters, nation
from solver.verify import verify

ROOT = Path(__file__).parents[2]


def unit(cases: int, officers: int) -> dict[str, Any]:
    """A generated unit as the contract's JSON."""
    (_, problem), *_ = nation(allocation_parameters(), seed=3, pdus=1, cases=cases, officers=officers)
    return problem.as_json()


@pytest.fixture(scope="module")
def small() -> dict[str, Any]:
    return unit(60, 6)


@pytest.fixture(scope="module")
def long_lasting() -> dict[str, Any]:
    return unit(900, 40)


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    with Children() as opened:
        yield opened


def rebalance(problem: Mapping[str, Any], **limits: float) -> Asked:
    return Asked(JobKind.REBALANCE, problem, {"moves": 5}, limits)


def once_begun(action: Callable[[], None]) -> Callable[[Mapping[str, Any]], None]:
    """A watcher that acts in a thread of its own at the first line of progress."""
    begun = threading.Event()

    def watch(_line: Mapping[str, Any]) -> None:
        if not begun.is_set():
            begun.set()
            threading.Thread(target=action).start()

    return watch


def test_the_answer_is_a_plan_that_the_checker_passes(children: Children, small: dict[str, Any]) -> None:
    outcome = children.solve(rebalance(small, work=0.5))
    assert outcome.failure is None
    assert outcome.answered is not None
    plan = reader(Plan).validate_python(outcome.answered.plan)
    problem = problem_of_json(small, None, limits=LIMITS, repeated=[])
    assert verify(problem, plan, default_policy()) == ()
    assert outcome.answered.summary["cases"] == 60
    assert outcome.answered.summary["total"] == plan.objective.total


def test_the_same_work_gives_the_same_plan_and_a_start_is_taken_up(
    children: Children, small: dict[str, Any]
) -> None:
    first, second = (children.solve(rebalance(small, work=0.5)).answered for _ in range(2))
    assert first is not None
    assert second is not None
    for each in (first, second):
        del each.plan["wallSeconds"]
        del each.summary["wallSeconds"]
    assert first == second
    begun = children.solve(
        Asked(
            JobKind.REBALANCE, small, {"moves": 5}, {"work": 0.05}, start={**first.plan, "wallSeconds": 0.0}
        )
    ).answered
    assert begun is not None
    assert begun.plan["objective"]["total"] <= first.plan["objective"]["total"]


def test_a_faulty_problem_and_a_strange_question_fail_at_once_and_quote_no_record(
    children: Children, small: dict[str, Any]
) -> None:
    broken = json.loads(json.dumps(small))
    broken["cases"][0]["tier"] = "MARKER9"
    outcome = children.solve(rebalance(broken, work=0.5))
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.BAD_INPUT
    assert "MARKER9" not in outcome.failure.sentence
    strange = children.solve(Asked(JobKind.ALLOCATE, small, {"moves": "MARKER9"}, {"work": 0.5}))
    assert strange.failure is not None
    assert strange.failure.code is FailureCode.BAD_QUESTION
    assert "MARKER9" not in strange.failure.sentence


def test_a_solve_that_is_killed_is_tried_again(children: Children, long_lasting: dict[str, Any]) -> None:
    killed: list[int] = []

    def kill() -> None:
        for pid in children.pids:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    outcome = children.solve(rebalance(long_lasting, seconds=2), watch=once_begun(kill))
    assert killed
    assert outcome.answered is not None
    assert not children.pids & set(killed)


def test_cancelling_keeps_the_best_plan_so_far(children: Children, long_lasting: dict[str, Any]) -> None:
    begun = threading.Event()
    outcome = children.solve(
        rebalance(long_lasting, seconds=300), cancelled=begun.is_set, watch=lambda _line: begun.set()
    )
    assert outcome.cancelled
    assert outcome.failure is None
    assert outcome.answered is not None
    assert outcome.answered.plan["wallSeconds"] < 300


def test_a_target_gap_ends_a_solve_early(children: Children, small: dict[str, Any]) -> None:
    outcome = children.solve(Asked(JobKind.REBALANCE, small, {"moves": 5}, {"seconds": 300, "target": 1.0}))
    assert outcome.answered is not None
    assert outcome.answered.plan["wallSeconds"] < 300


def imitation(behaviour: str, limits: ChildLimits) -> Children:
    """Solve processes that imitate ours: quick to start, and badly behaved as asked."""
    command = [sys.executable, "-S", str(Path(__file__).parent / "imitation.py"), f"--{behaviour}"]
    return Children(limits, spare=False, command=command)


ASKED = Asked(JobKind.ALLOCATE, {}, {}, {"seconds": 30})


def test_a_frozen_process_has_hung_and_a_fresh_one_answers() -> None:
    with imitation("good", ChildLimits(silence=1.5)) as mine:
        assert mine.solve(ASKED).answered is not None
        (frozen,) = mine.pids
        os.kill(frozen, signal.SIGSTOP)
        assert mine.solve(ASKED).answered is not None
        assert frozen not in mine.pids


@pytest.mark.parametrize(
    ("behaviour", "limits", "code"),
    [
        ("silent", ChildLimits(silence=0.5), FailureCode.HUNG),
        ("endless", ChildLimits(most_seconds=0.5), FailureCode.HUNG),
        ("never-ready", ChildLimits(starting=0.5), FailureCode.HUNG),
        ("greedy", ChildLimits(megabytes=120), FailureCode.OUT_OF_MEMORY),
        ("crashing", ChildLimits(), FailureCode.CRASHED),
    ],
)
def test_what_behaves_badly_twice_is_ended_and_reported(
    behaviour: str, limits: ChildLimits, code: FailureCode
) -> None:
    with imitation(behaviour, limits) as mine:
        outcome = mine.solve(ASKED)
        assert not mine.pids
    assert outcome.answered is None
    assert outcome.failure is not None
    assert outcome.failure.code is code


def test_a_process_that_does_not_stop_when_asked_is_killed() -> None:
    with imitation("endless", ChildLimits(farewell=0.3)) as mine:
        outcome = mine.solve(ASKED, cancelled=lambda: True)
        assert not mine.pids
    assert outcome.cancelled
    assert outcome.answered is None
    assert outcome.failure is None


def test_a_process_is_replaced_after_its_share_of_questions() -> None:
    with imitation("good", ChildLimits(questions=2)) as mine:
        assert mine.solve(ASKED).answered is not None
        (first,) = mine.pids
        assert mine.solve(ASKED).answered is not None
        assert not mine.pids
        assert mine.solve(ASKED).answered is not None
        assert first not in mine.pids


def test_a_spare_is_ready_beside_the_one_at_work() -> None:
    command = [sys.executable, "-S", str(Path(__file__).parent / "imitation.py"), "--good"]
    with Children(command=command) as mine:
        assert mine.solve(ASKED).answered is not None
        while len(mine.pids) < 2:
            time.sleep(0.01)


def test_solve_processes_end_with_a_parent_that_is_killed() -> None:
    program = (
        "import time\n"
        "from api.jobs.children import Children\n"
        "with Children() as children:\n"
        "    while not children.pids:\n"
        "        time.sleep(0.05)\n"
        "    print(*children.pids, flush=True)\n"
        "    time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert pids
    parent.kill()
    parent.wait()
    parent.stdout.close()
    while any(_lives(pid) for pid in pids):
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("MARKER9"), FailureCode.BAD_QUESTION),
        (PlanRefusedError([]), FailureCode.PLAN_REFUSED),
        (MemoryError(), FailureCode.OUT_OF_MEMORY),
        (KeyError("MARKER9"), FailureCode.CRASHED),
    ],
)
def test_an_error_becomes_a_code_without_the_words_of_a_record(error: Exception, code: FailureCode) -> None:
    failure = failure_of(error)
    assert failure.code is code
    assert "MARKER9" not in failure.sentence
