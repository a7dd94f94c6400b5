"""Invented supervisors: when they work, what they can do, when they are away."""

from __future__ import annotations

import datetime as dt

from models.allocation.terms import Sex
from models.synthetic.draws import quota, some
from models.synthetic.unpaid_projects import DRIVING, POWER_TOOLS
from models.synthetic.unpaid_team import Team
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import WEEK, Absence, DayPart, HalfDay


def draw_supervisors(team: Team, count: int) -> tuple[Supervisor, ...]:
    """`count` supervisors; the first can do everything, so that no kind of session is without anybody."""
    rng, table, shifts = team.rng, team.parameters.supervisors, team.parameters.shifts
    shift = quota(rng, [each.share for each in shifts], count)
    female, small = some(rng, table.female, count), some(rng, table.small_group, count)
    driving, tools = some(rng, table.driving, count), some(rng, table.power_tools, count)
    evenings, away = some(rng, table.evenings, count), some(rng, table.on_leave, count)
    made = []
    for number in range(count):
        mine, everything = shifts[int(shift[number])], number == 0
        days = [mine.of[int(place)] for place in rng.permutation(len(mine.of))[: mine.days]]
        late = bool(evenings[number]) or everything
        parts = [DayPart.MORNING, DayPart.AFTERNOON] + [DayPart.EVENING] * late
        skills = [DRIVING] * (bool(driving[number]) or everything)
        skills += [POWER_TOOLS] * (bool(tools[number]) or everything)
        made.append(
            Supervisor(
                staff_code=f"{team.parameters.area.region}U{number + 1:03d}",
                availability=tuple(
                    HalfDay(f"{day}_{part}") for day in sorted(days, key=WEEK.index) for part in parts
                ),
                sex=Sex.FEMALE if female[number] else Sex.MALE,
                skills=tuple(skills),
                unavailable=draw_absence(team, table.leave_most_days) if away[number] else (),
                weekly_minutes_max=mine.weekly_minutes or None,
                max_group=team.whole(6, table.small_group_most) if small[number] else None,
                location=team.place(),
            )
        )
    return tuple(made)


def draw_absence(team: Team, most_days: int) -> tuple[Absence, ...]:
    """One span of days away that touches the horizon."""
    first = team.day(-3, 7 * team.weeks - 2)
    return (Absence(first, first + dt.timedelta(days=team.whole(0, most_days - 1))),)
