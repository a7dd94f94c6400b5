"""Fewest supervisors: duties with fixed times to people who have the skills for them, one place at a time."""
