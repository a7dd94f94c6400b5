"""A quarter of a team's unpaid work: who arrives, who comes, who falls ill. The draws are the same for every practice.

Chance depends on the seed, the person or supervisor and the date alone, so that a day on which somebody is called
by one practice and by another finds them in the same mood.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from models.policy.policy import Policy
from models.synthetic.unpaid_parameters import unpaid_work_parameters
from models.synthetic.unpaid_work import generate_unpaid_work
from models.unpaid_work import defaults
from models.unpaid_work.person import ExistingAllocation, Person, RequirementKey, ToldAppointment
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.reckoning import remaining_minutes
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Absence

ILL = 0.012
"""Chance that a supervisor who is well falls ill on a day (assumption)."""

ILL_DAYS = 4
"""They are away for 1 to so many days, which is known on the first morning."""

YEAR = 365
"""Days that a newcomer has."""


@dataclass(frozen=True)
class World:
    """What no practice decides. arrivals: newcomers by the day on which they are sentenced."""

    seed: int
    policy: Policy
    first: dt.date
    weeks: int
    team: UnpaidWorkProblem
    arrivals: dict[dt.date, tuple[Person, ...]]

    def comes(self, who: RequirementKey, day: dt.date, chance: float) -> bool:
        """Whether somebody who is booked comes on a day."""
        return self._draw("comes", who.crn, day) < chance

    def turn(self, who: RequirementKey, day: dt.date) -> float:
        """Who is turned away first when too many come: the highest number."""
        return self._draw("turn", who.crn, day)

    def ill(self, code: str, day: dt.date) -> int:
        """For how many days a supervisor falls ill on this morning, 0 when they do not."""
        if self._draw("ill", code, day) >= ILL:
            return 0
        return 1 + int(self._draw("for", code, day) * ILL_DAYS)

    def _draw(self, what: str, code: str, day: dt.date) -> float:
        name = zlib.crc32(f"{what} {code}".encode())
        return float(np.random.default_rng((self.seed, name, day.toordinal())).random())


def world(policy: Policy, *, seed: int, people: int, projects: int, supervisors: int, weeks: int) -> World:
    """A generated team and about 8 % newcomers a month, at even distances."""
    newcomers = max(1, round(0.08 * people * weeks / 4.3))
    drawn = generate_unpaid_work(
        unpaid_work_parameters(),
        seed=seed,
        people=people
        + 2 * newcomers,  # some of those drawn last are second events of others, and are left out
        projects=projects,
        supervisors=supervisors,
        weeks=6,
    )
    events = Counter(person.crn for person in drawn.people)
    spare = [person for person in drawn.people if events[person.crn] == 1][-newcomers:]
    new = {person.key for person in spare}
    first, arrivals = drawn.first, dict[dt.date, tuple[Person, ...]]()
    for number, person in enumerate(spare):
        day = first + dt.timedelta(days=7 * weeks * number // newcomers)
        arrivals[day] = (*arrivals.get(day, ()), _newcomer(person, day))
    known = tuple(person for person in drawn.people if person.key not in new)[:people]
    return World(seed, policy, first, weeks, dataclasses.replace(drawn, people=known), arrivals)


def _newcomer(person: Person, day: dt.date) -> Person:
    """The person as sentenced on a day, with nothing done or arranged."""
    return dataclasses.replace(
        person,
        credited_minutes=0,
        credited_ete_minutes=0,
        adjustment_minutes=0,
        induction_done=False,
        sentence_date=day,
        complete_by=day + dt.timedelta(days=YEAR),
        unavailable=(),
        allocations=(),
        appointments=(),
    )


@dataclass
class Situation:
    """How a team stands under one practice. away: until when each ill supervisor is away."""

    world: World
    people: dict[RequirementKey, Person] = field(default_factory=dict)
    away: dict[str, tuple[dt.date, dt.date]] = field(default_factory=dict)
    minutes_lost: int = 0
    finished: int = 0

    def __post_init__(self) -> None:
        self.people = {person.key: person for person in self.world.team.people}

    def left(self, who: RequirementKey) -> int:
        """Minutes that remain to somebody."""
        return remaining_minutes(self.people[who], self.world.policy.unpaid_work)

    def chance(self, who: RequirementKey) -> float:
        """How likely somebody comes."""
        return float(defaults.attendance_probability(self.people[who], self.world.policy.unpaid_work))

    def morning(self, day: dt.date) -> tuple[str, ...]:
        """Newcomers arrive, orders end, supervisors fall ill; the codes of those who fell ill today."""
        for person in self.world.arrivals.get(day, ()):
            self.people[person.key] = person
        for who, person in list(self.people.items()):
            if person.complete_by < day:
                self.minutes_lost += self.left(who)
                del self.people[who]
            elif self.left(who) == 0:
                self.finished += 1
                del self.people[who]
        fell = []
        for supervisor in self.world.team.supervisors:
            code = supervisor.staff_code
            days = self.world.ill(code, day)
            if days and not self.is_away(code, day):
                self.away[code] = day, day + dt.timedelta(days=days - 1)
                fell.append(code)
        return tuple(fell)

    def is_away(self, code: str, day: dt.date) -> bool:
        """Whether a supervisor is ill on a day, as far as is known."""
        since = self.away.get(code)
        return since is not None and since[0] <= day <= since[1]

    def works(self, who: RequirementKey, minutes: int, *, induction: bool) -> int:
        """Credit a day's work, never beyond what remains; the minutes credited."""
        person, done = self.people[who], min(minutes, self.left(who))
        self.people[who] = dataclasses.replace(
            person,
            credited_minutes=person.credited_minutes + done,
            induction_done=True if induction else person.induction_done,
        )
        return done

    def problem(
        self,
        monday: dt.date,
        weeks: int,
        allocations: dict[RequirementKey, tuple[ExistingAllocation, ...]],
        told: dict[RequirementKey, tuple[ToldAppointment, ...]],
    ) -> UnpaidWorkProblem:
        """The question of a Monday: who is there, what they have and were told of, who is ill."""
        people = tuple(
            dataclasses.replace(
                person, allocations=allocations.get(who, ()), appointments=self._cut(who, told.get(who, ()))
            )
            for who, person in self.people.items()
        )
        supervisors = tuple(self._now(each) for each in self.world.team.supervisors)
        return dataclasses.replace(
            self.world.team, first=monday, weeks=weeks, people=people, supervisors=supervisors
        )

    def _cut(self, who: RequirementKey, told: Iterable[ToldAppointment]) -> tuple[ToldAppointment, ...]:
        """What was told, as far as minutes remain for it."""
        left, found = self.left(who), []
        for each in sorted(told, key=lambda each: (each.date, each.start_time)):
            minutes = min(left, each.end_time - each.start_time)
            if minutes > 0:
                found.append(dataclasses.replace(each, end_time=each.start_time + minutes))
                left -= minutes
        return tuple(found)

    def _now(self, supervisor: Supervisor) -> Supervisor:
        since = self.away.get(supervisor.staff_code)
        if since is None:
            return supervisor
        return dataclasses.replace(supervisor, unavailable=(*supervisor.unavailable, Absence(*since)))
