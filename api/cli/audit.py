"""`evenhand audit`: whether the trail of who touched whose data is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import DatabaseOption, JsonOption

if TYPE_CHECKING:
    from api.store.records import ChainHead

audit_app = typer.Typer(
    help="The audit trail: who collected, changed, consulted, disclosed, combined or erased what, and when.",
    rich_markup_mode=None,
)


@audit_app.callback()
def _audit() -> None:
    """The audit trail."""


@audit_app.command("verify")
def verify_audit(
    database: DatabaseOption = None,
    kept: Annotated[
        str | None,
        typer.Option(
            "--kept",
            metavar="POSITION:HASH",
            help="The end of the trail as an earlier verify printed it, kept elsewhere: it must still be part of it.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Check every event of the audit trail against its hash and the one before. Exit code 1 when one is broken."""
    from api.cli.exits import ExitCode
    from api.cli.opening import open_store
    from api.cli.terminal import say, show_json, show_text

    expected = _head_of(kept)
    with open_store(database) as store:
        broken = store.verify_chain(expected)
        head = store.chain_head() if broken is None else None
    if as_json:
        show_json(
            {
                "whole": broken is None,
                "events": None if head is None else head.position,
                "hash": None if head is None else head.hash,
                "brokenAt": None if broken is None else broken.position,
                "why": None if broken is None else broken.why,
            }
        )
    elif broken is not None:
        say(f"evenhand: the audit trail is broken at position {broken.position}: {broken.why}")
    elif head is not None:
        show_text(f"the audit trail is whole: {head.position} events; its end, to be kept elsewhere, is")
        show_text(f"{head.position}:{head.hash}")
    return ExitCode.DONE if broken is None else ExitCode.NOT_CLEAN


def _head_of(kept: str | None) -> ChainHead | None:
    """The end of the trail from how it was printed. Raises UsageError for anything else."""
    from api.store.records import ChainHead
    from models.errors import UsageError

    if kept is None:
        return None
    position, _, digest = kept.strip().partition(":")
    if not position.isdecimal() or len(digest) != 64:
        raise UsageError("--kept: expected POSITION:HASH as evenhand audit verify prints it")
    return ChainHead(int(position), digest)
