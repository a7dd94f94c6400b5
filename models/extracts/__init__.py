"""Problems from CSV, XLSX, Parquet and JSON, with every fault named by its place."""

from models.extracts.allocation import read_allocation
from models.extracts.plans import EditedPlan, read_plan

__all__ = ["EditedPlan", "read_allocation", "read_plan"]
