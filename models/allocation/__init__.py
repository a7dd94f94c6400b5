"""Cases, officers, the allocation problem and its plan."""
