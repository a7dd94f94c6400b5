"""What the roster's objective changes by when one person is booked: every item, and the weighted sum."""

from __future__ import annotations

from collections import Counter

from models.unpaid_work.roster import RosterObjective
from solver.unpaid_work.placing.cost import (
    allocations_changed,
    appointments_dropped,
    lost_minutes,
    short_of_offer,
)
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.team import LoadedTeam, Running
from solver.unpaid_work.placing.walking import Walk
from solver.unpaid_work.reckoning import priced


def price_of(team: LoadedTeam, newcomer: Newcomer, walk: Walk) -> RosterObjective:
    """The change of every item in its own unit; total: in tenths of a minute by the policy's prices."""
    mine = team.entries_of(newcomer.person.key)
    placements = team.placements.get(newcomer.person.key, ())
    booked = tuple(each.entry for each in walk.bookings)
    diary = (*mine, *booked)
    placed = placements if walk.placement is None else (*placements, walk.placement)
    opened = [each.session for each in walk.bookings if each.is_new]
    projects = team.facts.problem.projects
    items = RosterObjective(
        unplaced_people=-1 if newcomer.remaining > 0 and not mine else 0,
        lost_minutes=lost_minutes(newcomer, diary, placed) - lost_minutes(newcomer, mine, placements),
        short_of_offer_minutes=short_of_offer(newcomer, diary) - short_of_offer(newcomer, mine),
        supervised_minutes=sum(each.end - each.start for each in opened if each.supervisor is not None),
        travel_minutes=sum(2 * newcomer.travel(projects[each.project]) for each in booked),
        allocations_changed=allocations_changed(newcomer, placed) - allocations_changed(newcomer, placements),
        appointments_dropped=appointments_dropped(newcomer, diary) - appointments_dropped(newcomer, mine),
        commitment_minutes_unmet=-_commitment_met(team, opened),
        total=0,
    )
    return priced(items, team.facts.rules.prices)


def _commitment_met(team: LoadedTeam, opened: list[Running]) -> int:
    """Minutes of commitments to beneficiaries that the sessions opened for this meet."""
    more = Counter((each.project, int(team.facts.week_of_day[each.day])) for each in opened)
    met = 0
    for (project, week), count in more.items():
        record = team.facts.problem.projects[project]
        short = max(0, record.commitment_sessions_per_week - team.ran.get((project, week), 0))
        first = record.availability[0]
        met += (first.end_time - first.start_time) * min(short, count)
    return met
