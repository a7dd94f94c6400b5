"""Rosters filled one person at a time, each into the cheapest slot that has room."""

from __future__ import annotations

import dataclasses

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.place import Placer, PlannedLines, with_option
from solver.unpaid_work.placing.team import team_of
from solver.verify.unpaid_work import Drawn


def filled(of: UnpaidWorkProblem) -> Drawn:
    """A roster in which everybody has a slot who can have one; only once it is whole must nobody be left out."""
    facts, lines = RosterFacts(of, default_policy()), PlannedLines()
    changed = True
    while changed:
        changed = False
        for person in of.people:
            team = dataclasses.replace(team_of(facts, lines), sound=False)
            if team.entries_of(person.key):
                continue
            options = Placer.of_team(team).place(person).options
            if options[0].eligible:
                lines, changed = with_option(lines, options[0]), True
    return Drawn(lines.placements, lines.sessions, lines.appointments)
