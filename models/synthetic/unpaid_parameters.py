"""The parameters of generated unpaid work teams, each table with its source or marked an assumption."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.synthetic.parameters import (
    Count,
    ParameterFile,
    ParameterTable,
    Positive,
    Share,
    Shares,
    Text,
    parse_parameters,
    read_parameters,
)
from models.unpaid_work.terms import DayPart, HalfDay, Minutes, TimeOfDay, TravelMode, Weekday

__all__ = ["UnpaidWorkParameters", "load_unpaid_work_parameters", "unpaid_work_parameters"]

Times = tuple[TimeOfDay, TimeOfDay]
Days = Annotated[int, Field(ge=1, le=3650)]


class AreaTable(ParameterTable):
    """Codes and the area of a team."""

    region: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
    people_a_town: Count
    area_east_metres: Count
    area_north_metres: Count
    area_corner: tuple[int, int]
    spread_metres: Positive
    grid_metres: Count
    without_place: Share


class RequirementsTable(ParameterTable):
    """Hours ordered, and what is credited or adjusted."""

    hours: Annotated[tuple[Annotated[int, Field(ge=40, le=300)], ...], Field(min_length=1)]
    shares: Shares
    two_events: Annotated[float, Field(ge=0, le=0.5)]
    ete: Share
    ete_most_minutes: Annotated[int, Field(ge=60)]
    adjusted: Share
    travel_credit_most_minutes: Annotated[int, Field(ge=30)]
    weekly_most: Share
    weekly_most_minutes: Annotated[int, Field(ge=420)]


class ProgressTable(ParameterTable):
    """How far people have come."""

    new: Share
    new_most_days: Days
    least_days: Days
    finished: Share
    pace_mean: Share
    pace_spread: Share


class DeadlinesTable(ParameterTable):
    """Days from the sentence to the last day, and how many run out soon or have run out."""

    days: Annotated[tuple[Annotated[int, Field(ge=100, le=1500)], ...], Field(min_length=1)]
    shares: Shares
    soon: Share
    past: Share


class Pattern(ParameterTable):
    """When some people can come."""

    name: Text
    share: Share
    weekdays: Annotated[int, Field(ge=0, le=5)]
    parts: tuple[DayPart, ...]
    saturday: Share
    sunday: Share
    evenings: Share


class Observance(ParameterTable):
    """Half-days that some people keep free."""

    name: Text
    share: Share
    never: tuple[HalfDay, ...]


class AttendanceTable(ParameterTable):
    """Chances of coming, a beta distribution cut at both ends; days away."""

    mean: Annotated[float, Field(gt=0, lt=1)]
    concentration: Positive
    least: Share
    most: Share
    unknown: Share
    away: Share
    away_most_days: Days


class Mark(ParameterTable):
    """A tag or feature: the share of people who avoid or need it, and of projects that have it."""

    name: Annotated[str, Field(pattern=r"^[A-Z][A-Z_]*$")]
    people: Share
    projects: Share


class DemandsTable(ParameterTable):
    """Shares of people with demands on where and under whom they work."""

    female: Share
    sex_unknown: Share
    female_only: Share
    individual: Share
    no_male_supervisor: Share
    no_female_supervisor: Share
    risk_in_group: Share
    excluded_project: Share
    excluded_supervisor: Share
    keep_apart: Share
    restrictions: tuple[Mark, ...]
    needs: tuple[Mark, ...]


class TravelTable(ParameterTable):
    """How people come and how far."""

    modes: Mapping[TravelMode, Share]
    limits: Annotated[tuple[Minutes, ...], Field(min_length=1)]
    limit_shares: Shares
    known: Share
    known_minutes: tuple[Minutes, Minutes]


class ProjectsTable(ParameterTable):
    """Kinds of projects, their places, days and times."""

    individual: Share
    days_a_week: Positive
    people_a_session: Positive
    weekday_weights: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=7, max_length=7)]
    group_times: Annotated[tuple[Times, ...], Field(min_length=1)]
    morning_times: Times
    morning_only: Share
    evening_times: Times
    weekend_fortnightly: Share
    places: Annotated[tuple[Count, ...], Field(min_length=1)]
    place_shares: Shares
    individual_places: Count
    individual_times: Times
    individual_half: Share
    afternoon_times: Times
    induction_places: Count
    induction_times: Times
    risk_limit: Share
    risk_limit_most: Count
    with_vehicle: Share
    vehicle_seats: Count
    power_tools: Share
    committed: Share
    closing: Share


class Shift(ParameterTable):
    """When some supervisors work."""

    name: Text
    share: Share
    days: Annotated[int, Field(ge=1, le=7)]
    of: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    weekly_minutes: Minutes


class SupervisorsTable(ParameterTable):
    """Shares of supervisors by what they are and can do."""

    female: Share
    driving: Share
    power_tools: Share
    evenings: Share
    small_group: Share
    small_group_most: Count
    on_leave: Share
    leave_most_days: Days


class ExistingTable(ParameterTable):
    """What is arranged already, and what of it has become untidy."""

    allocated: Share
    told: Share
    told_weeks: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1)]
    told_week_shares: Shares
    gone: Share
    impossible: Share


class UnpaidWorkParameters(ParameterFile):
    """All parameters of generated unpaid work problems, validated and frozen."""

    area: AreaTable
    requirements: RequirementsTable
    progress: ProgressTable
    deadlines: DeadlinesTable
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    observances: tuple[Observance, ...]
    attendance: AttendanceTable
    demands: DemandsTable
    travel: TravelTable
    projects: ProjectsTable
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1)]
    supervisors: SupervisorsTable
    existing: ExistingTable

    @model_validator(mode="after")
    def _shares_make_wholes(self) -> Self:
        wholes = {
            "requirements.shares": (self.requirements.shares, len(self.requirements.hours)),
            "deadlines.shares": (self.deadlines.shares, len(self.deadlines.days)),
            "patterns": ([pattern.share for pattern in self.patterns], len(self.patterns)),
            "travel.modes": (tuple(self.travel.modes.values()), len(self.travel.modes)),
            "travel.limit_shares": (self.travel.limit_shares, len(self.travel.limits)),
            "projects.place_shares": (self.projects.place_shares, len(self.projects.places)),
            "shifts": ([shift.share for shift in self.shifts], len(self.shifts)),
            "existing.told_week_shares": (self.existing.told_week_shares, len(self.existing.told_weeks)),
        }
        off = [name for name, (shares, _) in wholes.items() if abs(sum(shares) - 1) > 1e-9]
        if off:
            raise ValueError(f"shares of {', '.join(off)} do not add up to 1; expected shares of a whole")
        uneven = [name for name, (shares, count) in wholes.items() if len(shares) != count]
        if uneven:
            raise ValueError(f"{', '.join(uneven)} differ in number; expected one share for each value")
        if self.attendance.least > self.attendance.most:
            raise ValueError("attendance.least is above attendance.most; expected the least first")
        if sum(observance.share for observance in self.observances) > 1:
            raise ValueError("shares of observances exceed 1; expected at most one observance a person")
        return self


def load_unpaid_work_parameters(path: Path) -> UnpaidWorkParameters:
    """The parameters in a file. Raises InputError with every fault when it cannot be read or has faults."""
    return read_parameters(UnpaidWorkParameters, path)


@functools.cache
def unpaid_work_parameters() -> UnpaidWorkParameters:
    """The parameters shipped with evenhand (models/synthetic/unpaid_work.toml)."""
    text = resources.files("models.synthetic").joinpath("unpaid_work.toml").read_text(encoding="utf-8")
    return parse_parameters(UnpaidWorkParameters, text, "unpaid_work.toml")
