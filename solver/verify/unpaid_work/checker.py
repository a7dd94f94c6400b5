"""What others ask of the checker: is this roster so, what does it cost, why not this slot."""

from __future__ import annotations

from collections.abc import Mapping

from models.policy.policy import Policy
from models.rules import UNPAID_WORK_RULES, Violation
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import (
    Forecast,
    Roster,
    RosterFinding,
    RosterObjective,
    RosterQuestion,
    Session,
)
from solver.verify.unpaid_work.claims import false_claims, session_of
from solver.verify.unpaid_work.facts import Drawn, Lines, facts_of
from solver.verify.unpaid_work.findings import findings_of
from solver.verify.unpaid_work.forecast import forecast_of
from solver.verify.unpaid_work.joining import Refusal, slot_refusals_of
from solver.verify.unpaid_work.objective import objective_of
from solver.verify.unpaid_work.register import broken_rules
from solver.verify.unpaid_work.situation import RosterSituation, Slot
from solver.verify.unpaid_work.told import ToldFacts


def verify_roster(problem: UnpaidWorkProblem, roster: Roster, policy: Policy) -> tuple[Violation, ...]:
    """Every hard rule that the roster breaks and every claim of it that is not so; empty for a sound roster.

    Hard rules come first, by person in the input's order, then what concerns no one person; then claims.
    """
    told = _told(problem, roster, policy, roster.question)
    return (*broken_rules(told), *false_claims(told, roster))


def broken_by(
    problem: UnpaidWorkProblem, lines: Lines, policy: Policy, question: RosterQuestion | None = None
) -> tuple[Violation, ...]:
    """Every hard rule broken by a roster that claims nothing of itself."""
    return broken_rules(_told(problem, lines, policy, question))


def roster_mismatches(problem: UnpaidWorkProblem, roster: Roster, policy: Policy) -> tuple[str, ...]:
    """Sentences that say where the roster was made from something else than what it is checked against."""
    found = []
    if roster.provenance.input_hash != problem.input_hash:
        found.append("the roster was made from another input than the one it is checked against")
    if roster.provenance.policy_hash != policy.policy_hash:
        found.append(
            f"the roster was made by policy {roster.provenance.policy_version}, "
            f"which is not the policy it is checked by ({policy.version})"
        )
    return tuple(found)


def recompute_roster(problem: UnpaidWorkProblem, lines: Lines, policy: Policy) -> RosterObjective:
    """The objective of a roster's placements, sessions and appointments, the same for every question."""
    return objective_of(_told(problem, lines, policy))


def sessions_of(problem: UnpaidWorkProblem, lines: Lines, policy: Policy) -> tuple[Session, ...]:
    """The sessions with places, bookings, attendance and overflow recomputed; those that can be read."""
    facts = _told(problem, lines, policy).facts
    return tuple(session_of(facts, place) for place in range(len(facts.sessions)))


def roster_forecast(problem: UnpaidWorkProblem, lines: Lines, policy: Policy) -> tuple[Forecast, ...]:
    """A forecast for every requirement with minutes left, in the input's order."""
    return forecast_of(_told(problem, lines, policy).facts)


def roster_findings(
    problem: UnpaidWorkProblem, lines: Lines, policy: Policy, question: RosterQuestion | None = None
) -> tuple[RosterFinding, ...]:
    """The untidiness of the input, and the told appointments that this roster drops because a rule forbids them."""
    return findings_of(_told(problem, lines, policy, question))


def told_refusals(
    problem: UnpaidWorkProblem, policy: Policy, question: RosterQuestion | None = None
) -> Mapping[tuple[RequirementKey, Slot], Refusal]:
    """The told appointments that the input itself no longer allows, each with a rule and a sentence.

    A person's are taken by date: one that only an earlier one forbids is among them, the earlier one is not.
    """
    told = _told(problem, Drawn(), policy, question)
    return {(told.person(each).key, each.slot): refusal for each, refusal in told.alone.items()}


def slot_refusals(
    problem: UnpaidWorkProblem,
    policy: Policy,
    key: RequirementKey,
    slot: Slot,
    lines: Lines | None = None,
    question: RosterQuestion | None = None,
) -> tuple[Violation, ...]:
    """Every rule that forbids a slot to a requirement, in the register's order; empty when nothing does.

    lines: the roster beside which it is asked, none by default. Where a session of it begins then and holds the slot,
    the question is whether the person could join it; else whether one could run. Raises KeyError for a requirement or
    a project that is not in the problem.
    """
    facts = _told(problem, lines or Drawn(), policy, question).facts
    number = problem.person_numbers[key]
    ranks = {rule_id: rank for rank, rule_id in enumerate(UNPAID_WORK_RULES)}
    found = sorted(slot_refusals_of(facts, number, slot), key=lambda refusal: ranks[refusal[0]])
    return tuple(Violation(rule_id, sentence, key.crn) for rule_id, sentence in dict.fromkeys(found))


def _told(
    problem: UnpaidWorkProblem, lines: Lines, policy: Policy, question: RosterQuestion | None = None
) -> ToldFacts:
    situation = RosterSituation(problem, policy, question or RosterQuestion())
    return ToldFacts(facts_of(situation, lines))
