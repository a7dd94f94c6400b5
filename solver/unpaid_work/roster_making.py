"""From a draft to a roster that people can read: items, gaps, forecast, findings, reasons; checked first."""

from __future__ import annotations

from importlib import metadata

from models.allocation.plan import gap_of
from models.errors import PlanRefusedError
from models.unpaid_work.roster import Appointment, Change, Roster, RosterProvenance, RosterQuestion
from solver.engine import Limits, Status
from solver.unpaid_work.draft import Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.reasons import unplaced, with_reasons
from solver.unpaid_work.reckoning import Reckoning
from solver.verify.unpaid_work import Drawn, roster_findings, verify_roster


def finished(
    facts: RosterFacts,
    draft: Draft,
    *,
    bound: int | None,
    own_best: int | None,
    limits: Limits,
    seconds: float,
    question: RosterQuestion | None = None,
    changes: tuple[Change, ...] = (),
) -> Roster:
    """The roster of a draft, verified.

    bound: proven lower bound on the total. own_best: the sum of everybody's best without competition. seconds: the
    wall time it took. question: what to state as asked, the facts' by default. Raises PlanRefusedError when the
    checker refuses the roster.
    """
    asked = question or facts.question
    reckoning = Reckoning(facts, draft)
    objective = reckoning.objective
    proven = None if bound is None else min(bound, objective.total)
    alone = None if own_best is None else min(own_best, objective.total)
    gap = gap_of(objective.total, proven, 0)
    placements, sessions = with_reasons(reckoning), reckoning.session_rows()
    appointments = appointments_of(facts, draft)
    lines = Drawn(placements, sessions, appointments)
    roster = Roster(
        status=(Status.OPTIMAL if gap == 0.0 else Status.FEASIBLE).value,
        objective=objective,
        bound=proven,
        gap=gap,
        gap_net=None if alone is None else gap_of(objective.total, proven, alone),
        own_best=alone,
        wall_seconds=round(seconds, 3),
        question=asked,
        findings=roster_findings(facts.problem, lines, facts.policy, asked),
        placements=placements,
        sessions=sessions,
        appointments=appointments,
        unplaced=unplaced(reckoning),
        forecast=reckoning.forecast(),
        provenance=provenance_of(facts, limits),
        changes=changes,
    )
    violations = verify_roster(facts.problem, roster, facts.policy)
    if violations:
        raise PlanRefusedError(violations)
    return roster


def appointments_of(facts: RosterFacts, draft: Draft) -> tuple[Appointment, ...]:
    """The dated appointments of a draft, by date, session and person."""
    sessions, problem = facts.sessions, facts.problem
    rows = []
    for booking in sorted(draft.bookings, key=lambda each: (each.session, each.requirement)):
        person, session = problem.people[booking.requirement], booking.session
        under, start = draft.supervisor[session], int(sessions.start[session])
        rows.append(
            Appointment(
                crn=person.crn,
                delius_event_number=person.event_number,
                project_code=problem.projects[int(sessions.project[session])].project_code,
                date=facts.date(session),
                start_time=start,
                end_time=start + booking.minutes,
                supervisor_officer_code=None if under is None else problem.supervisors[under].staff_code,
                minutes=booking.minutes,
            )
        )
    return tuple(rows)


def provenance_of(facts: RosterFacts, limits: Limits) -> RosterProvenance:
    """Enough to make the roster again."""
    return RosterProvenance(
        input_hash=facts.problem.input_hash,
        policy_hash=facts.policy.policy_hash,
        policy_version=facts.policy.version,
        engine_version=metadata.version("evenhand"),
        seed=limits.seed,
        time_limit=limits.seconds,
        work_limit=limits.work,
        threads=limits.threads,
        first_day=facts.problem.first,
    )
