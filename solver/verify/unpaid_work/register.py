"""The check of every hard rule of unpaid work, by the rule's id. Either without the other is a defect."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from models.rules import UNPAID_WORK_RULES, Violation
from solver.verify.unpaid_work import bookings, diaries, groups
from solver.verify.unpaid_work.facts import person_violation
from solver.verify.unpaid_work.joining import nobody_left_out
from solver.verify.unpaid_work.sessions import gathering, project_open, supervised, supervisors_apart
from solver.verify.unpaid_work.told import ToldFacts, pinned

RosterCheck = Callable[[ToldFacts], Iterator[Violation]]
"""Yields every violation of one rule. Its docstring is the rule's sentence in the register."""


def _of_every_booking(rule: bookings.BookingRule) -> RosterCheck:
    @functools.wraps(rule)
    def check(told: ToldFacts) -> Iterator[Violation]:
        for booking in told.facts.bookings:
            sentence = rule(booking)
            if sentence is not None:
                yield person_violation(rule.__name__, f"{booking.slot}: {sentence}", booking.person)

    return check


def _of_every_diary(rule: diaries.DiaryRule) -> RosterCheck:
    @functools.wraps(rule)
    def check(told: ToldFacts) -> Iterator[Violation]:
        for crn in told.situation.bodies:
            diary = diaries.Diary(told.situation, crn, told.facts.of_body(crn))
            for sentence in rule(diary):
                yield Violation(rule.__name__, sentence, crn)

    return check


def _of_every_group(rule: groups.GroupRule) -> RosterCheck:
    @functools.wraps(rule)
    def check(told: ToldFacts) -> Iterator[Violation]:
        for place, session in enumerate(told.facts.sessions):
            for crn, sentence in rule(gathering(told.facts, place)):
                yield Violation(rule.__name__, sentence, crn, session.supervisor_code)

    return check


_people_apart = _of_every_diary(diaries.one_place_at_a_time)


@functools.wraps(diaries.one_place_at_a_time)
def _one_place_at_a_time(told: ToldFacts) -> Iterator[Violation]:
    yield from _people_apart(told)
    yield from supervisors_apart(told.facts)


@functools.wraps(project_open)
def _project_open(told: ToldFacts) -> Iterator[Violation]:
    return project_open(told.facts)


@functools.wraps(supervised)
def _supervised(told: ToldFacts) -> Iterator[Violation]:
    return supervised(told.facts)


@functools.wraps(nobody_left_out)
def _nobody_left_out(told: ToldFacts) -> Iterator[Violation]:
    return nobody_left_out(told.facts)


ROSTER_CHECKS: Mapping[str, RosterCheck] = MappingProxyType(
    {
        "available": _of_every_booking(bookings.available),
        "project_open": _project_open,
        "one_place_at_a_time": _one_place_at_a_time,
        "weekly_limit": _of_every_diary(diaries.weekly_limit),
        "never_beyond_requirement": _of_every_diary(diaries.never_beyond_requirement),
        "induction_first": _of_every_diary(diaries.induction_first),
        "suitable_project": _of_every_booking(bookings.suitable_project),
        "group_preference": _of_every_booking(bookings.group_preference),
        "supervisor_sex": _of_every_group(groups.supervisor_sex),
        "keep_apart": _of_every_group(groups.keep_apart),
        "risk_in_group": _of_every_group(groups.risk_in_group),
        "travel_limit": _of_every_booking(bookings.travel_limit),
        "supervised": _supervised,
        "session_size": _of_every_group(groups.session_size),
        "pick_up": _of_every_group(groups.pick_up),
        "pinned": pinned,
        "nobody_left_out": _nobody_left_out,
    }
)
"""One check for each hard rule of the register, in its order."""


def broken_rules(told: ToldFacts) -> tuple[Violation, ...]:
    """Every violation of every hard rule: by person in the input's order, then what concerns no one person.

    Within a person the order is the register's.
    """
    found = [violation for check in ROSTER_CHECKS.values() for violation in check(told)]
    ranks = {rule_id: rank for rank, rule_id in enumerate(UNPAID_WORK_RULES)}
    crns = {crn: position for position, crn in enumerate(told.situation.bodies)}

    def place(violation: Violation) -> tuple[int, int]:
        position = len(crns) + 1 if violation.crn is None else crns.get(violation.crn, len(crns))
        return position, ranks[violation.rule]

    return tuple(sorted(found, key=place))
