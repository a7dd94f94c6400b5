"""The objective by hand, item by item, and the forecast."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from models.allocation.terms import Location
from models.policy.policy import default_policy
from models.unpaid_work.roster import RosterObjective
from models.unpaid_work.terms import Frequency, ProjectType, Weekday
from solver.verify.unpaid_work import recompute_roster, roster_forecast, sessions_of
from tests.support.problems import policy_with
from tests.support.unpaid import (
    FOUR,
    NINE,
    NOON,
    Book,
    X,
    Y,
    allocation,
    day,
    drawn,
    every_day,
    open_on,
    person,
    placement,
    problem,
    project,
    session,
    told,
)

END = day(28)
"""The first day after four weeks."""


def objective(of: Any, *books: Book, **lines: Any) -> RosterObjective:
    return recompute_roster(of, drawn(*books, **lines), default_policy())


def test_all_items_are_zero_when_nothing_remains() -> None:
    one = problem([person(credited_minutes=7200, allocations=(allocation(),))])
    assert objective(one) == RosterObjective(0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_the_sum_by_hand() -> None:
    # X: 840 minutes left, one day of 420 in week 1 at chance 0.75: 315 expected, 525 lost.
    # Weeks 2 to 4: min(420, 840 - 420) is still to be offered in each: 1,260 short. Journey 30 minutes each way.
    # The told day 8 and the Wednesday are gone; two sessions a week are promised: 1 + 2 + 2 + 2 missing, 420 each.
    who = person(
        required_minutes=840,
        complete_by=END,
        travel_minutes=30,
        allocations=(allocation(weekday=Weekday.WEDNESDAY),),
        appointments=(told(8), told(1)),
    )
    # Y: 100 minutes left and none booked: 100 lost; 100 short in each of four weeks.
    other = person(Y, required_minutes=100, complete_by=END)
    one = problem([who, other], [project(commitment_sessions_per_week=2)])
    assert objective(one, Book()) == RosterObjective(
        unplaced_people=1,
        lost_minutes=625,
        short_of_offer_minutes=1660,
        supervised_minutes=420,
        travel_minutes=60,
        allocations_changed=1,
        appointments_dropped=1,
        commitment_minutes_unmet=2940,
        total=4_000_000 + 200 * 625 + 40 * 1660 + 10 * 420 + 2 * 60 + 4200 + 8400 + 20 * 2940,
    )


def test_every_price_is_the_policys() -> None:
    prices = {
        "unplaced_person": 1,
        "lost_minute": 10,
        "short_of_offer_minute": 100,
        "supervised_minute": 1000,
        "travel_minute": 10_000,
        "allocation_changed": 100_000,
        "appointment_dropped": 1_000_000,
        "commitment_minute_unmet": 10_000_000,
    }
    who = person(allocations=(allocation(weekday=Weekday.MONDAY),), appointments=(told(8),), travel_minutes=1)
    one = problem([who, person(Y)], [project(commitment_sessions_per_week=1)])
    by = policy_with(unpaid_work={"prices": prices})
    items = recompute_roster(one, drawn(Book()), by)
    counts = list(dataclasses.astuple(items))[:-1]
    assert min(counts) > 0
    assert items.total == sum(price * count for price, count in zip(prices.values(), counts, strict=True))


# lost_minutes


@pytest.mark.parametrize(
    ("chance", "booked", "lost"),
    [(0.75, 420, 105), (1.0, 420, 0), (0.0, 420, 420), (0.999, 420, 1), (0.1, 300, 390), (0.3, 1, 420)],
)
def test_lost_minutes_are_exact_and_rounded_up(chance: float, booked: int, lost: int) -> None:
    one = problem([person(required_minutes=420, complete_by=END, attendance_probability=chance)])
    assert objective(one, Book(end=NINE + booked)).lost_minutes == lost


@pytest.mark.parametrize(
    ("complete_by", "full_weeks"),
    [(day(0), 0), (END, 0), (day(34), 0), (day(35), 1), (day(41), 1), (day(42), 2)],
)
def test_full_weeks_after_the_horizon_count_for_running_placements(
    complete_by: dt.date, full_weeks: int
) -> None:
    one = problem([person(required_minutes=7200, complete_by=complete_by, attendance_probability=0.5)])
    goes_on = [placement()]
    assert objective(one, placements=goes_on).lost_minutes == 7200 - 210 * full_weeks


@pytest.mark.parametrize(
    ("fields", "weekly"),
    [
        ({}, 420),
        ({"frequency": Frequency.FORTNIGHTLY}, 210),
        ({"frequency": Frequency.ONCE}, 0),
        ({"end_date_inclusive": day(27)}, 0),  # the last day of the horizon
        ({"end_date_inclusive": END}, 420),
        ({"end_time": NOON}, 180),
        ({"end_time": NINE + 1, "frequency": Frequency.FORTNIGHTLY}, 0.5),
    ],
)
def test_which_placements_still_run(fields: dict[str, Any], weekly: float) -> None:
    one = problem([person(required_minutes=7200, complete_by=day(28 + 14), attendance_probability=1.0)])
    assert objective(one, placements=[placement(**fields)]).lost_minutes == 7200 - 2 * weekly


def test_several_placements_add_up_and_never_below_zero() -> None:
    one = problem([person(required_minutes=1000, complete_by=day(28 + 7), attendance_probability=1.0)])
    tuesday, friday = placement(), placement(weekday=Weekday.FRIDAY)
    assert objective(one, placements=[tuesday]).lost_minutes == 580
    assert objective(one, placements=[tuesday, friday]).lost_minutes == 160
    assert objective(one, Book(), placements=[tuesday, friday]).lost_minutes == 0


# short_of_offer_minutes


def test_offers_count_by_calendar_week_until_enough_is_booked() -> None:
    one = problem([person(required_minutes=900)], [every_day()])
    assert objective(one).short_of_offer_minutes == 4 * 420
    assert objective(one, Book(on=0)).short_of_offer_minutes == 3 * 420
    # 840 in week 1: 60 remain, and they are due in each week that follows.
    assert objective(one, Book(on=0), Book(on=6)).short_of_offer_minutes == 3 * 60
    # Late: weeks 1 and 2 are short, 840 in week 3, and 60 in week 4.
    assert objective(one, Book(on=14), Book(on=20)).short_of_offer_minutes == 2 * 420 + 60


def test_offers_are_of_the_weeks_that_the_order_overlaps() -> None:
    for sentence, complete, weeks in (
        (day(-9), END, 4),
        (day(6), END, 4),  # the Sunday of the first week
        (day(7), END, 3),
        (day(-9), day(7), 2),  # the Monday of the second
        (day(-9), day(6), 1),
        (day(-9), day(-1), 0),
    ):
        one = problem([person(sentence_date=sentence, complete_by=complete)])
        assert objective(one).short_of_offer_minutes == 420 * weeks, (sentence, complete)


def test_offers_in_a_horizon_that_begins_midweek() -> None:
    # From Wednesday for one week: two calendar weeks.
    one = problem([person()], [every_day()], first=day(2), weeks=1)
    assert objective(one).short_of_offer_minutes == 2 * 420
    assert objective(one, Book(on=6)).short_of_offer_minutes == 420
    assert objective(one, Book(on=7)).short_of_offer_minutes == 420


def test_the_weekly_minimum_is_the_persons_or_the_policys() -> None:
    assert objective(problem([person(weekly_minutes_min=100)])).short_of_offer_minutes == 400
    assert objective(problem([person(weekly_minutes_min=0)])).short_of_offer_minutes == 0


# The other items.


def test_sessions_without_a_supervisor_cost_no_supervised_time() -> None:
    one = problem([person()], [project(supervisor_needed=False)])
    assert objective(one, Book(under=None)).supervised_minutes == 0
    longer = problem([person()])
    assert objective(longer, Book(end=NOON), sessions=[session()]).supervised_minutes == 420


def test_travel_is_both_ways_for_each_appointment() -> None:
    # 3,001 m at 250 m a minute: 13 minutes.
    here, there = Location(400_000, 300_000), Location(400_000, 303_001)
    one = problem([person(location=here), person(Y)], [project(location=there)])
    assert objective(one, Book(), Book(on=8), Book(Y)).travel_minutes == 2 * 2 * 13


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({}, 0),
        ({"start_date_inclusive": day(15), "end_date_inclusive": day(22)}, 0),  # dates are no change
        ({"start_time": NINE + 30}, 1),
        ({"end_time": NOON}, 1),
        ({"weekday": Weekday.WEDNESDAY}, 1),
        ({"frequency": Frequency.FORTNIGHTLY}, 1),
        ({"at": "P02"}, 1),
        ({"crn": Y}, 1),
        ({"delius_event_number": 2}, 1),
    ],
)
def test_allocations_changed(fields: dict[str, Any], changed: int) -> None:
    people = [person(allocations=(allocation(),)), person(event_number=2), person(Y)]
    one = problem(people, [every_day(), every_day("P02")])
    assert objective(one, placements=[placement(**fields)]).allocations_changed == changed


def test_allocations_that_count() -> None:
    for fields, counts in (
        ({"end_date_inclusive": None}, 1),
        ({"end_date_inclusive": day(0)}, 1),
        ({"end_date_inclusive": day(-1)}, 0),
    ):
        one = problem([person(allocations=(allocation(**fields),))])
        assert objective(one).allocations_changed == counts, fields
    assert objective(problem([person(allocations=(allocation("P77"),))])).allocations_changed == 1


def test_appointments_dropped_are_told_ones_in_the_horizon_that_differ_at_all() -> None:
    one = problem([person(appointments=(told(1), told(8), told(-6), told(29)))])
    assert objective(one).appointments_dropped == 2
    assert objective(one, Book(on=1), Book(on=8)).appointments_dropped == 0
    assert objective(one, Book(on=1), Book(on=8, end=FOUR - 1)).appointments_dropped == 1


def test_commitments_are_met_week_by_week() -> None:
    promised = every_day(commitment_sessions_per_week=1, supervisor_needed=False)
    one = problem([person(), person(Y)], [promised])
    books = [Book(on=on, under=None) for on in (0, 7, 14)]
    assert objective(one).commitment_minutes_unmet == 4 * 420
    assert objective(one, *books).commitment_minutes_unmet == 420
    twice = [Book(on=0, under=None), Book(Y, on=1, under=None)]
    assert objective(one, *twice).commitment_minutes_unmet == 3 * 420  # more in one week helps no other


def test_a_commitment_is_as_long_as_the_first_listed_slot() -> None:
    for slots, length in (((open_on(end=NOON), open_on(Weekday.FRIDAY)), 180), ((open_on(),), 420)):
        one = problem([person()], [project("P01", *slots, commitment_sessions_per_week=1)], weeks=1)
        assert objective(one).commitment_minutes_unmet == length
    bare = project(commitment_sessions_per_week=1, availability=())
    assert objective(problem([person()], [bare])).commitment_minutes_unmet == 0


# sessions_of


def test_numbers_of_a_session() -> None:
    people = [person(attendance_probability=0.5), person(Y, attendance_probability=0.2)]
    one = problem(people, [project(places=1)])
    (made,) = sessions_of(one, drawn(Book(), Book(Y)), default_policy())
    assert (made.places, made.booked) == (1, 2)
    assert (made.expected_attendance, made.overflow_probability) == (0.7, 0.1)


# The forecast: chance times minutes, cumulated.


def finish(of: Any, *books: Book, **lines: Any) -> dt.date | None:
    (forecast,) = roster_forecast(of, drawn(*books, **lines), default_policy())
    return forecast.expected_finish


def test_the_expected_finish_within_the_horizon() -> None:
    one = problem([person(required_minutes=630, complete_by=END, attendance_probability=0.75)])
    assert finish(one, Book(on=8), Book(on=1)) == day(8)  # 315 + 315
    almost = problem([person(required_minutes=631, complete_by=END, attendance_probability=0.75)])
    assert finish(almost, Book(on=8), Book(on=1)) is None


def test_the_expected_finish_after_the_horizon() -> None:
    # 420 expected within; 840 more from Tuesdays, day 29 the first of them.
    who: dict[str, Any] = {"required_minutes": 1260, "attendance_probability": 1.0}
    one = problem([person(**who)])
    assert finish(one, Book(), placements=[placement()]) == day(36)
    friday = placement(weekday=Weekday.FRIDAY)
    assert finish(one, Book(), placements=[placement(), friday]) == day(32)
    assert finish(one, Book(), placements=[placement(frequency=Frequency.ONCE)]) is None
    assert finish(one, Book(), placements=[placement(end_date_inclusive=day(35))]) is None
    assert finish(problem([person(**who, complete_by=day(35))]), Book(), placements=[placement()]) is None
    assert finish(problem([person(**who, complete_by=day(36))]), Book(), placements=[placement()]) == day(36)


def test_a_fortnightly_placement_goes_on_in_its_own_rhythm() -> None:
    one = problem([person(required_minutes=840, attendance_probability=1.0)])
    for start, expected in ((day(1), day(43)), (day(8), day(50))):  # 29 and 43, 36 and 50
        every_other = placement(frequency=Frequency.FORTNIGHTLY, start_date_inclusive=start)
        assert finish(one, placements=[every_other]) == expected


def test_who_never_comes_never_finishes() -> None:
    one = problem([person(attendance_probability=0.0)])
    assert finish(one, Book(), placements=[placement()]) is None


def test_a_forecast_is_of_those_with_minutes_left_in_the_inputs_order() -> None:
    people = [person(Y), person(credited_minutes=7200), person(event_number=2, complete_by=END)]
    found = roster_forecast(problem(people), drawn(Book(Y)), default_policy())
    assert [(each.crn, each.delius_event_number, each.booked_minutes) for each in found] == [
        (Y, 1, 420),
        (X, 2, 0),
    ]
    assert [each.remaining_minutes for each in found] == [7200, 7200]
    assert [each.minutes_expected_short for each in found] == [6885, 7200]


def test_an_induction_counts_as_hours() -> None:
    one = problem(
        [person(required_minutes=420, complete_by=END, induction_done=False, attendance_probability=1.0)],
        [every_day("IND", project_type=ProjectType.INDUCTION)],
    )
    assert objective(one, Book(at="IND")).lost_minutes == 0
