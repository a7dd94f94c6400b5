"""The kernel on arrays: tasks, agents, costs, weights, capacities and bands; nothing of probation."""
