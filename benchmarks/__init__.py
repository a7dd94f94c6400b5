"""How good and how fast the solver is, measured; README.md is the protocol."""
