"""Problems from CSV, XLSX, Parquet and JSON, with every fault named by its place."""

from models.extracts.allocation import read_allocation
from models.extracts.plans import EditedPlan, read_plan
from models.extracts.rosters import read_roster
from models.extracts.unpaid_work import read_unpaid_work

__all__ = ["EditedPlan", "read_allocation", "read_plan", "read_roster", "read_unpaid_work"]
