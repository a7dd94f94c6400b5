"""What the process says on stdout is the result alone."""

from __future__ import annotations

import json
import subprocess
import sys

NOISY = r"""
import os, sys
from api.cli import main, terminal

told = terminal.show_json

def show_json(value):
    os.write(1, b"a line of a compiled library\n")
    told(value)

terminal.show_json = show_json
sys.argv = ["evenhand", "policy", "show", "--json"]
main.main()
"""


def test_what_a_compiled_library_prints_does_not_spoil_the_json() -> None:
    done = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["version"]
    assert done.stderr == "a line of a compiled library\n"
