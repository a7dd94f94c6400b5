"""The settings of the service, read once from environment variables `EVENHAND_*`; every fault is told at once.

Nothing has to be set: by default the service answers this machine alone, from a database in the user's data folder.
A name that begins with EVENHAND_ and is not listed here is a fault, because a slip of the pen in EVENHAND_ISSUER must
not switch authentication off in silence.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from models.errors import InputError, UsageError
from models.faults import Fault

PREFIX = "EVENHAND_"


@dataclass(frozen=True, slots=True)
class Authentication:
    """Where tokens come from. jwks_url: the issuer's public keys. issuer, audience: what every token must name."""

    jwks_url: str
    issuer: str
    audience: str


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """What one caller may ask of the service.

    body_megabytes: of one request. upload_files: in one upload. rows: of one table of an upload or list of a
    problem. jobs_per_pdu: queued or running at once. job_memory_megabytes, job_seconds: of one solve.
    request_seconds: to answer what is answered at once. read_seconds: to wait for the head of a request, for the
    next piece of a body, for an answer to be taken. requests_per_minute: of one caller. streams: progress streams
    open at once. retention_days: how long contents are kept; None: until somebody removes them.
    """

    body_megabytes: int = 64
    upload_files: int = 10
    rows: int = 100_000
    jobs_per_pdu: int = 4
    job_memory_megabytes: int = 4096
    job_seconds: int = 600
    request_seconds: int = 60
    read_seconds: int = 20
    requests_per_minute: int = 1_200
    streams: int = 200
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a deployment decides. authentication: None serves this machine alone.

    database_url may hold a password: `database_shown` is what may be printed.
    """

    database_url: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8040
    authentication: Authentication | None = None
    limits: ServiceLimits = ServiceLimits()
    policy: Path | None = None
    log_level: str = "INFO"

    @property
    def database_shown(self) -> str:
        """The database without its password."""
        return shown_url(self.database_url)

    def check_binding(self) -> None:
        """Raises UsageError where the service would be open to others without authentication."""
        if self.authentication is None and not is_loopback(self.host):
            raise UsageError(
                f"EVENHAND_HOST={self.host} would serve others, and no authentication is set: set EVENHAND_JWKS_URL, "
                "EVENHAND_ISSUER and EVENHAND_AUDIENCE, or serve 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    name = host.strip("[]").casefold()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def shown_url(url: str) -> str:
    """A URL without its user's password, and without its query, where drivers take passwords too."""
    parts = urllib.parse.urlsplit(url)
    netloc = parts.netloc
    if "@" in netloc:
        user, _, place = netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}:***@{place}" if ":" in user else netloc
    bare = parts._replace(netloc=netloc, query="", fragment="")
    return f"{parts.scheme}://{netloc}{bare.path}"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises InputError with every fault, each with the name of its variable."""
    reading = _Reading({name: text for name, text in environ.items() if name.startswith(PREFIX)})
    database_url = reading.get("DATABASE_URL", _database_url, None)
    host = reading.get("HOST", _host, "127.0.0.1")
    port = reading.get("PORT", _whole(1, 65_535), 8040)
    log_level = reading.get("LOG_LEVEL", _level, "INFO")
    policy = reading.get("POLICY", Path, None)
    limits = ServiceLimits(
        **{
            each.name: reading.get(each.name.upper(), _whole(*_RANGES[each.name]), each.default)
            for each in fields(ServiceLimits)
        }
    )
    authentication = reading.authentication()
    reading.finish()
    if database_url is None:
        from api.store.database import default_url  # a slow import, where nothing else needs it

        database_url = default_url()
    return Settings(
        database_url=database_url,
        host=host,
        port=port,
        authentication=authentication,
        limits=limits,
        policy=policy,
        log_level=log_level,
    )


_RANGES: Mapping[str, tuple[int, int]] = {
    "body_megabytes": (1, 1024),
    "upload_files": (1, 50),
    "rows": (1, 1_000_000),
    "jobs_per_pdu": (1, 1000),
    "job_memory_megabytes": (256, 1_000_000),
    "job_seconds": (1, 86_400),
    "request_seconds": (1, 600),
    "read_seconds": (1, 600),
    "requests_per_minute": (1, 1_000_000),
    "streams": (1, 10_000),
    "retention_days": (1, 36_500),
}
_AUTHENTICATION: Mapping[str, str] = {
    "JWKS_URL": "the address of the issuer's public keys",
    "ISSUER": "the issuer that tokens name",
    "AUDIENCE": "the audience that tokens name",
}


class _Reading:
    """The variables as they are read; `faults` grows, and what nobody asked for is left over."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given
        self._asked: set[str] = set()
        self._faults: list[Fault] = []

    def get(self, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        """The value of EVENHAND_`name`, or the default where it is not set or has a fault."""
        self._asked.add(PREFIX + name)
        text = self._given.get(PREFIX + name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            problem, _, expected = str(error).partition("; expected ")
            self._faults.append(Fault(problem, expected, path=PREFIX + name))
            return default

    def authentication(self) -> Authentication | None:
        """All three of the authentication's variables, or none."""
        jwks_url = self.get("JWKS_URL", _jwks_url, None)
        issuer, audience = self.get("ISSUER", str, None), self.get("AUDIENCE", str, None)
        present = [name for name in _AUTHENTICATION if self._given.get(PREFIX + name, "").strip()]
        if not present:
            return None
        for name, what in _AUTHENTICATION.items():
            if name not in present:
                self._faults.append(
                    Fault("this is missing, and authentication needs all three", what, path=PREFIX + name)
                )
        if jwks_url is None or issuer is None or audience is None:
            return None
        return Authentication(jwks_url, issuer, audience)

    def finish(self) -> None:
        """Raises InputError with every fault found, variables that nobody knows included."""
        for name in sorted(set(self._given) - self._asked):
            self._faults.append(Fault("this setting is unknown", "only documented settings", path=name))
        if self._faults:
            raise InputError(self._faults)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most):
            raise ValueError(f"this is no number in range; expected a whole number from {least} to {most}")
        return int(text)

    return parse


def _host(text: str) -> str:
    if any(not (char.isalnum() or char in ".-:[]") for char in text):
        raise ValueError("this is no host; expected an address or name such as 127.0.0.1")
    return text


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("this is no level; expected DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def _database_url(text: str) -> str:
    scheme = text.partition(":")[0]
    if scheme not in {"sqlite", "postgresql", "postgresql+psycopg"}:
        raise ValueError(
            "this database is unknown; expected a URL that begins with sqlite:// or postgresql://"
        )
    return text


def _jwks_url(text: str) -> str:
    parts = urllib.parse.urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not safe or not parts.hostname:
        raise ValueError("keys must come over TLS; expected an address that begins with https://")
    return text
