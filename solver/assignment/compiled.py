"""The one door to numba, so that everything compiled is typed, kept on disk and free of the interpreter's lock.

numba asks only the file of a function whether its machine code on disk is still good, but compiled functions
call each other across files, and installers give files the dates they please. So the machine code is kept in a
folder named after the contents of all files with such functions: other contents, other folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent


def _folder() -> Path:
    """Where machine code for these very sources is kept: beside them, or in the user's cache if that is barred."""
    digest = hashlib.sha256()
    for file in sorted(_HERE.rglob("*.py")):
        text = file.read_bytes()
        if b"@compiled" in text:
            digest.update(text)
    name = f"compiled-{digest.hexdigest()[:16]}"
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / name
    beside = _HERE / "__pycache__"
    if os.access(beside if beside.exists() else _HERE, os.W_OK):
        return beside / name
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evenhand" / name


_FOLDER = str(_folder())


def compiled(function: F) -> F:
    """`function` compiled for the array types it is first called with, kept on disk for later runs."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = _FOLDER
    try:
        result: Any = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return cast(F, result)
