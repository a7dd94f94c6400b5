"""What the command's exit codes mean."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """DONE; NOT_CLEAN: a plan with violations, nothing found, or an internal error; BAD_INPUT: input or usage."""

    DONE = 0
    NOT_CLEAN = 1
    BAD_INPUT = 2
    INTERRUPTED = 130
