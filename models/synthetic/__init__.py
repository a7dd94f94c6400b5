"""The seeded generator of realistic problems."""
