"""`evenhand serve` as a person starts it: what it says, what it refuses, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app

COMMAND = (sys.executable, "-c", "from api.cli.main import main; main()", "serve")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """This one's environment with a store of the test's own."""
    bare = {name: text for name, text in os.environ.items() if not name.startswith("EVENHAND_")}
    return {**bare, "EVENHAND_DATABASE_URL": f"sqlite:///{folder / 'new' / 'store.db'}", **settings}


def test_it_says_where_it_serves_and_keeps_data_and_ends_in_order(tmp_path: Path) -> None:
    words: Sequence[str] = (*COMMAND, "--port", "0", "--no-worker")
    said: list[str] = []
    with subprocess.Popen(words, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            while not any("Ctrl-C" in line for line in said):
                said.append(process.stderr.readline())
                assert said[-1], "".join(said)
            address = re.search(r"http://127\.0\.0\.1:\d+", "".join(said))
            assert address is not None
            with urllib.request.urlopen(f"{address[0]}/health", timeout=30) as answer:  # noqa: S310 - our own
                assert json.load(answer)["status"] == "UP"
        finally:
            process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(30) == 0
    greeting = "".join(said)
    assert "only this machine is served" in greeting
    assert f"sqlite:///{tmp_path}/new/store.db" in greeting
    assert (tmp_path / "new" / "store.db").stat().st_mode & 0o077 == 0
    lines = [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
    assert any(line["event"] == "request" and line["route"] == "/health" for line in lines)
    assert all(line.startswith(("{", "evenhand: ")) for line in rest.splitlines())


@pytest.mark.parametrize(
    ("options", "settings", "problem"),
    [
        (["--host", "0.0.0.0"], {}, "no authentication is set"),  # noqa: S104 - refused
        ([], {"EVENHAND_HOST": "evenhand.example"}, "no authentication is set"),
        ([], {"EVENHAND_ISSUER": "https://issuer.example"}, "EVENHAND_JWKS_URL"),
        ([], {"EVENHAND_PRT": "80"}, "EVENHAND_PRT"),
    ],
)
def test_what_must_not_be_served_is_refused(
    tmp_path: Path, options: list[str], settings: dict[str, str], problem: str
) -> None:
    given = environment(tmp_path, **settings)
    result = CliRunner().invoke(app, ["serve", *options], env=given)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert not (tmp_path / "new").exists()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [*COMMAND, "--port", port, "--no-worker"],
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert f"port {port} cannot be served" in result.stderr
