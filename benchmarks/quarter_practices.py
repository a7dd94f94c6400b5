"""Two ways to run a team: evenhand, which rosters each Monday and repairs each morning, and today's practice.

Today's practice types in newcomers, walks everybody's slots one person at a time, and on a morning without a supervisor
asks the first one who is free and able; where there is none, those who come are sent home.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from models.policy.policy import Policy
from models.unpaid_work.disruption import Disruption, SupervisorAway
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, Session
from solver.engine import Limits
from solver.unpaid_work.baselines import one_person_at_a_time
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.reckoning import Reckoning
from solver.unpaid_work.repair import repair
from solver.unpaid_work.roster import make_roster
from solver.unpaid_work.roster_making import appointments_of
from solver.verify.unpaid_work import Drawn

Away = frozenset[tuple[str, dt.date]]
"""Supervisors who are ill, and on which days, as far as is known."""


class Practice(Protocol):
    """One way to run a team. keeps: whether told appointments are part of Monday's question."""

    keeps: bool

    def monday(self, problem: UnpaidWorkProblem) -> Drawn:
        """The lines of a new roster."""
        ...

    def morning(self, day: dt.date, away: Away) -> Drawn:
        """The lines for the day and after, now that these are away."""
        ...


@dataclass
class Evenhand:
    """A roster each Monday, a repair on each morning on which somebody has fallen ill. Both are verified."""

    policy: Policy
    roster_limits: Limits
    repair_limits: Limits
    keeps: bool = True
    problem: UnpaidWorkProblem | None = None
    roster: Roster | None = None

    def monday(self, problem: UnpaidWorkProblem) -> Drawn:
        self.problem = problem
        self.roster = make_roster(problem, self.policy, self.roster_limits)
        return lines_of_roster(self.roster)

    def morning(self, day: dt.date, away: Away) -> Drawn:
        assert self.problem is not None
        assert self.roster is not None
        hit = any(
            (session.supervisor_code, session.date) in away and session.date >= day
            for session in self.roster.sessions
        )
        if hit:
            gone = tuple(SupervisorAway(code, on) for code, on in sorted(away))
            disruption = Disruption(supervisors_away=gone, first_day=day)
            self.roster = repair(self.problem, self.roster, disruption, self.policy, self.repair_limits)
        return lines_of_roster(self.roster)


@dataclass
class Today:
    """The walk of today's practice. careful: the clerk counts who is typed in already."""

    policy: Policy
    careful: bool
    keeps: bool = False
    facts: RosterFacts | None = None
    lines: Drawn | None = None

    def monday(self, problem: UnpaidWorkProblem) -> Drawn:
        self.facts = RosterFacts(problem, self.policy)
        draft = one_person_at_a_time(self.facts, careful=self.careful)
        sessions = Reckoning(self.facts, draft).session_rows()
        self.lines = Drawn(draft.placements, sessions, appointments_of(self.facts, draft))
        return self.lines

    def morning(self, day: dt.date, away: Away) -> Drawn:
        assert self.lines is not None
        sessions = list(self.lines.sessions)
        for place, session in enumerate(sessions):
            if session.date == day and (session.supervisor_code, day) in away:
                sessions[place] = replace(
                    session, supervisor_code=self._stand_in(session, sessions, away, place)
                )
        self.lines = replace(self.lines, sessions=tuple(sessions))
        return self.lines

    def _stand_in(self, session: Session, sessions: list[Session], away: Away, place: int) -> str | None:
        """The first supervisor who is free and able."""
        facts = self.facts
        assert facts is not None
        number = _number_of(facts, session)
        for under in np.flatnonzero(facts.able[number]).tolist():
            code = facts.problem.supervisors[under].staff_code
            others = [
                each
                for other, each in enumerate(sessions)
                if other != place and each.date == session.date and each.supervisor_code == code
            ]
            free = (code, session.date) not in away
            if free and all(facts.together(number, _number_of(facts, each)) for each in others):
                return code
        return None


def _number_of(facts: RosterFacts, session: Session) -> int:
    project = facts.problem.project_numbers[session.project_code]
    day = (session.date - facts.problem.first).days
    return facts.sessions.number_of[project, day, session.start_time, session.end_time]


def lines_of_roster(roster: Roster) -> Drawn:
    """The lines of a roster without its claims."""
    return Drawn(roster.placements, roster.sessions, roster.appointments)
