"""Each setting: what stands without it, what it may be, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared.retention import Retention
from shared.secrets import Secret
from shared.settings import NAMES, Settings, SettingsError, default_licensing_url, read_settings

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
OTHER_KEY = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY="
PG = "postgresql+psycopg://ada:s%40fe@db/fulfill"

DEFAULTS: dict[str, Any] = {
    "stripe_integration_enabled": False,
    "stripe_public_base_url": "",
    "stripe_webhook_secrets": (),
    "stripe_secret_key": Secret(""),
    "stripe_api_base": "https://api.stripe.com",
    "stripe_requests_per_second": 20,
    "stripe_accounts": (),
    "stripe_app_client_id": "",
    "stripe_app_client_secret": Secret(""),
    "stripe_app_authorize_url": "https://marketplace.stripe.com/oauth/v2/authorize",
    "stripe_app_test_client_id": "",
    "stripe_app_test_client_secret": Secret(""),
    "stripe_app_test_authorize_url": "https://marketplace.stripe.com/oauth/v2/authorize",
    "stripe_app_signing_secrets": (),
    "licensekit_base_url": "",
    "licensekit_api_token": Secret(""),
    "licensekit_app_url": "",
    "database_url": "sqlite:///var/fulfill.db",
    "licensing_database_url": "sqlite:///var/fulfill-licensekit.db",
    "redis_url": "",
    "admin_token": Secret(""),
    "encryption_keys": (),
    "log_format": "text",
    "port": 8000,
    "worker_threads": 16,
    "inbox_max_age_seconds": 900,
    "guard_max_revokes": 25,
    "guard_max_share_percent": 20,
    "metrics_token": Secret(""),
    "metrics_port": None,
    "metrics_folder": "",
    "retention": Retention(),
    "otlp_endpoint": "",
}

GOOD: list[tuple[str, str, Any]] = [
    *(("STRIPE_INTEGRATION_ENABLED", yes, True) for yes in ("true", "TRUE", "1", "yes", "on")),
    *(("STRIPE_INTEGRATION_ENABLED", no, False) for no in ("false", "0", "No", "off")),
    ("STRIPE_PUBLIC_BASE_URL", "https://sell.example/", "https://sell.example"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_a", (Secret("whsec_a"),)),
    ("STRIPE_WEBHOOK_SECRET", "whsec_a, whsec_b,", (Secret("whsec_a"), Secret("whsec_b"))),
    *(("STRIPE_SECRET_KEY", f"{kind}_1", Secret(f"{kind}_1")) for kind in ("sk_test", "rk_live")),
    ("STRIPE_API_BASE", "http://127.0.0.1:12111", "http://127.0.0.1:12111"),
    ("FULFILL_STRIPE_REQUESTS_PER_SECOND", "7", 7),
    ("STRIPE_ACCOUNTS", "acct_1", ("acct_1",)),
    ("STRIPE_ACCOUNTS", "acct_1, acct_2,acct_1,", ("acct_1", "acct_2")),
    ("STRIPE_APP_CLIENT_ID", "ca_1", "ca_1"),
    ("STRIPE_APP_CLIENT_SECRET", "sk_live_1", Secret("sk_live_1")),
    ("STRIPE_APP_AUTHORIZE_URL", "https://m.example/o/", "https://m.example/o"),
    ("STRIPE_APP_TEST_CLIENT_ID", "ca_2", "ca_2"),
    ("STRIPE_APP_TEST_CLIENT_SECRET", "sk_test_1", Secret("sk_test_1")),
    ("STRIPE_APP_TEST_AUTHORIZE_URL", "https://m.example/o", "https://m.example/o"),
    ("STRIPE_APP_SIGNING_SECRET", "absec_1,absec_2", (Secret("absec_1"), Secret("absec_2"))),
    ("LICENSEKIT_BASE_URL", "https://licensekit.example//", "https://licensekit.example"),
    ("LICENSEKIT_API_TOKEN", " lk_1 ", Secret("lk_1")),
    ("LICENSEKIT_APP_URL", "https://app.example", "https://app.example"),
    ("DATABASE_URL", PG, PG),
    ("LICENSING_DATABASE_URL", "sqlite:////data/lk.db", "sqlite:////data/lk.db"),
    *(("REDIS_URL", url, url) for url in ("redis://h/0", "rediss://h", "unix:///run/redis")),
    ("FULFILL_ADMIN_TOKEN", "letmein", Secret("letmein")),
    ("FULFILL_ENCRYPTION_KEYS", f"{KEY},{OTHER_KEY}", (Secret(KEY), Secret(OTHER_KEY))),
    ("FULFILL_LOG_FORMAT", "json", "json"),
    *(("PORT", text, int(text)) for text in ("1", "65535")),
    *(("FULFILL_WORKER_THREADS", text, int(text)) for text in ("1", "256")),
    *(("FULFILL_INBOX_MAX_AGE_SECONDS", text, int(text)) for text in ("1", "86400")),
    *(("FULFILL_GUARD_MAX_REVOKES", text, int(text)) for text in ("0", "1000000")),
    *(("FULFILL_GUARD_MAX_SHARE", text, int(text)) for text in ("1", "100")),
    ("FULFILL_METRICS_TOKEN", "letmein", Secret("letmein")),
    *(("FULFILL_METRICS_PORT", text, int(text)) for text in ("1", "65535")),
    ("FULFILL_RETENTION_DAYS", "31", Retention(31, 31, 31, 31)),
    ("FULFILL_RETENTION_DAYS", "events=90, audit = 730,", Retention(events=90, audit=730)),
    ("FULFILL_RETENTION_DAYS", "sweeps=1", Retention(sweeps=1)),
    ("PROMETHEUS_MULTIPROC_DIR", "var/metrics", "var/metrics"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/", "http://127.0.0.1:4318"),
]

BAD = [
    ("STRIPE_INTEGRATION_ENABLED", "perhaps", "true or false"),
    *(("STRIPE_PUBLIC_BASE_URL", text, "http") for text in ("sell.example", "ftp://a", "http://")),
    *(("STRIPE_WEBHOOK_SECRET", text, "whsec_") for text in ("sk_a", "whsec_a,b", ",", "whsec_")),
    *(("STRIPE_SECRET_KEY", text, "sk_test_") for text in ("pk_test_1", "whsec_1", "SK_TEST_1")),
    *(("STRIPE_API_BASE", text, "http") for text in ("https://h:port", "http://[::1")),
    *(("STRIPE_ACCOUNTS", text, "acct_") for text in ("cus_1", "acct_1 acct_2", "acct_", ",")),
    *(("FULFILL_STRIPE_REQUESTS_PER_SECOND", text, "10000") for text in ("0", "10001", "many")),
    ("STRIPE_APP_CLIENT_ID", "https://marketplace.stripe.com/oauth/v2/authorize", "ca_"),
    ("STRIPE_APP_TEST_CLIENT_ID", "ca_1&state=2", "ca_"),
    *(("STRIPE_APP_CLIENT_SECRET", text, "sk_live_") for text in ("rk_live_1", "sk_test_1")),
    *(("STRIPE_APP_TEST_CLIENT_SECRET", text, "sk_test_") for text in ("sk_live_1", "sk_test_")),
    ("STRIPE_APP_AUTHORIZE_URL", "marketplace", "http"),
    ("STRIPE_APP_TEST_AUTHORIZE_URL", "marketplace", "http"),
    *(("STRIPE_APP_SIGNING_SECRET", text, "absec_") for text in ("whsec_1", "absec_")),
    ("LICENSEKIT_BASE_URL", "licensekit", "http"),
    ("LICENSEKIT_APP_URL", "//app.example", "http"),
    *(("DATABASE_URL", text, "sqlite:///") for text in ("mysql://h/db", "postgresql://h/db")),
    ("DATABASE_URL", "postgresql+psycopg://ada:s:fe@h:port/db", "percent-encoded"),
    ("LICENSING_DATABASE_URL", "lk.db", "sqlite:///"),
    ("REDIS_URL", "http://h", "redis://"),
    *(("FULFILL_ENCRYPTION_KEYS", text, "base64") for text in ("short", f"{KEY},ä")),
    ("FULFILL_ENCRYPTION_KEYS", ",", "one or more"),
    ("FULFILL_LOG_FORMAT", "xml", "text or json"),
    *(("PORT", text, "from 1 to 65535") for text in ("0", "65536", "-1", "8000.0", "http")),
    *(("FULFILL_WORKER_THREADS", text, "from 1 to 256") for text in ("0", "257")),
    *(("FULFILL_INBOX_MAX_AGE_SECONDS", text, "from 1 to 86400") for text in ("0", "90000")),
    *(("FULFILL_GUARD_MAX_REVOKES", text, "from 0 to 1000000") for text in ("-1", "1000001")),
    *(("FULFILL_GUARD_MAX_SHARE", text, "from 1 to 100") for text in ("0", "101", "20%")),
    *(("FULFILL_METRICS_PORT", text, "from 1 to 65535") for text in ("0", "65536", "any")),
    *(("FULFILL_RETENTION_DAYS", text, "Stripe lists them for 30") for text in ("30", "events=30")),
    *(("FULFILL_RETENTION_DAYS", text, "from 1 to 36500") for text in ("passes=0", "audit=x")),
    *(
        ("FULFILL_RETENTION_DAYS", text, "once each")
        for text in ("links=9", "audit=9,audit=9", ",,")
    ),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http"),
]

FIELDS = {name: field for field, name in NAMES.items()}


@pytest.mark.parametrize("field", NAMES)
def test_a_setting_that_is_not_given_has_its_default(field: str) -> None:
    """Left out, empty or blank is the same: nobody has to delete a line to be without it."""
    assert getattr(read_settings({}), field) == DEFAULTS[field]
    assert getattr(read_settings({NAMES[field]: "  "}), field) == DEFAULTS[field]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_good_setting_is_read(name: str, text: str, value: Any) -> None:
    """Spaces around it and a slash at the end of a URL do not matter."""
    beside = {"FULFILL_METRICS_TOKEN": "letmein"}  # a port for metrics needs one
    assert getattr(read_settings({**beside, name: text}), FIELDS[name]) == value


@pytest.mark.parametrize(("name", "text", "hint"), BAD)
def test_a_bad_setting_is_refused_by_name_with_what_would_work(
    name: str, text: str, hint: str
) -> None:
    """The program does not start with a guess."""
    with pytest.raises(SettingsError) as caught:
        read_settings({name: text})

    (fault,) = caught.value.faults
    assert fault.startswith(f"{name} ")
    assert hint in fault


def test_every_setting_is_tried_here() -> None:
    """A new setting comes with its good and its bad values."""
    named = set(NAMES.values())

    assert {name for name, *_ in GOOD} == named
    free = {"LICENSEKIT_API_TOKEN", "FULFILL_ADMIN_TOKEN", "FULFILL_METRICS_TOKEN"}  # any text
    free |= {"PROMETHEUS_MULTIPROC_DIR"}  # so is any name of a folder
    assert {name for name, *_ in BAD} == named - free
    assert DEFAULTS.keys() == set(NAMES) == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("ours", "licensekits"),
    [
        ("sqlite:///var/fulfill.db", "sqlite:///var/fulfill-licensekit.db"),
        ("sqlite:////data/shop", "sqlite:////data/shop-licensekit"),
        ("sqlite:////data.d/shop.sqlite3", "sqlite:////data.d/shop-licensekit.sqlite3"),
        (PG, PG),
    ],
)
def test_the_embedded_licensekit_has_a_file_of_its_own_or_shares_postgresql(
    ours: str, licensekits: str
) -> None:
    """Two SQLite files, since one writer at a time would slow both; PostgreSQL serves both."""
    assert default_licensing_url(ours) == licensekits
    assert read_settings({"DATABASE_URL": ours}).licensing_database_url == licensekits


@pytest.mark.parametrize(
    ("environment", "per_second"),
    [
        ({"STRIPE_SECRET_KEY": "rk_live_1"}, 80),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, 20),
        ({"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": "http://127.0.0.1:1"}, None),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1", "FULFILL_STRIPE_REQUESTS_PER_SECOND": "3"}, 3),
    ],
)
def test_stripe_is_asked_less_than_it_allows(
    environment: dict[str, str], per_second: int | None
) -> None:
    """By the key's mode; elsewhere than at Stripe there is no limit unless one is set."""
    assert read_settings(environment).stripe_requests_per_second == per_second
