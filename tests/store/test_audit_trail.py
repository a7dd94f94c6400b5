"""The audit trail: what it holds, that it is only appended to, and that any change behind its back is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import DBAPIError

from api.store.chain import COVERED
from api.store.records import BrokenChain, ChainHead, Event
from api.store.store import Store
from models.errors import NotFoundError, StoreError
from tests.support.databases import Behind
from tests.support.stored import ADA, BEN, CRNS, WORKER, proposed_plan

EVENTS = 8


@pytest.fixture
def trail(store: Store) -> Store:
    """A store with eight events: three of a plan, five of the six kinds beside."""
    plan = proposed_plan(store)
    store.record(Event.CONSULTATION, BEN, route="GET /v1/plans/{planId}", plan_id=plan.id)
    store.record(
        Event.DISCLOSURE, ADA, route="GET /v1/plans/{planId}/exports/{format}", plan_id=plan.id,
        recipient="Court", reason="hearing", run="run-1",
    )  # fmt: skip # a record on few lines
    store.record(Event.ALTERATION, ADA, route="POST /x", crns=CRNS[:1])
    store.record(Event.COMBINATION, WORKER, route="batch", crns=CRNS[:2])
    store.record(Event.ERASURE, ADA, route="POST /v1/erasures")
    assert store.chain_head().position == EVENTS
    return store


def test_what_an_event_holds(trail: Store) -> None:
    disclosure = trail.audit_events(event=Event.DISCLOSURE).items[0]
    assert (disclosure.actor, disclosure.recipient, disclosure.reason, disclosure.run) == (
        ADA,
        "Court",
        "hearing",
        "run-1",
    )
    assert (disclosure.people, disclosure.position) == (3, 5)
    assert disclosure.at.utcoffset() == dt.timedelta(0)
    assert {event.event for event in trail.audit_events().items} == set(Event)


def test_events_are_found_by_person_actor_run_and_kind(trail: Store) -> None:
    assert [event.position for event in trail.audit_events(crn=CRNS[0].lower()).items] == [
        7,
        6,
        5,
        4,
        3,
        2,
        1,
    ]
    assert [event.position for event in trail.audit_events(crn=CRNS[2]).items] == [5, 4, 3, 2, 1]
    assert trail.audit_events(crn="X999999").total == 0
    assert [event.position for event in trail.audit_events(actor="ben").items] == [4]
    assert [event.position for event in trail.audit_events(run="run-1").items] == [5]
    second = trail.audit_events(page=2, size=3)
    assert ([event.position for event in second.items], second.total) == ([5, 4, 3], EVENTS)


def test_texts_name_nobody(store: Store, behind: Behind) -> None:
    store.record(
        Event.DISCLOSURE, ADA, route=f"GET /cases/{CRNS[0]}", crns=CRNS, recipient=f"about {CRNS[0]}", reason=CRNS[1]
    )  # fmt: skip # a record on few lines
    kept = str(behind("SELECT * FROM audit_events"))
    assert "[erased]" in kept
    assert not any(crn in kept for crn in CRNS)


def test_what_cannot_be_recorded(store: Store) -> None:
    with pytest.raises(ValueError, match="recipient"):
        store.record(Event.DISCLOSURE, ADA, route="r")
    with pytest.raises(NotFoundError):
        store.record(Event.CONSULTATION, ADA, route="r", plan_id="nothing")
    assert store.chain_head().position == 0


def test_the_trail_is_only_appended_to(trail: Store, behind: Behind) -> None:
    statements = [
        "UPDATE audit_events SET actor = 'bob' WHERE position = 3",
        "DELETE FROM audit_events WHERE position = 3",
        "DELETE FROM audit_events",
        "UPDATE audit_subject_sets SET members = members",
        "DELETE FROM audit_subject_sets",
        "UPDATE audit_head SET position = 3",
        "UPDATE audit_head SET position = 10",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, position, hash) VALUES (2, 0, 'x')",
    ]
    if not trail._database.is_sqlite:
        statements += ["TRUNCATE audit_events", "TRUNCATE audit_subject_sets", "TRUNCATE audit_head"]
    for statement in statements:
        with pytest.raises(DBAPIError):
            behind(statement)
    assert trail.verify_chain() is None


def one_byte(text: str) -> Iterator[str]:
    """The text with one byte of it changed: at its beginning, its middle, its end."""
    for place in sorted({0, len(text) // 2, len(text) - 1}):
        yield text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


def test_one_altered_byte_is_found_wherever_it_is(trail: Store, unguarded: Behind) -> None:
    """In every column of an event, texts, numbers and what was left empty; each change is undone again."""
    (before,) = unguarded("SELECT * FROM audit_events WHERE position = 5")
    for column in (*COVERED, "hash"):
        old = getattr(before, column)
        if column == "position":
            continue  # the next test moves events about
        altered = [old + 1, old ^ 2] if isinstance(old, int) else list(one_byte(old))
        for value in (*altered, None) if column in ("run", "reason", "subjects") else altered:
            if column in ("event", "actor_kind"):
                value = {"DISCLOSURE": "ERASURE", "PERSON": "SERVICE"}[old]  # noqa: PLW2901 - the rest a CHECK refuses
            unguarded(f"UPDATE audit_events SET {column} = :value WHERE position = 5", value=value)  # noqa: S608 - a column
            broken = trail.verify_chain()
            assert broken is not None, f"{column}: {old!r} -> {value!r}"
            assert broken.position == 5, column
            unguarded(f"UPDATE audit_events SET {column} = :value WHERE position = 5", value=old)  # noqa: S608 - a column
            assert trail.verify_chain() is None


def swap(run: Behind) -> None:
    for before, after in ((3, 100), (4, 3), (100, 4)):
        run("UPDATE audit_events SET position = :after WHERE position = :before", before=before, after=after)


@pytest.mark.parametrize(
    ("change", "position"),
    [
        (lambda run: run("DELETE FROM audit_events WHERE position = 1"), 1),
        (lambda run: run("DELETE FROM audit_events WHERE position = 4"), 4),
        (lambda run: run("DELETE FROM audit_events WHERE position > 6"), 7),
        (lambda run: run("DELETE FROM audit_events"), 1),
        (swap, 3),
        (lambda run: run("DELETE FROM audit_head"), 1),
        (lambda run: run("UPDATE audit_head SET position = 6"), 6),
        (
            lambda run: run("UPDATE audit_head SET hash = previous FROM audit_events e WHERE e.position = 8"),
            8,
        ),
        (lambda run: run("DELETE FROM audit_subject_sets"), 1),
    ],
    ids=["first", "middle", "tail", "all", "swapped", "no end", "early end", "other end", "people"],
)
def test_what_is_removed_or_moved_is_found(
    trail: Store, unguarded: Behind, change: Callable[[Behind], None], position: int
) -> None:
    change(unguarded)
    broken = trail.verify_chain()
    assert broken is not None
    assert broken.position == position


def test_altered_lists_of_people_are_found(trail: Store, unguarded: Behind) -> None:
    """The pair of event 7 stands in no other event."""
    (digest,) = unguarded("SELECT subjects FROM audit_events WHERE position = 7")[0]
    unguarded("UPDATE audit_subject_sets SET members = :m WHERE digest = :d", m=b"\1" * 32, d=digest)
    assert trail.verify_chain() == BrokenChain(7, "the list of people of the event is missing or was altered")


def test_a_shortened_trail_with_a_matching_end_is_found_with_what_was_kept_outside(
    trail: Store, unguarded: Behind
) -> None:
    """Whoever owns the database can rewrite all of it, but not a hash that somebody else wrote down."""
    kept = trail.chain_head()
    assert trail.verify_chain(kept) is None
    unguarded("DELETE FROM audit_events WHERE position > 6")
    unguarded("UPDATE audit_head SET position = 6, hash = (SELECT hash FROM audit_events WHERE position = 6)")
    assert trail.verify_chain() is None
    broken = trail.verify_chain(kept)
    assert broken is not None
    assert broken.position == 7
    trail.record(Event.CONSULTATION, BEN, route="r")
    trail.record(Event.CONSULTATION, BEN, route="r")
    broken = trail.verify_chain(kept)
    assert broken is not None
    assert (broken.position, "outside" in broken.why) == (8, True)
    assert trail.verify_chain(ChainHead(6, trail.audit_events().items[2].hash)) is None


def test_bytes_that_are_no_text_are_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A byte altered in the file itself, so that the text is no longer UTF-8."""
    file = tmp_path_factory.mktemp("altered") / "store.db"
    with Store.open(f"sqlite:///{file}", migrate=True) as store:
        proposed_plan(store)
        store.record(Event.CONSULTATION, BEN, route="a-route-seen-nowhere-else")
    content = bytearray(file.read_bytes())
    place = content.index(b"a-route-seen-nowhere-else")
    content[place] ^= 0x80
    file.write_bytes(content)
    with Store.open(f"sqlite:///{file}") as store:
        assert store.verify_chain() == BrokenChain(4, "the event was altered")


def test_nothing_is_appended_to_a_trail_without_an_end(trail: Store, unguarded: Behind) -> None:
    unguarded("DELETE FROM audit_head")
    with pytest.raises(StoreError, match="audit verify"):
        trail.record(Event.CONSULTATION, BEN, route="r")
    with pytest.raises(StoreError, match="audit verify"):
        proposed_plan(trail)
    assert trail.plans(None).total == 1
