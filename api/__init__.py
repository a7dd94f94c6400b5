"""Every door: parse, ask the solver, answer."""
