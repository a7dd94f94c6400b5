"""`evenhand policy`: the numbers that decide, with their sources, and whether a policy file is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, PolicyOption

policy_app = typer.Typer(
    help="The policy: every number that decides something, dated and with its source.",
    rich_markup_mode=None,
)


@policy_app.command("show")
def show_policy(
    policy: PolicyOption = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="NAME", help="A policy shipped with evenhand.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Print a policy with its comments and sources, then its hash. Copy and change it to make your own."""
    from api.cli.exits import ExitCode
    from api.cli.terminal import show_json, show_text
    from models.errors import UsageError
    from models.policy.policy import DEFAULT_VERSION, load_policy, parse_policy, policy_text, shipped_versions

    if policy is not None and version is not None:
        raise UsageError("--policy and --version exclude each other")
    if policy is not None:
        loaded = load_policy(policy)
        text = policy.read_text(encoding="utf-8")
    else:
        name = version or DEFAULT_VERSION
        if name not in shipped_versions():
            raise UsageError(
                f"--version: no policy {name} is shipped; there is {', '.join(shipped_versions())}"
            )
        text = policy_text(name)
        loaded = parse_policy(text, file=f"{name}.toml")
    if as_json:
        show_json({**loaded.model_dump(mode="json"), "hash": loaded.policy_hash})
    else:
        show_text(f"{text.rstrip()}\n\n# version {loaded.version}, SHA-256 {loaded.policy_hash}\n")
    return ExitCode.DONE


@policy_app.command("check")
def check_policy(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")],
    as_json: JsonOption = False,
) -> int:
    """Read a policy file and list every fault. Exit code 2 when there is one."""
    from api.cli.exits import ExitCode
    from api.cli.terminal import show_json, show_text
    from models.policy.policy import load_policy

    loaded = load_policy(file)
    if as_json:
        show_json({"version": loaded.version, "hash": loaded.policy_hash})
    else:
        show_text(f"{file}: version {loaded.version} is sound, SHA-256 {loaded.policy_hash}")
    return ExitCode.DONE
