"""Every rule again from the input alone, without the solver."""
