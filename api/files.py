"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.errors import UsageError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of `path` when the block ends well, and vanishes when it does not.

    It lies in the same folder, which is made when it is missing, so that the change is one step and nobody ever
    sees half a file. Raises UsageError when the file cannot be written.
    """
    target = path.resolve()
    beside = target.parent / f".evenhand-{secrets.token_hex(8)}{target.suffix}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        yield beside
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(target)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raises UsageError unless a file can be written at `path`. Makes the folders it lies in."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no ordinary file; name one that can be replaced")
    target = path.resolve()
    trial = target.parent / f".evenhand-{secrets.token_hex(8)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        trial.unlink()
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """JSON in UTF-8, written whole or not at all. Raises UsageError when it cannot be written."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")
