"""The register of columns: every column of every extract, what it means and how it is written.

Readers, the writer, the templates and the documentation all use this register and nothing else.
"""

from __future__ import annotations

import difflib
import enum
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


class Kind(enum.Enum):
    """How a cell is written; the value is how the documentation says it."""

    CRN = "a letter and six digits"
    CODE = "a code"
    TEXT = "text"
    CHOICE = "one of the words"
    WHOLE = "a whole number"
    NUMBER = "a number"
    YES_NO = "yes or no"
    DAY = "a date, 2026-11-23 or 23/11/2026"
    METRES = "whole metres"
    CODES = "codes separated by ;"
    SKILLS = "names separated by ;"
    LIMITS = "pairs such as A=10;B=20"
    LEAVE = "spans of days separated by ;"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is the contract's; `path` is the field of the record that it fills, outer first."""

    name: str
    kind: Kind
    meaning: str
    example: str
    required: bool = False
    words: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The field of the record, outermost, in the contract's spelling."""
        return self.path[0] if self.path else self.name

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words."""
        return ", ".join(self.words) if self.words else self.kind.value


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of extracts: its name (of the file and of the sheet) and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    required: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The headings, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column | None:
        """The column that a heading means, whatever its case, blanks, underscores and hyphens."""
        return _folded(self).get(folded(name))

    def nearest(self, name: str) -> str | None:
        """The known heading most like an unknown one, if any is like it."""
        near = difflib.get_close_matches(folded(name)[:60], _folded(self), n=1, cutoff=0.7)
        return _folded(self)[near[0]].name if near else None

    def of_field(self, location: Iterable[int | str]) -> str | None:
        """The heading of a field given as a pydantic location: ("location", "easting") is easting."""
        parts = tuple(part for part in location if isinstance(part, str))
        for column in self.columns:
            if column.path and column.path == parts[:2]:
                return column.name
        for column in self.columns:
            if parts and column.field == parts[0]:
                return column.name
        return None


@functools.cache
def _folded(sheet: Sheet) -> Mapping[str, Column]:
    return {folded(name): column for column in sheet.columns for name in (column.name, *column.also)}


def folded(heading: str) -> str:
    """A heading without case, blanks, underscores and hyphens: "Staff Code" and STAFF-CODE are one."""
    return re.sub(r"[\s_\-\u2010-\u2015\u200b\ufeff]+", "", heading).casefold()


_SEXES = ("FEMALE", "MALE")
_LOCATION = (
    Column(
        "easting",
        Kind.METRES,
        "where, on the Ordnance Survey National Grid; with northing",
        "435300",
        path=("location", "easting"),
        also=("locationEasting",),
    ),
    Column(
        "northing",
        Kind.METRES,
        "where, on the Ordnance Survey National Grid; with easting",
        "336100",
        path=("location", "northing"),
        also=("locationNorthing",),
    ),
)


def _must(name: str, kind: Kind, meaning: str, example: str, *words: str) -> Column:
    return Column(name, kind, meaning, example, required=True, words=words)


def _may(name: str, kind: Kind, meaning: str, example: str, *words: str) -> Column:
    return Column(name, kind, meaning, example, words=words)


OFFICERS = Sheet(
    "officers",
    (
        _must("staffCode", Kind.CODE, "the person's staff code", "N03A019"),
        _must("teamCode", Kind.CODE, "the team; a person in two teams has a row for each", "N03F01"),
        _must(
            "grade",
            Kind.CHOICE,
            "the grade; the nDelius codes PSM, PSQ, PSP and PSC are read as PO, PSO, PQIP and SPO",
            "PO",
            *("PO", "PSO", "PQIP", "SPO"),
        ),
        _must("contractedHours", Kind.NUMBER, "hours a week by contract, 0 to 80", "37"),
        _may("reductionHours", Kind.NUMBER, "hours a week taken off for other duties; 0 when blank", "7.5"),
        _may("basePoints", Kind.WHOLE, "points of work that is not a listed case; 0 when blank", "138"),
        _may("skills", Kind.SKILLS, "what the officer is trained for", "DOMESTIC_ABUSE;WELSH"),
        _may("sex", Kind.CHOICE, "the officer's sex; blank meets no demand", "FEMALE", *_SEXES),
        _may("active", Kind.YES_NO, "at work, not on full absence; yes when blank", "yes"),
        _may("authorisedFrom", Kind.DAY, "first day of the authorisation; open when blank", "2024-04-01"),
        _may("authorisedUntil", Kind.DAY, "last day of the authorisation; open when blank", "2027-03-31"),
        _may("lastDay", Kind.DAY, "last day at work; blank when staying", "2027-01-29"),
        _may("trainingStage", Kind.WHOLE, "a PQIP's stage, 1 to 3; 1 when blank", "2"),
        _may("seniorCode", Kind.CODE, "the staff code of the senior officer", "N03S01"),
        _may("tierLimits", Kind.LIMITS, "most cases of a tier letter; none when blank", "A=10;B=20"),
        _may(
            "newCasesLast7Days",
            Kind.WHOLE,
            "cases received in the seven days before the plan date; 0 when blank",
            "2",
        ),
        _may(
            "leave",
            Kind.LEAVE,
            "days away, both ends included",
            "2026-12-21/2027-01-01;2027-02-15/2027-02-19",
        ),
        *_LOCATION,
    ),
)

CASES = Sheet(
    "cases",
    (
        _must("crn", Kind.CRN, "the case reference number", "X123456"),
        _must("tier", Kind.TEXT, "A0 to D3, with S when suspended (V2); A to G (V3)", "B2"),
        _must(
            "caseType",
            Kind.CHOICE,
            "where the sentence is served; LICENCE is read too",
            "COMMUNITY",
            *("COMMUNITY", "LICENSE", "CUSTODY"),
        ),
        _may("t2a", Kind.YES_NO, "transition to adulthood; no when blank", "no"),
        _may("points", Kind.WHOLE, "the case's own points, instead of the policy's table", "115"),
        _may("requiredSkills", Kind.SKILLS, "skills that the officer must have", "DOMESTIC_ABUSE"),
        _may("preferredSkills", Kind.SKILLS, "skills that the officer should have", "WELSH"),
        _may("teamCodes", Kind.CODES, "teams that it may go to; any when blank", "N03F01;N03F02"),
        _may(
            "currentStaffCode",
            Kind.CODE,
            "who holds it; blank, or a code ending in U, when it waits",
            "N03A019",
        ),
        _may("currentTeamCode", Kind.CODE, "the team in which it is held", "N03F01"),
        _may("heldSince", Kind.DAY, "since when the holder has it", "2025-05-06"),
        _may("officerChanges", Kind.WHOLE, "changes of officer so far; 0 when blank", "1"),
        _may("previousStaffCodes", Kind.CODES, "who held it before", "N03A007;N03A011"),
        _may("excludedStaffCodes", Kind.CODES, "who must not have it", "N03A020"),
        _may("officerSex", Kind.CHOICE, "the officer must be of this sex", "FEMALE", *_SEXES),
        _may("preferredOfficerSex", Kind.CHOICE, "the officer should be of this sex", "FEMALE", *_SEXES),
        _may("togetherGroup", Kind.TEXT, "cases of one label go to one person", "family-12"),
        _may("apartGroup", Kind.TEXT, "cases of one label go to different persons", "co-defendants-3"),
        _may("protectedUntil", Kind.DAY, "changes no officer up to and on this day", "2026-12-18"),
        _may("pinnedStaffCode", Kind.CODE, "the person it stays with or must go to", "N03A019"),
        _may("dueBy", Kind.DAY, "the first appointment is due by then", "2026-11-30"),
        _may("restricted", Kind.YES_NO, "a record of limited access; no when blank", "no"),
        *_LOCATION,
        _may(
            "overrideReason",
            Kind.CHOICE,
            "keeps a pin that breaks a rule; blank when there is none",
            "continuity",
            *("suitability", "no_staff", "continuity", "other"),
        ),
        _may("overrideText", Kind.TEXT, "the override's reason in words", "knows the family"),
    ),
)

PROBLEM = Sheet(
    "problem",
    (
        _may("asOf", Kind.DAY, "the plan date; the day of the run when blank", "2026-11-23"),
        _may("tierScheme", Kind.CHOICE, "the scheme of tiers that are bare letters", "V3", "V2", "V3"),
        _may(
            "oversightLimits",
            Kind.LIMITS,
            "most high-risk cases under a senior officer's staff code",
            "N03S01=40;N03S02=35",
        ),
    ),
    required=False,
)

SHEETS = (OFFICERS, CASES, PROBLEM)


def columns_markdown() -> str:
    """The register as Markdown: a heading and a table for each extract."""
    parts = []
    for sheet in SHEETS:
        optional = "" if sheet.required else " (optional, one row)"
        lines = [
            f"### {sheet.name}{optional}",
            "",
            "| column | required | meaning | allowed | example |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| `{column.name}` | {'yes' if column.required else 'no'} | {column.meaning} "
            f"| {column.allowed} | `{column.example}` |"
            for column in sheet.columns
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
