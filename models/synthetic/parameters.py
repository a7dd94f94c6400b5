"""The parameters of the generator: what a unit looks like, each table with its source or marked an assumption."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.allocation.terms import CaseType, Grade, TierScheme
from models.errors import InputError
from models.faults import Fault, json_faults

__all__ = ["AllocationParameters", "Duty", "Skill", "allocation_parameters", "load_parameters"]

Share = Annotated[float, Field(ge=0, le=1)]
Shares = Annotated[tuple[Share, ...], Field(min_length=1)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class ParameterTable(BaseModel):
    """One table of the file; `source` says where its numbers come from, or that they are assumed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: Text


class ParameterFile(BaseModel):
    """All tables of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


FileT = TypeVar("FileT", bound=ParameterFile)


class UnitTable(ParameterTable):
    """Codes, sizes and the area of a unit."""

    region: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
    officers_a_team: Annotated[float, Field(ge=2)]
    offices_a_team: Annotated[float, Field(gt=0, le=1)]
    area_east_metres: Count
    area_north_metres: Count
    area_corner: tuple[int, int]
    case_spread_metres: Positive
    grid_metres: Count
    case_without_place: Share


class WorkloadTable(ParameterTable):
    """Mean Workload and its spread; `least` and `most` are multiples of the mean."""

    fill: Annotated[float, Field(ge=0.3, le=1.6)]
    spread: Share
    least: Share
    most: Annotated[float, Field(ge=1, le=3)]
    least_base: Share
    least_base_of_all: Share


class PostsTable(ParameterTable):
    """Shares of posts by grade, of stages among trainees, of people in two teams."""

    PO: Annotated[float, Field(gt=0, le=1)]
    PSO: Share
    PQIP: Share
    stages: Annotated[tuple[Share, ...], Field(min_length=3, max_length=3)]
    in_two_teams: Share
    sex_unknown: Share
    female: Share


class VacanciesTable(ParameterTable):
    """The share of each grade's posts that nobody fills."""

    PO: Annotated[float, Field(ge=0, lt=1)]
    PSO: Annotated[float, Field(ge=0, lt=1)]
    PQIP: Annotated[float, Field(ge=0, lt=1)]


class HoursTable(ParameterTable):
    """Weekly hours and how many work them."""

    hours: Annotated[tuple[Annotated[float, Field(gt=0, le=37)], ...], Field(min_length=1)]
    shares: Shares


class TraineesTable(ParameterTable):
    """The part of a trainee's hours that training takes, by stage."""

    reductions: Annotated[tuple[Share, ...], Field(min_length=3, max_length=3)]


class Duty(ParameterTable):
    """A reduction: who has it and the part of the hours that it takes."""

    name: Text
    share: Share
    reduction: Share
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]


class StandingTable(ParameterTable):
    """How officers stand on the plan date."""

    agency: Share
    agency_soon: Share
    lapsed: Share
    left: Share
    renewal_known: Share
    on_leave: Share
    tier_limit: Share
    oversight_limit: Share

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if self.agency + self.lapsed + self.left > 1:
            raise ValueError("agency, lapsed and left exceed 1; expected at most one of them an officer")
        return self


class TiersTable(ParameterTable):
    """Shares of tiers by letter, of digits by case type (0 to 3), of suspended and T2A cases."""

    v2: Mapping[Literal["A", "B", "C", "D"], Share]
    v3: Mapping[Literal["A", "B", "C", "D", "E", "F", "G", "MISSING", "NOT_SUPERVISED"], Share]
    digits_community: Annotated[tuple[Share, ...], Field(min_length=4, max_length=4)]
    digits_other: Annotated[tuple[Share, ...], Field(min_length=4, max_length=4)]
    suspended: Share
    t2a: Share

    def letters(self, scheme: TierScheme) -> Mapping[str, float]:
        """The shares of the scheme's letters."""
        if scheme is TierScheme.V2:
            return {str(letter): share for letter, share in self.v2.items()}
        return {str(letter): share for letter, share in self.v3.items()}


class CaseTypesTable(ParameterTable):
    """Shares of case types."""

    COMMUNITY: Share
    LICENSE: Share
    CUSTODY: Share

    def share(self, case_type: CaseType) -> float:
        """The share of one case type."""
        return {
            CaseType.COMMUNITY: self.COMMUNITY,
            CaseType.LICENSE: self.LICENSE,
            CaseType.CUSTODY: self.CUSTODY,
        }[case_type]


class Skill(ParameterTable):
    """A skill: who has it, and which share of (high, lower) tiers requires or prefers it."""

    name: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,59}$")]
    had: Mapping[Grade, Share]
    required: tuple[Share, Share]
    preferred: tuple[Share, Share]

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if any(sum(pair) > 1 for pair in zip(self.required, self.preferred, strict=True)):
            raise ValueError("required and preferred shares exceed 1; expected at most all cases")
        return self


class HistoryTable(ParameterTable):
    """Changes of officer before now, time with the present one, protection."""

    changes: Shares
    returning: Share
    held_mean_days: Positive
    held_most_days: Annotated[int, Field(ge=30)]
    unknown_officer: Share
    protected_after_change_days: Count
    protected_otherwise: Share


class WaitingTable(ParameterTable):
    """Cases that wait; `due` is by case type (share due within 7 days, share due later)."""

    share: Share
    in_pool: Share
    pinned: Share
    due: Mapping[CaseType, tuple[Share, Share]]


class DemandsTable(ParameterTable):
    """Shares of cases with demands on who may hold them."""

    restricted: Share
    excluded: Share
    officer_sex: Share
    preferred_sex: Share
    teams: Share
    pinned: Share
    together: Share
    apart: Share


class UntidinessTable(ParameterTable):
    """What real extracts hold and no rule allows."""

    holder_gone: Share
    tier_raised: Share
    exclusion_added: Share
    split_group: Share
    member_elsewhere: Share
    left_with_absent: Annotated[int, Field(ge=0)]
    findings_at_most: Share


class NationTable(ParameterTable):
    """All units of England and Wales."""

    regions: Annotated[int, Field(ge=1, le=99)]
    units: Count
    cases: Count
    officers: Count
    size_spread: Share


class AllocationParameters(ParameterFile):
    """All parameters of generated allocation problems, validated and frozen."""

    unit: UnitTable
    workload: WorkloadTable
    posts: PostsTable
    vacancies: VacanciesTable
    hours: HoursTable
    trainees: TraineesTable
    duties: tuple[Duty, ...]
    standing: StandingTable
    tiers: TiersTable
    case_types: CaseTypesTable
    skills: Annotated[tuple[Skill, ...], Field(max_length=60)]
    history: HistoryTable
    waiting: WaitingTable
    demands: DemandsTable
    untidiness: UntidinessTable
    nation: NationTable

    @model_validator(mode="after")
    def _shares_make_wholes(self) -> Self:
        wholes = {
            "posts": (self.posts.PO, self.posts.PSO, self.posts.PQIP),
            "posts.stages": self.posts.stages,
            "hours.shares": self.hours.shares,
            "tiers.v2": tuple(self.tiers.v2.values()),
            "tiers.v3": tuple(self.tiers.v3.values()),
            "tiers.digits_community": self.tiers.digits_community,
            "tiers.digits_other": self.tiers.digits_other,
            "case_types": (self.case_types.COMMUNITY, self.case_types.LICENSE, self.case_types.CUSTODY),
            "history.changes": self.history.changes,
        }
        off = [name for name, shares in wholes.items() if abs(sum(shares) - 1) > 1e-9]
        if off:
            raise ValueError(f"shares of {', '.join(off)} do not add up to 1; expected shares of a whole")
        if len(self.hours.hours) != len(self.hours.shares):
            raise ValueError("hours and their shares differ in number; expected one share for each")
        if sum(duty.share for duty in self.duties) > 1:
            raise ValueError("shares of duties exceed 1; expected at most one duty an officer")
        return self

    def scarcer(self, factor: float) -> AllocationParameters:
        """The same with skills that fewer have: every share of officers times `factor` (0 to 1)."""
        skills = tuple(
            skill.model_copy(update={"had": {grade: share * factor for grade, share in skill.had.items()}})
            for skill in self.skills
        )
        return self.model_copy(update={"skills": skills})


def parse_parameters(kind: type[FileT], text: str, file: str) -> FileT:
    """The parameters in a text. Raises InputError with every fault."""
    try:
        return kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(f"this is not TOML: {error}", "a TOML file", file=file)]) from None
    except ValidationError as error:
        raise InputError(json_faults(error, file=file)) from None


def read_parameters(kind: type[FileT], path: Path) -> FileT:
    """The parameters in a file. Raises InputError with every fault when it cannot be read or has faults."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(
            [Fault("this file cannot be read", "a TOML file in UTF-8", file=path.name)]
        ) from None
    return parse_parameters(kind, text, path.name)


def load_parameters(path: Path) -> AllocationParameters:
    """The parameters in a file. Raises InputError with every fault when it cannot be read or has faults."""
    return read_parameters(AllocationParameters, path)


@functools.cache
def allocation_parameters() -> AllocationParameters:
    """The parameters shipped with evenhand (models/synthetic/allocation.toml)."""
    text = resources.files("models.synthetic").joinpath("allocation.toml").read_text(encoding="utf-8")
    return parse_parameters(AllocationParameters, text, "allocation.toml")
