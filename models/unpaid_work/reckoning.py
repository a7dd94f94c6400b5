"""What a person still has to work, and how long they travel: whole minutes, reckoned once for everybody."""

from __future__ import annotations

import math

from models.policy.unpaid_work import UnpaidWorkPolicy
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project


def remaining_minutes(person: Person, policy: UnpaidWorkPolicy) -> int:
    """What remains of the requirement after credit, at least 0.

    remaining = required + adjustment - credited - min(credited ETE, the policy's percent of required, rounded down).
    Source: ministryofjustice/hmpps-community-payback-api (ETE credit is capped at 30 % of the requirement).
    """
    most_ete = policy.limits.ete_percent * person.required_minutes // 100
    credit = person.credited_minutes + min(person.credited_ete_minutes, most_ete)
    return max(0, person.required_minutes + person.adjustment_minutes - credit)


def travel_minutes_each_way(person: Person, project: Project, policy: UnpaidWorkPolicy) -> int:
    """The journey from the person to the project, minutes each way, rounded up.

    What the extract states is the truth; else the straight distance at the speed of the person's way to travel, 0
    where either place is unknown.
    """
    if person.travel_minutes is not None:
        return person.travel_minutes
    if person.location is None or project.location is None:
        return 0
    east = person.location.easting - project.location.easting
    north = person.location.northing - project.location.northing
    squared, speed = east**2 + north**2, policy.travel.metres_a_minute[person.travel_mode]
    # The least n with (n * speed)^2 >= squared, in whole numbers.
    return 0 if squared == 0 else math.isqrt((squared - 1) // speed**2) + 1
