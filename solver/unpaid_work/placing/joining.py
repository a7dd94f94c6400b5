"""Whether one person may join a session that runs, or have one opened: every rule that forbids it, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from models.unpaid_work.project import Project
from models.unpaid_work.terms import ProjectType, Weekday
from solver.unpaid_work.facts import acceptable
from solver.unpaid_work.placing.newcomer import Newcomer, Refused
from solver.unpaid_work.placing.team import Duty, Entry, LoadedTeam, Running


def diary_refusals(
    team: LoadedTeam, newcomer: Newcomer, diary: Sequence[Entry], entry: Entry
) -> Iterator[Refused]:
    """What the person's own days forbid: where they are that day, and the limits of the day and the week."""
    facts, date = team.facts, team.date(entry.day)
    absent = newcomer.not_there(date)
    if absent is not None:
        yield "available", absent
    today = [each for each in diary if each.day == entry.day]
    if any(each.project != entry.project for each in today):
        there = team.code(next(each.project for each in today if each.project != entry.project))
        yield "one_place_at_a_time", f"{newcomer.crn} is at {there} on {date}; one project a day"
    elif any(each.start < entry.end and entry.start < each.end for each in today):
        yield "one_place_at_a_time", f"{newcomer.crn} is booked at {team.code(entry.project)} then on {date}"
    week = int(facts.week_of_day[entry.day])
    minutes = entry.minutes + sum(each.minutes for each in diary if int(facts.week_of_day[each.day]) == week)
    if minutes > newcomer.weekly_most:
        yield (
            "weekly_limit",
            f"{newcomer.crn} would have {minutes} minutes in the week of {date}; the limit is {newcomer.weekly_most}",
        )
    minutes, most = entry.minutes + sum(each.minutes for each in today), facts.rules.limits.day_minutes
    if minutes > most:
        yield "weekly_limit", f"{newcomer.crn} would have {minutes} minutes on {date}; the limit is {most}"


def joining_refusals(team: LoadedTeam, newcomer: Newcomer, session: Running) -> Iterator[Refused]:
    """What those in a session, its places, its vehicle and its supervisor forbid."""
    facts = team.facts
    project = facts.problem.projects[session.project]
    name = team.name(session.project, session.day, session.start, session.end)
    if session.supervisor is not None:
        under = facts.problem.supervisors[session.supervisor]
        if not acceptable(newcomer.person, under):
            yield "supervisor_sex", f"{name} is under {under.staff_code}, whom {newcomer.crn} may not have"
    for other in sorted(session.crns & newcomer.apart):
        yield "keep_apart", f"{other} is at {name}, to be kept apart from {newcomer.crn}"
    if newcomer.person.risk_in_group and project.risk_limit is not None:
        count = session.risky + 1
        if count > project.risk_limit:
            yield (
                "risk_in_group",
                f"{name} would have {count} people with risk issues; the limit is {project.risk_limit}",
            )
    chance = session.overflow_with(newcomer.chance)
    if chance > facts.overflow:
        count = len(session.chances) + 1
        yield (
            "session_size",
            f"{name} is full: with {count} booked the chance that more than {session.places} come would be "
            f"{float(chance):.4f}; at most {float(facts.overflow):g} is allowed",
        )
    seats = facts.question.disruption.seats(project, team.date(session.day))
    if newcomer.collected and seats is not None and session.collected + 1 > seats:
        count = session.collected + 1
        yield (
            "pick_up",
            f"{name} would have {count} people to collect; the vehicle has {seats} seats",
        )


def opened(
    team: LoadedTeam, newcomer: Newcomer, duty: Duty, free: Iterable[int], own: Sequence[tuple[int, Duty]]
) -> tuple[Running | None, list[Refused]]:
    """A session opened for the person, or why there can be none.

    free: the supervisors who could have it, those to be preferred first. own: what supervisors would have by the same
    answer already.
    """
    facts = team.facts
    project = facts.problem.projects[duty.project]
    name = team.name(duty.project, duty.day, duty.start, duty.end)
    refused: list[Refused] = []
    for other in team.of_day.get((duty.project, duty.day), ()):
        if other.start < duty.end and duty.start < other.end:
            runs = team.name(other.project, other.day, other.start, other.end)
            refused.append(("project_open", f"{runs} runs at that time"))
    supervisor, places = None, project.places
    if project.supervisor_needed:
        still = [n for n in free if not own or team.free(n, duty, [more for who, more in own if who == n])]
        willing = [n for n in still if acceptable(newcomer.person, facts.problem.supervisors[n])]
        if not still:
            refused.append(("supervised", f"no supervisor for {name} is qualified and free"))
        elif not willing:
            refused.append(
                ("supervisor_sex", f"no supervisor who is free for {name} is one {newcomer.crn} may have")
            )
        else:
            supervisor = willing[0]
            places = min(places, int(facts.max_group[supervisor]))
    session = Running(duty.project, duty.day, duty.start, duty.end, supervisor, places)
    refused += joining_refusals(team, newcomer, session)
    least = int(facts.least_people[duty.project])
    if newcomer.chance < least:
        refused.append(
            (
                "session_size",
                f"{name} does not run, and would expect {float(newcomer.chance):.2f} people; it needs {least}",
            )
        )
    session = session.joined_by(newcomer)
    if team.sound and not refused:
        refused += _owed_to_others(team, newcomer, project, session)
    return (None if refused else session), refused


def _owed_to_others(
    team: LoadedTeam, newcomer: Newcomer, project: Project, session: Running
) -> Iterator[Refused]:
    """Whom a session opened now would have to take first: those with nothing, and those told who were dropped."""
    name = team.name(session.project, session.day, session.start, session.end)
    for other in team.left_out:
        if other.person.key != newcomer.person.key and could_take(team, other, session):
            yield (
                "nobody_left_out",
                f"{other.person.key} has no appointment and could come to {name}: place them first",
            )
            return
    people = team.facts.problem.people
    for number, entry in team.dropped:
        here = (entry.project, entry.day, entry.start) == (session.project, session.day, session.start)
        waits = project.project_type is ProjectType.INDUCTION and not team.facts.inducted[number]
        if people[number].key != newcomer.person.key and (here or waits):
            yield (
                "pinned",
                f"{people[number].key} was told of a day that {name} could give back: place them first",
            )
            return


def could_take(team: LoadedTeam, other: Newcomer, session: Running) -> bool:
    """Whether somebody with no appointment could come to the session, for all of it or what remains to them."""
    project = team.facts.problem.projects[session.project]
    weekday = Weekday.of(team.date(session.day))
    if (project.project_type is ProjectType.INDUCTION) == other.inducted:
        return False
    if next(other.never(project, weekday, session.start), None) is not None:
        return False
    end = min(session.end, session.start + other.remaining)
    if other.stay(weekday, session.start, end) < end - session.start:
        return False
    entry = Entry(session.day, session.project, session.start, end, other.person.event_number)
    diary = team.diaries.get(other.crn, ())
    if next(diary_refusals(team, other, diary, entry), None) is not None:
        return False
    return next(joining_refusals(team, other, session), None) is None
