"""What a roster says of itself, recomputed: objective, bound, sessions, appointments, forecast, reasons, findings."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from models.allocation.plan import gap_of
from models.rules import UNPAID_WORK_RULES, Violation
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.roster import Forecast, Roster, RosterFinding, RosterObjective, Session
from solver.verify.unpaid_work.facts import RosterFacts
from solver.verify.unpaid_work.findings import findings_of
from solver.verify.unpaid_work.forecast import forecast_of
from solver.verify.unpaid_work.objective import objective_of
from solver.verify.unpaid_work.placements import placement_faults
from solver.verify.unpaid_work.sessions import gathering
from solver.verify.unpaid_work.told import ToldFacts


@dataclasses.dataclass(frozen=True)
class RosterTruth:
    """What the roster's lines come to, recomputed."""

    told: ToldFacts

    @property
    def facts(self) -> RosterFacts:
        """What the roster does."""
        return self.told.facts

    @cached_property
    def objective(self) -> RosterObjective:
        """The objective by item."""
        return objective_of(self.told)


RosterClaim = Callable[[RosterTruth, Roster], Iterator[Violation]]
"""Yields every violation of one claim. Its docstring is the rule's sentence in the register."""

_STATUSES = ("OPTIMAL", "FEASIBLE", "INFEASIBLE", "UNKNOWN")
_CLOSE = 1e-9


def claimed_objective(truth: RosterTruth, roster: Roster) -> Iterator[Violation]:
    """The objective that the roster states is the one recomputed from the input."""
    for field in dataclasses.fields(truth.objective):
        stated, counted = getattr(roster.objective, field.name), getattr(truth.objective, field.name)
        if stated != counted:
            words = field.name.replace("_", " ")
            yield Violation("claimed_objective", f"{words} is stated as {stated} and comes to {counted}")


def claimed_bound(truth: RosterTruth, roster: Roster) -> Iterator[Violation]:
    """The roster's bound and gaps agree with its objective."""
    total = truth.objective.total
    for name, least in (("bound", roster.bound), ("sum of everybody's own best", roster.own_best)):
        if least is not None and least > total:
            yield Violation("claimed_bound", f"the {name}, {least}, is above the total {total}")
    net = None if roster.own_best is None else gap_of(total, roster.bound, roster.own_best)
    for name, stated, true in (
        ("gap", roster.gap, gap_of(total, roster.bound, 0)),
        ("net gap", roster.gap_net, net),
    ):
        if not _agree(stated, true):
            yield Violation("claimed_bound", f"the {name} is stated as {stated} and comes to {true}")
    if roster.status not in _STATUSES:
        yield Violation("claimed_bound", f"'{roster.status[:20]}' is no status")
    if roster.status == "OPTIMAL" and roster.bound != total:
        yield Violation("claimed_bound", "the status is OPTIMAL, and the bound is not the total")
    if roster.status == "INFEASIBLE":
        yield Violation(
            "claimed_bound", "the status is INFEASIBLE, and leaving people unplaced is always a roster"
        )


def _agree(stated: float | None, true: float | None) -> bool:
    if stated is None or true is None:
        return stated is true
    return abs(stated - true) <= _CLOSE  # false for NaN


def claimed_sessions(truth: RosterTruth, roster: Roster) -> Iterator[Violation]:
    """Places, bookings, attendance and overflow that the roster states are recomputed."""
    for place, session in enumerate(truth.facts.sessions):
        if not truth.facts.members[place]:
            yield Violation("claimed_sessions", f"{session.slot} is listed, and nobody is booked there")
        stated, true = roster.sessions[session.line], session_of(truth.facts, place)
        for name in ("places", "booked", "expected_attendance", "overflow_probability"):
            given, counted = getattr(stated, name), getattr(true, name)
            if not _agree(given, counted):
                words = f"{name.replace('_', ' ')} of {session.slot}"
                yield Violation("claimed_sessions", f"{words} is stated as {given} and comes to {counted}")


def session_of(facts: RosterFacts, place: int) -> Session:
    """A session with its numbers recomputed."""
    session, group = facts.sessions[place], gathering(facts, place)
    return Session(
        session.slot.project_code,
        session.slot.date,
        session.slot.start,
        session.slot.end,
        session.supervisor_code,
        group.places,
        len(group.members),
        float(group.expected),
        float(group.overflow),
    )


def claimed_appointments(truth: RosterTruth, _roster: Roster) -> Iterator[Violation]:
    """Every appointment follows from a placement or is a one-off, with its minutes; placements are kept up."""
    yield from truth.facts.faults_of("claimed_appointments")
    yield from placement_faults(truth.facts)


def claimed_forecast(truth: RosterTruth, roster: Roster) -> Iterator[Violation]:
    """The forecast that the roster states is the one recomputed."""
    true = {_key(each): each for each in forecast_of(truth.facts)}
    stated = Counter(_key(each) for each in roster.forecast)
    for key in true:
        if stated[key] != 1:
            how = "is missing" if stated[key] == 0 else "is there more than once"
            yield Violation("claimed_forecast", f"the forecast of {key} {how}", key.crn)
    for forecast in roster.forecast:
        key = _key(forecast)
        if key not in true:
            yield Violation("claimed_forecast", f"there is nothing to forecast for {key}", key.crn)
            continue
        for field in dataclasses.fields(forecast):
            given, counted = getattr(forecast, field.name), getattr(true[key], field.name)
            if given != counted:
                words = f"{field.name.replace('_', ' ')} of {key}"
                yield Violation(
                    "claimed_forecast", f"{words} is stated as {given} and comes to {counted}", key.crn
                )


def _key(forecast: Forecast) -> RequirementKey:
    return RequirementKey(forecast.crn, forecast.delius_event_number)


def claimed_reasons(truth: RosterTruth, roster: Roster) -> Iterator[Violation]:
    """Whoever is unplaced is listed with rules that exist and a sentence."""
    people = truth.facts.situation.problem.people
    unplaced = [people[number].key for number in truth.facts.left_out]
    listed = Counter(RequirementKey(entry.crn, entry.delius_event_number) for entry in roster.unplaced)
    for key in unplaced:
        if listed[key] != 1:
            how = "is not listed" if listed[key] == 0 else "is listed more than once"
            yield Violation("claimed_reasons", f"{key} has no appointment and {how} as unplaced", key.crn)
    for entry in roster.unplaced:
        key = RequirementKey(entry.crn, entry.delius_event_number)
        if key not in unplaced:
            yield Violation("claimed_reasons", f"{key} is listed as unplaced and is not", key.crn)
        unknown = [rule for rule in entry.rules if rule not in UNPAID_WORK_RULES]
        if not entry.rules:
            yield Violation("claimed_reasons", f"{key} is unplaced and names no rule", key.crn)
        if unknown:
            sentence = f"{key} is unplaced for {', '.join(unknown)}: there is no such rule"
            yield Violation("claimed_reasons", sentence, key.crn)
        if not entry.sentence.strip():
            yield Violation("claimed_reasons", f"{key} is unplaced without a sentence", key.crn)


def claimed_findings(truth: RosterTruth, roster: Roster) -> Iterator[Violation]:
    """The findings that the roster states are the ones recomputed."""
    true, stated = findings_of(truth.told), roster.findings
    hidden = Counter(map(_facts_of, true)) - Counter(map(_facts_of, stated))
    invented = Counter(map(_facts_of, stated)) - Counter(map(_facts_of, true))
    for findings, left, how in (
        (true, hidden, "is not shown"),
        (stated, invented, "is not one of the input"),
    ):
        for finding in findings:
            if left[_facts_of(finding)] > 0:
                left[_facts_of(finding)] -= 1
                sentence = f"the finding of rule {finding.rule} {how}: {finding.sentence}"
                yield Violation("claimed_findings", sentence, finding.crn)


def _facts_of(finding: RosterFinding) -> tuple[object, ...]:
    """A finding without its wording, which may change."""
    return finding.rule, finding.crn, finding.project_code, finding.date


ROSTER_CLAIMS: Mapping[str, RosterClaim] = MappingProxyType(
    {
        "claimed_objective": claimed_objective,
        "claimed_bound": claimed_bound,
        "claimed_sessions": claimed_sessions,
        "claimed_appointments": claimed_appointments,
        "claimed_forecast": claimed_forecast,
        "claimed_reasons": claimed_reasons,
        "claimed_findings": claimed_findings,
    }
)
"""One check for each claim of the register, in its order."""


def false_claims(told: ToldFacts, roster: Roster) -> tuple[Violation, ...]:
    """Every claim of the roster that is not so, in the register's order."""
    truth = RosterTruth(told)
    return tuple(violation for claim in ROSTER_CLAIMS.values() for violation in claim(truth, roster))
