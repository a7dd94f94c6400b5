"""Every rule by name: its sentence, its source, and whether it is hard.

A hard rule is written three times more: as a constraint (solver/allocation/constraints.py), as a solver-free
check (solver/verify/) and as tests. A soft rule is an item of the objective. A claim is something a plan says
of itself, which the checker recomputes.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ALLOCATION_RULES", "UNPAID_WORK_RULES", "Rule", "Strength", "Violation"]


class Strength(enum.StrEnum):
    """Hard: never broken by what a plan changes. Soft: priced. Claim: recomputed by the checker."""

    HARD = "HARD"
    SOFT = "SOFT"
    CLAIM = "CLAIM"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. pair: it looks at one case and one officer alone."""

    id: str
    sentence: str
    source: str
    strength: Strength
    pair: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, with the case and the officer it concerns where there is one."""

    rule: str
    sentence: str
    crn: str | None = None
    staff_code: str | None = None
    team_code: str | None = None


def _hard(rule_id: str, sentence: str, source: str, *, pair: bool = False) -> Rule:
    return Rule(rule_id, sentence, source, Strength.HARD, pair)


def _soft(rule_id: str, sentence: str, source: str) -> Rule:
    return Rule(rule_id, sentence, source, Strength.SOFT)


def _claim(rule_id: str, sentence: str) -> Rule:
    return Rule(rule_id, sentence, "evenhand: a plan is a claim, and it is checked", Strength.CLAIM)


def _register(*rules: Rule) -> Mapping[str, Rule]:
    return MappingProxyType({each.id: each for each in rules})


ALLOCATION_RULES: Mapping[str, Rule] = _register(
    _hard(
        "one_officer",
        "Every case has one officer or is listed as unallocated with the reasons.",
        "Probation practice: one responsible officer for each order (hmpps-workload, allocation of an event).",
    ),
    _hard(
        "grade_may_hold_tier",
        "The officer's grade may hold the case's tier.",
        "hmpps-tier-ui grade guidance (PSO not A or B); PQIP by stage of training; policy [grades].",
        pair=True,
    ),
    _hard(
        "required_skills",
        "The officer has every skill that the case requires.",
        "HM Inspectorate of Probation: cases given to staff without the skill for the risk.",
        pair=True,
    ),
    _hard(
        "authorised",
        "The officer's authorisation is in force on the plan date.",
        "Officers whose authorisation lapsed kept receiving cases; extract fields authorisedFrom and authorisedUntil.",
        pair=True,
    ),
    _hard(
        "active_and_staying",
        "The officer is active and, for a case new to them, stays for the policy's minimum tenure.",
        "manage-a-workforce AllocationValidator (staff active); agency staff's last day; policy [limits].",
        pair=True,
    ),
    _hard(
        "in_scope",
        "The officer's team is among the teams the case may go to, and the provider does not change.",
        "manage-a-workforce AllocationValidator (team, provider); extract field teamCodes.",
        pair=True,
    ),
    _hard(
        "no_conflict",
        "The officer is not excluded from the case.",
        "Restricted (LAO) records, conflicts of interest and risk to staff; extract field excludedStaffCodes.",
        pair=True,
    ),
    _hard(
        "officer_sex",
        "Where the case demands it, the officer is of that sex.",
        "Extract field officerSex; unknown sex meets no demand.",
        pair=True,
    ),
    _hard(
        "linked_cases",
        "Cases to be held together share one person, and cases to be kept apart have different persons.",
        "Co-defendants, victim and perpetrator; extract fields togetherGroup and apartGroup.",
    ),
    _hard(
        "tier_limit",
        "No officer holds more cases of a tier than their limit.",
        "Specialist-cohort teams made caseloads uneven (London, 2016); extract field tierLimits, policy [limits].",
    ),
    _hard(
        "new_case_limit",
        "No person receives more new cases than the limit, in the plan plus the last 7 days.",
        "manage-a-workforce shows cases in the past 7 days; policy [limits].",
    ),
    _hard(
        "team_oversight_limit",
        "A senior officer's team holds no more high-risk cases than the senior's oversight limit.",
        "Managers with too many staff to oversee (HM Inspectorate of Probation); field oversightLimits.",
    ),
    _hard(
        "workload_ceiling",
        "New work takes nobody above the ceiling, and goes to nobody with almost no availability.",
        "Over 110 % for four weeks counts as excessive (PQ 172934, 2021); the ceiling is policy [limits].",
    ),
    _hard(
        "pinned",
        "A pinned case stays, or goes, where it is pinned.",
        "The manager's decision stands; extract field pinnedStaffCode.",
        pair=True,
    ),
    _hard(
        "move_budget",
        "At most the given number of held cases change officer, and a protected case does not.",
        "Continuity: up to six officers over one order; extract field protectedUntil, option --moves.",
    ),
    _soft(
        "unallocated",
        "As little risk-weighted work as possible is left unallocated; this comes before every price.",
        "Policy [unallocated].",
    ),
    _soft("pressure", "Work costs more the more an officer already has.", "Policy [prices.pressure]."),
    _soft("change_of_officer", "A change of officer has a price.", "Policy [prices.change]."),
    _soft("preferred_skills", "A preferred skill that is missing has a price.", "Policy [prices.fit]."),
    _soft("preferred_sex", "A preferred sex of officer not met has a price.", "Policy [prices.fit]."),
    _soft(
        "previous_officer",
        "Passing over a previous officer who may take the case has a price.",
        "keyworker-api AllocationRecommender (back to the previous worker first); policy [prices.fit].",
    ),
    _soft("travel", "Distance beyond the first stretch has a price.", "Policy [prices.fit]."),
    _soft("leave", "Leave over the whole time to the first appointment has a price.", "Policy [prices.fit]."),
    _claim("claimed_objective", "The objective that the plan states is the one recomputed from the input."),
    _claim("claimed_bound", "The plan's bound and gap agree with its objective and with the bound's proof."),
    _claim("claimed_workload", "The points and Workload % that the plan states are the ones recomputed."),
    _claim("claimed_findings", "The findings that the plan states are the ones recomputed."),
    _claim("claimed_reasons", "What is unallocated names rules that exist and gives a sentence."),
    _claim("claimed_override", "The overrides that the plan shows are the ones the input records."),
    _claim(
        "claimed_holder", "The previous holder that the plan states for a case is the one the input names."
    ),
)
"""The rules of case allocation, by id."""


UNPAID_WORK_RULES: Mapping[str, Rule] = _register(
    _hard(
        "available",
        "A person is booked only when available, from the sentence date to the date to complete by.",
        "hmpps-assessments-api: 21 availability slots; dated exceptions; policy [unpaid_work.day].",
    ),
    _hard(
        "project_open",
        "A session runs only in the project's availability and dates, and not on a non-working day.",
        "hmpps-community-payback-api: project availability WEEKLY, FORTNIGHTLY or ONCE; bank holidays.",
    ),
    _hard(
        "one_place_at_a_time",
        "Nobody, person or supervisor, is in two places at once, and travel between projects fits.",
        "People go to one project a day; supervisors need policy [unpaid_work.limits] minutes between two.",
    ),
    _hard(
        "weekly_limit",
        "No one works more minutes in a week than their limit, nor in a day than the policy's limit.",
        "Standard day of 7 hours, intensive working up to 28 hours a week; policy [unpaid_work.limits].",
    ),
    _hard(
        "never_beyond_requirement",
        "Nobody is booked beyond what remains of the requirement after credit.",
        "hmpps-community-payback-api scheduler: truncates the last appointment; ETE credit at most 30 %.",
    ),
    _hard(
        "induction_first",
        "Until induction is done the first appointment is at an induction project, and others do not go there.",
        "Community Payback practice: no project work before induction; field inductionDone.",
    ),
    _hard(
        "suitable_project",
        "No one goes where a restriction, an exclusion or a need forbids.",
        "Unpaid work assessment: children, vulnerable adults, location exclusions, step-free access.",
    ),
    _hard(
        "group_preference",
        "Needs for female-only groups and individual placements are met, and men join no female-only project.",
        "Unpaid work assessment: placement preference INDIVIDUAL, MIXED_GROUP, FEMALE_ONLY_GROUP.",
    ),
    _hard(
        "supervisor_sex",
        "A person who must have no male, or no female, supervisor has none, nor an excluded supervisor.",
        "Unpaid work assessment: no_male_supervisor, no_female_supervisor; unknown sex meets neither.",
    ),
    _hard(
        "keep_apart",
        "People to be kept apart never share a session.",
        "Field keepApartCrns, which works both ways.",
    ),
    _hard(
        "risk_in_group",
        "A session has at most its limit of people with risk issues in a supervised group.",
        "Unpaid work assessment: risk in supervised groups; field riskLimit.",
    ),
    _hard(
        "travel_limit",
        "Nobody travels longer than their limit each way.",
        "Fields maxTravelMinutes, travelMinutes; policy [unpaid_work.travel] for speeds.",
    ),
    _hard(
        "supervised",
        "Every running session that needs one has one supervisor with the required skills, within their hours.",
        "hmpps-community-payback-api: exactly one supervisor a session; stand-downs for want of supervisors.",
    ),
    _hard(
        "session_size",
        "At most 5 in 100 sessions overflow their places, and a running group expects its least number of people.",
        "People turned away (stand-downs, PC32/2006 and PC39/2007); policy [unpaid_work.limits] overflow.",
    ),
    _hard(
        "pick_up",
        "People to be collected fit the vehicle's seats on that session's run.",
        "Field vehicleSeats; travelMode PICK_UP.",
    ),
    _hard(
        "pinned",
        "Already-told appointments stand unless a hard rule no longer allows them.",
        "Field appointments; a roster drops one only as a finding, a repair at its price.",
    ),
    _hard(
        "nobody_left_out",
        "Nobody with hours left is without an appointment whom a running session could still take.",
        "People turned up and were stood down, or waited for months: a one-off appointment is made instead.",
    ),
    _soft("unplaced_people", "A person with hours left and no appointment has the highest price.", "Policy."),
    _soft("lost_minutes", "Minutes expected to be lost at the date to complete by have a price.", "Policy."),
    _soft(
        "short_of_offer",
        "Minutes short of the weekly offer have a price.",
        "At least 7 hours a week; policy.",
    ),
    _soft("supervised_minutes", "Supervised time has a price.", "Policy."),
    _soft("travel_minutes", "Travel has a price.", "Policy."),
    _soft("allocations_changed", "Dropping or changing an existing allocation has a price.", "Policy."),
    _soft("appointments_dropped", "Dropping a told appointment has a price.", "Policy."),
    _soft("commitment_unmet", "Unmet commitments to beneficiaries have a price.", "Policy."),
    _claim("claimed_objective", "The objective that the roster states is the one recomputed from the input."),
    _claim("claimed_bound", "The roster's bound and gaps agree with its objective."),
    _claim(
        "claimed_sessions", "Places, bookings, attendance and overflow that the roster states are recomputed."
    ),
    _claim(
        "claimed_appointments",
        "Every appointment follows from a placement or is a one-off, with its minutes; placements are kept up.",
    ),
    _claim("claimed_forecast", "The forecast that the roster states is the one recomputed."),
    _claim("claimed_reasons", "Whoever is unplaced is listed with rules that exist and a sentence."),
    _claim("claimed_findings", "The findings that the roster states are the ones recomputed."),
)
"""The rules of unpaid work, by id."""
