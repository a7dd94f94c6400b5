"""The register of an allocation's columns: every column of its extracts, what it means and how it is written."""

from __future__ import annotations

from models.extracts.register import LOCATION, SEXES, Column, Kind, Register, Sheet, may, must

__all__ = [
    "ALLOCATION",
    "CASES",
    "OFFICERS",
    "PROBLEM",
    "SHEETS",
    "Column",
    "Kind",
    "Sheet",
    "columns_markdown",
]

OFFICERS = Sheet(
    "officers",
    (
        must("staffCode", Kind.CODE, "the person's staff code", "N03A019"),
        must("teamCode", Kind.CODE, "the team; a person in two teams has a row for each", "N03F01"),
        must(
            "grade",
            Kind.CHOICE,
            "the grade; the nDelius codes PSM, PSQ, PSP and PSC are read as PO, PSO, PQIP and SPO",
            "PO",
            *("PO", "PSO", "PQIP", "SPO"),
        ),
        must("contractedHours", Kind.NUMBER, "hours a week by contract, 0 to 80", "37"),
        may("reductionHours", Kind.NUMBER, "hours a week taken off for other duties; 0 when blank", "7.5"),
        may(
            "basePoints",
            Kind.WHOLE,
            "points of work that is not a listed case, up to 100000; 0 when blank",
            "138",
        ),
        may("skills", Kind.SKILLS, "what the officer is trained for", "DOMESTIC_ABUSE;WELSH"),
        may("sex", Kind.CHOICE, "the officer's sex; blank meets no demand", "FEMALE", *SEXES),
        may("active", Kind.YES_NO, "at work, not on full absence; yes when blank", "yes"),
        may("authorisedFrom", Kind.DAY, "first day of the authorisation; open when blank", "2024-04-01"),
        may("authorisedUntil", Kind.DAY, "last day of the authorisation; open when blank", "2027-03-31"),
        may("lastDay", Kind.DAY, "last day at work; blank when staying", "2027-01-29"),
        may("trainingStage", Kind.WHOLE, "a PQIP's stage, 1 to 3; 1 when blank", "2"),
        may("seniorCode", Kind.CODE, "the staff code of the senior officer", "N03S01"),
        may("tierLimits", Kind.LIMITS, "most cases of a tier letter; none when blank", "A=10;B=20"),
        may(
            "newCasesLast7Days",
            Kind.WHOLE,
            "cases received in the seven days before the plan date; 0 when blank",
            "2",
        ),
        may(
            "leave",
            Kind.LEAVE,
            "days away, both ends included",
            "2026-12-21/2027-01-01;2027-02-15/2027-02-19",
        ),
        *LOCATION,
    ),
)

CASES = Sheet(
    "cases",
    (
        must("crn", Kind.CRN, "the case reference number", "X123456"),
        must("tier", Kind.TEXT, "A0 to D3, with S when suspended (V2); A to G (V3)", "B2"),
        must(
            "caseType",
            Kind.CHOICE,
            "where the sentence is served; LICENCE is read too",
            "COMMUNITY",
            *("COMMUNITY", "LICENSE", "CUSTODY"),
        ),
        may("t2a", Kind.YES_NO, "transition to adulthood; no when blank", "no"),
        may("points", Kind.WHOLE, "the case's own points, instead of the policy's table; up to 10000", "115"),
        may("requiredSkills", Kind.SKILLS, "skills that the officer must have", "DOMESTIC_ABUSE"),
        may("preferredSkills", Kind.SKILLS, "skills that the officer should have", "WELSH"),
        may("teamCodes", Kind.CODES, "teams that it may go to; any when blank", "N03F01;N03F02"),
        may(
            "currentStaffCode",
            Kind.CODE,
            "who holds it; blank, or a code ending in U, when it waits",
            "N03A019",
        ),
        may("currentTeamCode", Kind.CODE, "the team in which it is held", "N03F01"),
        may("heldSince", Kind.DAY, "since when the holder has it", "2025-05-06"),
        may("officerChanges", Kind.WHOLE, "changes of officer so far; 0 when blank", "1"),
        may("previousStaffCodes", Kind.CODES, "who held it before", "N03A007;N03A011"),
        may("excludedStaffCodes", Kind.CODES, "who must not have it", "N03A020"),
        may("officerSex", Kind.CHOICE, "the officer must be of this sex", "FEMALE", *SEXES),
        may("preferredOfficerSex", Kind.CHOICE, "the officer should be of this sex", "FEMALE", *SEXES),
        may("togetherGroup", Kind.TEXT, "cases of one label go to one person", "family-12"),
        may("apartGroup", Kind.TEXT, "cases of one label go to different persons", "co-defendants-3"),
        may("protectedUntil", Kind.DAY, "changes no officer up to and on this day", "2026-12-18"),
        may("pinnedStaffCode", Kind.CODE, "the person it stays with or must go to", "N03A019"),
        may("dueBy", Kind.DAY, "the first appointment is due by then", "2026-11-30"),
        may("restricted", Kind.YES_NO, "a record of limited access; no when blank", "no"),
        *LOCATION,
        may(
            "overrideReason",
            Kind.CHOICE,
            "keeps a pin that breaks a rule; blank when there is none",
            "continuity",
            *("suitability", "no_staff", "continuity", "other"),
        ),
        may("overrideText", Kind.TEXT, "the override's reason in words", "knows the family"),
    ),
)

PROBLEM = Sheet(
    "problem",
    (
        may("asOf", Kind.DAY, "the plan date; the day of the run when blank", "2026-11-23"),
        may("tierScheme", Kind.CHOICE, "the scheme of tiers that are bare letters", "V3", "V2", "V3"),
        may(
            "oversightLimits",
            Kind.LIMITS,
            "most high-risk cases under a senior officer's staff code",
            "N03S01=40;N03S02=35",
        ),
    ),
    required=False,
    one_row=True,
)

SHEETS = (OFFICERS, CASES, PROBLEM)

ALLOCATION = Register(
    "an allocation problem",
    "officers.csv and cases.csv",
    SHEETS,
    frozenset({"officers", "cases"}),
)


def columns_markdown() -> str:
    """The register as Markdown: a heading and a table for each extract."""
    return ALLOCATION.markdown()
