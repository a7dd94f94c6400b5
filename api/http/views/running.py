"""Answers about the service itself."""

from __future__ import annotations

from typing import Literal

from api.http.views.base import View


class HealthView(View):
    """Whether the service is up and what it stands on."""

    status: Literal["UP", "DOWN"]
    components: dict[str, Literal["UP", "DOWN"]]


class InfoView(View):
    """What runs here: versions, the policy in force, and how callers are known."""

    name: str
    version: str
    versions: dict[str, str]
    policy: dict[str, str]
    authentication: Literal["TOKENS", "LOOPBACK"]
    note: str | None
