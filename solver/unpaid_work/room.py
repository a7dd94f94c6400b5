"""nobody_left_out as rows: who has no appointment finds no running session with room.

For each person and session one of these holds: the session does not run, the person has an appointment, or something
may stand in the way: as many are booked as there are places, a limit of the group is reached, somebody to be kept
apart is there, the supervisor is one they may not have, or another event of theirs is booked in that week. That is
less than the rule asks where more may be booked than there are places: what remains is found when a roster is made,
and forbidden by `join_cut`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from solver.unpaid_work.dated_model import DatedModel, Pair

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def left_out_rows(model: DatedModel) -> None:
    """The rows over everybody with minutes remaining."""
    full = _Reached(model)
    for number, unplaced in model.unplaced.items():
        for session in model.of_requirement[number]:
            if (number, session) in model.fixed_cut or not may_join(model, (number, session)):
                continue
            reasons = [*_in_the_way(model, number, session), *full.reasons(number, session)]
            model.model.add_bool_or([model.run[session].negated(), unplaced.negated(), *reasons])


def may_join(model: DatedModel, pair: Pair) -> bool:
    """Whether somebody without an appointment can be booked for all of the session, or all that remains to them."""
    number, session = pair
    facts = model.facts
    if not facts.inducted[number] and not facts.induction[facts.sessions.project[session]]:
        return False
    wanted = min(int(facts.sessions.minutes[session]), int(facts.remaining[number]))
    return int(model.outline.stay[pair]) >= wanted


def _in_the_way(model: DatedModel, number: int, session: int) -> list[cp_model.IntVar]:
    """Bookings of others, supervisors and the person's other events that may stand in the way."""
    facts = model.facts
    body, week = int(facts.body[number]), facts.sessions.week[session]
    found = [
        model.booked[other, session]
        for other in model.in_session[session]
        if int(facts.body[other]) in facts.apart[body]
    ]
    found += [
        under
        for supervisor, under in model.supervisor[session].items()
        if not facts.acceptable[number, supervisor]
    ]
    for mate in facts.bodies[body]:
        if mate != number:
            found += [
                model.booked[mate, each]
                for each in model.of_requirement[mate]
                if facts.sessions.week[each] == week
            ]
    return found


class _Reached:
    """Booleans that hold only when a session is as full as its places, its risk limit or its vehicle allow."""

    def __init__(self, model: DatedModel) -> None:
        self._model = model
        self._full: dict[int, cp_model.IntVar] = {}
        self._counted: dict[tuple[int, str], cp_model.IntVar | None] = {}

    def reasons(self, number: int, session: int) -> list[cp_model.IntVar]:
        """What of it may keep this requirement out."""
        facts = self._model.facts
        found: list[cp_model.IntVar | None] = [self._places(session)]
        if facts.risky[number]:
            limit = facts.problem.projects[int(facts.sessions.project[session])].risk_limit
            found.append(self._limit(session, "risk", limit))
        if facts.collected[number]:
            found.append(self._limit(session, "seats", facts.seats(session)))
        return [each for each in found if each is not None]

    def _places(self, session: int) -> cp_model.IntVar:
        if session not in self._full:
            model = self._model
            full = self._full[session] = model.model.new_bool_var("")
            count = model.sum(model.members(session))
            under = model.supervisor[session]
            places = [model.facts.places_under(session, number) for number in under]
            there = model.weighted(list(under.values()), places)
            always = 0 if under else model.facts.places_under(session, None)
            model.model.add(count >= there + always).only_enforce_if(full)
        return self._full[session]

    def _limit(self, session: int, what: str, limit: int | None) -> cp_model.IntVar | None:
        if limit is None:
            return None
        if (session, what) not in self._counted:
            model, facts = self._model, self._model.facts
            counts = facts.risky if what == "risk" else facts.collected
            members = [
                model.booked[number, session] for number in model.in_session[session] if counts[number]
            ]
            reached = model.model.new_bool_var("")
            model.model.add(model.sum(members) >= limit).only_enforce_if(reached)
            self._counted[session, what] = reached
        return self._counted[session, what]


def join_cut(model: DatedModel, pair: Pair, booked: Mapping[Pair, int], supervisor: int | None) -> None:
    """Forbid that the person has no appointment beside a session that could take them as the roster now is.

    They could join it still with fewer people in it and fewer bookings of their own: so whenever nobody else is in
    it, their other events have nothing else, and the same supervisor has it, they must have an appointment.
    """
    number, session = pair
    facts = model.facts
    others = [
        variable
        for mate in facts.bodies[int(facts.body[number])]
        for each in model.of_requirement[mate]
        if mate != number and (mate, each) not in booked
        for variable in [model.booked[mate, each]]
    ]
    joined = [
        model.booked[other, session]
        for other in model.in_session[session]
        if other != number and (other, session) not in booked
    ]
    under = [] if supervisor is None else [model.supervisor[session][supervisor].negated()]
    model.model.add_bool_or(
        [model.unplaced[number].negated(), model.run[session].negated(), *others, *joined, *under]
    )
