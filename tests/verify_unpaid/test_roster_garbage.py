"""Any roster gets an answer, whatever it holds, and one that tells the truth about itself is never called a liar."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.policy.policy import default_policy
from models.rules import UNPAID_WORK_RULES
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Appointment, Placement, RosterQuestion, Session
from models.unpaid_work.terms import Absence, Frequency, ProjectType, Weekday
from solver.verify.unpaid_work import Drawn, slot_refusals, verify_roster
from tests.support.unpaid import (
    BOB,
    FOUR,
    NINE,
    NOON,
    REPAIR,
    X,
    Y,
    Z,
    allocation,
    day,
    every_day,
    honest_roster,
    open_on,
    person,
    problem,
    project,
    slot,
    supervisor,
    told,
)

TEAM = problem(
    [
        person(appointments=(told(1), told(2, "P02")), allocations=(allocation(),)),
        person(event_number=2, required_minutes=420, appointments=(told(1),)),
        person(
            Y, keep_apart_crns=(X,), attendance_probability=0.0, weekly_minutes_max=420, induction_done=False
        ),
        person(
            Z,
            unavailable=(Absence(day(1), day(3)),),
            appointments=(told(8), told(9, "P77")),
            complete_by=day(9),
        ),
    ],
    [
        every_day(places=1, commitment_sessions_per_week=1),
        project("P02", open_on(Weekday.WEDNESDAY, frequency=Frequency.FORTNIGHTLY), supervisor_needed=False),
        every_day("IND", project_type=ProjectType.INDUCTION, vehicle_seats=0, risk_limit=0),
    ],
    [supervisor(max_group=1), supervisor(BOB, weekly_minutes_max=420)],
    weeks=2,
)

_CRNS = st.sampled_from([X, X, Y, Z, "X000009"])
_EVENTS = st.sampled_from([1, 1, 1, 2, 3])
_CODES = st.sampled_from(["P01", "P01", "P01", "P02", "IND", "P77"])
_DAYS = st.integers(-2, 16).map(day)
_TIMES = st.sampled_from(
    [(NINE, FOUR)] * 4 + [(NINE, NOON), (NOON, FOUR), (FOUR, NINE), (NINE, NINE), (0, 1440)]
)
_WHO = st.sampled_from([None, "N03U001", "N03U001", BOB, "N03U099"])


def _session(code: str, on: Any, times: tuple[int, int], who: str | None) -> Session:
    return Session(code, on, *times, who, 0, 0, 0.0, 0.0)


def _appointment(crn: str, event: int, of: Session, end: int) -> Appointment:
    minutes = end - of.start_time
    return Appointment(crn, event, of.project_code, of.date, of.start_time, end, of.supervisor_code, minutes)


@st.composite
def _rosters(draw: st.DrawFn) -> Drawn:
    sessions = draw(st.lists(st.builds(_session, _CODES, _DAYS, _TIMES, _WHO), max_size=5))
    appointments = [
        _appointment(
            draw(_CRNS), draw(_EVENTS), each, draw(st.sampled_from([each.end_time, NOON, NINE, FOUR]))
        )
        for each in sessions
        for _ in range(draw(st.integers(0, 3)))
    ]
    placements = st.builds(
        Placement,
        _CRNS,
        _EVENTS,
        _CODES,
        st.sampled_from(Weekday),
        st.sampled_from(Frequency),
        st.just(NINE),
        st.sampled_from([FOUR, NOON, NINE]),
        _DAYS,
        st.none() | _DAYS,
    )
    kept = draw(st.permutations(sessions))[: draw(st.integers(0, 6))]
    return Drawn(tuple(draw(st.lists(placements, max_size=3))), tuple(kept), tuple(appointments))


@given(_rosters(), st.sampled_from([RosterQuestion(), REPAIR]))
@settings(max_examples=100, deadline=None)
def test_any_roster_gets_an_answer_and_honesty_is_believed(lines: Drawn, question: RosterQuestion) -> None:
    roster = honest_roster(TEAM, lines, question=question)
    found = {violation.rule for violation in verify_roster(TEAM, roster, default_policy())}
    claims = {rule for rule in found if rule.startswith("claimed_")}
    assert found <= set(UNPAID_WORK_RULES)
    # What may be amiss in an honest roster: sessions without anybody, appointments and placements that make no sense.
    assert claims <= {"claimed_sessions", "claimed_appointments"}
    for key in (RequirementKey(X, 1), RequirementKey(Y, 1)):
        refused = slot_refusals(TEAM, default_policy(), key, slot(), lines)
        assert {violation.crn for violation in refused} <= {key.crn}
