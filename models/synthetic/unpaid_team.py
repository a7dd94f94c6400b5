"""What an invented unpaid work team is drawn from, and where its people, projects and supervisors lie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from models.allocation.terms import Location
from models.policy.unpaid_work import UnpaidWorkPolicy
from models.synthetic.draws import Generator, pick
from models.synthetic.unpaid_parameters import AreaTable, UnpaidWorkParameters

_TABLE_PEOPLE = 160
"""The team for which the parameters state the area."""


@dataclass(frozen=True)
class Team:
    """The random numbers, the parameters, the horizon and the towns."""

    rng: Generator
    parameters: UnpaidWorkParameters
    policy: UnpaidWorkPolicy
    start: dt.date
    weeks: int
    towns: tuple[Location, ...]

    @property
    def end(self) -> dt.date:
        """The first day after the horizon."""
        return self.start + dt.timedelta(days=7 * self.weeks)

    def whole(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, all equally likely."""
        return int(self.rng.integers(least, max(least, most) + 1))

    def day(self, least: int, most: int) -> dt.date:
        """A day so many days after the start of the horizon (before it where negative)."""
        return self.start + dt.timedelta(days=self.whole(least, most))

    def place(self) -> Location:
        """A place around one of the towns."""
        area, town = self.parameters.area, self.towns[pick(self.rng, range(len(self.towns)))]
        east, north = (float(each) for each in self.rng.normal(0.0, area.spread_metres, 2))
        return _on_grid(area, town.easting + east, town.northing + north)


def draw_towns(rng: Generator, area: AreaTable, people: int) -> tuple[Location, ...]:
    """One town for about so many people as the parameters say, at least one."""
    scale = max(1.0, people / _TABLE_PEOPLE) ** 0.5
    east, north = area.area_corner
    return tuple(
        _on_grid(
            area,
            east + float(rng.random()) * area.area_east_metres * scale,
            north + float(rng.random()) * area.area_north_metres * scale,
        )
        for _ in range(max(1, round(people / area.people_a_town)))
    )


def _on_grid(area: AreaTable, easting: float, northing: float) -> Location:
    grid = area.grid_metres
    return Location(max(0, round(easting / grid) * grid), max(0, round(northing / grid) * grid))
