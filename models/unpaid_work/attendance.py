"""How likely people come, estimated from who came before: shares of days attended, drawn towards what is usual.

A share of few days says little, so every share is drawn towards a wider one, as if `strength` further days had gone
like that one (the mean of a beta-binomial model whose prior has the weight of `strength` days):

    share(attended, days, towards, strength) = (attended + strength * towards) / (days + strength)

    team    = share of all days, towards the policy's default chance
    project = share of the days at a project, towards the team's;    weekday = likewise
    usual   = the mean of the projects' and the weekdays' shares where the person is placed or told to come;
              the team's for somebody with neither
    chance  = share of the person's own days, towards usual

Nothing else about a person enters: no protected attribute, and no half-day of availability, which may stand for one
(care, health, religion). Projects and weekdays are those of placements, not of the history, so that no day attended
ever lowers a chance. Source of the formula: Gelman and others, Bayesian Data Analysis, 3rd edition, sections 2.4 and
5.3, with fixed strengths instead of estimated ones, which small teams could not bear. Reckoned in fractions and
rounded to the policy's digits, so that the chance is one decimal, the same on every machine.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from models.policy.unpaid_work import AttendancePolicy, UnpaidWorkPolicy
from models.unpaid_work.person import Person
from models.unpaid_work.problem import AttendanceRecord, UnpaidWorkProblem
from models.unpaid_work.terms import Weekday

KeyT = TypeVar("KeyT")


def share(attended: int, days: int, towards: Fraction, strength: int) -> Fraction:
    """The share of `days` that were attended, drawn towards another; `towards` itself where nothing has weight."""
    weight = days + strength
    return (attended + strength * towards) / weight if weight else towards


@dataclass(frozen=True)
class AttendanceShares:
    """What a history comes to: the team's share, and projects', weekdays' and people's, drawn towards wider ones.

    by_person: the days attended and the days booked of each CRN.
    """

    policy: AttendancePolicy
    team: Fraction
    by_project: Mapping[str, Fraction]
    by_weekday: Mapping[Weekday, Fraction]
    by_person: Mapping[str, tuple[int, int]]

    def usual(self, person: Person) -> Fraction:
        """What is usual where the person is placed or told to come; the team's share for somebody with neither."""
        codes = {each.project_code for each in person.allocations}
        codes |= {each.project_code for each in person.appointments}
        weekdays = {each.day_of_week for each in person.allocations}
        weekdays |= {Weekday.of(each.date) for each in person.appointments}
        if not codes:
            return self.team
        projects = _mean(self.by_project.get(code, self.team) for code in codes)
        return (projects + _mean(self.by_weekday.get(weekday, self.team) for weekday in weekdays)) / 2

    def chance(self, person: Person) -> float:
        """The chance that the person comes, a decimal of the policy's digits."""
        attended, days = self.by_person.get(person.crn, (0, 0))
        exact = share(attended, days, self.usual(person), self.policy.person_strength)
        return rounded(exact, self.policy.digits)


def rounded(chance: Fraction, digits: int) -> float:
    """The nearest decimal of so many digits, halves up; the float is the one that is written like it."""
    scale = 10**digits
    whole = (2 * chance.numerator * scale + chance.denominator) // (2 * chance.denominator)
    return float(f"{whole // scale}.{whole % scale:0{digits}d}")


def attendance_shares(
    history: Iterable[AttendanceRecord], first: dt.date, policy: UnpaidWorkPolicy
) -> AttendanceShares:
    """The shares of the days in the policy's span before `first`; later days cannot have been attended yet."""
    rules = policy.attendance
    begin = first - dt.timedelta(days=rules.history_days)
    counted = [record for record in history if begin <= record.date < first]
    prior = Fraction(repr(policy.defaults.attendance_probability))
    attended = sum(record.attended for record in counted)
    team = share(attended, len(counted), prior, rules.team_strength)
    projects = _counts((record.project_code, record.attended) for record in counted)
    weekdays = _counts((Weekday.of(record.date), record.attended) for record in counted)
    return AttendanceShares(
        policy=rules,
        team=team,
        by_project={code: share(*counts, team, rules.project_strength) for code, counts in projects.items()},
        by_weekday={day: share(*counts, team, rules.weekday_strength) for day, counts in weekdays.items()},
        by_person=_counts((record.crn, record.attended) for record in counted),
    )


def estimated(problem: UnpaidWorkProblem, policy: UnpaidWorkPolicy) -> UnpaidWorkProblem:
    """The problem with an estimate for everybody whose chance is blank; itself when there is no history to go by.

    What the input states is never touched. The problem so made is the one whose hash a roster records.
    """
    if not problem.attendance_history or all(p.attendance_probability is not None for p in problem.people):
        return problem
    shares = attendance_shares(problem.attendance_history, problem.first, policy)
    people = tuple(
        person
        if person.attendance_probability is not None
        else dataclasses.replace(person, attendance_probability=shares.chance(person))
        for person in problem.people
    )
    return dataclasses.replace(problem, people=people)


def _counts(days: Iterable[tuple[KeyT, bool]]) -> dict[KeyT, tuple[int, int]]:
    """Days attended and days, by key."""
    found: dict[KeyT, tuple[int, int]] = {}
    for key, came in days:
        attended, booked = found.get(key, (0, 0))
        found[key] = (attended + came, booked + 1)
    return found


def _mean(shares: Iterable[Fraction]) -> Fraction:
    listed = list(shares)
    return sum(listed, Fraction(0)) / len(listed)
