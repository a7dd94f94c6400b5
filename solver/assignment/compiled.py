"""The one door to numba, so that everything compiled is typed, cached and free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` compiled for the array types it is first called with, kept on disk for later runs."""
    result: Any = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")(function)
    return cast(F, result)
