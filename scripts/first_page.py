"""Follow the first page of docs/operations.md word by word on a fresh machine, and see that what it promises is there.

    python3 scripts/first_page.py [--machine FOLDER] [--keep]

The machine is a Debian of its own in a folder, with its own init and its own root, on this machine's network and
kernel: debootstrap makes it, systemd-nspawn boots it, and the page's commands are typed into it as they stand. ADDRESS,
the one word that the page leaves to the reader, is a clone of this repository. Then the service is asked, as the page
goes on: with tokens of an issuer of this check's own. Needs root on Linux, debootstrap, systemd-container and a way to
the packages; where it cannot run, it says why and fails. It takes ten minutes and 4 GB. Ports 5432 and 8040 must be
free.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operations.md"
CHECK = ROOT / "scripts" / "first_page_check.py"
RELEASE = "bookworm"
BASE = ("systemd-sysv", "dbus", "iproute2", "procps", "ca-certificates")
"""What a machine has before anybody works on it, and debootstrap's smallest variant has not."""
ADDRESS = "/srv/evenhand.git"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BOOT_SECONDS = 120


def commands_of(page: str) -> str:
    """The first block of commands of a page."""
    found = re.search(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit("first_page: the page has no block of commands")
    return found[1]


def give_up(why: str) -> None:
    """End loudly: a check that was not made has not passed."""
    raise SystemExit(f"first_page: NOT CHECKED: {why}")


def require() -> None:
    """See that this machine can make another."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        give_up("it takes root on Linux")
    for program, package in (("debootstrap", "debootstrap"), ("systemd-nspawn", "systemd-container")):
        if shutil.which(program) is None:
            give_up(f"{program} is missing: apt-get install {package}")
    for port in (5432, 8040):
        if subprocess.run(["ss", "-Htln", f"sport = :{port}"], capture_output=True, check=True).stdout:
            give_up(f"port {port} is taken")


def make(machine: Path) -> None:
    """A fresh Debian, with this machine's way to the network: resolver, authorities, pip's settings."""
    mirror = [os.environ["MIRROR"]] if "MIRROR" in os.environ else []  # else debootstrap's own
    subprocess.run(["debootstrap", "--variant=minbase", RELEASE, machine, *mirror], check=True)
    for name in ("etc/resolv.conf", "etc/pip.conf"):
        if Path("/", name).exists():
            shutil.copy(Path("/", name).resolve(), machine / name)
    own = Path("/usr/local/share/ca-certificates")
    if own.is_dir():
        shutil.copytree(own, machine / str(own)[1:], dirs_exist_ok=True)
    quiet = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *BASE]
    typed = f"apt-get -qq update && DEBIAN_FRONTEND=noninteractive {shlex.join(quiet)} >/dev/null"
    subprocess.run(["chroot", machine, "sh", "-c", typed], check=True, env={"PATH": PATH})
    subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, machine / ADDRESS[1:]], check=True)


class Machine:
    """A machine that runs."""

    def __init__(self, folder: Path) -> None:
        options = ("--register=no", "--keep-unit", "--quiet", "--resolv-conf=off", "--console=pipe", "--boot")
        self._nspawn = subprocess.Popen(
            ["systemd-nspawn", *options, "-D", folder],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._init = self._init_of(self._nspawn.pid)
        for _ in range(BOOT_SECONDS):
            state = self.run(["systemctl", "is-system-running"], check=False, quiet=True)
            if state.stdout.strip() in {b"running", b"degraded"}:
                return
            time.sleep(1)
        give_up("the machine does not boot")

    def _init_of(self, nspawn: int) -> int:
        """The number of the machine's init, seen from here."""
        for _ in range(BOOT_SECONDS):
            children = Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text(encoding="ascii").split()
            for child in map(int, children):
                if Path(f"/proc/{child}/comm").read_text(encoding="ascii").strip() == "systemd":
                    return child
            if self._nspawn.poll() is not None:
                give_up("systemd-nspawn cannot start a machine here")
            time.sleep(1)
        raise SystemExit("first_page: NOT CHECKED: the machine has no init")

    def run(
        self, words: list[str], *, typed: str | None = None, check: bool = True, quiet: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a command there as root; `typed` is its standard input."""
        spaces = ("--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd")
        return subprocess.run(
            ["nsenter", f"--target={self._init}", *spaces, *words],
            input=None if typed is None else typed.encode(),
            env={"HOME": "/root", "PATH": PATH, "TERM": "dumb"},
            stdout=subprocess.PIPE if quiet else None,
            check=check,
        )

    def stop(self) -> None:
        """Takes the machine down."""
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()


def main() -> int:
    """Makes the machine, follows the page, asks the service."""
    parser = argparse.ArgumentParser(
        description="Follow the first page of docs/operations.md on a fresh machine."
    )
    parser.add_argument("--machine", type=Path, help="where the machine lies (default: a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="leave the machine's folder for a look")
    given = parser.parse_args()
    require()
    folder = given.machine or Path(tempfile.mkdtemp(prefix="evenhand-machine-"))
    begun = time.monotonic()
    make(folder)
    machine = Machine(folder)
    try:
        print(f"first_page: a fresh machine runs after {time.monotonic() - begun:.0f} s", flush=True)
        followed = time.monotonic()
        typed = commands_of(PAGE.read_text(encoding="utf-8")).replace("ADDRESS", ADDRESS)
        machine.run(["bash", "-e", "-x", "-s"], typed=typed)
        print(f"\nfirst_page: the page was followed in {time.monotonic() - followed:.0f} s", flush=True)
        units = [f"/etc/systemd/system/evenhand-{name}.service" for name in ("api", "worker")]
        machine.run(["systemd-analyze", "verify", *units])
        for unit in ("evenhand-api", "evenhand-worker"):
            told = machine.run(
                ["systemd-analyze", "security", "--no-pager", unit], quiet=True
            ).stdout.decode()
            print("first_page:", told.strip().splitlines()[-1].lstrip("→ "), flush=True)
        machine.run(["/opt/evenhand/.venv/bin/python", "-"], typed=CHECK.read_text(encoding="utf-8"))
    finally:
        machine.stop()
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print("first_page: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
