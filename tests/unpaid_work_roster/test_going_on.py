"""What goes on after the horizon is chosen together, within the rules of one person's diary."""

from __future__ import annotations

import dataclasses
import datetime as dt

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot
from models.unpaid_work.roster import RosterQuestion
from models.unpaid_work.terms import Frequency, Weekday
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.going_on import EVERY_WEEK, Candidate, GoingOn, going_on
from tests.support.unpaid import NINE, open_on, person, problem, project

NOON, ONE, TWO, FOUR, FIVE = 12 * 60, 13 * 60, 14 * 60, 16 * 60, 17 * 60


def facts_of(*slots: tuple[str, OpenSlot], events: int = 1, weekly: int = 840) -> RosterFacts:
    """A person with so many events of 300 hours, who always comes, and projects with these slots."""
    one = person(
        attendance_probability=1.0,
        weekly_minutes_max=weekly,
        required_minutes=18_000,
        complete_by=dt.date(2027, 3, 31),  # too soon for all of it
    )
    people = [dataclasses.replace(one, event_number=event) for event in range(1, events + 1)]
    codes = sorted({code for code, _ in slots})
    projects = [project(code, *(slot for at, slot in slots if at == code)) for code in codes]
    team: UnpaidWorkProblem = problem(people, projects)
    return RosterFacts(team, default_policy(), RosterQuestion())


def slot_of(facts: RosterFacts, code: str, slot: OpenSlot) -> int:
    number = facts.problem.project_numbers[code]
    return next(
        each
        for each, record in enumerate(facts.slots.records)
        if record == slot and int(facts.slots.project[each]) == number
    )


def chosen(
    facts: RosterFacts,
    *those: tuple[int, str, OpenSlot],
    ways: tuple[int, ...] = (EVERY_WEEK,),
    weeks: int = 3,
) -> GoingOn:
    """What goes on of these (requirement, project, slot), preferred in this order, nothing booked so far."""
    candidates = [
        Candidate(number, slot_of(facts, code, slot), slot.end_time - slot.start_time, ways, weeks)
        for number, code, slot in those
    ]
    return going_on(facts, candidates, dict.fromkeys({number for number, *_ in those}, 0))


def test_two_that_fill_the_week_come_before_the_longest_one() -> None:
    # 480 alone would leave 360 of the 840 unused; 420 and 420 fill them.
    long = open_on(Weekday.MONDAY, NINE, FIVE)
    first, second = open_on(Weekday.WEDNESDAY), open_on(Weekday.FRIDAY)
    facts = facts_of(("P01", long), ("P01", first), ("P01", second))
    on = chosen(facts, (0, "P01", long), (0, "P01", first), (0, "P01", second))
    assert on == {
        (0, slot_of(facts, "P01", first)): EVERY_WEEK,
        (0, slot_of(facts, "P01", second)): EVERY_WEEK,
    }


def test_one_project_a_day_and_both_its_halves() -> None:
    # 180 at P01 in the morning and 120 there in the afternoon, or 240 at P02: 300 minutes are more.
    morning, later = open_on(start=NINE, end=NOON), open_on(start=TWO, end=FOUR)
    other = open_on(start=NOON, end=FOUR)
    facts = facts_of(("P01", morning), ("P01", later), ("P02", other))
    on = chosen(facts, (0, "P02", other), (0, "P01", morning), (0, "P01", later))
    assert on == {
        (0, slot_of(facts, "P01", morning)): EVERY_WEEK,
        (0, slot_of(facts, "P01", later)): EVERY_WEEK,
    }


def test_halves_of_a_day_that_overlap_do_not_go_on_together() -> None:
    # Records of one project do not overlap; two projects' would on another day, so the day decides.
    early, late = open_on(start=NINE, end=ONE), open_on(start=NOON, end=FOUR)
    facts = facts_of(("P01", early), ("P02", late))
    assert len(chosen(facts, (0, "P01", early), (0, "P02", late))) == 1


def test_fortnightly_slots_of_alternate_weeks_share_a_weekday() -> None:
    even = open_on(frequency=Frequency.FORTNIGHTLY)
    facts = facts_of(("P01", even), ("P02", even))
    one, other = slot_of(facts, "P01", even), slot_of(facts, "P02", even)
    candidates = [Candidate(0, one, 420, (EVERY_WEEK,), 1), Candidate(0, other, 420, (EVERY_WEEK,), 2)]
    assert set(going_on(facts, candidates, {0: 0})) == {(0, one), (0, other)}
    both_even = [dataclasses.replace(each, weeks=1) for each in candidates]
    assert set(going_on(facts, both_even, {0: 0})) == {(0, one)}


def test_two_events_of_one_person_take_turns_on_their_only_day() -> None:
    day = open_on()
    facts = facts_of(("P01", day), events=2)
    slot = slot_of(facts, "P01", day)
    on = chosen(facts, (0, "P01", day), (1, "P01", day), ways=(1, 2))
    assert sorted(on) == [(0, slot), (1, slot)]
    assert sorted(on.values()) == [1, 2]


def test_what_nobody_needs_goes_on_where_there_is_room() -> None:
    day = open_on()
    facts = facts_of(("P01", day))
    candidate = Candidate(0, slot_of(facts, "P01", day), 420, (EVERY_WEEK,), 3)
    assert going_on(facts, [candidate], {0: 18_000}) == {(0, candidate.slot): EVERY_WEEK}
