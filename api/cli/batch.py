"""`evenhand batch`: every PDU of a folder or region rebalanced and rostered overnight, gone on with after anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsOfOption, JsonOption, PolicyOption, SeedOption, WorkLimitOption

batch_app = typer.Typer(
    help="The overnight batch: every PDU validated, rebalanced, its rosters renewed. Exit 0 all done, "
    "1 something failed or is still open, 2 bad usage.",
    rich_markup_mode=None,
)

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=0,
        max=256,
        help="Worker processes to start here; others on the same database help. [default: one a core]",
    ),
]
ReportsOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FOLDER", help="Where batch.html and batch.xlsx go."),
]
BatchArgument = Annotated[str | None, typer.Argument(metavar="[BATCH]", help="The batch's id.")]


@batch_app.command("run")
def run_batch(  # noqa: PLR0913 - one parameter for each option
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Holds one folder for each PDU.")
    ] = None,
    *,
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="CODE", help="The stored problems of PDUs whose code begins so."),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", metavar="SECONDS", min=1, help="Wall time for all solving together."),
    ] = None,
    work_limit: WorkLimitOption = None,
    seed: SeedOption = 0,
    workers: WorkersOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    report: ReportsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Run a batch, or go on with the one of the same folder or region that has not ended."""
    from api.cli.batching import Wanted, run

    return run(Wanted(folder, region, time_limit, work_limit, seed, workers, policy, as_of, report, as_json))


@batch_app.command("resume")
def resume_batch(
    batch: BatchArgument = None,
    *,
    workers: WorkersOption = None,
    report: ReportsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Go on with a batch where it was cut off; without an id, with the newest that has not ended."""
    from api.cli.batching import resume

    return resume(batch, workers, report, as_json=as_json)


@batch_app.command("status")
def batch_status(
    batch: BatchArgument = None, *, report: ReportsOption = None, as_json: JsonOption = False
) -> int:
    """How far a batch is; without an id, the newest."""
    from api.cli.batching import status

    return status(batch, report, as_json=as_json)
