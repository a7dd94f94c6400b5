"""Why somebody is where they are in a roster, and why not elsewhere.

Everything is reckoned beside the roster as it is: nobody else moves. What would change if others moved too is a
question for solver.explain.levers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from models.policy.policy import Policy
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Placement, Roster
from models.unpaid_work.terms import Weekday, show_time
from solver.explain.roster_sessions import project_number
from solver.explain.sayings import Explanation, Reason, minutes
from solver.unpaid_work.place import Placer, Placing, SlotOption
from solver.unpaid_work.placing.team import LoadedTeam

MOST_ALTERNATIVES = 5


@dataclass(frozen=True)
class RosterExplainer:
    """A loaded roster, ready to explain where people are."""

    placer: Placer
    roster: Roster

    @classmethod
    def of(cls, problem: UnpaidWorkProblem, policy: Policy, roster: Roster) -> RosterExplainer:
        """Load a roster. Raises UsageError for one that was made from another input."""
        return cls(Placer.of(problem, policy, roster), roster)

    @property
    def team(self) -> LoadedTeam:
        """What runs."""
        return self.placer.team

    def person(self, crn: str, event: int | None = None) -> Person:
        """A person of the problem. Raises UsageError as Placer.person does."""
        return self.placer.person(crn, event)

    def _anew(self, person: Person) -> Placing:
        return self.placer.anew(person.key).place(person)

    def _placements(self, person: Person) -> tuple[Placement, ...]:
        return self.team.placements.get(person.key, ())

    def why(self, person: Person) -> Explanation:
        """Where the person is, and what the other slots would cost instead, each alone and by itself."""
        mine = self._placements(person)
        days = len(self.team.entries_of(person.key))
        found = [
            Reason(
                f"{person.crn} goes to {_placed(each)}"
                + (f": {'; '.join(each.reason)}" if each.reason else "")
            )
            for each in mine
        ]
        unplaced = [u for u in self.roster.unplaced if (u.crn, u.delius_event_number) == person.key]
        found += [Reason(each.sentence, rule) for each in unplaced for rule in each.rules[:1]]
        if days and not mine:
            many = "1 single appointment" if days == 1 else f"{days} single appointments"
            found.append(Reason(f"{person.crn} has {many} and no regular slot"))
        options = self._anew(person).options
        found += self._compared(person, mine, options)
        shut = sum(not option.eligible for option in options)
        if shut:
            found.append(Reason(f"{shut} of {len(options)} slots are excluded by rules; ask why not"))
        return Explanation(str(person.key), tuple(found))

    def _compared(
        self, person: Person, mine: tuple[Placement, ...], options: tuple[SlotOption, ...]
    ) -> Iterator[Reason]:
        """The slots that could be had instead, dearer or cheaper than the one that is had."""
        here = [option for option in options if any(_same(option, each) for each in mine)]
        prices = [option.price.total for option in here if option.price is not None]
        others = [option for option in options if option.eligible and option not in here]
        if not prices:
            for option in others[:MOST_ALTERNATIVES]:
                if option.price is not None:
                    yield Reason(f"{_named(option)} would change the total by {minutes(option.price.total)}")
            return
        least = min(prices)
        for option in others[:MOST_ALTERNATIVES]:
            if option.price is None:
                continue
            more = option.price.total - least
            how = "as much" if more == 0 else f"{minutes(abs(more))} {'more' if more > 0 else 'less'}"
            words = f"{_named(option)} alone would cost {how}{_why_dearer(option, here[0])}"
            if more < 0 and len(mine) > 1:
                words += "; it is weighed against one slot alone"
            yield Reason(words)
        if not others:
            yield Reason(f"no other slot can take {person.crn} beside those who are there")

    def why_not(self, person: Person, project_code: str, weekday: Weekday | None = None) -> Explanation:
        """Every rule that keeps a person from a project, or from its slots on a weekday; or what it would cost.

        Asked as if the person had nothing else. Raises UsageError for an unknown project.
        """
        project_number(self.team, project_code)
        options = [
            option
            for option in self._anew(person).options
            if option.slot.project_code == project_code
            and (weekday is None or option.slot.day_of_week is weekday)
        ]
        where = project_code if weekday is None else f"{project_code} on {weekday.title()}s"
        subject = f"{person.key} at {where}"
        if not options:
            return Explanation(
                subject, (Reason(f"{where} has no slot: the project is not open then", "project_open"),)
            )
        found: list[Reason] = []
        for option in options:
            name = _named(option)
            found += [Reason(f"{name}: {rule.sentence}", rule.rule) for rule in option.rules]
            if option.price is not None:
                here = any(_same(option, each) for each in self._placements(person))
                found.append(
                    Reason(
                        f"{name}: the person is there"
                        if here
                        else f"{name}: no rule forbids it; alone it would change the total by "
                        f"{minutes(option.price.total)}"
                    )
                )
                found += [Reason(f"{name}: {rule.sentence}", rule.rule) for rule in option.not_booked]
        return Explanation(subject, tuple(dict.fromkeys(found)))

    def why_not_on(self, person: Person, project_code: str, date: dt.date) -> Explanation:
        """The same for one date."""
        number = project_number(self.team, project_code)
        subject = f"{person.key} at {project_code} on {date}"
        if not self.team.facts.problem.first <= date < self.team.facts.problem.end:
            return Explanation(subject, (Reason(f"{date} is outside the horizon", "project_open"),))
        day = (date - self.team.facts.problem.first).days
        if any((each.day, each.project) == (day, number) for each in self.team.entries_of(person.key)):
            return Explanation(subject, (Reason("the person is booked there"),))
        found: list[Reason] = []
        for option in self._anew(person).options:
            slot = option.slot
            if slot.project_code != project_code or slot.day_of_week is not Weekday.of(date):
                continue
            name = f"{show_time(slot.start_time)}-{show_time(slot.end_time)}"
            booked = any(
                (each.project_code, each.date) == (project_code, date) for each in option.appointments
            )
            if booked and option.price is not None:
                change = minutes(option.price.total)
                found.append(
                    Reason(f"{name}: no rule forbids it; the slot alone would change the total by {change}")
                )
            found += [
                Reason(f"{name}: {each.sentence}", each.rule)
                for each in (*(rule for rule in option.rules if rule.date is None), *option.not_booked)
                if each.date in {None, date}
            ]
        closed = Reason(f"{project_code} is not open on {date}", "project_open")
        return Explanation(subject, tuple(dict.fromkeys(found)) or (closed,))


def _placed(placement: Placement) -> str:
    times = f"{show_time(placement.start_time)}-{show_time(placement.end_time)}"
    return f"{placement.project_code} {placement.day_of_week.title()} {times}"


def _named(option: SlotOption) -> str:
    slot = option.slot
    times = f"{show_time(slot.start_time)}-{show_time(slot.end_time)}"
    return f"{slot.project_code} {slot.day_of_week.title()} {times}"


def _same(option: SlotOption, placement: Placement) -> bool:
    slot = option.slot
    return (slot.project_code, slot.day_of_week, slot.start_time) == (
        placement.project_code,
        placement.day_of_week,
        placement.start_time,
    )


_PARTS = (
    ("lost_minutes", "minutes lost"),
    ("short_of_offer_minutes", "minutes short of the weekly offer"),
    ("supervised_minutes", "minutes supervised"),
    ("travel_minutes", "minutes of travel"),
    ("allocations_changed", "allocations changed"),
    ("appointments_dropped", "told appointments dropped"),
    ("commitment_minutes_unmet", "minutes of commitments unmet"),
)


def _why_dearer(option: SlotOption, than: SlotOption) -> str:
    """The items in which two slots differ."""
    assert option.price is not None
    assert than.price is not None
    parts = [
        f"{difference:+,} {words}"
        for name, words in _PARTS
        if (difference := getattr(option.price, name) - getattr(than.price, name))
    ]
    return f" ({', '.join(parts)})" if parts else ""
