"""People to placements and sessions to supervisors: place, roster and repair under every rule."""
