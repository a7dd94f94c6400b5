"""Why a session runs and under whom, why it does not, and why not under somebody else: worked by hand."""

from __future__ import annotations

import pytest

from models.errors import UsageError
from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import Absence, HalfDay, Weekday
from solver.explain.roster_sessions import SessionExplainer
from solver.explain.sayings import Explanation
from solver.unpaid_work.place import Placer
from solver.verify.unpaid_work import Drawn
from tests.support.unpaid import (
    ANN,
    BOB,
    FOUR,
    NINE,
    NOON,
    Book,
    X,
    Y,
    day,
    drawn,
    honest_roster,
    open_on,
    person,
    placement,
    problem,
    project,
    supervisor,
)

TUESDAYS = (1, 8, 15, 22)


def ask(of: UnpaidWorkProblem, lines: Drawn) -> SessionExplainer:
    return SessionExplainer(Placer.of(of, default_policy(), honest_roster(of, lines)))


def sentences(found: Explanation) -> list[str]:
    return [reason.sentence for reason in found.reasons]


def test_what_a_session_is_worth_and_who_else_could_have_it() -> None:
    # X would lose 0.75 * 420 = 315 minutes (the order ends with the horizon), and be 420 short in that week.
    of = problem([person(X, complete_by=day(27))], supervisors=[supervisor(ANN), supervisor(BOB)])
    lines = drawn(*[Book(X, on) for on in TUESDAYS], placements=[placement()])
    found = ask(of, lines).why_session("P01", day(8))
    assert found.subject == "P01 on 2026-12-01, 09:00 to 16:00"
    assert sentences(found) == [
        "1 booked for 10 places, 0.8 expected",
        "without it 315 minutes more would be lost and 420 minutes fall short of the weekly offer, worth "
        "7,980 minutes; supervising it costs 420 minutes",
        "N03U001 supervises; N03U002 could too",
    ]


def test_a_session_may_need_no_supervisor() -> None:
    of = problem([person(X)], [project(supervisor_needed=False)])
    found = ask(of, drawn(Book(X, under=None))).why_session("P01", day(1))
    assert sentences(found)[-1] == "it needs no supervisor"


@pytest.mark.parametrize(
    ("fields", "rule", "words"),
    [
        ({"skills": ()}, "supervised", "N03U002 lacks CHAINSAW"),
        ({"availability": (HalfDay.TUESDAY_MORNING,)}, "supervised", "not available on tuesday afternoon"),
        ({"unavailable": (Absence(day(1), day(1)),)}, "supervised", "is away on 2026-11-24"),
        ({"weekly_minutes_max": 400}, "supervised", "would have 420 minutes that week; the limit is 400"),
        ({"max_group": 9}, "session_size", "looks after 9 at most"),
    ],
)
def test_why_not_another_supervisor(fields: dict[str, object], rule: str, words: str) -> None:
    bob = supervisor(BOB, **{"skills": ("CHAINSAW",), **fields})
    of = problem(
        [person(X)], [project(required_skills=("CHAINSAW",))], [supervisor(ANN, skills=("CHAINSAW",)), bob]
    )
    (reason,) = ask(of, drawn(Book(X))).why_not_supervisor(BOB, "P01", day(1)).reasons
    assert reason.rule == rule
    assert words in reason.sentence


def test_why_not_somebody_who_is_busy_or_not_wanted() -> None:
    of = problem(
        [person(X, excluded_supervisor_codes=(BOB,)), person(Y)],
        [project(), project("P02", open_on())],
        [supervisor(ANN), supervisor(BOB)],
    )
    explain = ask(of, drawn(Book(X), Book(Y, at="P02", under=BOB)))
    found = explain.why_not_supervisor(BOB, "P01", day(1))
    assert [reason.rule for reason in found.reasons] == ["one_place_at_a_time", "supervisor_sex"]
    assert sentences(found)[0] == "N03U002 has P02 on 2026-11-24, 09:00 to 16:00"
    assert sentences(explain.why_not_supervisor(ANN, "P01", day(1))) == ["N03U001 supervises it"]
    free = problem([person(X)], supervisors=[supervisor(ANN), supervisor(BOB)])
    may = ask(free, drawn(Book(X))).why_not_supervisor(BOB, "P01", day(1))
    assert sentences(may) == ["no rule forbids it, beside what they do"]


def test_why_not_where_nothing_runs() -> None:
    of = problem(
        [person(X)], supervisors=[supervisor(ANN), supervisor(BOB, unavailable=(Absence(day(8), day(8)),))]
    )
    explain = ask(of, drawn(Book(X)))
    assert sentences(explain.why_not_supervisor(BOB, "P01", day(8))) == ["N03U002 is away on 2026-12-01"]
    assert sentences(explain.why_not_supervisor(ANN, "P01", day(8))) == [
        "no session runs then; no rule forbids the supervisor one"
    ]


def test_why_no_session_runs() -> None:
    ann = supervisor(ANN, unavailable=(Absence(day(8), day(8)),))
    of = problem(
        [person(X), person(Y, required_minutes=420)],
        [project(min_people=3)],
        [ann],
        non_working_days=(day(15),),
    )
    explain = ask(of, drawn(Book(Y)))
    away = explain.why_session("P01", day(8))
    assert [reason.rule for reason in away.reasons] == ["supervised", "supervised", "session_size"]
    assert sentences(away) == [
        "09:00-16:00: no supervisor is qualified and free",
        "N03U001 is away on 2026-12-01",
        "09:00-16:00: 2 people could come by their own rules, 1.5 expected; 0 of them are elsewhere that day, "
        "1 have all their hours booked; the group needs 3",
    ]
    assert sentences(explain.why_session("P01", day(15))) == ["2026-12-08 is a non-working day"]
    assert sentences(explain.why_session("P01", day(2))) == ["2026-11-25 is not a day on which it is open"]


def test_questions_about_sessions_that_cannot_be_asked() -> None:
    both = project("P01", open_on(end=NOON), open_on(Weekday.TUESDAY, NOON, FOUR))
    of = problem([person(X), person(Y)], [both])
    explain = ask(of, drawn(Book(X, end=NOON), Book(Y, start=NOON)))
    with pytest.raises(UsageError, match="sessions at 09:00, 12:00"):
        explain.why_session("P01", day(1))
    assert explain.why_session("P01", day(1), NINE).subject == "P01 on 2026-11-24, 09:00 to 12:00"
    with pytest.raises(UsageError, match="P99"):
        explain.why_session("P99", day(1))
    with pytest.raises(UsageError, match="N03U099"):
        explain.why_not_supervisor("N03U099", "P01", day(1))
