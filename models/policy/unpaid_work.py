"""The policy's numbers for unpaid work: defaults, limits, travel, prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.policy.section import Section, Text, Whole
from models.unpaid_work.terms import Frequency, TravelMode

Positive = Annotated[int, Field(ge=1, le=10_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]


class DefaultsPolicy(Section):
    """What holds where an extract leaves a field blank."""

    weekly_minutes_min: Whole
    weekly_minutes_max: Whole
    attendance_probability: Share
    max_travel_minutes: Whole
    induction_done: bool
    min_people: Whole
    supervisor_weekly_minutes_max: Whole
    supervisor_max_group: Positive
    source: Text


class UnpaidWorkLimits(Section):
    """The numbers of the hard rules.

    overflow: the highest chance that more attend than there are places. kept_up_days: the days before the horizon's end
    in which a weekly placement that goes on after it has an appointment; of a fortnightly one twice as many.
    """

    overflow: Annotated[float, Field(gt=0, lt=1)]
    day_minutes: Positive
    minutes_between_projects: Whole
    ete_percent: Annotated[int, Field(ge=0, le=100)]
    slots_a_week: Annotated[int, Field(ge=1, le=7)]
    kept_up_days: Annotated[int, Field(ge=7)]
    source: Text

    def kept_up(self, frequency: Frequency) -> int:
        """The days before the horizon's end in which a placement that goes on after it has an appointment."""
        return self.kept_up_days * (2 if frequency is Frequency.FORTNIGHTLY else 1)


class TravelPolicy(Section):
    """Metres a minute by way of travel, in a straight line."""

    metres_a_minute: Mapping[TravelMode, Positive]
    source: Text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [mode for mode in TravelMode if mode not in self.metres_a_minute]
        if missing:
            raise ValueError(
                f"there is no speed for {', '.join(missing)}; expected one for every way to travel"
            )
        return self


class AttendancePolicy(Section):
    """How chances of attendance are estimated from history: models.unpaid_work.attendance has the formula.

    The strengths are numbers of days: how much history weighs as much as what it is drawn towards. history_days: how
    far back days count. digits: decimal places of a chance.
    """

    team_strength: Whole
    project_strength: Whole
    weekday_strength: Whole
    person_strength: Whole
    history_days: Annotated[int, Field(ge=1, le=36_500)]
    digits: Annotated[int, Field(ge=1, le=6)]
    source: Text


class RosterPrices(Section):
    """The weights of the one sum, in tenths of a minute for each unit."""

    unplaced_person: Whole = Field(le=1_000_000_000)
    lost_minute: Whole
    short_of_offer_minute: Whole
    supervised_minute: Whole
    travel_minute: Whole
    allocation_changed: Whole
    appointment_dropped: Whole
    commitment_minute_unmet: Whole
    source: Text


class Nearness(Section):
    """Days from a repair's first day within which a change weighs so many times its price."""

    days: Whole
    times: Positive


class RepairPrices(Section):
    """What a repair pays, in tenths of a minute, on top of the one sum. near: the first that holds counts, else 1."""

    appointment_changed: Whole
    appointment_added: Whole
    supervisor_changed: Whole
    near: tuple[Nearness, ...]
    source: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [each.days for each in self.near]
        if days != sorted(set(days)):
            raise ValueError(f"the days of nearness are {days}; expected them in order, each once")
        return self

    def times(self, days_ahead: int) -> int:
        """How many times its price a change so many days ahead weighs."""
        return next((each.times for each in self.near if days_ahead <= each.days), 1)


class UnpaidWorkPolicy(Section):
    """Everything that decides in unpaid work."""

    defaults: DefaultsPolicy
    limits: UnpaidWorkLimits
    travel: TravelPolicy
    attendance: AttendancePolicy
    prices: RosterPrices
    repair: RepairPrices
