"""What excludes a date is what the checker says of the same slot beside the same roster."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.problem import UnpaidWorkProblem
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.place import Placer, SlotOption
from solver.unpaid_work.placing.team import team_of
from solver.verify.unpaid_work import Drawn, Slot, slot_refusals

POLICY = default_policy()
Fill = Callable[[UnpaidWorkProblem], Drawn]
OURS_ALONE = {"nobody_left_out", "pinned", "claimed_appointments"}
"""What the checker asks of a whole roster and not of one slot."""


def slot_of(option: SlotOption, refusal_date: object, of: UnpaidWorkProblem) -> Slot:
    day = next(each for each in of.days if each == refusal_date)
    return Slot(option.slot.project_code, day, option.slot.start_time, option.slot.end_time)


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_every_rule_named_for_a_date_is_the_checkers_too(seed: int, fill: Fill) -> None:
    of = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=16, projects=5, supervisors=4, weeks=2
    )
    lines = fill(of)
    running = {(each.project_code, each.date, each.start_time) for each in lines.sessions}
    placer = Placer.of_team(team_of(RosterFacts(of, POLICY), lines))
    compared = 0
    for person in of.people[::2]:
        for option in placer.place(person).options:
            dated = option.not_booked if option.eligible else [r for r in option.rules if r.date is not None]
            for refusal in dated:
                slot = slot_of(option, refusal.date, of)
                runs = slot[:3] in running
                if refusal.rule in OURS_ALONE or (refusal.rule == "session_size" and not runs):
                    continue  # a group's least number is not asked of one more person
                if refusal.rule == "induction_first":
                    continue  # an induction that is booked with it is not in the roster yet
                said = slot_refusals(of, POLICY, person.key, slot, lines)
                assert refusal.rule in {each.rule for each in said}, (option.slot, refusal)
                compared += 1
    assert compared > 20


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_whatever_always_excludes_a_slot_does_so_on_each_of_its_dates(seed: int, fill: Fill) -> None:
    of = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=16, projects=5, supervisors=4, weeks=2
    )
    lines = fill(of)
    placer = Placer.of_team(team_of(RosterFacts(of, POLICY), lines))
    compared = 0
    for person in of.people[::2]:
        for option in placer.place(person).options:
            always = {each.rule for each in option.rules if each.date is None} - OURS_ALONE - {"project_open"}
            for day in of.days:
                if day.weekday() != option.slot.day_of_week.number or not always:
                    continue
                said = {
                    r.rule for r in slot_refusals(of, POLICY, person.key, slot_of(option, day, of), lines)
                }
                if "never_beyond_requirement" in always:
                    assert "never_beyond_requirement" in said
                else:
                    assert always <= said, (option.slot, day)
                compared += 1
    assert compared > 20
