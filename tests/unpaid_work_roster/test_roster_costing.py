"""What the search reckons for bookings: what goes on after the horizon, and how the events of a person share it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.unpaid_work.project import OpenSlot
from models.unpaid_work.roster import RosterQuestion
from models.unpaid_work.terms import Frequency, Weekday
from solver.unpaid_work.board import Board, board_of
from solver.unpaid_work.costing import DAYS_AT, DAYS_BITS, MINUTES_BITS, MINUTES_MASK, price_of, settle
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import COST_NOW, ONWARD, Table, join, new_table
from tests.support.unpaid import FOUR, NINE, open_on, person, problem, project

LATE, AFTER = dt.date(2027, 3, 31), 14
"""Complete by; full weeks from the end of the four weeks' horizon until then."""
FIVE = 17 * 60


def facts_of(slots: Sequence[OpenSlot], required: Sequence[int]) -> RosterFacts:
    """A person with an event for each of `required` minutes who always comes, and a project with these slots."""
    one = person(attendance_probability=1.0, weekly_minutes_max=840, complete_by=LATE)
    people = [
        dataclasses.replace(one, event_number=event, required_minutes=minutes)
        for event, minutes in enumerate(required, 1)
    ]
    facts = RosterFacts(problem(people, [project("P01", *slots)]), default_policy(), RosterQuestion())
    assert set(facts.full_weeks.tolist()) == {AFTER}
    return facts


def last_dates(facts: RosterFacts, *slots: OpenSlot) -> list[int]:
    """The last session of each slot."""
    numbers = [facts.slots.records.index(slot) for slot in slots]
    return [int(np.flatnonzero(facts.sessions.slot == number)[-1]) for number in numbers]


def minutes_on(onward: int) -> tuple[int, int]:
    """Minutes that go on in even and in odd calendar weeks."""
    return onward & MINUTES_MASK, onward >> MINUTES_BITS & MINUTES_MASK


def priced(facts: RosterFacts, sessions: Sequence[int]) -> tuple[float, int]:
    board = board_of(facts)
    table = new_table(board, facts.weeks, 1)
    minutes: Ints = facts.open_minutes[0, list(sessions)].astype(np.int64)
    where = np.array(sessions, dtype=np.int64)
    return price_of(board, table, 0, where, minutes, len(where), table.nothing)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_long_fortnightly_slot_keeps_no_weekly_one_from_going_on(order: tuple[int, ...]) -> None:
    # 480 every other week beside 360 of the other, or 420 and 420 every week: 840 minutes of each week are more.
    long = open_on(Weekday.MONDAY, NINE, FIVE, frequency=Frequency.FORTNIGHTLY)
    slots = long, open_on(Weekday.WEDNESDAY), open_on(Weekday.FRIDAY)
    facts = facts_of(slots, [18_000])
    sessions = last_dates(facts, *slots)
    cost, onward = priced(facts, [sessions[place] for place in order])
    assert minutes_on(onward) == (840, 840)
    # 480 + 420 + 420 booked, 14 weeks of 840, and what is short of 420 in the weeks without a booking.
    prices = facts.rules.prices
    lost = 18_000 - 1_320 - AFTER * 840
    weeks = len({int(facts.sessions.week[session]) for session in sessions})
    assert cost == prices.lost_minute * lost + prices.short_of_offer_minute * 420 * (4 - weeks)


def test_a_fortnightly_slot_fills_the_weeks_in_which_it_recurs() -> None:
    long = open_on(Weekday.MONDAY, NINE, FIVE, frequency=Frequency.FORTNIGHTLY)
    day = open_on(Weekday.WEDNESDAY, NINE, NINE + 360)
    facts = facts_of((long, day), [18_000])
    _, onward = priced(facts, last_dates(facts, long, day))
    assert sorted(minutes_on(onward)) == [360, 840]


def settled(board: Board, facts: RosterFacts, booked: Sequence[tuple[int, int]], last: int) -> Table:
    """A table with these bookings of (requirement, session), settled by one requirement of the body."""
    table = new_table(board, facts.weeks, 1)
    for number, session in booked:
        join(board, table, number, session, int(facts.open_minutes[number, session]), False)
    settle(board, table, last)
    return table


@pytest.mark.parametrize("last", [0, 1])
def test_events_share_what_goes_on_in_the_better_order_whoever_is_settled(last: int) -> None:
    # One day a week is enough for the first event, and the second has no day but the one that the first likes best.
    wednesday, friday = open_on(Weekday.WEDNESDAY, NINE, NINE + 360), open_on(Weekday.FRIDAY, NINE, FOUR)
    facts = facts_of((wednesday, friday), [360 * AFTER + 780, 18_000])
    board = board_of(facts)
    middle, end = last_dates(facts, wednesday, friday)
    before_end = int(np.flatnonzero(facts.sessions.slot == facts.sessions.slot[end])[-2])
    booked = [(0, middle), (0, before_end), (1, end)]
    table = settled(board, facts, booked, last)
    assert minutes_on(int(table.people[1, ONWARD])) == (420, 420)
    assert minutes_on(int(table.people[0, ONWARD])) == (360, 360)
    days = int(table.people[1, ONWARD]) >> DAYS_AT & (1 << DAYS_BITS) - 1
    assert days == 1 << Weekday.FRIDAY.number
    other = settled(board, facts, booked, 1 - last)
    assert table.people[:, COST_NOW].sum() == other.people[:, COST_NOW].sum()
