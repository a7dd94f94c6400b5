"""Settings from the environment: defaults, every fault at once, nothing open by accident."""

from __future__ import annotations

import pytest

from api.settings import ServiceLimits, Settings, is_loopback, read_settings, shown_url
from models.errors import InputError, UsageError

AUTHENTICATED = {
    "EVENHAND_JWKS_URL": "https://issuer.example/jwks",
    "EVENHAND_ISSUER": "https://issuer.example",
    "EVENHAND_AUDIENCE": "evenhand",
}


def faults_of(environ: dict[str, str]) -> dict[str | None, str]:
    with pytest.raises(InputError) as caught:
        read_settings(environ)
    return {fault.path: fault.problem for fault in caught.value.faults}


def test_without_any_setting_this_machine_alone_is_served_from_sqlite() -> None:
    settings = read_settings({"PATH": "/bin"})
    assert settings.host == "127.0.0.1"
    assert settings.authentication is None
    assert settings.database_url.startswith("sqlite:///")
    assert settings.limits == ServiceLimits()
    settings.check_binding()


def test_every_setting_is_read() -> None:
    settings = read_settings(
        {
            **AUTHENTICATED,
            "EVENHAND_DATABASE_URL": "postgresql://evenhand@db/evenhand",
            "EVENHAND_HOST": "0.0.0.0",  # noqa: S104 - what is tested
            "EVENHAND_PORT": "80",
            "EVENHAND_LOG_LEVEL": "debug",
            "EVENHAND_BODY_MEGABYTES": "3",
            "EVENHAND_JOBS_PER_PDU": "7",
            "EVENHAND_RETENTION_DAYS": "30",
        }
    )
    assert settings.authentication is not None
    assert settings.authentication.audience == "evenhand"
    assert (settings.port, settings.log_level) == (80, "DEBUG")
    assert (settings.limits.body_megabytes, settings.limits.jobs_per_pdu) == (3, 7)
    assert settings.limits.retention_days == 30
    settings.check_binding()


def test_every_fault_is_told_at_once_by_the_name_of_its_variable() -> None:
    found = faults_of(
        {
            "EVENHAND_PORT": "99999",
            "EVENHAND_ROWS": "-1",
            "EVENHAND_LOG_LEVEL": "loud",
            "EVENHAND_DATABASE_URL": "mysql://db",
            "EVENHAND_JWKS_URL": "http://issuer.example/jwks",
            "EVENHAND_ISSUR": "https://issuer.example",
        }
    )
    assert set(found) == {
        "EVENHAND_PORT",
        "EVENHAND_ROWS",
        "EVENHAND_LOG_LEVEL",
        "EVENHAND_DATABASE_URL",
        "EVENHAND_JWKS_URL",
        "EVENHAND_ISSUER",
        "EVENHAND_AUDIENCE",
        "EVENHAND_ISSUR",
    }
    assert found["EVENHAND_ISSUR"] == "this setting is unknown"


@pytest.mark.parametrize("left_out", AUTHENTICATED)
def test_authentication_is_set_as_a_whole_or_not_at_all(left_out: str) -> None:
    given = {name: value for name, value in AUTHENTICATED.items() if name != left_out}
    assert list(faults_of(given)) == [left_out]


def test_a_port_has_digits_alone() -> None:
    for text in ("1e3", "+80", "٨٠", "0", " "):
        if text.strip():
            assert list(faults_of({"EVENHAND_PORT": text})) == ["EVENHAND_PORT"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "evenhand.example"])  # noqa: S104 - refused
def test_nothing_but_this_machine_is_served_without_authentication(host: str) -> None:
    with pytest.raises(UsageError, match="no authentication"):
        Settings("sqlite:///x.db", host=host).check_binding()


@pytest.mark.parametrize(
    ("host", "mine"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("localhost", True),
        ("[::1]", True),
        ("127.0.0.1.example", False),
        ("", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback(host: str, mine: bool) -> None:
    assert is_loopback(host) is mine


def test_a_password_is_never_shown() -> None:
    for url in (
        "postgresql://evenhand:s3cret@db:5432/evenhand",
        "postgresql://evenhand@db/evenhand?password=s3cret",
    ):
        settings = Settings(url)
        assert "s3cret" not in repr(settings)
        assert "s3cret" not in settings.database_shown
        assert "evenhand" in settings.database_shown
    assert shown_url("sqlite:////var/lib/evenhand.db") == "sqlite:////var/lib/evenhand.db"
