"""The index of who stands where: erasure opens no other content; it survives migrations, erasure and retention."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import exc, func, select

from api.store import erasing
from api.store.base import mentions
from api.store.database import opened_database
from api.store.indexing import contents_with, crns_in, is_indexed, number_of
from api.store.migrating import migrate
from api.store.records import JobKind, Outcome, PlanState
from api.store.store import Store
from api.store.tables import contents, people_members, people_sets
from tests.support.databases import Behind
from tests.support.stored import ADA, CRNS, PDU, kept_problem, plan_json, proposed_plan, queued_job

GONE, OTHER, THIRD = CRNS


def found(store: Store, crn: str) -> list[int]:
    """The contents that the index names for a person, as positions in the order of arrival."""
    ids = store._database.read(lambda connection: contents_with(connection, store._key(connection), crn))
    return sorted(ids)


def holding(store: Store, crn: str) -> list[int]:
    """The contents in which a person really stands."""
    rows = store._database.read(lambda connection: connection.execute(select(contents)).all())
    return sorted(row.id for row in rows if mentions(row.body, crn))


def count(store: Store, table: Any) -> int:
    return store._database.read(
        lambda connection: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
    )


def test_erasure_opens_what_holds_the_person_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []

    def counting(body: bytes, wanted: str) -> bool:
        opened.append(body)
        return mentions(body, wanted)

    monkeypatch.setattr(erasing, "mentions", counting)
    proposed_plan(store)
    for number in range(20):
        proposed_plan(store, f"Y{number:06d}")
    assert store.erase(ADA, GONE).problems == 1
    assert len(opened) == 2, "the problem and its plan, of 63 contents"
    opened.clear()
    assert not store.erase(ADA, "Z999999").anything
    assert not opened


def test_the_index_names_every_content_with_the_person_wherever_they_stand(store: Store) -> None:
    plan = proposed_plan(store)
    store.add_job(ADA, PDU, JobKind.REPAIR, plan.problem_id, {"absent": [f"{GONE.lower()}:2026-11-24"]}, {})
    kept_problem(store, OTHER)
    assert len(holding(store, GONE)) == 3
    for crn in CRNS:
        assert found(store, crn) == holding(store, crn)
    assert crns_in(f"as {GONE.lower()}, not{OTHER}9") == {GONE, OTHER}
    assert is_indexed(GONE)
    assert not is_indexed("ABC-1")


def test_a_problem_and_its_plans_share_one_set_of_people(store: Store) -> None:
    first = proposed_plan(store)
    again = queued_job(store, store.problem(first.problem_id))
    store.start_job(again.id, "worker-1")
    store.finish_job(again.id, plan_json(*CRNS), {})
    assert (count(store, people_sets), count(store, people_members)) == (1, 3)


def test_no_number_can_be_told_without_the_stores_key() -> None:
    assert number_of(b"a" * 32, GONE) != number_of(b"b" * 32, GONE)
    assert -(2**63) <= number_of(b"a" * 32, GONE) < 2**63


def test_who_was_erased_and_comes_again_is_indexed_anew(store: Store) -> None:
    proposed_plan(store)
    store.erase(ADA, GONE)
    assert found(store, GONE) == []
    assert found(store, OTHER) == holding(store, OTHER), "the others are still found"
    plan = proposed_plan(store)
    assert found(store, GONE) == holding(store, GONE)
    assert store.erase(ADA, GONE).plans == 1
    assert GONE not in str(store.plan_content(plan.id))
    store.erase(ADA, OTHER)
    assert holding(store, OTHER) == []


def test_somebody_known_by_anything_but_a_crn_is_looked_for_everywhere(store: Store) -> None:
    kept_problem(store, "ABC-1", OTHER)
    assert store.erase(ADA, "abc-1").problems == 1
    assert "ABC-1" not in str(store.problem_content(store.problems(None).items[0].id))


def test_retention_removes_the_sets_that_nothing_points_to(store_url: str) -> None:
    times = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]
    with Store.open(store_url, clock=lambda: times[-1]) as store:
        proposed_plan(store)
        times.append(times[0] + dt.timedelta(days=50))
        proposed_plan(store, OTHER, "Y000001")
        assert count(store, people_sets) == 2
        store.apply_retention(times[-1], 10)
        assert (count(store, people_sets), count(store, people_members)) == (1, 2)
        assert found(store, "Y000001") == holding(store, "Y000001")


@pytest.mark.parametrize("state", ["r0003", "r0002"])
def test_a_store_from_before_is_indexed_when_it_is_migrated(store_url: str, state: str) -> None:
    """r0002 has no key any more, and no trail: both begin anew."""
    with Store.open(store_url) as store:
        proposed_plan(store)
        proposed_plan(store, OTHER, "Y000001")
        before = {crn: found(store, crn) for crn in (*CRNS, "Y000001")}
        sets = count(store, people_sets)
    with opened_database(store_url) as database:
        migrate(database, state)
        migrate(database)
    with Store.open(store_url) as store:
        assert {crn: found(store, crn) for crn in before} == before
        assert count(store, people_sets) == sets
        proposed_plan(store, "Y000002")
        assert len(found(store, "Y000002")) == 2
        assert store.erase(ADA, OTHER).problems == 2
        assert holding(store, OTHER) == []
        assert store.verify_chain() is None


def superseded(store: Store) -> tuple[str, str]:
    """A plan of a batch that another has replaced, and that other."""
    problem = kept_problem(store)
    batch = store.add_batch(ADA, {})
    made = []
    for _ in range(2):
        job = store.add_job(ADA, PDU, JobKind.REBALANCE, problem.id, {}, {}, batch_id=batch.id)
        store.start_job(job.id, "worker-1")
        made.append(store.finish_job(job.id, plan_json(*CRNS), {}))
    assert store.supersede(made[1]) == 1
    return made[0], made[1]


def test_the_database_refuses_to_decide_on_a_superseded_plan(store: Store, behind: Behind) -> None:
    old, new = superseded(store)
    assert store.plan(old).state is PlanState.SUPERSEDED
    assert store.supersede(new) == 0
    assert store.supersede(old, [new]) == 0, "what was replaced replaces nothing"
    assert [plan.id for plan in store.plans([PDU], state=PlanState.PROPOSED).items] == [new]
    decision = store.decide(ADA, new, 1, Outcome.ACCEPT)
    with pytest.raises(exc.DBAPIError):
        behind(
            "UPDATE plans SET state = 'ACCEPTED', decided_by = 'ada', decided_at = created_at,"
            " decision_id = :decision WHERE id = :plan",
            decision=decision.id,
            plan=old,
        )
    with pytest.raises(exc.DBAPIError):
        behind("UPDATE plans SET superseded_by = :old WHERE id = :plan", old=old, plan=new)
    assert store.plan(new).state is PlanState.ACCEPTED


def test_a_superseded_plan_is_a_proposal_again_in_the_state_before(store_url: str) -> None:
    with Store.open(store_url) as store:
        old, new = superseded(store)
    with opened_database(store_url) as database:
        migrate(database, "r0003")
        migrate(database)
    with Store.open(store_url) as store:
        assert {store.plan(each).state for each in (old, new)} == {PlanState.PROPOSED}
