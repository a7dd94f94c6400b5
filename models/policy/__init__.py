"""Dated tables of points, grade rules, bands, prices and limits, each with its source."""
