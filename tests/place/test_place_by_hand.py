"""Placing one person, worked by hand: prices, forecasts, dates, and every rule that excludes a slot or a date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from models.allocation.terms import Sex
from models.errors import UsageError
from models.policy.policy import default_policy
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import RosterObjective
from models.unpaid_work.terms import (
    Absence,
    Frequency,
    HalfDay,
    PlacementPreference,
    ProjectType,
    TravelMode,
    Weekday,
)
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.place import Placer, Placing, SlotOption, place
from solver.unpaid_work.placing.team import team_of
from tests.support.unpaid import (
    ANN,
    BOB,
    FOUR,
    NINE,
    NOON,
    Book,
    X,
    Y,
    Z,
    allocation,
    day,
    drawn,
    every_day,
    honest_roster,
    open_on,
    person,
    placement,
    problem,
    project,
    supervisor,
    told,
)

POLICY = default_policy()
TUESDAYS = (1, 8, 15, 22)
Y_THERE = [Book(Y, on) for on in TUESDAYS]


def placed(of: UnpaidWorkProblem, *books: Book, **lines: Any) -> Placing:
    """The answer about the first person, beside these bookings."""
    team = team_of(RosterFacts(of, POLICY), drawn(*books, **lines))
    return Placer.of_team(team).place(of.people[0])


def only(found: Placing) -> SlotOption:
    (option,) = found.options
    return option


def dates(option: SlotOption) -> list[dt.date]:
    return [each.date for each in option.appointments]


def rules(option: SlotOption) -> list[str]:
    return [refusal.rule for refusal in option.rules]


def test_a_running_session_takes_one_more() -> None:
    # 7,200 minutes at chance 0.75; four Tuesdays of 420, and 40 full weeks from 2026-12-21 to 2027-10-01:
    # 0.75 * (1,680 + 40 * 420) = 13,860, so nothing is lost. Four weeks of 420 were short.
    of = problem([person(X, travel_minutes=30), person(Y)])
    option = only(placed(of, *Y_THERE))
    assert option.rank == 1
    assert option.price == RosterObjective(
        unplaced_people=-1,
        lost_minutes=-7200,
        short_of_offer_minutes=-1680,
        supervised_minutes=0,
        travel_minutes=240,
        allocations_changed=0,
        appointments_dropped=0,
        commitment_minutes_unmet=0,
        total=-4_000_000 - 200 * 7200 - 40 * 1680 + 2 * 240,
    )
    assert dates(option) == [day(on) for on in TUESDAYS]
    assert {each.supervisor_officer_code for each in option.appointments} == {ANN}
    assert option.opened == ()
    assert option.placement is not None
    assert (option.placement.start_date_inclusive, option.placement.end_date_inclusive) == (day(1), None)
    # 7,200 / 0.75 = 9,600 minutes offered: the 23rd Tuesday.
    assert option.after is not None
    assert option.after.expected_finish == day(1 + 7 * 22)
    assert (option.before.expected_finish, option.before.minutes_expected_short) == (None, 7200)


def test_a_session_is_opened_under_whoever_is_free() -> None:
    bob = supervisor(BOB, unavailable=(Absence(day(8), day(8)),))
    ann = supervisor(ANN, unavailable=(Absence(day(1), day(1)), Absence(day(15), day(15))))
    of = problem([person(X)], [project(commitment_sessions_per_week=1)], [ann, bob])
    option = only(placed(of))
    # Bob is free on three Tuesdays, Ann on two: Bob, and Ann where he is not.
    assert [each.supervisor_code for each in option.opened] == [BOB, ANN, BOB, BOB]
    assert option.price is not None
    assert (option.price.supervised_minutes, option.price.commitment_minutes_unmet) == (1680, -1680)


def test_hours_end_with_what_remains() -> None:
    # 700 minutes: a day of 420, one of 280; the placement ends with it.
    option = only(placed(problem([person(X, required_minutes=700)])))
    assert [each.minutes for each in option.appointments] == [420, 280]
    assert option.placement is not None
    assert option.placement.end_date_inclusive == day(8)
    assert option.price is not None
    # 0.75 * 700 are expected, 175 of 700 lost; four weeks were 420 short, and after the second all is booked.
    assert (option.price.lost_minutes, option.price.short_of_offer_minutes) == (-525, -1680)


def test_a_morning_person_leaves_at_the_end_of_the_morning() -> None:
    option = only(placed(problem([person(X, availability=(HalfDay.TUESDAY_MORNING,))])))
    assert (option.slot.start_time, option.slot.end_time) == (NINE, 750)
    assert {each.end_time for each in option.opened} == {FOUR}


def test_nobody_stays_beyond_the_limit_of_a_day_or_of_their_week() -> None:
    long = project("P01", open_on(start=480, end=1080))
    assert only(placed(problem([person(X)], [long]))).slot.end_time == 480 + 480
    limited = person(X, weekly_minutes_min=60, weekly_minutes_max=200)
    assert only(placed(problem([limited], [long]))).slot.end_time == 480 + 200


def test_the_better_slot_comes_first() -> None:
    near, far = every_day("P01"), every_day("P02")
    of = problem([person(X, availability=(HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON))], [near, far])
    found = placed(of)
    assert [(option.rank, option.slot.project_code) for option in found.options[:3]] == [
        (1, "P01"),
        (2, "P02"),
        (None, "P01"),
    ]
    # With a session of somebody else's at P02 nobody need be supervised anew.
    of = problem([*of.people, person(Y)], [near, far])
    found = placed(of, *[Book(Y, on, at="P02") for on in TUESDAYS])
    assert found.options[0].slot.project_code == "P02"


@pytest.mark.parametrize(
    ("fields", "at", "rule"),
    [
        ({"availability": (HalfDay.TUESDAY_AFTERNOON,)}, {}, "available"),
        ({"restrictions": ("CHILDREN",)}, {"tags": ("CHILDREN",)}, "suitable_project"),
        ({"needs": ("STEP_FREE",)}, {}, "suitable_project"),
        ({"excluded_project_codes": ("P01",)}, {}, "suitable_project"),
        ({}, {"female_only": True}, "group_preference"),
        ({"sex": Sex.MALE}, {"female_only": True}, "group_preference"),
        ({"placement_preference": PlacementPreference.INDIVIDUAL}, {}, "group_preference"),
        ({"placement_preference": PlacementPreference.FEMALE_ONLY_GROUP}, {}, "group_preference"),
        ({"travel_minutes": 91}, {}, "travel_limit"),
        ({"required_minutes": 0}, {}, "never_beyond_requirement"),
        ({}, {"project_type": ProjectType.INDUCTION}, "induction_first"),
        ({}, {"project_type": ProjectType.ETE}, "project_open"),
        ({"induction_done": False}, {}, "induction_first"),
        ({"weekly_minutes_min": 0, "weekly_minutes_max": 0}, {}, "weekly_limit"),
        ({"complete_by": day(-1)}, {}, "available"),
        ({"sentence_date": day(28)}, {}, "available"),
        ({}, {"places": 0}, "session_size"),
        ({}, {"min_people": 1}, "session_size"),
        ({}, {"required_skills": ("CHAINSAW",)}, "supervised"),
        ({"no_male_supervisor": True}, {}, "supervisor_sex"),
        ({"excluded_supervisor_codes": (ANN,)}, {}, "supervisor_sex"),
        ({"risk_in_group": True}, {"risk_limit": 0}, "risk_in_group"),
        ({"travel_mode": TravelMode.PICK_UP}, {"vehicle_seats": 0}, "pick_up"),
        ({}, {"end_date_exclusive": day(0)}, "project_open"),
    ],
)
def test_a_rule_that_excludes_a_slot_is_named(fields: dict[str, Any], at: dict[str, Any], rule: str) -> None:
    option = only(placed(problem([person(X, **fields)], [project("P01", **at)])))
    assert (option.rank, option.eligible, option.price, option.appointments) == (None, False, None, ())
    assert rules(option) == [rule]
    assert all(refusal.sentence for refusal in option.rules)


def test_the_chance_rule_decides_exactly() -> None:
    # One place. 0.5 and 0.1: both come with 0.05, which is allowed; with 0.11 it is not.
    for chance, allowed in ((0.1, True), (0.11, False)):
        of = problem(
            [person(X, attendance_probability=chance), person(Y, attendance_probability=0.5)],
            [project(places=1)],
        )
        option = only(placed(of, *Y_THERE))
        assert option.eligible is allowed
        if not allowed:
            assert rules(option) == ["session_size"]
            assert option.rules[0].sentence.endswith("is allowed; likewise 3 more dates")


def test_people_who_are_kept_apart_do_not_meet() -> None:
    for one, other in (
        (person(X, keep_apart_crns=(Y,)), person(Y)),
        (person(X), person(Y, keep_apart_crns=(X,))),
    ):
        option = only(placed(problem([one, other]), *Y_THERE[:2]))
        # Not on the two Tuesdays of Y; a session is opened on the others.
        assert dates(option) == [day(15), day(22)]
        assert [(each.rule, each.date) for each in option.not_booked] == [
            ("keep_apart", day(1)),
            ("keep_apart", day(8)),
        ]


def test_a_person_is_at_one_project_a_day_and_within_their_week() -> None:
    of = problem([person(X)], [every_day("P01"), every_day("P02")], [supervisor(ANN), supervisor(BOB)])
    found = placed(of, *[Book(X, on) for on in TUESDAYS], placements=[placement()])
    by_slot = {(o.slot.project_code, o.slot.day_of_week): o for o in found.options}
    assert rules(by_slot["P02", Weekday.TUESDAY]) == ["one_place_at_a_time", "weekly_limit"]
    assert rules(by_slot["P01", Weekday.TUESDAY]) == ["one_place_at_a_time", "weekly_limit"]
    second = by_slot["P02", Weekday.WEDNESDAY]
    assert second.eligible
    assert second.price is not None
    # 840 a week are allowed, so a second day is; it meets no further offer, and nothing is lost as it is.
    assert (second.price.unplaced_people, second.price.short_of_offer_minutes) == (0, 0)
    of = problem([person(X, weekly_minutes_max=839)], [every_day("P01"), every_day("P02")])
    found = placed(of, *[Book(X, on) for on in TUESDAYS], placements=[placement()])
    assert not any(option.eligible for option in found.options)


def test_a_second_event_shares_the_body() -> None:
    of = problem(
        [person(X, event_number=2), person(X)], [every_day("P01")], [supervisor(ANN), supervisor(BOB)]
    )
    found = placed(of, *[Book(X, on) for on in TUESDAYS], placements=[placement()])
    tuesday = next(o for o in found.options if o.slot.day_of_week is Weekday.TUESDAY)
    assert rules(tuesday) == ["one_place_at_a_time", "weekly_limit"]
    assert found.options[0].appointments[0].delius_event_number == 2


INDUCTION = project("P09", open_on(Weekday.WEDNESDAY, NINE, NOON), project_type=ProjectType.INDUCTION)


def test_an_induction_comes_first() -> None:
    of = problem([person(X, induction_done=False)], [project(), INDUCTION])
    found = placed(of)
    # The induction is on Wednesday 25 November: the Tuesday before it is too early.
    best = found.options[0]
    assert [(each.project_code, each.date) for each in best.appointments] == [
        ("P09", day(2)),
        *(("P01", day(on)) for on in TUESDAYS[1:]),
    ]
    assert [(each.rule, each.date) for each in best.not_booked] == [("induction_first", day(1))]
    assert best.slot.start_date_inclusive == day(8)
    induction = found.options[1]
    assert (induction.slot.project_code, dates(induction), induction.placement) == ("P09", [day(2)], None)


def test_an_induction_may_be_all_that_remains() -> None:
    of = problem([person(X, required_minutes=180, induction_done=False)], [project(), INDUCTION])
    found = placed(of)
    assert [(o.slot.project_code, o.eligible) for o in found.options] == [("P09", True), ("P01", False)]
    assert rules(found.options[1]) == ["never_beyond_requirement"]


def test_who_was_inducted_already_is_not_again() -> None:
    of = problem([person(X, induction_done=False)], [project(), INDUCTION])
    found = placed(of, Book(X, 2, at="P09", end=NOON))
    assert dates(found.options[0]) == [day(on) for on in TUESDAYS[1:]]
    assert rules(found.options[1]) == ["induction_first"]


def test_a_session_is_not_opened_past_somebody_with_nothing() -> None:
    of = problem([person(X), person(Z)])
    option = only(placed(of))
    assert rules(option) == ["nobody_left_out"]
    assert "X000003 (event 1) has no appointment" in option.rules[0].sentence
    # Z cannot come on Tuesdays: nobody is passed over.
    of = problem([person(X), person(Z, availability=(HalfDay.MONDAY_MORNING,))])
    assert only(placed(of)).eligible


def test_a_session_is_not_opened_past_somebody_who_was_told_of_it() -> None:
    of = problem([person(X), person(Y, appointments=(told(),))], [every_day()])
    books = [Book(Y, on) for on in (2, 9, 16, 23)]
    tuesday = next(o for o in placed(of, *books).options if o.slot.day_of_week is Weekday.TUESDAY)
    assert [(each.rule, each.date) for each in tuesday.not_booked] == [("pinned", day(1))]


def test_a_fortnight_keeps_its_weeks() -> None:
    slot = open_on(frequency=Frequency.FORTNIGHTLY)
    option = only(placed(problem([person(X)], [project("P01", slot)])))
    assert dates(option) == [day(1), day(15)]
    assert option.placement is not None
    assert option.placement.frequency is Frequency.FORTNIGHTLY
    # 0.75 * (840 + 40 * 210) = 6,930 of 7,200.
    assert option.after is not None
    assert option.after.minutes_expected_short == 270


def test_a_single_date_is_no_placement() -> None:
    option = only(placed(problem([person(X)], [project("P01", open_on(frequency=Frequency.ONCE))])))
    assert (dates(option), option.placement) == ([day(1)], None)


@pytest.mark.parametrize(("since", "goes_on"), [(22, True), (15, False)])
def test_a_placement_goes_on_when_it_is_booked_in_the_last_fortnight(since: int, goes_on: bool) -> None:
    # Away from then on: the last Tuesday is day 15, in the last fortnight, or day 8.
    one = person(X, unavailable=(Absence(day(since), day(27)),))
    option = only(placed(problem([one])))
    assert option.placement is not None
    assert option.placement.end_date_inclusive == (None if goes_on else day(27))
    fortnight = open_on(frequency=Frequency.FORTNIGHTLY)
    option = only(placed(problem([one], [project("P01", fortnight)])))
    assert option.placement is not None
    assert option.placement.end_date_inclusive is None  # the last four weeks, then


def test_a_placement_ends_with_the_horizon_where_the_project_does() -> None:
    of = problem([person(X)], [project(end_date_exclusive=day(28))])
    option = only(placed(of))
    assert option.placement is not None
    assert option.placement.end_date_inclusive == day(27)
    assert option.after is not None
    assert option.after.minutes_expected_short == 7200 - 1260


def test_no_more_placements_at_a_time_than_the_policy_allows() -> None:
    most = [Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY]
    short = [project(f"P{n}", *(open_on(weekday, NINE, 600) for weekday in Weekday)) for n in (1, 2)]
    of = problem([person(X)], short)
    books = [Book(X, weekday.number, at="P1", end=600) for weekday in most]
    lines = [placement(at="P1", weekday=weekday, end_time=600) for weekday in most]
    found = placed(of, *books, placements=lines)
    assert not any(option.eligible for option in found.options)
    tuesday = next(o for o in found.options if o.slot.day_of_week is Weekday.TUESDAY)
    assert rules(tuesday) == ["claimed_appointments"]


def test_what_was_told_and_placed_is_gained_back() -> None:
    mine = person(X, allocations=(allocation(),), appointments=(told(1), told(8)))
    option = only(placed(problem([mine, person(Y)]), *Y_THERE))
    assert option.price is not None
    assert (option.price.allocations_changed, option.price.appointments_dropped) == (-1, -2)


def test_without_a_roster_what_was_told_and_placed_runs() -> None:
    people: list[Person] = [person(X), person(Y, allocations=(allocation(),), appointments=(told(),))]
    placing = place(problem(people), POLICY, X)
    option = only(placing)
    assert dates(option) == [day(on) for on in TUESDAYS]
    assert option.opened == ()
    # Y is placed on as before: their forecast says so.
    forecast = only(place(problem(people), POLICY, Y)).before
    assert (forecast.booked_minutes, forecast.expected_finish) == (1680, day(1 + 7 * 22))


def test_without_a_roster_a_session_that_nobody_can_supervise_does_not_run() -> None:
    of = problem([person(X), person(Y, appointments=(told(),))], supervisors=[])
    assert rules(only(place(of, POLICY, X))) == ["supervised"]
    assert only(place(of, POLICY, Y)).before.booked_minutes == 0


def test_anew_asks_as_if_the_person_had_nothing() -> None:
    of = problem([person(X)], [project(), project("P02", open_on(Weekday.THURSDAY))])
    team = team_of(
        RosterFacts(of, POLICY), drawn(*[Book(X, on) for on in TUESDAYS], placements=[placement()])
    )
    found = Placer.of_team(team).anew(of.people[0].key).place(of.people[0])
    assert {option.slot.project_code for option in found.options if option.eligible} == {"P01", "P02"}
    assert found.options[0].before.booked_minutes == 0
    assert found.options[0].price is not None
    assert found.options[0].price.supervised_minutes == 1680


def test_questions_that_cannot_be_asked() -> None:
    of = problem([person(X), person(X, event_number=2), person(Y)])
    placer = Placer.of(of, POLICY)
    for crn, event, words in ((Z, None, "nobody"), (Y, 2, "no event 2"), (X, None, "events 1, 2")):
        with pytest.raises(UsageError, match=words):
            placer.person(crn, event)
    assert placer.person(X, 2).event_number == 2
    roster = honest_roster(of, drawn(*Y_THERE))
    with pytest.raises(UsageError, match="another input"):
        Placer.of(problem([person(X)]), POLICY, roster)
    half_done = problem([person(X), person(X, event_number=2, required_minutes=0)])
    assert Placer.of(half_done, POLICY).person(X).event_number == 1


def test_json_is_in_the_names_of_the_contract() -> None:
    said = placed(problem([person(X), person(Y)]), *Y_THERE).as_json()
    assert said["crn"] == X
    (option,) = said["options"]
    assert {"rank", "slot", "eligible", "before", "after", "price", "rules"} <= set(option)
    assert option["slot"] == {
        "projectCode": "P01",
        "dayOfWeek": "TUESDAY",
        "frequency": "WEEKLY",
        "startTime": "09:00",
        "endTime": "16:00",
        "startDateInclusive": "2026-11-24",
        "supervisorCode": ANN,
    }
    assert option["price"]["total"] == -5_507_200


def test_every_event_of_a_project_is_a_candidate_once() -> None:
    of = problem([person(X), person(Y, appointments=(told(start=NOON),))], [project()])
    found = place(of, POLICY, X)
    # Y was told to come from noon, when no slot begins: that session is a candidate of its own.
    assert [(o.slot.start_time, o.slot.end_time) for o in found.options] == [(NINE, FOUR), (NOON, FOUR)]
