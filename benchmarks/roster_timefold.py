"""A roster for Timefold: calls to sessions and sessions to supervisors as planning entities, rules as hard constraints.

Needs `make peers` and Java 17. Timefold proves no bound. Each requirement has two calls a week, each to one of the
sessions that the rules for them alone allow (whole stays), or to none. Told appointments are pinned. It begins with
what is sound of today's roster. Placements are read off the calls as from any draft; what they will bring after the
horizon is credited to calls of the last week. The functions below are translated to Java bytecode, so they are plain.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from timefold.solver import SolverFactory
from timefold.solver.config import EnvironmentMode, ScoreDirectorFactoryConfig, SolverConfig
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningPin,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    ConstraintCollectors,
    ConstraintFactory,
    HardSoftScore,
    Joiners,
    constraint_provider,
)

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

CONFIGURATION = """
<solver xmlns="https://timefold.ai/xsd/solver">
  <localSearch>
    <termination><millisecondsSpentLimit>{milliseconds}</millisecondsSpentLimit></termination>
  </localSearch>
</solver>
"""
"""The limit is the local search's: translating and loading the problem takes Timefold longer than a search."""


@dataclass(eq=False)
class Supervisor:
    """One supervisor."""

    number: Annotated[int, PlanningId]
    weekly_most: int
    max_group: int


@dataclass(eq=False)
class Who:
    """One requirement. coming: chance in thousandths. weight: in the chance row, by places. accepts: by supervisor."""

    number: Annotated[int, PlanningId]
    body: int
    coming: int
    remaining: int
    weekly_least: int
    weekly_most: int
    full_weeks: int
    risky: int
    collected: int
    inducted: bool
    weight: list[int]
    accepts: list[int]
    journey: list[int]
    unplaced_price: int


@planning_entity
@dataclass(eq=False)
class Run:
    """One dated session, and who supervises it. limit: of the chance row, by places."""

    number: Annotated[int, PlanningId]
    project: int
    day: int
    week: int
    start: int
    end: int
    minutes: int
    needs: int
    places: int
    least: int
    risk_limit: int
    seats: int
    induction: bool
    last: int
    limit: list[int]
    able: Annotated[list[Supervisor], ValueRangeProvider(id="able")]
    supervisor: Annotated[
        Supervisor | None, PlanningVariable(allows_unassigned=True, value_range_provider_refs=["able"])
    ] = None


@planning_entity
@dataclass(eq=False)
class Call:
    """One requirement's attendance in a week, or none."""

    number: Annotated[int, PlanningId]
    who: Who
    pinned: Annotated[bool, PlanningPin]
    sessions: Annotated[list[Run], ValueRangeProvider(id="sessions")]
    run: Annotated[
        Run | None, PlanningVariable(allows_unassigned=True, value_range_provider_refs=["sessions"])
    ] = None


@dataclass(eq=False)
class Apart:
    """Two bodies that never share a session."""

    number: Annotated[int, PlanningId]
    one: int
    other: int


@planning_solution
@dataclass(eq=False)
class Plan:
    """The whole problem, and the roster so far."""

    supervisors: Annotated[list[Supervisor], ProblemFactCollectionProperty]
    people: Annotated[list[Who], ProblemFactCollectionProperty]
    aparts: Annotated[list[Apart], ProblemFactCollectionProperty]
    runs: Annotated[list[Run], PlanningEntityCollectionProperty]
    calls: Annotated[list[Call], PlanningEntityCollectionProperty]
    score: Annotated[HardSoftScore | None, PlanningScore] = field(default=None)


def _met(factory: ConstraintFactory) -> Any:
    """(call, run) of every call that goes somewhere, also where the run has no supervisor yet."""
    return factory.for_each(Call).join(
        factory.for_each_including_unassigned(Run), Joiners.equal(lambda call: call.run, lambda run: run)
    )


def _of_people(factory: ConstraintFactory) -> list[Any]:
    """One place at a time, the week's limit, induction first."""
    count = ConstraintCollectors.sum(lambda call: call.run.minutes)
    return [
        factory.for_each_unique_pair(
            Call,
            Joiners.equal(lambda call: call.who.body),
            Joiners.equal(lambda call: call.run.day),
        )
        .penalize(HardSoftScore.ONE_HARD, lambda _one, _other: 100)
        .as_constraint("one place a day"),
        factory.for_each(Call)
        .group_by(
            lambda call: call.who.body, lambda call: call.who.weekly_most, lambda call: call.run.week, count
        )
        .filter(lambda _body, most, _week, minutes: minutes > most)
        .penalize(HardSoftScore.ONE_HARD, lambda _body, most, _week, minutes: minutes - most)
        .as_constraint("weekly limit"),
        factory.for_each(Call)
        .group_by(lambda call: call.who, count)
        .filter(lambda who, minutes: minutes >= who.remaining + 420)
        .penalize(HardSoftScore.ONE_HARD, lambda who, minutes: minutes - who.remaining - 419)
        .as_constraint("no call when nothing remains"),
        factory.for_each(Call)
        .filter(lambda call: not call.who.inducted and not call.run.induction)
        .if_not_exists(
            Call,
            Joiners.equal(lambda call: call.who),
            Joiners.filtering(lambda call, other: other.run.induction and other.run.day < call.run.day),
        )
        .penalize(HardSoftScore.ONE_HARD, lambda _call: 100)
        .as_constraint("induction first"),
        factory.for_each_unique_pair(Call, Joiners.equal(lambda call: call.who))
        .filter(lambda one, other: one.run.induction and other.run.induction)
        .penalize(HardSoftScore.ONE_HARD, lambda _one, _other: 100)
        .as_constraint("one induction"),
        factory.for_each(Apart)
        .join(Call, Joiners.equal(lambda apart: apart.one, lambda call: call.who.body))
        .join(
            Call,
            Joiners.equal(lambda apart, _call: apart.other, lambda call: call.who.body),
            Joiners.equal(lambda _apart, call: call.run, lambda call: call.run),
        )
        .penalize(HardSoftScore.ONE_HARD, lambda _apart, _one, _other: 100)
        .as_constraint("keep apart"),
    ]


def _of_sessions(factory: ConstraintFactory) -> list[Any]:
    """Supervised, acceptable, not overfull, not too few, risk and seats."""
    coming = ConstraintCollectors.sum(lambda call, _run: call.who.coming)
    weight = ConstraintCollectors.sum(
        lambda call, run: call.who.weight[
            run.places
            if run.supervisor is None or run.supervisor.max_group > run.places
            else run.supervisor.max_group
        ]
    )
    return [
        _met(factory)
        .filter(lambda _call, run: run.needs == 1 and run.supervisor is None)
        .penalize(HardSoftScore.ONE_HARD, lambda _call, _run: 100)
        .as_constraint("supervised"),
        _met(factory)
        .filter(lambda _call, run: run.supervisor is not None)
        .filter(lambda call, run: call.who.accepts[run.supervisor.number] == 0)
        .penalize(HardSoftScore.ONE_HARD, lambda _call, _run: 100)
        .as_constraint("supervisor sex"),
        _met(factory)
        .group_by(lambda _call, run: run, ConstraintCollectors.count_bi(), weight)
        .filter(
            lambda run, count, weight: (
                count
                > (
                    run.places
                    if run.supervisor is None or run.supervisor.max_group > run.places
                    else run.supervisor.max_group
                )
                and weight
                > run.limit[
                    run.places
                    if run.supervisor is None or run.supervisor.max_group > run.places
                    else run.supervisor.max_group
                ]
            )
        )
        .penalize(HardSoftScore.ONE_HARD, lambda _run, count, _weight: 10 * count)
        .as_constraint("session size"),
        _met(factory)
        .group_by(lambda _call, run: run, coming)
        .filter(lambda run, coming: coming < run.least)
        .penalize(HardSoftScore.ONE_HARD, lambda run, coming: 1 + (run.least - coming) // 100)
        .as_constraint("least number"),
        _met(factory)
        .group_by(
            lambda _call, run: run,
            ConstraintCollectors.sum(lambda call, _run: call.who.risky),
            ConstraintCollectors.sum(lambda call, _run: call.who.collected),
        )
        .filter(lambda run, risky, collected: risky > run.risk_limit or collected > run.seats)
        .penalize(HardSoftScore.ONE_HARD, lambda _run, _risky, _collected: 100)
        .as_constraint("risk and seats"),
        factory.for_each_unique_pair(
            Run,
            Joiners.equal(lambda run: run.supervisor),
            Joiners.equal(lambda run: run.day),
        )
        .filter(
            lambda one, other: (
                one.start < other.end + (0 if one.project == other.project else 60)
                and other.start < one.end + (0 if one.project == other.project else 60)
            )
        )
        .penalize(HardSoftScore.ONE_HARD, lambda _one, _other: 100)
        .as_constraint("supervisor in one place"),
        factory.for_each_unique_pair(
            Run, Joiners.equal(lambda run: run.project), Joiners.equal(lambda run: run.day)
        )
        .filter(lambda one, other: one.start < other.end and other.start < one.end)
        .if_exists(Call, Joiners.equal(lambda one, _other: one, lambda call: call.run))
        .if_exists(Call, Joiners.equal(lambda _one, other: other, lambda call: call.run))
        .penalize(HardSoftScore.ONE_HARD, lambda _one, _other: 100)
        .as_constraint("project open"),
        factory.for_each(Run)
        .group_by(
            lambda run: run.supervisor,
            lambda run: run.week,
            ConstraintCollectors.sum(lambda run: run.minutes),
        )
        .filter(lambda supervisor, _week, minutes: minutes > supervisor.weekly_most)
        .penalize(HardSoftScore.ONE_HARD, lambda supervisor, _week, minutes: minutes - supervisor.weekly_most)
        .as_constraint("supervisor's week"),
    ]


def _of_prices(factory: ConstraintFactory) -> list[Any]:
    """The objective as far as dated calls tell it, in tenths of a minute."""
    onward = ConstraintCollectors.sum(
        lambda call: call.run.minutes * (1 + call.run.last * call.who.full_weeks)
    )
    week = ConstraintCollectors.sum(lambda call: call.run.minutes)
    return [
        factory.for_each(Who)
        .if_not_exists(Call, Joiners.equal(lambda who: who, lambda call: call.who))
        .penalize(HardSoftScore.ONE_SOFT, lambda who: who.unplaced_price)
        .as_constraint("unplaced"),
        factory.for_each(Call)
        .group_by(lambda call: call.who, onward)
        .reward(
            HardSoftScore.ONE_SOFT,
            lambda who, minutes: (
                200 * who.coming * minutes // 1000
                if who.coming * minutes < 1000 * who.remaining
                else 200 * who.remaining
            ),
        )
        .as_constraint("lost"),
        factory.for_each(Call)
        .group_by(lambda call: call.who, lambda call: call.run.week, week)
        .reward(
            HardSoftScore.ONE_SOFT,
            lambda who, _week, minutes: 40 * min(minutes, who.weekly_least),
        )
        .as_constraint("short of offer"),
        factory.for_each(Run)
        .penalize(HardSoftScore.ONE_SOFT, lambda run: 10 * run.minutes)
        .as_constraint("supervised time"),
        factory.for_each(Call)
        .penalize(HardSoftScore.ONE_SOFT, lambda call: 4 * call.who.journey[call.run.project])
        .as_constraint("travel"),
    ]


def _rules(factory: ConstraintFactory) -> list[Any]:
    return [*_of_people(factory), *_of_sessions(factory), *_of_prices(factory)]


rules = constraint_provider(_rules)


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
    config = SolverConfig(
        solution_class=Plan,
        entity_class_list=[Run, Call],
        environment_mode=EnvironmentMode.NO_ASSERT,
        random_seed=seed,
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=rules),
        xml_source_text=CONFIGURATION.format(milliseconds=round(1000 * seconds)),
    )
    found = SolverFactory.create(config).build_solver().solve(plan)
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
