"""A roster beside the team it is for: what every report says of it, worked out once."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.policy.policy import Policy
from models.rules import UNPAID_WORK_RULES
from models.unpaid_work.defaults import attendance_probability
from models.unpaid_work.person import Person, RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.reckoning import remaining_minutes
from models.unpaid_work.roster import Appointment, Forecast, Roster, RosterFinding, RosterKind, Session

SlotKey = tuple[str, dt.date, int]
"""A session: project, date, start in minutes after midnight."""


@dataclass(frozen=True)
class PricedItem:
    """One item of the objective. count: in its own unit; price: tenths of a minute for each."""

    name: str
    words: str
    count: int
    price: int

    @property
    def sum(self) -> int:
        """What it adds to the total."""
        return self.count * self.price


@dataclass(frozen=True)
class StandDowns:
    """Expected days of people who come and find no place, of the days planned."""

    expected: float
    planned: int

    @property
    def share(self) -> float | None:
        """The fraction, None when no day is planned."""
        return None if self.planned == 0 else self.expected / self.planned


@dataclass(frozen=True)
class RosterView:
    """A roster, its problem and the policy."""

    problem: UnpaidWorkProblem
    roster: Roster
    policy: Policy

    @property
    def title(self) -> str:
        """What it is, in words."""
        kind = "Repair" if self.roster.question.kind is RosterKind.REPAIR else "Roster"
        weeks = "1 week" if self.problem.weeks == 1 else f"{self.problem.weeks} weeks"
        return f"{kind} from {self.problem.first.isoformat()} for {weeks}"

    @property
    def headline(self) -> str:
        """How good it is known to be, in words."""
        roster = self.roster
        if roster.status == "OPTIMAL":
            return "proven optimal"
        if roster.gap is None:
            return "how near to the best is unknown"
        net = "" if roster.gap_net is None else f", net {percent(roster.gap_net)}"
        return f"within {percent(roster.gap)} of the best (proven{net})"

    @cached_property
    def booked(self) -> Mapping[SlotKey, tuple[Appointment, ...]]:
        """The appointments of each session."""
        found: dict[SlotKey, list[Appointment]] = defaultdict(list)
        for appointment in self.roster.appointments:
            found[appointment.project_code, appointment.date, appointment.start_time].append(appointment)
        return {key: tuple(each) for key, each in found.items()}

    def booked_in(self, session: Session) -> tuple[Appointment, ...]:
        """Who is booked in a session."""
        return self.booked.get((session.project_code, session.date, session.start_time), ())

    def person(self, crn: str, event_number: int) -> Person:
        """The requirement of this person and event."""
        return self.problem.people[self.problem.person_numbers[RequirementKey(crn, event_number)]]

    @cached_property
    def waiting(self) -> int:
        """Requirements with minutes remaining."""
        return sum(remaining_minutes(person, self.policy.unpaid_work) > 0 for person in self.problem.people)

    @cached_property
    def late(self) -> tuple[Forecast, ...]:
        """The requirements expected to fall short by the date to complete by, the shortest first."""
        short = [each for each in self.roster.forecast if each.minutes_expected_short > 0]
        return tuple(sorted(short, key=lambda each: (-each.minutes_expected_short, each.crn)))

    @cached_property
    def findings_by_rule(self) -> Mapping[str, tuple[RosterFinding, ...]]:
        """The findings under each rule, in the register's order."""
        found: dict[str, list[RosterFinding]] = defaultdict(list)
        for finding in self.roster.findings:
            found[finding.rule].append(finding)
        order = list(UNPAID_WORK_RULES)
        return {
            rule: tuple(found[rule])
            for rule in sorted(found, key=lambda each: order.index(each) if each in order else len(order))
        }

    @property
    def items(self) -> tuple[PricedItem, ...]:
        """The objective, item by item."""
        objective, prices = self.roster.objective, self.policy.unpaid_work.prices
        return (
            PricedItem(
                "unplacedPeople",
                "people left with nothing",
                objective.unplaced_people,
                prices.unplaced_person,
            ),
            PricedItem("lostMinutes", "minutes lost", objective.lost_minutes, prices.lost_minute),
            PricedItem(
                "shortOfOfferMinutes",
                "minutes short of the weekly offer",
                objective.short_of_offer_minutes,
                prices.short_of_offer_minute,
            ),
            PricedItem(
                "supervisedMinutes",
                "minutes supervised",
                objective.supervised_minutes,
                prices.supervised_minute,
            ),
            PricedItem("travelMinutes", "minutes travelled", objective.travel_minutes, prices.travel_minute),
            PricedItem(
                "allocationsChanged",
                "existing allocations changed",
                objective.allocations_changed,
                prices.allocation_changed,
            ),
            PricedItem(
                "appointmentsDropped",
                "told appointments dropped",
                objective.appointments_dropped,
                prices.appointment_dropped,
            ),
            PricedItem(
                "commitmentMinutesUnmet",
                "minutes of commitments unmet",
                objective.commitment_minutes_unmet,
                prices.commitment_minute_unmet,
            ),
        )

    @cached_property
    def stand_downs(self) -> StandDowns:
        """Days on which somebody comes and finds no place, expected over all sessions."""
        expected = 0.0
        for session in self.roster.sessions:
            chances = [self._chance(appointment) for appointment in self.booked_in(session)]
            expected += expected_turned_away(chances, session.places)
        return StandDowns(expected, len(self.roster.appointments))

    def _chance(self, appointment: Appointment) -> float:
        person = self.person(appointment.crn, appointment.delius_event_number)
        return attendance_probability(person, self.policy.unpaid_work)

    def changes_by_kind(self) -> Mapping[str, int]:
        """How many changes of each kind a repair makes."""
        return Counter(change.kind for change in self.roster.changes)


def expected_turned_away(chances: Sequence[float], places: int) -> float:
    """How many more come than there are places, on average, when each comes independently with its chance."""
    if len(chances) <= places:
        return 0.0
    ways = np.ones(1)
    for chance in chances:
        ways = np.convolve(ways, (1 - chance, chance))
    return float(ways[places + 1 :] @ np.arange(1, len(ways) - places))


def percent(share: float) -> str:
    """A fraction in percent, never rounded to a better one: "1.24 %"; what is not zero is shown as at least 0.01 %."""
    hundredths = 10_000 * share
    shown = -(-hundredths // 1) if hundredths > 0 else 0
    return f"{shown / 100:.2f} %"
