"""What a roster is expected to bring about, whoever made it: days lost to stand-downs and hours lost to expiry.

Everything is recomputed from the lines of the roster. A stand-down is a person who comes and is turned away: because
more come than there are places (the supervisor's largest group counts), or because the session has no supervisor
though it needs one. The rate is days lost as a share of days planned, as the Home Office measured it (PC32/2006).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from models.policy.policy import Policy
from models.unpaid_work import defaults
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.reckoning import remaining_minutes
from models.unpaid_work.roster import Appointment, Session
from models.unpaid_work.terms import Frequency
from solver.verify.unpaid_work import Lines, broken_by, recompute_roster

TIMES_A_WEEK = {Frequency.WEEKLY: 1.0, Frequency.FORTNIGHTLY: 0.5, Frequency.ONCE: 0.0}


@dataclass(frozen=True)
class Measures:
    """The figures of a roster.

    days_planned: appointments. days_lost: expected stand-downs. minutes_at_risk: expected to be unworked when orders
    end, stand-downs counted, their rate going on after the horizon. broken: hard rules, and how often each.
    """

    total: int
    unplaced: int
    lost_minutes: int
    days_planned: int
    days_lost: float
    minutes_at_risk: float
    broken: dict[str, int]

    @property
    def stand_down_rate(self) -> float | None:
        """Days lost as a share of days planned; None when nothing was planned."""
        return self.days_lost / self.days_planned if self.days_planned else None


def attendance(chances: Sequence[float]) -> list[float]:
    """P(exactly k come) for k = 0 to n, each independently."""
    ways = [1.0]
    for chance in chances:
        ways = [
            (ways[k] * (1 - chance) if k < len(ways) else 0.0) + (ways[k - 1] * chance if k else 0.0)
            for k in range(len(ways) + 1)
        ]
    return ways


def turned_away(chances: Sequence[float], places: int) -> float:
    """How many are expected to come and find no place: sum over k > places of (k - places) P(k)."""
    return sum((k - places) * p for k, p in enumerate(attendance(chances)) if k > places)


def measured(problem: UnpaidWorkProblem, lines: Lines, policy: Policy) -> Measures:
    """The figures of a roster, recomputed from its lines."""
    objective = recompute_roster(problem, lines, policy)
    broken: dict[str, int] = defaultdict(int)
    for each in broken_by(problem, lines, policy):
        broken[each.rule] += 1
    lost = stood_down(problem, lines, policy)
    return Measures(
        total=objective.total,
        unplaced=objective.unplaced_people,
        lost_minutes=objective.lost_minutes,
        days_planned=len(lines.appointments),
        days_lost=sum(sum(each.values()) for each in lost.values()),
        minutes_at_risk=_at_risk(problem, lines, policy, lost),
        broken=dict(sorted(broken.items())),
    )


SessionKey = tuple[object, ...]


def key_of(each: Session | Appointment) -> SessionKey:
    """What an appointment shares with its session: the project, the date and the start."""
    return each.project_code, each.date, each.start_time


def stood_down(
    problem: UnpaidWorkProblem, lines: Lines, policy: Policy
) -> dict[SessionKey, dict[RequirementKey, float]]:
    """Of each session, the chance that each person booked comes and is turned away.

    Who comes is equally likely to be among those turned away, so each bears a share of the expected number in
    proportion to their chance.
    """
    members: dict[SessionKey, list[Appointment]] = defaultdict(list)
    for appointment in lines.appointments:
        members[key_of(appointment)].append(appointment)
    chance = chances(problem, policy)
    found = {}
    for session in lines.sessions:
        booked = [RequirementKey(each.crn, each.delius_event_number) for each in members[key_of(session)]]
        come = [chance[who] for who in booked]
        places = places_of(problem, session, policy)
        away = turned_away(come, places)
        share = away / sum(come) if sum(come) else 0.0
        found[key_of(session)] = {who: share * q for who, q in zip(booked, come, strict=True)}
    return found


def chances(problem: UnpaidWorkProblem, policy: Policy) -> dict[RequirementKey, float]:
    """How likely each comes."""
    rules = policy.unpaid_work
    return {each.key: float(defaults.attendance_probability(each, rules)) for each in problem.people}


def places_of(problem: UnpaidWorkProblem, session: Session, policy: Policy) -> int:
    """How many can be taken: none where a supervisor is needed and there is none."""
    project = problem.projects[problem.project_numbers[session.project_code]]
    if session.supervisor_code is None:
        return 0 if project.supervisor_needed else project.places
    supervisor = problem.supervisors[problem.supervisor_numbers[session.supervisor_code]]
    return min(project.places, int(defaults.max_group(supervisor, policy.unpaid_work)))


def _at_risk(
    problem: UnpaidWorkProblem,
    lines: Lines,
    policy: Policy,
    lost: dict[SessionKey, dict[RequirementKey, float]],
) -> float:
    """Minutes expected to be unworked at everybody's date to complete by.

    As `lostMinutes` of the objective, but a day on which one is turned away is not worked; after the horizon the
    person's own share of such days goes on.
    """
    chance = chances(problem, policy)
    worked: dict[RequirementKey, float] = defaultdict(float)
    planned: dict[RequirementKey, float] = defaultdict(float)
    for each in lines.appointments:
        who = RequirementKey(each.crn, each.delius_event_number)
        planned[who] += each.minutes
        worked[who] += each.minutes * (chance[who] - lost.get(key_of(each), {}).get(who, 0.0))
    weekly: dict[RequirementKey, float] = defaultdict(float)
    for placement in lines.placements:
        if placement.end_date_inclusive is None or placement.end_date_inclusive >= problem.end:
            who = RequirementKey(placement.crn, placement.delius_event_number)
            minutes = placement.end_time - placement.start_time
            weekly[who] += TIMES_A_WEEK[placement.frequency] * minutes
    risk = 0.0
    for person in problem.people:
        who, weeks = person.key, max(0, (person.complete_by - problem.end).days // 7)
        rate = worked[who] / planned[who] if planned[who] else chance[who]
        done = worked[who] + rate * weekly[who] * weeks
        risk += max(0.0, remaining_minutes(person, policy.unpaid_work) - done)
    return risk
