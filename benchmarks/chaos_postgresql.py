"""A PostgreSQL server of a benchmark's or a test run's own: made in a folder, started, stopped, started again."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

SECONDS = 60.0
ADDRESSES = ("127.0.0.1",)


def server_programs() -> Path:
    """The folder with initdb and postgres. Raises RuntimeError, which says what to install."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: float(each.parts[-3]))
    found = newest[-1] if newest else shutil.which("initdb")
    if found is None:
        raise RuntimeError("PostgreSQL's server programs were not found: apt-get install postgresql")
    return Path(found).resolve().parent


class OwnServer:
    """A server below `place`.

    addresses: that it listens on; the first is the one that clients are given. settings: more of the server's own.
    """

    def __init__(
        self, place: Path, addresses: Sequence[str] = ADDRESSES, settings: Sequence[str] = ()
    ) -> None:
        """Makes the server's files and starts it. Raises RuntimeError where it does not start."""
        self.place = place / "postgresql"
        self._addresses, self._settings = tuple(addresses), tuple(settings)
        self.programs = server_programs()
        self.password = secrets.token_hex(8)
        self._server: subprocess.Popen[bytes] | None = None
        self._user = _unprivileged() if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self.place.mkdir(mode=0o755)
        secret = self.place / "password"
        secret.write_text(self.password, encoding="ascii")
        if self._user is not None:
            for each in (self.place, secret):
                os.chown(each, self._user, -1)
            place.chmod(0o755)
        subprocess.run(
            [
                *(self.programs / "initdb", "-D", self.place / "data", "-U", "evenhand", "--pwfile", secret),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            user=self._user,
            cwd=self.place,
            check=True,
            capture_output=True,
        )
        with (self.place / "data" / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write(
                "host all all samenet scram-sha-256\n"
            )  # the other ends of a benchmark's own networks
        self._port = _free_port()
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it answers. Raises RuntimeError."""
        settings = (
            f"port={self._port}",
            f"listen_addresses={','.join(self._addresses)}",
            f"unix_socket_directories={self.place}",
            "fsync=off",  # processes are killed here and not the machine
            "max_connections=200",
            *self._settings,
        )
        with (self.place / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *(self.programs / "postgres", "-D", self.place / "data"),
                    *(part for setting in settings for part in ("-c", setting)),
                ],
                user=self._user,
                cwd=self.place,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self._server.poll() is None:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        text = (self.place / "log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"PostgreSQL did not start:\n{text[-1000:]}")

    def keep_alive(self) -> None:
        """Starts the server again where it has ended, or is of no use any more."""
        if self._server is None or self._server.poll() is not None:
            self._server = None
            self.start()

    def stop(self) -> None:
        """Ends the server, whoever is connected."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(SECONDS)
            self._server = None

    def url(self, name: str) -> str:
        """The address of a database of this server, by TCP."""
        return f"postgresql://evenhand:{self.password}@{self._addresses[0]}:{self._port}/{name}"


def _unprivileged() -> int:
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names.get("nobody", 65534))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
