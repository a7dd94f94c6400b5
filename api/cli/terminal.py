"""Where the command speaks: results on stdout, everything said beside them on stderr.

Colours, bars that move and other decoration appear on a terminal alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.text import Text


def printable(text: str) -> str:
    """The text without characters that a terminal would obey instead of show."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def say(text: str) -> None:
    """One line beside the result, on stderr."""
    _write(sys.stderr, printable(text) + "\n")


def show(lines: Iterable[Text]) -> None:
    """The result for people, on stdout: with its styles on a terminal, as plain text elsewhere."""
    if not sys.stdout.isatty():
        _write(sys.stdout, "".join(printable(line.plain) + "\n" for line in lines))
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        safe = line if line.plain.isprintable() else Text(printable(line.plain))
        console.print(safe)


def show_text(text: str) -> None:
    """Text as it is, on stdout."""
    _write(sys.stdout, text if text.endswith("\n") else text + "\n")


def show_json(value: Mapping[str, Any]) -> None:
    """The result for machines, alone on stdout."""
    _write(sys.stdout, json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def draws_blocks() -> bool:
    """Whether stdout can show the characters that bars are drawn with."""
    try:
        "█▒░→·".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _write(stream: TextIO, text: str) -> None:
    """Writes and flushes; what the stream's encoding cannot say becomes a question mark."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
