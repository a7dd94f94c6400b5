"""A roster as Timefold's planning entities and constraint streams: calls to sessions, sessions to supervisors.

The functions below are translated to Java bytecode, so they are plain: attributes, list look-ups, whole numbers.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

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
