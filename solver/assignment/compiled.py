"""The one door to numba, so that everything compiled is typed, kept on disk and free of the interpreter's lock.

numba asks only the file of a function whether its machine code on disk is still good, but compiled functions
call each other across files, and installers give files the dates they please. So the machine code is kept in a
folder named after the contents of all files of the package with such functions: other contents, other folder.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent


@functools.cache
def _folder(sources: Path) -> str:
    """Where machine code for these very sources is kept: beside them, or in the user's cache if that is barred."""
    digest = hashlib.sha256()
    for file in sorted(sources.rglob("*.py")):
        text = file.read_bytes()
        if b"@compiled" in text:
            digest.update(text)
    name = f"compiled-{digest.hexdigest()[:16]}"
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return str(Path(given) / name)
    beside = sources / "__pycache__"
    if os.access(beside if beside.exists() else sources, os.W_OK):
        return str(beside / name)
    return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evenhand" / name)


def _sources(function: Callable[..., Any]) -> Path:
    """The folder whose files decide whether a function is compiled anew: this one, or the function's own."""
    file = Path(function.__code__.co_filename)
    return _HERE if _HERE in file.parents else file.parent


def compiled(function: F) -> F:
    """`function` compiled for the array types it is first called with, kept on disk for later runs."""
    return _compiled(function)


def compiled_inside(function: F) -> F:
    """As `compiled`, for functions that only compiled ones call: without the way in from Python, half as long to do."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def _compiled(function: F, **options: bool) -> F:
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = _folder(_sources(function))
    try:
        njit: Any = numba.njit
        result: Any = njit(cache=True, nogil=True, boundscheck=False, error_model="numpy", **options)(
            function
        )
    finally:
        config.CACHE_DIR = before
    return cast(F, result)
