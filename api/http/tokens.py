"""Bearer tokens, checked against the issuer's published keys.

The algorithm is the one that belongs to the key (RS256 or ES256), whatever a token says of itself. Keys are fetched
when a token names one that is not known, at most once in REFRESH_SECONDS whatever callers send, and again after
KEEP_SECONDS so that a withdrawn key stops working. While the issuer cannot be reached, the keys in hand go on
working for at most STALE_SECONDS.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt import PyJWK

from api.http.callers import Caller, caller_of_claims
from api.http.errors import AnswerError, ErrorCode
from api.logs import logger
from api.settings import Authentication

ALGORITHMS: Mapping[str, str] = {"RSA": "RS256", "EC": "ES256"}
LEEWAY_SECONDS = 10
REFRESH_SECONDS = 10.0
KEEP_SECONDS = 300.0
STALE_SECONDS = 3_600.0
FETCH_SECONDS = 5
MOST_BYTES = 1_000_000
LEAST_RSA_BITS = 2048

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    """A public key and the one algorithm that it is used with."""

    key: Any
    algorithm: str


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Keys come from the address that was configured and no other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def fetch(url: str) -> bytes:
    """The document at an address. Raises OSError when it cannot be had, ValueError when it is too large."""
    opener = urllib.request.build_opener(_NoRedirects)
    with opener.open(url, timeout=FETCH_SECONDS) as answer:
        document: bytes = answer.read(MOST_BYTES + 1)
    if len(document) > MOST_BYTES:
        raise ValueError("the key document is too large")
    return document


class Keys:
    """The issuer's keys, kept and renewed. Safe to use from many threads."""

    def __init__(self, url: str, clock: Callable[[], float], get: Callable[[str], bytes] = fetch) -> None:
        self._url, self._clock, self._get = url, clock, get
        self._keys: Mapping[str, _Key] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._lock = threading.Lock()

    def known(self, kid: str) -> _Key | None:
        """The key when it is at hand and fresh, without any waiting."""
        if self._fetched is None or self._clock() - self._fetched > KEEP_SECONDS:
            return None
        return self._keys.get(kid)

    def find(self, kid: str) -> _Key:
        """The key, fetched where need be. Raises AnswerError when there is none."""
        with self._lock:
            found = self.known(kid)
            if found is not None:
                return found
            now = self._clock()
            if self._tried is None or now - self._tried >= REFRESH_SECONDS:
                self._tried = now
                self._renew(now)
            if self._fetched is None or now - self._fetched > STALE_SECONDS:
                raise AnswerError(
                    ErrorCode.UNAVAILABLE,
                    "The issuer's keys cannot be fetched.",
                    headers={"Retry-After": str(int(REFRESH_SECONDS))},
                )
            if kid not in self._keys:
                raise AnswerError(ErrorCode.UNAUTHENTICATED, "The token was signed with an unknown key.")
            return self._keys[kid]

    def _renew(self, now: float) -> None:
        try:
            self._keys = _keys_of(self._get(self._url))
            self._fetched = now
        except (OSError, ValueError, urllib.error.URLError):
            _log.warning("the issuer's keys cannot be fetched", exc_info=True)


def _keys_of(document: bytes) -> Mapping[str, _Key]:
    """The keys for signatures in a JWKS that we can use. Raises ValueError when it is no JWKS."""
    top = json.loads(document)
    listed = top.get("keys") if isinstance(top, dict) else None
    if not isinstance(listed, list):
        raise ValueError("this is no JSON Web Key Set")
    found: dict[str, _Key] = {}
    for each in listed:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig":
            continue
        kid, algorithm = each.get("kid"), ALGORITHMS.get(str(each.get("kty")))
        if not isinstance(kid, str) or algorithm is None or each.get("alg", algorithm) != algorithm:
            continue
        try:
            key = PyJWK.from_dict({**each, "alg": algorithm}).key
        except jwt.PyJWTError:
            continue
        if "d" in each or (algorithm == "RS256" and key.key_size < LEAST_RSA_BITS):
            continue
        found[kid] = _Key(key, algorithm)
    return found


class Tokens:
    """Checks bearer tokens."""

    def __init__(self, authentication: Authentication, keys: Keys) -> None:
        self._authentication, self._keys = authentication, keys

    def key_at_hand(self, token: str) -> bool:
        """Whether `check` will answer without fetching anything."""
        return self._keys.known(_kid_of(token)) is not None

    def check(self, token: str) -> Caller:
        """The caller. Raises AnswerError for a token that is not valid here and now, without saying more than why."""
        kid = _kid_of(token)
        key = self._keys.known(kid) or self._keys.find(kid)
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                issuer=self._authentication.issuer,
                audience=self._authentication.audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise _invalid("The token has expired.") from None
        except jwt.PyJWTError:
            raise _invalid("The token is not valid here.") from None
        return caller_of_claims(claims)


def _kid_of(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise _invalid("The token is no JSON Web Token.") from None
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise _invalid("The token names no key.")
    return kid


def _invalid(detail: str) -> AnswerError:
    return AnswerError(
        ErrorCode.UNAUTHENTICATED, detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )
