"""A roster solved by Timefold: calls to sessions and sessions to supervisors, from what is sound of today's roster.

Needs `make peers` and Java 17. Timefold proves no bound. Each requirement has two calls a week, each to one of the
sessions that the rules for them alone allow (whole stays), or to none. Told appointments are pinned. Placements are
read off the calls as from any draft; what they will bring after the horizon is credited to calls of the last week.
"""

import numpy as np

from benchmarks.roster_timefold_model import Apart, Call, Plan, Run, Supervisor, Who, rules
from benchmarks.timefold_search import search
from solver.unpaid_work.baselines import one_person_at_a_time
from solver.unpaid_work.chance import chernoff_limit, chernoff_weight
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.joining import seated
from solver.unpaid_work.regular import placements_of
from solver.unpaid_work.standing import told_appointments

CALLS_A_WEEK = 2
NO_LIMIT = 10**6
THOUSAND = 1000


def _supervisors(facts: RosterFacts) -> list[Supervisor]:
    return [
        Supervisor(number, int(most), int(group))
        for number, (most, group) in enumerate(
            zip(facts.supervisor_minutes.tolist(), facts.max_group.tolist(), strict=True)
        )
    ]


def _people(facts: RosterFacts) -> list[Who]:
    most = int(facts.places.max(initial=0)) + 1
    found = []
    for number in range(len(facts.problem.people)):
        chance = float(facts.chance[number])
        found.append(
            Who(
                number=number,
                body=int(facts.body[number]),
                coming=int(chance * THOUSAND),
                remaining=int(facts.remaining[number]),
                weekly_least=int(facts.weekly_least[number]),
                weekly_most=int(facts.weekly_most[facts.body[number]]),
                full_weeks=int(facts.full_weeks[number]),
                risky=int(facts.risky[number]),
                collected=int(facts.collected[number]),
                inducted=bool(facts.inducted[number]),
                weight=[chernoff_weight(chance, places) for places in range(most)],
                accepts=[int(each) for each in facts.acceptable[number]],
                journey=[int(each) for each in facts.travel[number]],
                unplaced_price=facts.rules.prices.unplaced_person,
            )
        )
    return found


def _runs(facts: RosterFacts, supervisors: list[Supervisor]) -> list[Run]:
    sessions, overflow = facts.sessions, float(facts.overflow)
    limit = [chernoff_limit(places, overflow) for places in range(int(facts.places.max(initial=0)) + 1)]
    found = []
    for number in range(len(sessions)):
        project = int(sessions.project[number])
        record, seats = facts.problem.projects[project], facts.seats(number)
        found.append(
            Run(
                number=number,
                project=project,
                day=int(sessions.day[number]),
                week=int(sessions.week[number]),
                start=int(sessions.start[number]),
                end=int(sessions.end[number]),
                minutes=int(sessions.minutes[number]),
                needs=int(facts.supervised[project]),
                places=int(facts.places[project]),
                least=THOUSAND * int(facts.least_people[project]),
                risk_limit=NO_LIMIT if record.risk_limit is None else record.risk_limit,
                seats=NO_LIMIT if seats is None else seats,
                induction=bool(facts.induction[project]),
                last=int(sessions.week[number] == facts.weeks - 1),
                limit=limit,
                able=[supervisors[under] for under in np.flatnonzero(facts.able[number]).tolist()],
            )
        )
    return found


def _calls(facts: RosterFacts, people: list[Who], runs: list[Run]) -> tuple[list[Call], dict[int, int]]:
    """Every call, and the minutes of those that are told."""
    calls: list[Call] = []
    minutes: dict[int, int] = {}
    pinned: dict[tuple[int, int], int] = {}
    for told in {each.what: each for each in told_appointments(facts)}.values():
        if facts.open_minutes[told.number, told.session] >= told.minutes:
            minutes[len(calls)] = told.minutes
            calls.append(Call(len(calls), people[told.number], True, [], runs[told.session]))
            where = told.number, int(facts.sessions.week[told.session])
            pinned[where] = pinned.get(where, 0) + 1
    whole = facts.open_minutes >= facts.sessions.minutes[None, :]
    for number, who in enumerate(people):
        for week in range(facts.weeks):
            here = np.flatnonzero(whole[number] & (facts.sessions.week == week)).tolist()
            free = CALLS_A_WEEK - pinned.get((number, week), 0)
            for _ in range(free if here and who.remaining > 0 else 0):
                calls.append(Call(len(calls), who, False, [runs[session] for session in here]))
    return calls, minutes


def _begin(
    facts: RosterFacts, start: Draft, calls: list[Call], runs: list[Run], supervisors: list[Supervisor]
) -> None:
    """What is sound of today's roster: no more heads than places, under a supervisor whom they may have."""
    heads: dict[int, int] = {}
    for call in calls:
        if call.run is not None:
            heads[call.run.number] = heads.get(call.run.number, 0) + 1
    free: dict[tuple[int, int], list[Call]] = {}
    for call in calls:
        if not call.pinned:
            free.setdefault((call.who.number, call.sessions[0].week), []).append(call)
    told = {(call.who.number, call.run.number) for call in calls if call.run is not None}
    taken: dict[int, list[Call]] = {}
    for session, under in start.supervisor.items():
        if under is not None:
            runs[session].supervisor = supervisors[under]
    for booking in start.bookings:
        session, under = booking.session, start.supervisor[booking.session]
        mine = free.get((booking.requirement, runs[session].week), [])
        manned = not runs[session].needs or (
            under is not None and bool(facts.acceptable[booking.requirement, under])
        )
        room = heads.get(session, 0) < facts.places_under(session, under)
        new = (booking.requirement, session) not in told
        if new and manned and room and mine and runs[session] in mine[-1].sessions:
            call = mine.pop()
            call.run = runs[session]
            heads[session] = heads.get(session, 0) + 1
            taken.setdefault(session, []).append(call)
    _without_small(calls, taken)


def _without_small(calls: list[Call], taken: dict[int, list[Call]]) -> None:
    """Nobody is called to a session that expects too few."""
    coming: dict[int, int] = {}
    for call in calls:
        if call.run is not None:
            coming[call.run.number] = coming.get(call.run.number, 0) + call.who.coming
    for session, those in taken.items():
        for call in those:
            if call.run is not None and coming[session] < call.run.least:
                call.run = None


def solve_by_timefold(facts: RosterFacts, *, seconds: float, seed: int) -> Draft:
    """The best roster found, rules broken or not. seconds: of local search alone."""
    supervisors, people = _supervisors(facts), _people(facts)
    runs = _runs(facts, supervisors)
    calls, minutes = _calls(facts, people, runs)
    _begin(facts, one_person_at_a_time(facts, careful=True), calls, runs, supervisors)
    pairs = [(one, other) for one, others in enumerate(facts.apart) for other in others if one < other]
    plan = Plan(
        supervisors=supervisors,
        people=[who for who in people if who.remaining > 0],
        aparts=[Apart(number, *pair) for number, pair in enumerate(pairs)],
        runs=runs,
        calls=calls,
    )
    found = search(plan, [Run, Call], rules, seconds=seconds, seed=seed)
    return _draft(facts, found, minutes)


def _draft(facts: RosterFacts, plan: Plan, told: dict[int, int]) -> Draft:
    """Calls in order of date until nothing remains, the last one cut short; then whoever was left out is seated."""
    left = facts.remaining.copy()
    bookings = []
    going = [
        (call.number not in told, call.run.day, call, call.run) for call in plan.calls if call.run is not None
    ]
    for _, _, call, run in sorted(going, key=lambda each: each[:2]):
        number = call.who.number
        minutes = min(told.get(call.number, run.minutes), int(left[number]))
        if minutes > 0:
            bookings.append(Booking(number, run.number, minutes))
            left[number] -= minutes
    running = {booking.session for booking in bookings}
    supervisor = {
        run.number: None if run.supervisor is None else run.supervisor.number
        for run in plan.runs
        if run.number in running
    }
    draft = seated(facts, Draft(supervisor, tuple(bookings)))
    return Draft(draft.supervisor, draft.bookings, placements_of(facts, draft.bookings))
