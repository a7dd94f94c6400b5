"""`evenhand atrs`: the Algorithmic Transparency Record, from what is in force and in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import DatabaseOption, JsonOption, PolicyOption

if TYPE_CHECKING:
    from api.reports.atrs import Usage
    from api.store.store import Store


def atrs(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="A file: .md for a page, .json for data. [default: stdout]"
        ),
    ] = None,
    policy: PolicyOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> int:
    """Write the Algorithmic Transparency Recording Standard's record; fields for the owner are marked."""
    from importlib import metadata

    from api.cli.exits import ExitCode
    from api.cli.loading import the_policy, today
    from api.cli.terminal import say, show_json, show_text
    from api.files import check_writable, replacing, write_json
    from api.reports.atrs import OWNER, transparency_record
    from models.errors import UsageError

    if out is not None:
        if out.suffix.casefold() not in {".md", ".json"}:
            raise UsageError(f"--out: {out} is neither .md nor .json")
        check_writable(out)
    rules = the_policy(policy)
    versions = {name: metadata.version(name) for name in ("evenhand", "ortools", "numpy", "scipy")}
    record = transparency_record(rules, versions, _usage(database), today())
    if out is None:
        if as_json:
            show_json(record.as_json())
        else:
            show_text(record.as_markdown())
        return ExitCode.DONE
    if out.suffix.casefold() == ".json":
        write_json(out, record.as_json())
    else:
        with replacing(out) as beside:
            beside.write_text(record.as_markdown(), encoding="utf-8")
    left = sum(each.owner for part in record.parts for each in part.fields)
    say(f"evenhand: wrote {out}; {left} fields are marked '{OWNER}'")
    return ExitCode.DONE


def _usage(database: str | None) -> Usage | None:
    """The figures of the store; None, and a word about it, where there is none."""
    from api.cli.opening import address_of, open_store
    from api.cli.terminal import say
    from api.store.database import existing_database
    from models.errors import StoreError

    try:
        with existing_database(address_of(database)):
            pass
        with open_store(database) as store:
            return usage_of(store)
    except StoreError as error:
        say(f"evenhand: without figures of use: {error}")
        return None


def usage_of(store: Store) -> Usage:
    """How much a service was used, from everything that its store keeps."""
    from api.reports.atrs import Usage
    from api.store.records import JobKind

    decided = store.acceptance(None)
    allocation, unpaid = (JobKind.ALLOCATE, JobKind.REBALANCE), (JobKind.ROSTER, JobKind.REPAIR)
    return Usage(
        pdus=len({problem.pdu for problem in store.latest_problems()}),
        problems=store.problems(None, size=1).total,
        allocation_plans=store.plans(None, kinds=allocation, size=1).total,
        rosters=store.plans(None, kinds=unpaid, size=1).total,
        accepted=decided.accepted,
        overridden=decided.overridden,
        rejected=decided.rejected,
        acceptance_rate=decided.rate,
        median_review_seconds=decided.median_review_seconds,
        blind_runs=len(decided.blind_runs),
        audit_events=store.chain_head().position,
    )
