"""What a command works on: the problem, the policy, the plan date."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from pathlib import Path

from api.cli.terminal import say
from models.allocation.problem import AllocationProblem
from models.errors import UsageError
from models.extracts import read_allocation, read_unpaid_work
from models.policy.policy import Policy, default_policy, load_policy
from models.record import parse_date
from models.unpaid_work.attendance import estimated
from models.unpaid_work.problem import UnpaidWorkProblem

FINDINGS = "findings"


def today() -> dt.date:
    """The date in London; in UTC on a machine that knows no time zones."""
    try:
        zone: dt.tzinfo = zoneinfo.ZoneInfo("Europe/London")
    except zoneinfo.ZoneInfoNotFoundError:
        zone = dt.UTC
    return dt.datetime.now(zone).date()


def the_policy(path: Path | None) -> Policy:
    """The policy of a file, or the default one. Raises PolicyError with every fault."""
    return default_policy() if path is None else load_policy(path)


def the_date(text: str | None, option: str = "--as-of") -> dt.date | None:
    """The date of an option. Raises UsageError for text that is none."""
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    assert isinstance(day, dt.date)
    return day


def the_problem(path: Path, as_of: str | None, *, default: dt.date | None = None) -> AllocationProblem:
    """The problem at `path`. Raises InputError with every fault.

    Extracts that state no plan date get `default`, else today's, and stderr says so.
    """
    day = default or today()
    given = the_date(as_of)
    problem = read_allocation(path, as_of=given, default_as_of=day)
    if given is None and default is None and problem.as_of == day:
        say(f"evenhand: the plan date is today, {day.isoformat()}, because no other is given (--as-of)")
    return problem


def the_team(
    path: Path, start: str | None, policy: Policy, *, option: str = "--from", default: dt.date | None = None
) -> UnpaidWorkProblem:
    """The unpaid work problem at `path`, blank chances of attendance estimated where there is a history.

    start: the first day as the option of that name states it. default: the first day of extracts that state none,
    else today. Raises InputError with every fault.
    """
    first = the_date(start, option)
    return estimated(
        read_unpaid_work(path, start=first, default_start=default or today()), policy.unpaid_work
    )


def check_released(problem: AllocationProblem, released: Iterable[str]) -> None:
    """Raises UsageError for a code that names nobody: a slip of the pen would release nothing, in silence."""
    known = {FINDINGS, *problem.officers_of}
    known.update(case.current_staff_code for case in problem.cases if case.current_staff_code is not None)
    strange = [code for code in released if code not in known]
    if strange:
        raise UsageError(f"--release: nobody in the problem is {', '.join(strange)}")


def released_of(text: str | None) -> tuple[str, ...]:
    """The codes of --release, each once."""
    if text is None:
        return ()
    codes = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not codes:
        raise UsageError("--release: name staff codes separated by commas, or 'findings'")
    return codes
