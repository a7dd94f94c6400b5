"""`read_roster`: a roster to be checked or repaired, from the JSON file in which it was written."""

from __future__ import annotations

import re
from pathlib import Path

from models.extracts.grid import refuse, shown
from models.extracts.json_text import record_of_json
from models.extracts.limits import LIMITS, Limits
from models.unpaid_work.roster import Roster


def read_roster(path: Path, *, limits: Limits = LIMITS) -> Roster:
    """The roster at `path`, as `roster` and `repair` write it. Raises InputError with every fault."""
    if path.suffix.casefold() != ".json":
        raise refuse(f"a roster cannot be read from {shown(path.name)}", "roster.json", path.name)
    return record_of_json(path, Roster, limits)


_SESSIONS = re.compile(rb'"sessions"\s*:')  # no text within JSON holds this: its quotes are escaped


def states_sessions(path: Path, *, limits: Limits = LIMITS) -> bool:
    """Whether a file is JSON with sessions, as a roster has and a plan has not; False when it cannot be read."""
    try:
        if path.suffix.casefold() != ".json" or path.stat().st_size > limits.json_bytes:
            return False
        return _SESSIONS.search(path.read_bytes()) is not None
    except OSError:
        return False
