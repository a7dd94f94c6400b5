"""Plans as spreadsheets and text for people."""
