"""The first repair, in a moment: keep all that still fits, find other supervisors, seat again who lost their place.

Nothing that could be kept is moved for another's sake; that is left to the model. What comes out breaks no rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from solver.unpaid_work.chance import fits
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.joining import Seating, seated
from solver.unpaid_work.regular import placements_of
from solver.unpaid_work.repair_reading import Before


def kept_at_once(facts: RosterFacts, before: Before) -> Draft:
    """What remains of the roster when all that no longer fits is taken out, and who lost a place is seated again."""
    by_session = before.members()
    for session, those in by_session.items():
        by_session[session] = [each for each in those if _still_open(facts, each)]
    _keep_diaries(facts, by_session)
    supervisors = _Supervisors(facts)
    found: dict[int, int | None] = {}
    members: dict[int, list[Booking]] = {}
    for session in sorted(by_session, key=lambda each: (_is_hit(facts, before, each), each)):
        under, those = _run(facts, supervisors, session, by_session[session], before.supervisor[session])
        if those:
            found[session], members[session] = under, those
            supervisors.note(session, under)
    bookings = [booking for those in members.values() for booking in those]
    draft = _inductions_first(facts, Draft(found, tuple(bookings)))
    draft = _seated_again(facts, draft, before)
    return Draft(draft.supervisor, draft.bookings, placements_of(facts, draft.bookings))


def _still_open(facts: RosterFacts, booking: Booking) -> bool:
    return bool(facts.open_minutes[booking.requirement, booking.session] >= booking.minutes)


def _is_hit(facts: RosterFacts, before: Before, session: int) -> bool:
    """Whether the session has lost its supervisor: those that have not keep theirs."""
    if not facts.supervised[facts.sessions.project[session]]:
        return False
    under = before.supervisor[session]
    return under is None or not facts.able[session, under]


def _keep_diaries(facts: RosterFacts, by_session: dict[int, list[Booking]]) -> None:
    """Take out what a body has beyond its limits, the latest first."""
    days, weeks, done = Counter[tuple[int, int]](), Counter[tuple[int, int]](), Counter[int]()
    projects: dict[tuple[int, int], int] = {}
    ends: dict[tuple[int, int], int] = {}
    sessions = facts.sessions
    for session in sorted(by_session):
        day, week, project = (int(each[session]) for each in (sessions.day, sessions.week, sessions.project))
        kept = []
        for booking in by_session[session]:
            body, minutes = int(facts.body[booking.requirement]), booking.minutes
            if (
                projects.get((body, day), project) == project
                and ends.get((body, day), 0) <= sessions.start[session]
                and weeks[body, week] + minutes <= facts.weekly_most[body]
                and days[body, day] + minutes <= facts.rules.limits.day_minutes
                and done[booking.requirement] + minutes <= facts.remaining[booking.requirement]
            ):
                kept.append(booking)
                projects[body, day] = project
                ends[body, day] = int(sessions.start[session]) + minutes
                weeks[body, week] += minutes
                days[body, day] += minutes
                done[booking.requirement] += minutes
        by_session[session] = kept


class _Supervisors:
    """What each supervisor has so far."""

    def __init__(self, facts: RosterFacts) -> None:
        self._facts = facts
        self._duties: dict[tuple[int, int], list[int]] = {}
        self._minutes = Counter[tuple[int, int]]()

    def note(self, session: int, under: int | None) -> None:
        """The session runs under this supervisor."""
        if under is not None:
            sessions = self._facts.sessions
            self._duties.setdefault((under, int(sessions.day[session])), []).append(session)
            self._minutes[under, int(sessions.week[session])] += int(sessions.minutes[session])

    def free(self, session: int, under: int) -> bool:
        """Whether the supervisor is able, in no other place, and has hours left."""
        facts, sessions = self._facts, self._facts.sessions
        duties = self._duties.get((under, int(sessions.day[session])), ())
        week = self._minutes[under, int(sessions.week[session])] + int(sessions.minutes[session])
        return bool(
            facts.able[session, under]
            and week <= facts.supervisor_minutes[under]
            and all(facts.together(session, duty) for duty in duties)
        )


def _run(
    facts: RosterFacts, supervisors: _Supervisors, session: int, those: list[Booking], under: int | None
) -> tuple[int | None, list[Booking]]:
    """The supervisor who keeps most of those in a session, the one who had it among equals; nobody if it cannot run."""
    if not facts.supervised[facts.sessions.project[session]]:
        return None, _those_who_fit(facts, session, those, None)
    best: tuple[int | None, list[Booking]] = (None, [])
    order = [under] if under is not None else []
    order += [number for number in range(len(facts.problem.supervisors)) if number != under]
    for number in order:
        if supervisors.free(session, number):
            kept = _those_who_fit(facts, session, those, number)
            if len(kept) > len(best[1]):
                best = number, kept
            if len(kept) == len(those):
                break
    return best


def _those_who_fit(
    facts: RosterFacts, session: int, those: Sequence[Booking], under: int | None
) -> list[Booking]:
    """As many of them as the rules over a session allow, taken one by one; nobody when they are too few."""
    kept: list[Booking] = []
    if fits_together(facts, session, [each.requirement for each in those], under):
        kept = list(those)
    else:
        for booking in those:
            together = [*(each.requirement for each in kept), booking.requirement]
            if fits_together(facts, session, together, under):
                kept.append(booking)
    expected = sum(facts.chances[each.requirement] for each in kept)
    least = int(facts.least_people[facts.sessions.project[session]])
    return kept if kept and expected >= least else []


def fits_together(facts: RosterFacts, session: int, numbers: list[int], under: int | None) -> bool:
    """Whether the rules over a session, but for its least number, allow these people in it."""
    limit = facts.problem.projects[int(facts.sessions.project[session])].risk_limit
    seats = facts.seats(session)
    if under is not None and not all(facts.acceptable[number, under] for number in numbers):
        return False
    bodies = [int(facts.body[number]) for number in numbers]
    if len(set(bodies)) < len(bodies) or any(facts.apart[body] & set(bodies) for body in bodies):
        return False
    if limit is not None and int(facts.risky[numbers].sum()) > limit:
        return False
    if seats is not None and int(facts.collected[numbers].sum()) > seats:
        return False
    chances = [facts.chances[number] for number in numbers]
    return fits(chances, facts.places_under(session, under), facts.overflow)


def _seated_again(facts: RosterFacts, draft: Draft, before: Before) -> Draft:
    """Everybody who lost an appointment gets another where one fits, in the same week if possible."""
    seating = Seating(facts, draft)
    there = {(each.requirement, each.session) for each in draft.bookings}
    lost = [each for each in before.bookings if (each.requirement, each.session) not in there]
    wanted = [(each.requirement, int(facts.sessions.day[each.session])) for each in lost]
    wanted += [(number, (each.date - facts.problem.first).days) for number, each in before.lost]
    for number, day in sorted(wanted, key=lambda each: (each[1], each[0])):
        week = (day + facts.problem.first.weekday()) // 7
        near = [session for session in seating.could_join(number) if facts.sessions.week[session] == week]
        if near:
            seating.seat(number, min(near, key=lambda each: (abs(int(facts.sessions.day[each]) - day), each)))
    return seated(facts, seating.draft)


def _inductions_first(facts: RosterFacts, draft: Draft) -> Draft:
    """Take out what comes before an induction that was lost, or beside a second one."""
    if facts.inducted.all():
        return draft
    out = set(_without_induction(facts, draft.bookings))
    if not out:
        return draft
    left = tuple(each for each in draft.bookings if each not in out)
    supervisor = _sessions_that_run(facts, draft, left)
    left = tuple(each for each in left if each.session in supervisor)
    return _inductions_first(facts, Draft(supervisor, left))


def _without_induction(facts: RosterFacts, bookings: Iterable[Booking]) -> list[Booking]:
    out, inducted = [], set[int]()
    for booking in sorted(bookings, key=lambda each: each.session):
        number = booking.requirement
        if facts.inducted[number]:
            continue
        induction = bool(facts.induction[facts.sessions.project[booking.session]])
        if induction == (number in inducted):
            out.append(booking)
        elif induction:
            inducted.add(number)
    return out


def _sessions_that_run(
    facts: RosterFacts, draft: Draft, bookings: Sequence[Booking]
) -> dict[int, int | None]:
    """The sessions that still have enough people."""
    expected = dict.fromkeys(draft.supervisor, 0 * facts.overflow)
    count = Counter(each.session for each in bookings)
    for each in bookings:
        expected[each.session] += facts.chances[each.requirement]
    return {
        session: under
        for session, under in draft.supervisor.items()
        if count[session] and expected[session] >= facts.least_people[facts.sessions.project[session]]
    }
