"""`read_roster`: a roster to be checked or repaired, from the JSON file in which it was written."""

from __future__ import annotations

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
