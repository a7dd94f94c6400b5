"""Network namespaces for workers, each joined to this machine by a pair of virtual interfaces, as hosts would be."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from models.errors import UsageError

NETWORK = "10.213"
"""Of these addresses each namespace gets a net of two: this machine's end is .1, the namespace's .2."""


@contextmanager
def namespaces(count: int) -> Iterator[tuple[Sequence[str], str]]:
    """The names of new namespaces, and the address by which all of them reach this machine.

    Raises UsageError where they cannot be made.
    """
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise UsageError("network namespaces need root and the command ip (apt-get install iproute2)")
    names = [f"evenhand-{os.getpid()}-{number}" for number in range(1, count + 1)]
    try:
        for number, name in enumerate(names, start=1):
            _join(number, name)
        yield names, f"{NETWORK}.1.1"
    finally:
        for name in names:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", name)  # its interface goes, and the other end with it


def _join(number: int, name: str) -> None:
    ours, theirs = f"eh{os.getpid() % 100_000}h{number}", f"eh{os.getpid() % 100_000}n{number}"
    try:
        _ip("netns", "add", name)
        _ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        _ip("address", "add", f"{NETWORK}.{number}.1/24", "dev", ours)
        _ip("link", "set", ours, "up")
        for words in (
            ("address", "add", f"{NETWORK}.{number}.2/24", "dev", theirs),
            ("link", "set", theirs, "up"),
            ("link", "set", "lo", "up"),
            ("route", "add", "default", "via", f"{NETWORK}.{number}.1"),
        ):
            _ip("-n", name, *words)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode().strip() or "no reason was given"
        raise UsageError(f"a network namespace cannot be made here: {said}") from None


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
