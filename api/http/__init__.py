"""The HTTP API: parse, ask the solver or the store, answer. `app.create_app` makes it."""
