"""Taking the best option of a verified roster gives a roster that the checker passes, at the price that was stated."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import RosterObjective
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.place import Placer, SlotOption, with_option
from solver.unpaid_work.placing.team import team_of
from solver.verify.unpaid_work import Drawn, recompute_roster, roster_forecast, verify_roster
from tests.support.unpaid import honest_roster

POLICY = default_policy()
ITEMS = [field.name for field in dataclasses.fields(RosterObjective)]
Fill = Callable[[UnpaidWorkProblem], Drawn]


def team(seed: int) -> UnpaidWorkProblem:
    """A small invented team without told appointments: their sessions would have to be kept while it is filled."""
    of = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=18, projects=6, supervisors=4, weeks=3
    )
    people = tuple(dataclasses.replace(person, appointments=()) for person in of.people)
    return dataclasses.replace(of, people=people)


def taken(lines: Drawn, option: SlotOption) -> Drawn:
    after = with_option(lines, option)
    return Drawn(after.placements, after.sessions, after.appointments)


@settings(max_examples=settings().max_examples // 10)
@given(seed=st.integers(0, 400), data=st.data())
def test_the_best_option_gives_a_sound_roster_at_its_price(
    seed: int, data: st.DataObject, fill: Fill
) -> None:
    of = team(seed)
    left = RosterFacts(of, POLICY).remaining
    new = data.draw(st.sampled_from([p for p, minutes in zip(of.people, left, strict=True) if minutes > 0]))
    others = dataclasses.replace(of, people=tuple(p for p in of.people if p.key != new.key))
    before = fill(others)
    assert verify_roster(others, honest_roster(others, before), POLICY) == ()
    placer = Placer.of_team(team_of(RosterFacts(of, POLICY), before))
    options = [option for option in placer.place(new).options if option.eligible]
    assume(options)
    told = recompute_roster(of, before, POLICY)
    for option in (options[0], data.draw(st.sampled_from(options))):
        after = taken(before, option)
        assert verify_roster(of, honest_roster(of, after), POLICY) == ()
        cost = recompute_roster(of, after, POLICY)
        changes = {name: getattr(cost, name) - getattr(told, name) for name in ITEMS}
        assert option.price is not None
        assert changes == {name: getattr(option.price, name) for name in ITEMS}
        forecast = {(each.crn, each.delius_event_number): each for each in roster_forecast(of, after, POLICY)}
        assert option.after == forecast[new.key]


@settings(max_examples=settings().max_examples // 10)
@given(seed=st.integers(0, 400), data=st.data())
def test_a_second_slot_is_sound_too(seed: int, data: st.DataObject, fill: Fill) -> None:
    """Beside what the person has: the weekly limit, one place a day, what runs on after the horizon."""
    of = team(seed)
    before = fill(of)
    assert verify_roster(of, honest_roster(of, before), POLICY) == ()
    placer = Placer.of_team(team_of(RosterFacts(of, POLICY), before))
    options = [option for person in of.people for option in placer.place(person).options if option.eligible]
    assume(options)
    option = data.draw(st.sampled_from(options))
    after = taken(before, option)
    assert verify_roster(of, honest_roster(of, after), POLICY) == ()
    assert option.price is not None
    changed = recompute_roster(of, after, POLICY).total - recompute_roster(of, before, POLICY).total
    assert changed == option.price.total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_person_may_be_new_to_the_team(seed: int, fill: Fill) -> None:
    """Placing somebody whom the loaded problem does not have is placing them in the problem that has them."""
    of = team(seed)
    new = of.people[0]
    others = dataclasses.replace(of, people=of.people[1:])
    lines = fill(others)
    inside = Placer.of_team(team_of(RosterFacts(of, POLICY), lines)).place(new)
    outside = Placer.of_team(team_of(RosterFacts(others, POLICY), lines)).place(new)
    assert outside == inside
