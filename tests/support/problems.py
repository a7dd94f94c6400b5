"""Small problems for tests: builders with plain defaults, and a strategy that exercises every field and rule.

The builders make records that no rule refuses: a full-time probation officer, a waiting D2 case without demands.
A test names only what it is about. The strategy yields problems without faults (models.allocation.checks).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

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

Record = dict[str, Any]
Fields = Mapping[str, Callable[[], st.SearchStrategy[Any]]]


def _dates(*offsets: int) -> st.SearchStrategy[dt.date]:
    return st.sampled_from([day(offset) for offset in offsets])


def _locations() -> st.SearchStrategy[Location]:
    return st.sampled_from(
        [
            Location(430_000, 330_000),
            Location(439_999, 330_000),
            Location(450_000, 330_000),
            Location(520_000, 400_000),
        ]
    )


def _some(names: Iterable[str], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(names)), min_size=1, max_size=most, unique=True).map(tuple)


def _letters() -> st.SearchStrategy[str]:
    return st.sampled_from("ABCDE")


_OFFICER_FIELDS: Fields = {
    "reduction_hours": lambda: st.just(3.7),
    "skills": lambda: _some(_SKILLS),
    "sex": lambda: st.sampled_from(Sex),
    "active": lambda: st.just(value=False),
    "authorised_from": lambda: _dates(-9, 0, 1),
    "authorised_until": lambda: _dates(-1, 0, 9),
    "last_day": lambda: _dates(-1, 0, 27, 28, 90),
    "training_stage": lambda: st.integers(1, 3),
    "senior_code": lambda: st.sampled_from(_SENIORS),
    "tier_limits": lambda: st.dictionaries(_letters(), st.integers(0, 2), min_size=1, max_size=2),
    "new_cases_last_7_days": lambda: st.integers(1, 6),
    "leave": lambda: st.tuples(st.builds(Leave, _dates(-3, 0, 1), _dates(1, 4, 30))),
    "location": _locations,
}


@st.composite
def _officers(draw: st.DrawFn, key: OfficerKey) -> Officer:
    hours = draw(st.sampled_from([37.0, 37.0, 37.0, *_HOURS]))
    edge = _HOURS[hours] * 3 // 2  # the ceiling of 150 %
    fields: Record = {
        "grade": draw(st.sampled_from([Grade.PO, Grade.PO, Grade.PO, *Grade])),
        "contracted_hours": hours,
        "base_points": draw(
            st.sampled_from([0, 0, _HOURS[hours] // 2, _HOURS[hours], *(max(0, edge - n) for n in (200, 41))])
        ),
    }
    for name in draw(st.lists(st.sampled_from(list(_OFFICER_FIELDS)), max_size=3, unique=True)):
        fields[name] = draw(_OFFICER_FIELDS[name]())
    if fields.get("reduction_hours", 0) > hours:
        del fields["reduction_hours"]
    if _upside_down(fields):
        del fields["authorised_from"]
    return officer(*key, **fields)


def _upside_down(fields: Record) -> bool:
    both = {"authorised_from", "authorised_until"} <= fields.keys()
    return both and fields["authorised_until"] < fields["authorised_from"]


_CASE_FIELDS: Fields = {
    "case_type": lambda: st.sampled_from(CaseType),
    "t2a": lambda: st.just(value=True),
    "required_skills": lambda: _some(_SKILLS),
    "preferred_skills": lambda: _some(_SKILLS),
    "team_codes": lambda: _some(_TEAMS, 3),
    "held_since": lambda: _dates(-800, -400, -61, -1, 5),
    "officer_changes": lambda: st.integers(1, 4),
    "previous_staff_codes": lambda: _some((*_PERSONS, "N03A099")),
    "excluded_staff_codes": lambda: _some((*_PERSONS, "N03A099")),
    "officer_sex": lambda: st.sampled_from(Sex),
    "preferred_officer_sex": lambda: st.sampled_from(Sex),
    "together_group": lambda: st.sampled_from(["t1", "t2"]),
    "apart_group": lambda: st.sampled_from(["a1", "a2"]),
    "protected_until": lambda: _dates(-1, 0, 9),
    "due_by": lambda: _dates(-1, 0, 4, 7, 8),
    "restricted": lambda: st.just(value=True),
    "location": _locations,
}


def _holder(draw: st.DrawFn, officers: tuple[Officer, ...]) -> Record:
    """Who holds the case: mostly nobody or an officer; a pool, a stranger, a colleague's other team now and then."""
    kind = draw(
        st.sampled_from(["waiting", "waiting", "held", "held", "held", "pool", "stranger", "no team"])
    )
    if kind == "waiting":
        return {}
    if kind == "pool":
        return {"current_staff_code": "N03F01U", "current_team_code": draw(st.sampled_from([None, "N03F01"]))}
    if kind == "stranger":
        return {
            "current_staff_code": draw(st.sampled_from(["N03A099", officers[0].staff_code])),
            "current_team_code": "N03F99",
        }
    holder = draw(st.sampled_from(officers))
    alone = sum(other.staff_code == holder.staff_code for other in officers) == 1
    team = None if kind == "no team" and alone else holder.team_code
    return {"current_staff_code": holder.staff_code, "current_team_code": team}


@st.composite
def _cases(
    draw: st.DrawFn, crn: str, officers: tuple[Officer, ...], scheme: TierScheme | None, links: bool
) -> Case:
    tiers = {None: (*_V2, "E", "MISSING"), TierScheme.V2: (*_V2, "C"), TierScheme.V3: _V3}[scheme]
    tier = draw(st.sampled_from(tiers))
    fields: Record = _holder(draw, officers)
    for name in draw(st.lists(st.sampled_from(list(_CASE_FIELDS)), max_size=4, unique=True)):
        fields[name] = draw(_CASE_FIELDS[name]())
    if (tier == "C" and scheme is TierScheme.V2) or draw(st.integers(0, 5)) == 0:
        fields["points"] = draw(st.sampled_from([0, 13, 41, 218, 435]))
    if draw(st.integers(0, 4)) == 0:
        fields["pinned_staff_code"] = draw(st.sampled_from(officers)).staff_code
        if draw(st.integers(0, 2)) == 0:
            fields |= {"override_reason": "continuity", "override_text": "agreed with the court team"}
    if links and draw(st.booleans()):
        fields[draw(st.sampled_from(["together_group", "apart_group"]))] = "g"
    return case(crn, tier, **fields)


@st.composite
def _problems(draw: st.DrawFn, max_cases: int, max_officers: int) -> AllocationProblem:
    keys = draw(
        st.lists(
            st.builds(
                OfficerKey, st.sampled_from(_PERSONS), st.sampled_from([_TEAMS[0], _TEAMS[0], *_TEAMS])
            ),
            min_size=1,
            max_size=max_officers,
            unique=True,
        )
    )
    officers = tuple(draw(_officers(key)) for key in keys)
    scheme = draw(st.sampled_from([None, None, *TierScheme]))
    links = draw(st.booleans())
    count = draw(st.integers(0, max_cases))
    cases = tuple(draw(_cases(f"X{number:06}", officers, scheme, links)) for number in range(1, count + 1))
    oversight = draw(st.dictionaries(st.sampled_from(_SENIORS), st.integers(0, 2), max_size=2))
    return AllocationProblem(AS_OF, officers, cases, scheme, oversight)


def small_problems(max_cases: int = 6, max_officers: int = 4) -> st.SearchStrategy[AllocationProblem]:
    """Problems without faults, of at most so many cases and officers, that use every field of the contract."""
    return _problems(max_cases, max_officers).filter(lambda made: not problem_faults(made, JsonPlaces()))


@st.composite
def questions(draw: st.DrawFn, of: AllocationProblem) -> Question:
    """Questions that can be asked of a problem: allocate, or rebalance by up to four moves; now and then a release."""
    codes = sorted(
        {each.staff_code for each in of.officers}
        | {each.current_staff_code for each in of.cases if each.current_staff_code is not None}
    )
    released = draw(
        st.one_of(st.just(()), st.just(()), st.just(("findings",)), _some([*codes, "findings", "N03A098"]))
    )
    if draw(st.booleans()):
        return allocate(*released)
    return rebalance(draw(st.integers(0, 4)), *released)


_VARIANTS: tuple[Policy, ...] = (
    default_policy(),
    policy_with(uplift_percent={"PQIP": 20, "PSO": 7, "PO": 3}),
    policy_with(limits={"new_cases": 1, "ceiling_percent": 110, "least_tenure_days": 10, "urgent_factor": 3}),
    policy_with(
        prices={"pressure": {"band_percent": 7}, "fit": {"least_points": 50}},
        uplift_percent={"PQIP": 50},
    ),
)


def policies() -> st.SearchStrategy[Policy]:
    """The default policy and some that differ from it: uplifts, tighter limits, other bands."""
    return st.sampled_from(_VARIANTS)


@st.composite
def small_questions(
    draw: st.DrawFn, max_cases: int = 6, max_officers: int = 4
) -> tuple[AllocationProblem, Question, Policy]:
    """A small problem, a question of it and a policy."""
    made = draw(small_problems(max_cases, max_officers))
    return made, draw(questions(made)), draw(policies())
