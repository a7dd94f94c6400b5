"""Unpaid work: people with hours to work, projects, supervisors, and the roster that brings them together."""
