"""Problems from CSV, XLSX, Parquet and JSON, with every fault named by its place."""

from models.extracts.allocation import read_allocation

__all__ = ["read_allocation"]
