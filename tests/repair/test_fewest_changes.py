"""Repairs of tiny teams: no sound roster with as few people left out changes less of what people were told."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import settings

from models.policy.policy import default_policy
from models.unpaid_work.disruption import (
    Disruption,
    PersonAbsent,
    ProjectClosed,
    SupervisorAway,
    VehicleOff,
)
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster
from solver import engine
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.full_model import FullModel, full_model_roster
from solver.unpaid_work.repair import repair
from solver.unpaid_work.repair_reading import read_back
from solver.verify.unpaid_work import verify_roster
from tests.support.tiny_teams import tiny_team

POLICY = default_policy()
LIMITS = engine.Limits(seconds=None, work=10.0, threads=1)
BLOCKS = 4
TEAMS = settings().max_examples // 2 // BLOCKS


def disrupted(team: UnpaidWorkProblem, roster: Roster, seed: int) -> Disruption:
    """Something that goes wrong with a session of the roster."""
    drawn = random.Random(seed)
    session = drawn.choice(roster.sessions)
    there = [each.crn for each in roster.appointments if each.date == session.date]
    kind = drawn.randrange(4)
    if kind == 0 and session.supervisor_code is not None:
        return Disruption(supervisors_away=(SupervisorAway(session.supervisor_code, session.date),))
    if kind == 1:
        return Disruption(projects_closed=(ProjectClosed(session.project_code, session.date),))
    if kind == 2:
        return Disruption(vehicles_off=(VehicleOff(session.project_code, session.date),))
    return Disruption(people_absent=(PersonAbsent(drawn.choice(there), session.date),))


def least_changes(repaired: Roster, before: Roster, team: UnpaidWorkProblem) -> int:
    """The least weight of appointments that are not as they were told, over every roster with no more left out."""
    facts = RosterFacts(team, POLICY, repaired.question)
    full = FullModel(facts)
    dated = full.dated
    dated.model.add(dated.sum(list(dated.unplaced.values())) <= repaired.objective.unplaced_people)
    lost = []
    for told in read_back(facts, before).bookings:
        pair, weight = (told.requirement, told.session), times(team, facts.date(told.session))
        kept = dated.model.new_bool_var("")
        if pair in dated.booked and int(dated.outline.stay[pair]) >= told.minutes:
            variables, minutes, constant = dated.minutes([pair])
            row = dated.model.add(dated.weighted(variables, minutes) == told.minutes - constant)
            row.only_enforce_if(kept)
        else:
            dated.model.add(kept == 0)
        lost.append((kept.negated(), weight))
    dated.model.minimize(dated.weighted([each for each, _ in lost], [weight for _, weight in lost]))
    result = engine.run(dated.model, LIMITS)
    assert result.status is engine.Status.OPTIMAL
    assert result.objective is not None
    return result.objective


def times(team: UnpaidWorkProblem, date: dt.date) -> int:
    """How often a change on the date counts."""
    return POLICY.unpaid_work.repair.times((date - team.first).days)


def _told(roster: Roster) -> set[tuple[str, int, str, dt.date, int, int]]:
    return {
        (each.crn, each.delius_event_number, each.project_code, each.date, each.start_time, each.end_time)
        for each in roster.appointments
    }


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_roster_changes_less(block: int) -> None:
    compared = 0
    for seed in range(block * TEAMS, (block + 1) * TEAMS):
        team = tiny_team(seed)
        before = full_model_roster(team, POLICY, LIMITS)
        if not before.sessions:
            continue
        compared += 1
        after = repair(team, before, disrupted(team, before, seed), POLICY, LIMITS)
        assert verify_roster(team, after, POLICY) == ()
        gone = _told(before) - _told(after)
        weight = sum(times(team, date) for _, _, _, date, *_ in gone)
        # What a closed project had is no session of the facts any more, and is lost in every roster.
        shut = after.question.disruption.is_closed
        closed = sum(times(team, date) for _, _, code, date, *_ in gone if shut(code, date))
        assert (seed, weight) == (seed, least_changes(after, before, team) + closed)
    assert compared >= TEAMS // 4
