"""The roster on a page, as a grid, as a spreadsheet and as a calendar, from a roster worked out by hand."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import icalendar
import openpyxl
import pytest

from api.reports.roster_calendar import calendar_of
from api.reports.roster_grid import week_grid, weeks_of
from api.reports.roster_spreadsheet import write_roster_spreadsheet
from api.reports.roster_summary import roster_summary
from api.reports.roster_view import RosterView, expected_turned_away, percent
from models.errors import UsageError
from models.policy.policy import default_policy
from models.unpaid_work.roster import Change, RosterFinding, RosterKind, RosterQuestion
from tests.support.unpaid import ANN, FIRST, Book, X, Y, day, drawn, honest_roster, person, placement, problem

TEAM = problem([person(X), person(Y, complete_by=day(20))])
LINES = drawn(Book(X, on=1), Book(Y, on=1), Book(X, on=8), placements=[placement(X)])


def view(**fields: Any) -> RosterView:
    return RosterView(TEAM, honest_roster(TEAM, LINES, **fields), default_policy())


def text(of: RosterView) -> str:
    return "\n".join(line.plain for line in roster_summary(of))


def test_the_summary_says_what_is_booked_and_how_good_it_is() -> None:
    said = text(view(bound=1, gap=0.015, gap_net=0.1))
    assert "Roster from 2026-11-23 for 4 weeks: within 1.50 % of the best (proven, net 10.00 %)" in said
    assert "2 of 2 requirements with minutes left are placed" in said
    assert "3 appointments in 2 sessions under 1 supervisor; 1 placement" in said
    assert "Expected not to finish by the date to complete by" in said


def test_the_summary_says_when_the_bound_is_unknown() -> None:
    assert "how near to the best is unknown" in text(view())


def test_every_item_of_the_objective_is_shown_and_adds_up() -> None:
    shown = view()
    assert sum(item.sum for item in shown.items) == shown.roster.objective.total
    assert f"{shown.roster.objective.total:,}" in text(shown)


def test_the_late_are_those_whose_order_ends_too_early() -> None:
    # Y has 7,200 minutes, one day of 420 at 0.75 and no time after the horizon: 7,200 - 315 are lost.
    late = {each.crn: each.minutes_expected_short for each in view().late}
    assert late[Y] == 7200 - 315


def test_the_grid_shows_a_session_in_its_day() -> None:
    shown = view()
    assert weeks_of(shown)[0] == FIRST
    lines = [line.plain for line in week_grid(shown, FIRST)]
    heads = next(line for line in lines if "Tue 24" in line)
    row = next(line for line in lines if line.startswith("  P01"))
    assert row.index("09:00 2/10") == heads.index("Tue 24")
    assert any(line.strip() == ANN for line in lines)


def test_a_week_without_sessions_says_so() -> None:
    assert "nothing runs" in [line.plain.strip() for line in week_grid(view(), FIRST + dt.timedelta(days=14))]


def test_a_horizon_that_begins_midweek_has_its_first_week_whole() -> None:
    team = problem([person(X)], first=FIRST + dt.timedelta(days=2), weeks=1)
    shown = RosterView(team, honest_roster(team, drawn()), default_policy())
    assert weeks_of(shown) == (FIRST, FIRST + dt.timedelta(days=7))


def test_a_repair_says_whom_to_tell() -> None:
    changed = view(
        question=RosterQuestion(RosterKind.REPAIR),
        changes=(Change(X, "moved", "Tue 09:00 P01", "Wed 09:00 P02"),),
    )
    said = text(changed)
    assert "Whom to tell (1 change)" in said
    assert "X000001: moved: Tue 09:00 P01 to Wed 09:00 P02" in said
    assert "nobody: what was told stands" in text(view(question=RosterQuestion(RosterKind.REPAIR)))


def test_findings_are_shown_by_rule() -> None:
    found = RosterFinding("available", X, "P01", day(1), "X000001 may not come any more")
    said = text(view(findings=(found,)))
    assert "available (1): " in said
    assert "X000001 may not come any more" in said


@pytest.mark.parametrize(("count", "places"), list(itertools.product(range(5), range(4))))
def test_the_turned_away_are_those_beyond_the_places_on_average(count: int, places: int) -> None:
    chances = [0.5, 0.25, 0.75, 1.0][:count]
    expected = 0.0
    for comes in itertools.product((0, 1), repeat=count):
        probability = 1.0
        for one, chance in zip(comes, chances, strict=True):
            probability *= chance if one else 1 - chance
        expected += probability * max(0, sum(comes) - places)
    assert expected_turned_away(chances, places) == pytest.approx(expected)


def test_a_percentage_is_never_rounded_to_a_better_one() -> None:
    assert percent(0.0) == "0.00 %"
    assert percent(0.00001) == "0.01 %"
    assert percent(0.012341) == "1.24 %"


def test_the_spreadsheet_has_a_sheet_for_each_week_and_part(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    write_roster_spreadsheet(view(), path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:5] == ["Summary", "Week 1", "Week 2", "Week 3", "Week 4"]
    assert book["Week 1"]["C2"].value == f"09:00-16:00 2/10 {ANN}"
    rows = list(book["Appointments"].values)
    assert rows[1][:4] == (X, 1, "P01", "2026-11-24")
    assert len(rows) == 1 + 3


def test_the_calendar_of_all_names_nobody_who_is_booked() -> None:
    raw = calendar_of(view())
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert len(events) == 2
    assert X.encode() not in raw
    start = events[0].decoded("dtstart")
    assert (start.hour, start.utcoffset()) == (9, dt.timedelta(0))


def test_a_supervisor_sees_who_is_booked() -> None:
    events = icalendar.Calendar.from_ical(calendar_of(view(), ANN)).walk("VEVENT")
    assert str(events[0]["description"]) == f"Supervisor {ANN}\n{X}\n{Y}"


def test_a_person_gets_their_own_appointments() -> None:
    raw = calendar_of(view(), Y.lower())
    assert len(icalendar.Calendar.from_ical(raw).walk("VEVENT")) == 1
    assert X.encode() not in raw


def test_a_calendar_keeps_local_time_over_a_change_of_the_clocks() -> None:
    team = problem([person(X)], first=dt.date(2027, 3, 22), weeks=2, non_working_days=())
    lines = drawn(Book(X, on=(dt.date(2027, 3, 30) - FIRST).days))
    raw = calendar_of(RosterView(team, honest_roster(team, lines), default_policy()))
    start = icalendar.Calendar.from_ical(raw).walk("VEVENT")[0].decoded("dtstart")
    assert (start.hour, start.utcoffset()) == (9, dt.timedelta(hours=1))


def test_nobody_gets_the_calendar_of_a_stranger() -> None:
    with pytest.raises(UsageError, match="N03U999"):
        calendar_of(view(), "N03U999")
