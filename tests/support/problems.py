"""Small problems for tests: builders with plain defaults, and a strategy that exercises every field and rule.

The builders make records that no rule refuses: a full-time probation officer, a waiting D2 case without demands.
A test names only what it is about. The strategy yields problems without faults (models.allocation.checks).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from models.allocation.case import Case
from models.allocation.checks import JsonPlaces, problem_faults
from models.allocation.officer import Officer, OfficerKey
from models.allocation.plan import Question, QuestionKind
from models.allocation.problem import AllocationProblem
from models.allocation.terms import CaseType, Grade, Leave, Location, Sex, TierScheme
from models.policy.policy import Policy, default_policy

AS_OF = dt.date(2026, 11, 23)
"""The plan date of the builders, a Monday."""


def day(after: int) -> dt.date:
    """The date so many days after the plan date (before it when negative)."""
    return AS_OF + dt.timedelta(days=after)


def officer(staff_code: str = "N03A001", team_code: str = "N03F01", **fields: Any) -> Officer:
    """An officer, by default a full-time PO: 2176 points available, nothing held."""
    return Officer(
        **{
            "staff_code": staff_code,
            "team_code": team_code,
            "grade": Grade.PO,
            "contracted_hours": 37.0,
            **fields,
        }
    )


def case(crn: str = "X000001", tier: str = "D2", **fields: Any) -> Case:
    """A case, by default a waiting D2 in the community (41 points) without demands."""
    return Case(**{"crn": crn, "tier": tier, "case_type": CaseType.COMMUNITY, **fields})


def held(crn: str, tier: str, by: Officer, **fields: Any) -> Case:
    """A case that this officer holds."""
    return case(
        crn, tier, **{"current_staff_code": by.staff_code, "current_team_code": by.team_code, **fields}
    )


def problem(officers: Iterable[Officer], cases: Iterable[Case], **fields: Any) -> AllocationProblem:
    """A problem on AS_OF. Fails when the records contradict each other: a test must not start from a fault."""
    made = AllocationProblem(**{"as_of": AS_OF, "officers": tuple(officers), "cases": tuple(cases), **fields})
    faults = [fault.sentence for fault in problem_faults(made, JsonPlaces())]
    assert faults == []
    return made


def policy_with(**sections: Any) -> Policy:
    """The default policy with some values replaced: policy_with(limits={"new_cases": 2})."""
    return Policy.model_validate(_merged(default_policy().model_dump(mode="json"), sections))


def _merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(values)
    for name, change in changes.items():
        inner = both.get(name)
        is_section = isinstance(change, Mapping) and isinstance(inner, Mapping)
        both[name] = _merged(inner, change) if is_section and inner is not None else change
    return both


def rebalance(moves: int, *released: str) -> Question:
    """Move at most so many held cases."""
    return Question(QuestionKind.REBALANCE, moves, released)


def allocate(*released: str) -> Question:
    """Place what waits."""
    return Question(QuestionKind.ALLOCATE, 0, released)


# Strategies. Each record keeps its plain defaults but for a few fields, so that rules bind one by one.

_PERSONS = ("N03A001", "N03A002", "N03A003", "N03A004")
_TEAMS = ("N03F01", "N03F02", "N04F01", "WEST")  # two providers, and a team whose provider is unknown
_SENIORS = ("N03S001", "N03S002")
_SKILLS = ("WELSH", "DOMESTIC_ABUSE")
_HOURS = {37.0: 2176, 18.5: 1088, 7.4: 435, 3.71: 218, 3.7: 217, 0.0: 0}
_V2 = ("A1", "A3", "B0", "B2", "C2", "C0", "D2", "D0", "B2S")
_V3 = ("A", "B", "C", "D", "E", "G", "MISSING", "NOT_SUPERVISED")

Item = TypeVar("Item")
Record = dict[str, Any]
Values = st.SearchStrategy[Any]


def _dates(*offsets: int) -> st.SearchStrategy[dt.date]:
    return st.sampled_from([day(offset) for offset in offsets])


def _some(names: Iterable[str], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(names)), min_size=1, max_size=most, unique=True).map(tuple)


def _few_of(fields: Mapping[str, Values], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(fields)), max_size=most, unique=True)


# Made once, because making a strategy costs more than drawing from it.

_LOCATIONS = st.sampled_from(
    [
        Location(430_000, 330_000),
        Location(439_999, 330_000),
        Location(450_000, 330_000),
        Location(520_000, 400_000),
    ]
)
_NUMBERS = {count: st.integers(0, count - 1) for count in range(1, 60)}
_BOOLEANS = st.booleans()

_OFFICER_FIELDS: Mapping[str, Values] = {
    "reduction_hours": st.just(3.7),
    "skills": _some(_SKILLS),
    "sex": st.sampled_from(Sex),
    "active": st.just(value=False),
    "authorised_from": _dates(-9, 0, 1),
    "authorised_until": _dates(-1, 0, 9),
    "last_day": _dates(-1, 0, 27, 28, 90),
    "training_stage": st.integers(1, 3),
    "senior_code": st.sampled_from(_SENIORS),
    "tier_limits": st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 2), min_size=1, max_size=2),
    "new_cases_last_7_days": st.integers(1, 6),
    "leave": st.tuples(st.builds(Leave, _dates(-3, 0, 1), _dates(1, 4, 30))),
    "location": _LOCATIONS,
}
_CASE_FIELDS: Mapping[str, Values] = {
    "case_type": st.sampled_from(CaseType),
    "t2a": st.just(value=True),
    "required_skills": _some(_SKILLS),
    "preferred_skills": _some(_SKILLS),
    "team_codes": _some(_TEAMS, 3),
    "held_since": _dates(-800, -400, -61, -1, 5),
    "officer_changes": st.integers(1, 4),
    "previous_staff_codes": _some((*_PERSONS, "N03A099")),
    "excluded_staff_codes": _some((*_PERSONS, "N03A099")),
    "officer_sex": st.sampled_from(Sex),
    "preferred_officer_sex": st.sampled_from(Sex),
    "together_group": st.sampled_from(["t1", "t2"]),
    "apart_group": st.sampled_from(["a1", "a2"]),
    "protected_until": _dates(-1, 0, 9),
    "due_by": _dates(-1, 0, 4, 7, 8),
    "restricted": st.just(value=True),
    "location": _LOCATIONS,
}
_FEW_OFFICER_FIELDS = _few_of(_OFFICER_FIELDS, 3)
_FEW_CASE_FIELDS = _few_of(_CASE_FIELDS, 4)
_OVERSIGHT = st.dictionaries(st.sampled_from(_SENIORS), st.integers(0, 2), max_size=2)


class _Drawer:
    """Draws one of several things, by number, without making a strategy."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def one(self, of: Sequence[Item]) -> Item:
        return of[self.draw(_NUMBERS[len(of)])]

    def seldom(self, times: int) -> bool:
        """True once in so many draws."""
        return self.draw(_NUMBERS[times]) == times - 1


def _officer(drawer: _Drawer, key: OfficerKey) -> Officer:
    hours = drawer.one([37.0, 37.0, 37.0, *_HOURS])
    edge = _HOURS[hours] * 3 // 2  # the ceiling of 150 %
    loads = [0, 0, _HOURS[hours] // 2, _HOURS[hours], max(0, edge - 200), max(0, edge - 41)]
    fields: Record = {
        "grade": drawer.one([Grade.PO, Grade.PO, Grade.PO, *Grade]),
        "contracted_hours": hours,
        "base_points": drawer.one(loads),
    }
    for name in drawer.draw(_FEW_OFFICER_FIELDS):
        fields[name] = drawer.draw(_OFFICER_FIELDS[name])
    if fields.get("reduction_hours", 0) > hours:
        del fields["reduction_hours"]
    if _upside_down(fields):
        del fields["authorised_from"]
    return officer(*key, **fields)


def _upside_down(fields: Record) -> bool:
    both = {"authorised_from", "authorised_until"} <= fields.keys()
    return both and fields["authorised_until"] < fields["authorised_from"]


def _holder(drawer: _Drawer, officers: Sequence[Officer]) -> Record:
    """Who holds the case: mostly nobody or an officer; a pool, a stranger, a colleague's other team now and then."""
    kind = drawer.one(["waiting", "waiting", "held", "held", "held", "pool", "stranger", "no team"])
    if kind == "waiting":
        return {}
    if kind == "pool":
        return {"current_staff_code": "N03F01U", "current_team_code": drawer.one([None, "N03F01"])}
    if kind == "stranger":
        code = drawer.one(["N03A099", officers[0].staff_code])
        return {"current_staff_code": code, "current_team_code": "N03F99"}
    holder = drawer.one(officers)
    alone = sum(other.staff_code == holder.staff_code for other in officers) == 1
    team = None if kind == "no team" and alone else holder.team_code
    return {"current_staff_code": holder.staff_code, "current_team_code": team}


def _case(
    drawer: _Drawer, crn: str, officers: Sequence[Officer], scheme: TierScheme | None, *, links: bool
) -> Case:
    tiers = {None: (*_V2, "E", "MISSING"), TierScheme.V2: (*_V2, "C"), TierScheme.V3: _V3}[scheme]
    tier = drawer.one(tiers)
    fields = _holder(drawer, officers)
    for name in drawer.draw(_FEW_CASE_FIELDS):
        fields[name] = drawer.draw(_CASE_FIELDS[name])
    if (tier == "C" and scheme is TierScheme.V2) or drawer.seldom(6):
        fields["points"] = drawer.one([0, 13, 41, 218, 435])
    if drawer.seldom(4):
        fields["pinned_staff_code"] = drawer.one(officers).staff_code
        if drawer.seldom(3):
            fields |= {"override_reason": "continuity", "override_text": "agreed with the court team"}
    if links and drawer.draw(_BOOLEANS):
        fields[drawer.one(["together_group", "apart_group"])] = "g"
    return case(crn, tier, **fields)


_PLACES = [OfficerKey(person, team) for person in _PERSONS for team in (_TEAMS[0], _TEAMS[0], *_TEAMS)]


@st.composite
def _problems(draw: st.DrawFn, max_cases: int, max_officers: int) -> AllocationProblem:
    drawer = _Drawer(draw)
    count = 1 + draw(_NUMBERS[max_officers])
    keys = dict.fromkeys(drawer.one(_PLACES) for _ in range(count))  # each once
    officers = tuple(_officer(drawer, key) for key in keys)
    scheme = drawer.one([None, None, *TierScheme])
    links = draw(_BOOLEANS)
    cases = tuple(
        _case(drawer, f"X{number:06}", officers, scheme, links=links)
        for number in range(1, 1 + draw(_NUMBERS[max_cases + 1]))
    )
    return AllocationProblem(AS_OF, officers, cases, scheme, draw(_OVERSIGHT))


def small_problems(max_cases: int = 6, max_officers: int = 4) -> st.SearchStrategy[AllocationProblem]:
    """Problems without faults, of at most so many cases and officers, that use every field of the contract."""
    return _problems(max_cases, max_officers).filter(lambda made: not problem_faults(made, JsonPlaces()))


def _question(drawer: _Drawer, of: AllocationProblem) -> Question:
    released: tuple[str, ...] = ()
    if drawer.seldom(3):
        codes = [each.staff_code for each in of.officers]
        codes += [each.current_staff_code for each in of.cases if each.current_staff_code is not None]
        known = ["findings", "N03A098", *dict.fromkeys(codes)]
        released = tuple(dict.fromkeys(drawer.one(known) for _ in range(1 + drawer.draw(_BOOLEANS))))
    if drawer.draw(_BOOLEANS):
        return allocate(*released)
    return rebalance(drawer.draw(_NUMBERS[5]), *released)


@st.composite
def questions(draw: st.DrawFn, of: AllocationProblem) -> Question:
    """Questions that can be asked of a problem: allocate, or rebalance by up to four moves; now and then a release."""
    return _question(_Drawer(draw), of)


_VARIANTS: tuple[Policy, ...] = (
    default_policy(),
    policy_with(uplift_percent={"PQIP": 20, "PSO": 7, "PO": 3}),
    policy_with(limits={"new_cases": 1, "ceiling_percent": 110, "least_tenure_days": 10, "urgent_factor": 3}),
    policy_with(
        prices={"pressure": {"band_percent": 7}, "fit": {"least_points": 50}},
        uplift_percent={"PQIP": 50},
    ),
)
_POLICIES = st.sampled_from(_VARIANTS)


def policies() -> st.SearchStrategy[Policy]:
    """The default policy and some that differ from it: uplifts, tighter limits, other bands."""
    return _POLICIES


@st.composite
def _small_questions(
    draw: st.DrawFn, problems: st.SearchStrategy[AllocationProblem]
) -> tuple[AllocationProblem, Question, Policy]:
    made = draw(problems)
    return made, _question(_Drawer(draw), made), draw(_POLICIES)


def small_questions(
    max_cases: int = 6, max_officers: int = 4
) -> st.SearchStrategy[tuple[AllocationProblem, Question, Policy]]:
    """A small problem, a question of it and a policy."""
    return _small_questions(small_problems(max_cases, max_officers))
