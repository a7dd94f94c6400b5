"""Tokens: what is accepted, what is refused, keys that rotate; and what holds without authentication."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.http.callers import Role
from api.http.errors import AnswerError
from api.http.tokens import KEEP_SECONDS, REFRESH_SECONDS, STALE_SECONDS, Keys, Tokens
from api.store.store import Store
from tests.support.service import AUTHENTICATION, Client, Issuer, Make, World


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return Tokens(AUTHENTICATION, Keys(AUTHENTICATION.jwks_url, lambda: 0.0, issuer.jwks))


def refused(tokens: Tokens, token: str) -> str:
    with pytest.raises(AnswerError) as caught:
        tokens.check(token)
    return caught.value.code.value


def test_a_token_says_who_calls(issuer: Issuer, tokens: Tokens) -> None:
    for kid in ("rsa", "ec"):
        caller = tokens.check(issuer.token(kid=kid, authorities=[Role.AUDIT.value, "ROLE_OTHER"]))
        assert (caller.subject, caller.person) == ("A_MANAGER", True)
        assert caller.roles == {Role.AUDIT}
        assert caller.pdus == frozenset({"N03PDU1"})
    assert tokens.check(issuer.token(pdus="*")).pdus is None
    assert tokens.check(issuer.token(pdus=None)).pdus == frozenset()
    assert not tokens.check(issuer.token(user_name=None)).person
    assert not tokens.check(issuer.token(grant_type="client_credentials")).person


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
        {"authorities": {"a": 1}},
        {"pdus": 7},
    ],
)
def test_tokens_that_are_not_for_here_and_now(issuer: Issuer, tokens: Tokens, claims: dict[str, Any]) -> None:
    assert refused(tokens, issuer.token(**claims)) == "UNAUTHENTICATED"


def test_the_key_and_not_the_token_says_the_algorithm(issuer: Issuer, tokens: Tokens) -> None:
    def encoded(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    unsigned = f"{encoded({'alg': 'none', 'kid': 'rsa'})}.{encoded(claims)}."
    another = issuer.token(kid="rsa", algorithm="RS512")
    symmetric = jwt.encode(claims, "a secret that is long enough for this", "HS256", headers={"kid": "rsa"})
    spoilt = issuer.token()[:-6] + "AAAAAA"
    for token in (unsigned, another, symmetric, spoilt, "abc", "a.b.c"):
        assert refused(tokens, token) == "UNAUTHENTICATED"


def test_keys_rotate_and_withdrawn_ones_stop_working() -> None:
    mine = Issuer()
    now = [0.0]
    tokens = Tokens(AUTHENTICATION, Keys(AUTHENTICATION.jwks_url, lambda: now[0], mine.jwks))
    mine.published = ["rsa"]
    tokens.check(mine.token(kid="rsa"))
    assert (
        refused(tokens, mine.token(kid="ec")) == "UNAUTHENTICATED"
    )  # not published yet, and not asked for again
    assert mine.fetches == 1
    mine.published = ["ec"]
    now[0] += REFRESH_SECONDS
    tokens.check(mine.token(kid="ec"))
    assert mine.fetches == 2
    assert refused(tokens, mine.token(kid="rsa")) == "UNAUTHENTICATED"
    mine.published = []
    now[0] += KEEP_SECONDS + 1
    assert refused(tokens, mine.token(kid="ec")) == "UNAUTHENTICATED"


def test_strangers_cannot_make_us_ask_the_issuer_again_and_again(issuer: Issuer) -> None:
    before = issuer.fetches
    tokens = Tokens(AUTHENTICATION, Keys(AUTHENTICATION.jwks_url, lambda: 0.0, issuer.jwks))
    token = issuer.token()
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"made up"}').rstrip(b"=").decode()
    for _ in range(20):
        assert refused(tokens, f"{header}.{token.split('.', 1)[1]}") == "UNAUTHENTICATED"
    assert issuer.fetches == before + 1


def test_known_keys_outlive_an_issuer_that_is_away_for_a_while() -> None:
    mine, now, away = Issuer(), [0.0], [False]

    def fetch(url: str) -> bytes:
        if away[0]:
            raise OSError("the issuer is away")
        return mine.jwks(url)

    tokens = Tokens(AUTHENTICATION, Keys(AUTHENTICATION.jwks_url, lambda: now[0], fetch))
    tokens.check(mine.token())
    away[0] = True
    now[0] += KEEP_SECONDS + 1
    tokens.check(mine.token())
    now[0] += STALE_SECONDS
    assert refused(tokens, mine.token()) == "UNAVAILABLE"


def test_short_private_and_foreign_keys_are_not_taken() -> None:
    mine = Issuer()
    mine.keys["short"] = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - refused
    document = json.loads(mine.jwks())
    document["keys"] = [
        mine.public("short"),
        {**mine.public("rsa"), "use": "enc"},
        {**mine.public("ec"), "alg": "ES512"},
        {"kty": "oct", "kid": "oct", "k": "AAAA"},
        "nonsense",
    ]
    tokens = Tokens(
        AUTHENTICATION, Keys(AUTHENTICATION.jwks_url, lambda: 0.0, lambda _: json.dumps(document).encode())
    )
    for kid in ("rsa", "ec"):
        assert refused(tokens, mine.token(kid=kid)) == "UNAUTHENTICATED"


def test_service_routes_are_open_and_say_how_callers_are_known(world: World, local: World) -> None:
    for path in ("/health", "/health/liveness", "/health/readiness", "/info", "/metrics", "/openapi.json"):
        assert world.client.get(path).status_code == 200
    assert world.client.get("/info").json()["authentication"] == "TOKENS"
    said = local.client.get("/info").json()
    assert said["authentication"] == "LOOPBACK"
    assert "only this machine is served" in said["note"]
    assert "strict-transport-security" in world.client.get("/info").headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evenhand.example"},
        {"Host": "rebound.example:8040"},
        {"Host": ""},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
    ],
)
def test_without_authentication_names_and_proxies_are_sent_away(
    local: World, headers: dict[str, str]
) -> None:
    answer = local.client.get("/v1/problems", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (421, "WRONG_DOOR")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_without_authentication_pages_of_other_sites_are_sent_away(
    local: World, headers: dict[str, str]
) -> None:
    answer = local.client.post("/v1/problems", json={}, headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "FORBIDDEN")


def test_without_authentication_another_machine_is_sent_away(lite: Store, world_of: Make) -> None:
    world = world_of(lite, authenticated=False)
    far = Client(world.app, world.client.portal, peer="192.0.2.7")
    assert far.get("/v1/problems").status_code == 421
