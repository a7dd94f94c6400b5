"""Rules over who is in one session together, and under whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from types import MappingProxyType

from models.unpaid_work.defaults import min_people, supervisor_minutes_max
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import ProjectType, TravelMode
from solver.verify.unpaid_work.attendance import exactly, overflow_probability
from solver.verify.unpaid_work.bookings import missing_half_days, unacceptable
from solver.verify.unpaid_work.situation import RosterSituation, Slot, monday


@dataclass(frozen=True)
class Gathering:
    """Who is in a session: members are requirements by number. supervisor: None without one."""

    situation: RosterSituation
    project: Project
    slot: Slot
    members: tuple[int, ...]
    supervisor: Supervisor | None

    def people(self) -> Iterator[Person]:
        """The members."""
        return (self.situation.problem.people[number] for number in self.members)

    def with_member(self, number: int) -> Gathering:
        """The same with one more."""
        return replace(self, members=(*self.members, number))

    @property
    def places(self) -> int:
        """The most who may attend."""
        return self.situation.places(self.project, self.supervisor)

    @cached_property
    def expected(self) -> Fraction:
        """The expected attendance, exactly."""
        return sum((self.situation.chances[number] for number in self.members), Fraction(0))

    @cached_property
    def overflow(self) -> Fraction:
        """P(attendees > places), exactly."""
        return overflow_probability([self.situation.chances[number] for number in self.members], self.places)


Broken = tuple[str | None, str]
"""A CRN where it is about one person, and a sentence."""

GroupRule = Callable[[Gathering], Iterator[Broken]]


def supervisor_sex(group: Gathering) -> Iterator[Broken]:
    """A person who must have no male, or no female, supervisor has none, nor an excluded supervisor."""
    if group.supervisor is None:
        return
    for person in group.people():
        sentence = unacceptable(person, group.supervisor)
        if sentence is not None:
            yield person.crn, f"{group.slot}: {sentence}"


def keep_apart(group: Gathering) -> Iterator[Broken]:
    """People to be kept apart never share a session."""
    crns = list(dict.fromkeys(person.crn for person in group.people()))
    if not any(crn in group.situation.kept_apart for crn in crns):
        return
    for one, other in combinations(crns, 2):
        if other in group.situation.kept_apart.get(one, ()):
            yield one, f"{one} and {other} are to be kept apart, and both are at {group.slot}"


def risk_in_group(group: Gathering) -> Iterator[Broken]:
    """A session has at most its limit of people with risk issues in a supervised group."""
    limit, count = group.project.risk_limit, sum(person.risk_in_group for person in group.people())
    if limit is not None and count > limit:
        yield None, f"{group.slot} has {count} people with risk issues in a group; the limit is {limit}"


def session_size(group: Gathering) -> Iterator[Broken]:
    """At most 5 in 100 sessions overflow their places, and a running group expects its least number of people."""
    yield from too_many(group)
    yield from too_few(group)


def too_many(group: Gathering) -> Iterator[Broken]:
    """The half of session_size that forbids one more."""
    if group.overflow > exactly(group.situation.rules.limits.overflow):
        yield (
            None,
            f"{group.slot}: with {len(group.members)} booked the chance that more than {group.places} come is "
            f"{float(group.overflow):.4f}; at most {group.situation.rules.limits.overflow:g} is allowed",
        )


def too_few(group: Gathering) -> Iterator[Broken]:
    """The half of session_size that asks for some."""
    if group.project.project_type is ProjectType.GROUP:
        least = min_people(group.project, group.situation.rules)
        if group.expected < least:
            yield None, f"{group.slot} expects {float(group.expected):.2f} people; it needs {least}"
    elif not group.members:
        yield None, f"{group.slot} has nobody booked"


def pick_up(group: Gathering) -> Iterator[Broken]:
    """People to be collected fit the vehicle's seats on that session's run."""
    seats = group.situation.question.disruption.seats(group.project, group.slot.date)
    count = sum(person.travel_mode is TravelMode.PICK_UP for person in group.people())
    if seats is not None and count > seats:
        yield None, f"{group.slot} has {count} people to collect; the vehicle has {seats} seats"


GROUP_RULES: Mapping[str, GroupRule] = MappingProxyType(
    {
        "supervisor_sex": supervisor_sex,
        "keep_apart": keep_apart,
        "risk_in_group": risk_in_group,
        "session_size": session_size,
        "pick_up": pick_up,
    }
)
"""What those in a session decide together, by rule id, in the register's order."""

ROOM_RULES: Mapping[str, GroupRule] = MappingProxyType({**GROUP_RULES, "session_size": too_many})
"""The same without the least number of people: what may forbid that one more joins."""


def unqualified(
    situation: RosterSituation, supervisor: Supervisor, project: Project, slot: Slot
) -> str | None:
    """Why the supervisor may not have a session there and then, whatever else they do; None when they may."""
    code = supervisor.staff_code
    lacking = [skill for skill in project.required_skills if skill not in supervisor.skills]
    if lacking:
        return f"{code} lacks {', '.join(lacking)}, which {project.project_code} requires"
    if situation.away(supervisor, slot.date):
        return f"{code} is away on {slot.date}"
    missing = missing_half_days(supervisor.availability, slot)
    if missing:
        return f"{code} is not available on {missing}"
    most = supervisor_minutes_max(supervisor, situation.rules)
    return f"{code} works at most {most} minutes a week" if slot.minutes > most else None


def conflict(situation: RosterSituation, one: Slot, other: Slot) -> str | None:
    """Why one supervisor cannot have both sessions; None when they can."""
    if one.overlaps(other):
        return f"{one} and {other} are at the same time"
    between = situation.rules.limits.minutes_between_projects
    elsewhere = one.date == other.date and one.project_code != other.project_code
    if elsewhere and max(one.start, other.start) - min(one.end, other.end) < between:
        return f"between {one} and {other} there are less than {between} minutes"
    return None


def busy(situation: RosterSituation, supervisor: Supervisor, slot: Slot, duties: Sequence[Slot]) -> bool:
    """Whether these duties leave the supervisor no time for the slot, on the day or in the week."""
    if any(conflict(situation, slot, duty) for duty in duties):
        return True
    week = sum(duty.minutes for duty in duties if monday(duty.date) == monday(slot.date))
    return week + slot.minutes > supervisor_minutes_max(supervisor, situation.rules)
