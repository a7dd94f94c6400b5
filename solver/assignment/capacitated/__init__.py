"""The plain generalised assignment problem: weights that differ by agent, hard capacities, a proven bound."""

from solver.assignment.capacitated.bound import multiplier_bound
from solver.assignment.capacitated.solve import GapSolution, solve_gap

__all__ = ["GapSolution", "multiplier_bound", "solve_gap"]
