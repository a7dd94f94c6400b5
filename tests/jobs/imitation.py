"""A program that speaks as a solve process does, without solving: good, or badly behaved in one way."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(behaviour: str) -> None:
    if behaviour == "--never-ready":
        time.sleep(600)
    say({"ready": True})
    hoard = []
    for text in sys.stdin:
        if "cancel" in json.loads(text):
            continue
        say({"taken": True})
        if behaviour == "--good":
            say({"answer": {"plan": {"pid": os.getpid()}, "summary": {}}})
        if behaviour == "--crashing":
            os.abort()
        if behaviour == "--silent":
            time.sleep(600)
        while behaviour in ("--endless", "--greedy"):
            say({"beat": True})
            time.sleep(0.05)
            if behaviour == "--greedy":
                hoard.append(b"x" * 20_000_000)


if __name__ == "__main__":
    main(sys.argv[1])
