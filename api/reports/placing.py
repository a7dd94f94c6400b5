"""Where one person can go, on a page of text: slots by price, start and finish, and why others are excluded."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from api.reports.summary import counted, heading, wrapped
from models.unpaid_work.roster import Forecast
from models.unpaid_work.terms import show_time
from solver.unpaid_work.place import Placing, SlotOption

MOST_SHOWN = 12
"""Slots that are shown with all their dates; the others are counted."""

_ITEMS = (
    ("unplaced_people", "left with nothing"),
    ("lost_minutes", "minutes lost"),
    ("short_of_offer_minutes", "minutes short of the weekly offer"),
    ("supervised_minutes", "minutes supervised"),
    ("travel_minutes", "minutes of travel"),
    ("allocations_changed", "allocations changed"),
    ("appointments_dropped", "told appointments dropped"),
    ("commitment_minutes_unmet", "minutes of commitments unmet"),
)
"""The items of a price in words; those that do not change are not shown."""


def placing_lines(found: Placing) -> Iterator[Text]:
    """The lines of an answer."""
    may = [option for option in found.options if option.eligible]
    may_not = [option for option in found.options if not option.eligible]
    before = found.options[0].before if found.options else None
    yield Text(
        f"{found.crn}, event {found.delius_event_number}, from {found.first_day.isoformat()}", style="bold"
    )
    if before is not None:
        yield Text(
            f"  {before.remaining_minutes:,} minutes remain, {before.booked_minutes:,} are booked; as it is: "
            f"{_outlook(before)}"
        )
    if may:
        yield from heading(f"{counted(len(may), 'slot')} can take them, the best first")
        for option in may[:MOST_SHOWN]:
            yield from _option(option)
        if len(may) > MOST_SHOWN:
            yield Text(f"  and {len(may) - MOST_SHOWN} more (--json lists all)")
    else:
        yield Text("No slot can take them.", style="red")
    if may_not:
        yield from heading(f"{counted(len(may_not), 'slot')} cannot")
        for option in may_not:
            words = ". ".join(_upper(refusal.sentence) for refusal in option.rules)
            yield from wrapped(f"{words}.", "      ", f"  {_name(option)}: ")


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _name(option: SlotOption) -> str:
    slot = option.slot
    often = {"WEEKLY": "", "FORTNIGHTLY": " fortnightly", "ONCE": " once"}[slot.frequency]
    times = f"{show_time(slot.start_time)}-{show_time(slot.end_time)}"
    return f"{slot.project_code} {slot.day_of_week.title()}{often} {times}"


def _outlook(forecast: Forecast) -> str:
    if forecast.minutes_expected_short:
        return f"{forecast.minutes_expected_short:,} minutes are expected to be lost"
    if forecast.expected_finish is None:
        return "not expected to finish in time"
    return f"finished by {forecast.expected_finish.isoformat()}"


def _option(option: SlotOption) -> Iterator[Text]:
    assert option.after is not None
    assert option.price is not None
    slot = option.slot
    under = "" if slot.supervisor_code is None else f" under {slot.supervisor_code}"
    start = "" if slot.start_date_inclusive is None else f" from {slot.start_date_inclusive.isoformat()}"
    style = "green" if option.rank == 1 else ""
    yield Text(f"  {option.rank:>3}  {_name(option)}{start}{under}: {_outlook(option.after)}", style=style)
    dates = ", ".join(f"{each.date:%d %b}" for each in option.appointments)
    booked = f"{counted(len(option.appointments), 'appointment')}: {dates}"
    yield from wrapped(booked, "         ", "       ")
    items = [
        f"{getattr(option.price, name):+,} {words}" for name, words in _ITEMS if getattr(option.price, name)
    ]
    yield from wrapped(
        f"price {option.price.total / 10:+,.0f} minutes: {', '.join(items)}", "         ", "       "
    )
    if option.opened:
        yield Text(f"       {counted(len(option.opened), 'session')} would run for this alone")
    if option.not_booked:
        words = "; ".join(dict.fromkeys(each.sentence for each in option.not_booked[:3]))
        more = len(option.not_booked) - 3
        yield from wrapped(
            f"not on {counted(len(option.not_booked), 'date')}: {words}"
            + (f"; and {more} more" if more > 0 else ""),
            "         ",
            "       ",
        )
