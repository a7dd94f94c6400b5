"""`evenhand serve`: the HTTP service on this machine."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    host: Annotated[
        str | None, typer.Option("--host", metavar="HOST", help="[default: EVENHAND_HOST or 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="PORT",
            min=0,
            max=65_535,
            help="[default: EVENHAND_PORT or 8040] 0 takes a free one.",
        ),
    ] = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do the jobs too, in a process of their own.")
    ] = True,
    migrate: Annotated[
        bool,
        typer.Option("--migrate", help="Bring the tables of a PostgreSQL store to their newest state first."),
    ] = False,
) -> int:
    """Serve the HTTP API. Settings come from EVENHAND_* (docs/operations.md); without any, this machine alone."""
    import dataclasses
    import os

    from api.cli.exits import ExitCode
    from api.cli.terminal import say
    from api.settings import read_settings

    settings = read_settings(os.environ)
    settings = dataclasses.replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    settings.check_binding()
    from api.http.serving import serve as run

    run(settings, worker=worker, migrate=migrate, say=lambda line: say(f"evenhand: {line}"))
    return ExitCode.DONE
