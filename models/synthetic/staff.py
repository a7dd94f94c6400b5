"""The officers of an invented unit: teams, offices, seniors, people in two teams, and what each may take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.allocation.officer import Officer
from models.allocation.terms import Grade, Location
from models.allocation.workload import available_points
from models.policy.policy import Policy
from models.synthetic.draws import Bools, Floats, Generator, Ints, about, quota
from models.synthetic.parameters import AllocationParameters
from models.synthetic.people import Person, draw_people


@dataclass(frozen=True, slots=True)
class Names:
    """What codes a unit uses, so that units of one nation share none: letters of teams, staff and CRNs."""

    region: str
    team_letter: str = "F"
    staff_letter: str = "A"
    crn_letter: str = "X"
    crn_first: int = 0
    crn_count: int = 1_000_000

    def team(self, number: int) -> str:
        """The code of a team, counted from 0: two digits, then the next letter."""
        return f"{self.region}{chr(ord(self.team_letter) + number // 99)}{number % 99 + 1:02d}"

    def staff(self, number: int) -> str:
        """The code of a person who carries cases, counted from 0."""
        return f"{self.region}{self.staff_letter}{number + 1:03d}"

    def senior(self, team: int) -> str:
        """The code of the senior officer of a team, counted from 0."""
        return f"{self.region}S{self.team(team)[3:]}"

    def leaver(self, number: int) -> str:
        """The code of somebody who is not in the input."""
        return f"{self.region}{self.staff_letter}X{number:03d}"


@dataclass(frozen=True, slots=True)
class Staff:
    """Officers who carry cases (rows), and their seniors.

    officers [rows]; person [rows]: number of the person behind each row; available [rows]: points;
    receives [rows]: active, authorised, staying and available enough to receive a case;
    newly_qualified [rows]; office [rows]: number of the team's office; offices: their places; teams: their codes.
    """

    names: Names
    officers: tuple[Officer, ...]
    seniors: tuple[Officer, ...]
    person: Ints
    available: Ints
    receives: Bools
    newly_qualified: Bools
    office: Ints
    offices: tuple[Location, ...]
    teams: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many people carry cases."""
        return int(self.person.max()) + 1


def draw_staff(
    rng: Generator,
    parameters: AllocationParameters,
    policy: Policy,
    names: Names,
    officers: int,
    as_of: dt.date,
) -> Staff:
    """`officers` rows in all, one senior a team among them where teams have four rows or more."""
    team_count = max(1, round(officers / parameters.unit.officers_a_team))
    teams = tuple(names.team(number) for number in range(team_count))
    has_seniors = officers >= 4 * team_count
    rows = officers - team_count if has_seniors else officers
    second = about(rng, parameters.posts.in_two_teams * rows) if team_count > 1 else 0
    people = draw_people(rng, parameters, rows - second, as_of)
    offices = _draw_offices(rng, parameters, team_count, officers)
    office_of_team = [number % len(offices) for number in range(team_count)]
    homes = quota(rng, [1.0] * team_count, len(people))
    split = _split_hours(people, second)
    drawn: list[tuple[int, int, float]] = []  # team, person, hours
    for number, person in enumerate(people):
        first, other = split.get(number, (person.hours, None))
        drawn.append((int(homes[number]), number, first))
        if other is not None:
            away = (int(homes[number]) + int(rng.integers(1, team_count))) % team_count
            drawn.append((away, number, other))
    drawn.sort()
    made = tuple(
        _officer(people[number], hours, names.staff(number), team, names, offices[office_of_team[team]])
        for team, number, hours in drawn
    )
    available = np.array([available_points(officer, policy) for officer in made], dtype=np.int64)
    return Staff(
        names=names,
        officers=made,
        seniors=tuple(
            _senior(names, team, offices[office_of_team[team]])
            for team in range(team_count if has_seniors else 0)
        ),
        person=np.array([number for _, number, _ in drawn], dtype=np.int64),
        available=available,
        receives=np.array([_receives(officer, policy, as_of) for officer in made])
        & (available >= policy.limits.least_available_points),
        newly_qualified=np.array([people[number].newly_qualified for _, number, _ in drawn]),
        office=np.array([office_of_team[team] for team, _, _ in drawn], dtype=np.int64),
        offices=offices,
        teams=teams,
    )


def _split_hours(people: Sequence[Person], wanted: int) -> dict[int, tuple[float, float | None]]:
    """Who works in two teams, and for how many hours in each: full-timers without a full absence."""
    able = [n for n, person in enumerate(people) if person.hours >= 30 and person.reduction < 0.5]
    return {
        number: (round(people[number].hours * 0.6, 1), round(people[number].hours * 0.4, 1))
        for number in able[1 : wanted + 1]
    }


def _officer(person: Person, hours: float, code: str, team: int, names: Names, place: Location) -> Officer:
    return Officer(
        staff_code=code,
        team_code=names.team(team),
        grade=person.grade,
        contracted_hours=hours,
        reduction_hours=round(hours * person.reduction, 1),
        skills=person.skills,
        sex=person.sex,
        active=person.active,
        authorised_from=person.authorised_from,
        authorised_until=person.authorised_until,
        last_day=person.last_day,
        training_stage=person.stage,
        senior_code=names.senior(team),
        location=place,
    )


def _senior(names: Names, team: int, place: Location) -> Officer:
    """A senior officer: all hours go to managing the team, so there is nothing available for cases."""
    return Officer(
        names.senior(team), names.team(team), Grade.SPO, 37.0, reduction_hours=37.0, location=place
    )


def _receives(officer: Officer, policy: Policy, as_of: dt.date) -> bool:
    tenure = dt.timedelta(days=policy.limits.least_tenure_days)
    begun = officer.authorised_from is None or officer.authorised_from <= as_of
    valid = officer.authorised_until is None or as_of <= officer.authorised_until
    stays = officer.last_day is None or officer.last_day >= as_of + tenure
    return begun and valid and stays and officer.active


def _draw_offices(
    rng: Generator, parameters: AllocationParameters, teams: int, officers: int
) -> tuple[Location, ...]:
    """Offices apart from each other: of 20 places drawn, the one farthest from the offices so far."""
    unit = parameters.unit
    scale = max(1.0, officers / 100) ** 0.5
    size = np.array([unit.area_east_metres, unit.area_north_metres]) * scale
    count = max(1, round(teams * unit.offices_a_team))
    chosen = rng.random((1, 2)) * size
    while len(chosen) < count:
        candidates: Floats = rng.random((20, 2)) * size
        apart = ((candidates[:, None, :] - chosen[None, :, :]) ** 2).sum(axis=2).min(axis=1)
        chosen = np.vstack([chosen, candidates[int(apart.argmax())]])
    return tuple(place(parameters, east, north) for east, north in chosen)


def place(parameters: AllocationParameters, east: float, north: float) -> Location:
    """A place in the area, rounded to the grid, never off the map."""
    grid, (corner_east, corner_north) = parameters.unit.grid_metres, parameters.unit.area_corner
    most = 1_400_000 // grid
    easting = min(most, max(0, round((corner_east + east) / grid))) * grid
    northing = min(most, max(0, round((corner_north + north) / grid))) * grid
    return Location(easting, northing)
