"""The person who is to be placed, in the numbers that the rules ask for; in the loaded problem or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from models.allocation.terms import Sex
from models.unpaid_work import defaults
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.reckoning import remaining_minutes, travel_minutes_each_way
from models.unpaid_work.terms import (
    PART_ENDS,
    HalfDay,
    PlacementPreference,
    ProjectType,
    TravelMode,
    Weekday,
)
from solver.unpaid_work.facts import RosterFacts

Refused = tuple[str, str]
"""A rule's id and a sentence."""


@dataclass(frozen=True)
class Newcomer:
    """One requirement. weekly_most: of the body, the least of all its records."""

    facts: RosterFacts
    person: Person
    remaining: int
    chance: Fraction
    weekly_least: int
    weekly_most: int
    inducted: bool

    @classmethod
    def of(cls, facts: RosterFacts, person: Person) -> Newcomer:
        """The numbers of a person, who need not be among the people of the problem."""
        rules = facts.rules
        most = defaults.weekly_minutes_max(person, rules)
        body = facts.body_numbers.get(person.crn)
        return cls(
            facts=facts,
            person=person,
            remaining=remaining_minutes(person, rules),
            chance=Fraction(repr(float(defaults.attendance_probability(person, rules)))),
            weekly_least=defaults.weekly_minutes_min(person, rules),
            weekly_most=most if body is None else min(most, int(facts.weekly_most[body])),
            inducted=defaults.induction_done(person, rules),
        )

    @property
    def crn(self) -> str:
        """Whose requirement it is."""
        return self.person.crn

    @property
    def collected(self) -> bool:
        """Whether the project's vehicle collects them."""
        return self.person.travel_mode is TravelMode.PICK_UP

    @cached_property
    def apart(self) -> frozenset[str]:
        """The CRNs with whom they never share a session, whichever names the other."""
        naming = {p.crn for p in self.facts.problem.people if self.crn in p.keep_apart_crns}
        return frozenset({*self.person.keep_apart_crns, *naming})

    @cached_property
    def full_weeks(self) -> int:
        """Full weeks from the horizon's end to the date to complete by."""
        return max(0, (self.person.complete_by - self.facts.problem.end).days // 7)

    @cached_property
    def owed_weeks(self) -> tuple[bool, ...]:
        """In which calendar weeks of the horizon the weekly minimum is due."""
        first = self.facts.problem.first
        monday = first - dt.timedelta(days=first.weekday())
        weeks = [monday + dt.timedelta(days=7 * week) for week in range(self.facts.weeks)]
        person = self.person
        return tuple(
            person.sentence_date <= week + dt.timedelta(days=6) and week <= person.complete_by
            for week in weeks
        )

    def travel(self, project: Project) -> int:
        """The journey each way, in minutes."""
        return travel_minutes_each_way(self.person, project, self.facts.rules)

    @cached_property
    def _half_days(self) -> frozenset[HalfDay]:
        return frozenset(self.person.availability)

    def stay(self, weekday: Weekday, start: int, end: int) -> int:
        """How long they can stay from `start` on that weekday, until `end` at most; 0 where the start is not theirs."""
        begins, until = 0, start
        for part, ends in PART_ENDS.items():
            if start < ends and end > begins:
                if HalfDay(f"{weekday}_{part}") not in self._half_days:
                    break
                until = min(end, ends)
            begins = ends
        return until - start

    def not_there(self, day: dt.date) -> str | None:
        """Why the person cannot be booked at all on a date; None when they can."""
        person = self.person
        if day < person.sentence_date:
            return f"{day} is before the sentence of {person.key}, {person.sentence_date}"
        if day > person.complete_by:
            return f"{day} is after {person.complete_by}, by when {person.key} is to be complete"
        if person.away(day) or self.facts.question.disruption.is_absent(person.crn, day):
            return f"{person.crn} is away on {day}"
        return None

    def never(self, project: Project, weekday: Weekday, start: int) -> Iterator[Refused]:
        """Every rule that forbids a recurring slot whatever the date and whoever else is there."""
        person, code = self.person, project.project_code
        if self.remaining <= 0:
            yield "never_beyond_requirement", f"nothing remains of {person.key}"
        if self.stay(weekday, start, start + 1) <= 0:
            part = next(part for part, ends in PART_ENDS.items() if start < ends)
            yield "available", f"{person.crn} is not available on {weekday.title()} {part.lower()}s"
        yield from self._unsuitable(project)
        yield from self._preference(project)
        journey, most = self.travel(project), defaults.max_travel_minutes(person, self.facts.rules)
        if journey > most:
            sentence = f"{person.crn} would travel {journey} minutes each way to {code}; the limit is {most}"
            yield "travel_limit", sentence
        if project.project_type is ProjectType.INDUCTION and self.inducted:
            yield "induction_first", f"the induction of {person.key} is done, and {code} is an induction"

    def _unsuitable(self, project: Project) -> Iterator[Refused]:
        person, code = self.person, project.project_code
        if project.project_type is ProjectType.ETE:
            yield (
                "project_open",
                f"{code} is education, training or employment, which is not rostered",
            )
        if code in person.excluded_project_codes:
            yield "suitable_project", f"{person.crn} is excluded from {code}"
        met = [tag for tag in project.tags if tag in person.restrictions]
        if met:
            yield "suitable_project", f"{person.crn} is to avoid {', '.join(met)}, which {code} has"
        lacking = [need for need in person.needs if need not in project.features]
        if lacking:
            yield "suitable_project", f"{person.crn} needs {', '.join(lacking)}, which {code} lacks"

    def _preference(self, project: Project) -> Iterator[Refused]:
        person, code = self.person, project.project_code
        if project.female_only and person.sex is not Sex.FEMALE:
            yield "group_preference", f"{code} is for women only"
        if project.project_type in {ProjectType.INDUCTION, ProjectType.INDIVIDUAL}:
            return
        if person.placement_preference is PlacementPreference.INDIVIDUAL:
            yield "group_preference", f"{person.crn} needs an individual placement, which {code} is not"
        elif person.placement_preference is PlacementPreference.FEMALE_ONLY_GROUP and not project.female_only:
            yield "group_preference", f"{person.crn} needs a female-only group, which {code} is not"
