"""Why this, why not, and what would change it."""
