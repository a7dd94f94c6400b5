"""An assignment problem for Timefold: planning entities, constraint streams, local search from the plan in hand.

Needs `make peers` and Java 17. Timefold proves no bound. Its Python form translates the functions below to Java
bytecode, so they are plain: attributes, list look-ups, whole-number arithmetic; and it reads annotations at run time.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
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

from benchmarks.timefold_search import search
from solver.assignment.feasible import breaches
from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints


@dataclass(eq=False)
class Agent:
    """One agent. price: the price of each load above the base load, by that load; no load exceeds the last."""

    number: Annotated[int, PlanningId]
    owner: int
    room: int
    ceiling_room: int
    intake_limit: int
    price: list[int]


@planning_entity
@dataclass(eq=False)
class Task:
    """One task: who may take it, what it costs and weighs there, and where it stands."""

    number: Annotated[int, PlanningId]
    home: int
    home_owner: int
    skip_weight: int
    prices: list[int]
    weights: list[int]
    candidates: Annotated[list[Agent], ValueRangeProvider(id="candidates")]
    agent: Annotated[
        Agent | None, PlanningVariable(allows_unassigned=True, value_range_provider_refs=["candidates"])
    ] = None


@dataclass(eq=False)
class Budget:
    """The limits on the plan as a whole."""

    moves: int
    skipped: int


@dataclass(eq=False)
class Group:
    """A link or a count limit. fixed: owners of members that are no tasks; agents, room: of a count limit."""

    number: Annotated[int, PlanningId]
    kind: str
    fixed_count: int
    fixed: list[int]
    agents: list[int]
    room: int


@dataclass(eq=False)
class Member:
    """A task's place in a group."""

    number: Annotated[int, PlanningId]
    task: int
    group: Group


@planning_solution
@dataclass(eq=False)
class Plan:
    """The whole problem, and the plan so far."""

    agents: Annotated[list[Agent], ProblemFactCollectionProperty]
    budgets: Annotated[list[Budget], ProblemFactCollectionProperty]
    groups: Annotated[list[Group], ProblemFactCollectionProperty]
    members: Annotated[list[Member], ProblemFactCollectionProperty]
    tasks: Annotated[list[Task], PlanningEntityCollectionProperty]
    score: Annotated[HardSoftScore | None, PlanningScore] = field(default=None)


def _rules(factory: ConstraintFactory) -> list[Any]:
    """Every limit as a hard constraint, prices of loads and pairs as soft ones."""
    load = ConstraintCollectors.sum(lambda task: task.weights[task.agent.number])
    return [
        factory.for_each(Task)
        .penalize(HardSoftScore.ONE_SOFT, lambda task: task.prices[task.agent.number])
        .as_constraint("price of the pair"),
        factory.for_each(Task)
        .group_by(lambda task: task.agent, load)
        .penalize(HardSoftScore.ONE_SOFT, lambda agent, load: agent.price[load])
        .as_constraint("price of the load"),
        factory.for_each(Task)
        .group_by(lambda task: task.agent, load)
        .filter(lambda agent, load: load > agent.room)
        .penalize(HardSoftScore.ONE_HARD, lambda agent, load: load - agent.room)
        .as_constraint("capacity"),
        factory.for_each(Task)
        .group_by(
            lambda task: task.agent,
            load,
            ConstraintCollectors.sum(lambda task: 0 if task.home == task.agent.number else 1),
        )
        .filter(lambda agent, load, entered: entered > 0 and load > agent.ceiling_room)
        .penalize(HardSoftScore.ONE_HARD, lambda agent, load, _: load - agent.ceiling_room)
        .as_constraint("ceiling where anything enters"),
        factory.for_each(Task)
        .filter(lambda task: task.home_owner != task.agent.owner)
        .group_by(
            lambda task: task.agent.owner,
            ConstraintCollectors.max(lambda task: task.agent.intake_limit),
            ConstraintCollectors.count(),
        )
        .filter(lambda _, limit, count: count > limit)
        .penalize(HardSoftScore.ONE_HARD, lambda _, limit, count: 100 * (count - limit))
        .as_constraint("intake"),
        factory.for_each(Task)
        .filter(lambda task: task.home_owner >= 0 and task.home_owner != task.agent.owner)
        .group_by(ConstraintCollectors.count())
        .join(Budget)
        .filter(lambda count, budget: count > budget.moves)
        .penalize(HardSoftScore.ONE_HARD, lambda count, budget: 100 * (count - budget.moves))
        .as_constraint("moves"),
        factory.for_each_including_unassigned(Task)
        .filter(lambda task: task.agent is None)
        .group_by(ConstraintCollectors.sum(lambda task: task.skip_weight))
        .join(Budget)
        .filter(lambda weight, budget: weight > budget.skipped)
        .penalize(HardSoftScore.ONE_HARD, lambda weight, budget: 100 * (weight - budget.skipped))
        .as_constraint("skipped"),
        *_of_groups(factory),
    ]


rules = constraint_provider(_rules)


def _placed(factory: ConstraintFactory, kind: str) -> Any:
    """(member, task) of every task that has an agent, in groups of this kind."""
    return (
        factory.for_each(Member)
        .filter(lambda member: member.group.kind == kind)
        .join(Task, Joiners.equal(lambda member: member.task, lambda task: task.number))
    )


def _met(factory: ConstraintFactory, kind: str) -> Any:
    """(member, task, another, other) of a task that enters its owner and every placed task of its group."""
    return (
        _placed(factory, kind)
        .filter(lambda _, task: task.home_owner != task.agent.owner)
        .join(
            Member, Joiners.equal(lambda member, _: member.group.number, lambda member: member.group.number)
        )
        .join(Task, Joiners.equal(lambda _, _task, another: another.task, lambda task: task.number))
    )


def _of_groups(factory: ConstraintFactory) -> list[Any]:
    # Loops are not translated and would call back into Python for every move, so links are joins and sums.
    return [
        _met(factory, "apart")
        .filter(lambda _, task, _m, other: task.number != other.number)
        .filter(lambda _, task, _m, other: task.agent.owner == other.agent.owner)
        .penalize(HardSoftScore.ONE_HARD, lambda _, _t, _m, _o: 100)
        .as_constraint("apart"),
        _placed(factory, "apart")
        .filter(lambda _, task: task.home_owner != task.agent.owner)
        .filter(lambda member, task: task.agent.owner in member.group.fixed)
        .penalize(HardSoftScore.ONE_HARD, lambda _, _task: 100)
        .as_constraint("apart from what stays"),
        _met(factory, "together")
        .filter(lambda _, _task, _m, other: other.home_owner != other.agent.owner)
        .filter(lambda _, task, _m, other: task.agent.owner != other.agent.owner)
        .penalize(HardSoftScore.ONE_HARD, lambda _, _t, _m, _o: 100)
        .as_constraint("together where they enter"),
        _met(factory, "together")
        .group_by(
            lambda member, _t, _m, _o: member,
            lambda _, task, _m, _o: task,
            ConstraintCollectors.sum(
                lambda _, _t, _m, other: 1 if other.home_owner == other.agent.owner else 0
            ),
            ConstraintCollectors.sum(
                lambda _, task, _m, other: (
                    1
                    if other.home_owner == other.agent.owner and other.agent.owner == task.agent.owner
                    else 0
                )
            ),
        )
        .filter(lambda member, _t, stay, join: join == 0 and stay + member.group.fixed_count > 0)
        .filter(lambda member, task, _s, _j: task.agent.owner not in member.group.fixed)
        .penalize(HardSoftScore.ONE_HARD, lambda _, _t, _s, _j: 100)
        .as_constraint("together with what stays"),
        _placed(factory, "count")
        .filter(lambda member, task: task.agent.number in member.group.agents)
        .group_by(
            lambda member, _: member.group,
            ConstraintCollectors.count_bi(),
            ConstraintCollectors.sum(lambda member, task: 0 if task.home in member.group.agents else 1),
        )
        .filter(lambda group, count, entered: entered > 0 and count > group.room)
        .penalize(HardSoftScore.ONE_HARD, lambda group, count, _: 100 * (count - group.room))
        .as_constraint("count"),
    ]


def _agents(problem: AssignmentProblem) -> list[Agent]:
    weights = np.where(problem.eligible, problem.weights, 0)
    most = problem.base_load + weights.sum(axis=0)
    found = []
    for agent in range(problem.agents):
        base, owner = int(problem.base_load[agent]), int(problem.owner[agent])
        loads = np.arange(base, int(most[agent]) + 1)
        rooms = [
            int(most[agent]) if limit is None else int(limit[agent]) - base
            for limit in (problem.capacity, problem.intake_ceiling)
        ]
        intake = problem.tasks if problem.intake_limit is None else max(0, int(problem.intake_limit[owner]))
        price = _prices(problem, agent, loads).tolist()
        found.append(Agent(agent, owner, rooms[0], rooms[1], intake, price))
    return found


def _prices(problem: AssignmentProblem, agent: int, loads: Ints) -> Ints:
    """int64: what each load costs above the first of `loads`."""
    edges, prices = problem.bands.edges[agent], problem.bands.prices[agent]
    within = np.clip(loads[:, None] - edges[None, :-1], 0, np.diff(edges)[None, :])
    cost = within @ prices + np.maximum(0, loads - edges[-1]) * prices[-1]
    above: Ints = cost - cost[0]
    return above


def _tasks(problem: AssignmentProblem, agents: list[Agent], start: Ints, skip_budget: int) -> list[Task]:
    found = []
    for task in range(problem.tasks):
        home, at = int(problem.home[task]), int(start[task])
        held = home != NOWHERE or not problem.may_skip
        found.append(
            Task(
                number=task,
                home=home,
                home_owner=int(problem.owner[home]) if home != NOWHERE else NOWHERE,
                skip_weight=skip_budget + 1 if held else int(problem.skip_weight[task]),
                prices=problem.pair_price[task].tolist(),
                weights=problem.weights[task].tolist(),
                candidates=[agents[each] for each in np.flatnonzero(problem.eligible[task])],
                agent=None if at == NOWHERE else agents[at],
            )
        )
    return found


def _groups(problem: AssignmentProblem) -> tuple[list[Group], list[Member]]:
    groups: list[Group] = []
    members: list[Member] = []

    def add(kind: str, tasks: Ints, fixed: Ints, agents: Ints, room: int) -> None:
        group = Group(len(groups), kind, len(fixed), fixed.tolist(), agents.tolist(), room)
        groups.append(group)
        first = len(members)
        members.extend(Member(first + number, int(task), group) for number, task in enumerate(tasks))

    none = np.zeros(0, np.int64)
    for link in problem.together:
        add("together", link.tasks, link.fixed_owners, none, 0)
    for link in problem.apart:
        add("apart", link.tasks, link.fixed_owners, none, 0)
    for limit in problem.count_limits:
        add("count", limit.tasks, none, limit.agents, limit.limit - limit.base_count)
    return groups, members


def solve_by_timefold(
    problem: AssignmentProblem,
    *,
    start: Ints,
    skip_budget: int,
    seconds: float,
    seed: int,
    tabu: bool,
) -> Ints | None:
    """The best plan found, int64 (n,), None when the best still breaks a limit. seconds: of local search alone."""
    agents = _agents(problem)
    groups, members = _groups(problem)
    moves = problem.tasks if problem.move_budget is None else problem.move_budget
    plan = Plan(
        agents=agents,
        budgets=[Budget(moves, skip_budget)],
        groups=groups,
        members=members,
        tasks=_tasks(problem, agents, start, skip_budget),
    )
    found = _assignment(search(plan, [Task], rules, seconds=seconds, seed=seed, construct=True, tabu=tabu))
    return None if breaches(problem, found, skip_budget) else found


def _assignment(plan: Plan) -> Ints:
    ordered = sorted(plan.tasks, key=lambda task: task.number)
    return np.array([NOWHERE if task.agent is None else task.agent.number for task in ordered], np.int64)
