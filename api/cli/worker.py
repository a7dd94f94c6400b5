"""`evenhand worker`: does the jobs of a service or a batch, on this host or any other that reaches the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import PolicyOption


def worker(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="With --batch-at: holds one folder for each PDU."),
    ] = None,
    *,
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, max=64, help="Jobs at a time.")] = 1,
    batch_at: Annotated[
        str | None,
        typer.Option(
            "--batch-at",
            metavar="CRON",
            help="Run the batch of FOLDER by this cron expression, Europe/London: '0 2 * * *'.",
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Where the reports of nightly batches go.")
    ] = None,
    policy: PolicyOption = None,
) -> int:
    """Do jobs until stopped. EVENHAND_DATABASE_URL says whose; SQLite serves one machine, PostgreSQL many."""
    import os

    from api.cli.loading import the_policy
    from api.jobs.batch.nightly import Nightly
    from api.jobs.child import ChildLimits
    from api.jobs.schedule import Cron
    from api.jobs.worker import WorkerSettings, serve_queue
    from api.settings import read_settings
    from models.errors import UsageError

    if (folder is None) != (batch_at is None):
        raise UsageError("FOLDER and --batch-at belong together")
    settings = read_settings(os.environ)
    url = settings.database_url
    nightly = None
    if folder is not None and batch_at is not None:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder; name the one that holds one folder for each PDU")
        the_policy(policy)
        nightly = Nightly(folder, Cron.parse(batch_at), url, concurrency, policy, report)
    limits = ChildLimits(megabytes=settings.limits.job_memory_megabytes)
    serve_queue(WorkerSettings(url, concurrency, limits), nightly=nightly)
