"""Problems from CSV, XLSX, Parquet and JSON, with every fault named by its place."""
