"""Every setting, read once from the environment into one frozen value. Faults are told all at once.

What each is for, its unit and how to get it stands in `.env.example`; a test keeps both the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shared.logs import LogFormat
from shared.retention import Retention, read_retention
from shared.secrets import Secret

STRIPE_API_BASE = "https://api.stripe.com"
# Stripe allows 100 a second in live mode and 25 in test mode; the rest is left to other programs
LIVE_PER_SECOND = 80
TEST_PER_SECOND = 20
LIVE_KEYS = ("sk_live_", "rk_live_")
STRIPE_APP_AUTHORIZE_URL = "https://marketplace.stripe.com/oauth/v2/authorize"


class SettingsError(Exception):
    """The environment has faults. `faults` holds one sentence each; none shows a secret."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        plural = "s" if len(faults) > 1 else ""
        super().__init__(f"{len(faults)} fault{plural} in the settings: " + "; ".join(faults))


@dataclass(frozen=True, slots=True)
class Settings:
    """One field a setting; the environment's name of it is in `NAMES`."""

    stripe_integration_enabled: bool
    stripe_public_base_url: str
    stripe_webhook_secrets: tuple[Secret, ...]
    stripe_secret_key: Secret
    stripe_api_base: str
    stripe_requests_per_second: int | None  # what all our programs ask together; None = no limit
    stripe_accounts: tuple[str, ...]  # connected accounts that we serve, "acct_…"; () = none
    stripe_app_client_id: str  # of the app's public (live) install link; "" = none
    stripe_app_client_secret: Secret  # the live secret key of the account that owns the app
    stripe_app_authorize_url: str
    stripe_app_test_client_id: str  # the same three of the install link for test mode
    stripe_app_test_client_secret: Secret
    stripe_app_test_authorize_url: str
    stripe_app_signing_secrets: tuple[Secret, ...]  # "absec_…": the dashboard signs with one
    licensekit_base_url: str  # "" = the embedded API
    licensekit_api_token: Secret
    licensekit_app_url: str
    # not in reprs: these three may hold a password
    database_url: str = field(repr=False)
    licensing_database_url: str = field(repr=False)
    # "" = none given: `fulfill up` starts one, the receiver goes without
    redis_url: str = field(repr=False)
    admin_token: Secret
    encryption_keys: tuple[Secret, ...]
    log_format: LogFormat
    port: int
    worker_threads: int
    inbox_max_age_seconds: int
    guard_max_revokes: int  # licenses that one pass may revoke
    guard_max_share_percent: int  # of the sales a sweep touches, that may lose something by it
    metrics_token: Secret  # opens /metrics; "" = nobody is let in
    metrics_port: int | None  # where worker and scheduler show their metrics; None = nowhere
    metrics_folder: str  # where the programs of one machine count together; "" = each alone
    retention: Retention  # days for which each kind of history is kept
    otlp_endpoint: str = field(repr=False)  # where traces are sent; "" = no traces

    @property
    def embedded(self) -> bool:
        """Whether LicenseKit is our own embedded API."""
        return not self.licensekit_base_url

    @property
    def licensekit_url(self) -> str:
        """Where the worker reaches LicenseKit; without a path."""
        return self.licensekit_base_url or f"http://127.0.0.1:{self.port}"

    @property
    def stripe_routes_mounted(self) -> bool:
        """True when switched on, or when the integration's environment is configured."""
        return self.stripe_integration_enabled or bool(
            self.stripe_webhook_secrets and self.stripe_secret_key
        )

    @property
    def livemode(self) -> bool | None:
        """The mode that the Stripe key serves; None while there is no key."""
        key = self.stripe_secret_key.reveal()
        return None if not key else key.startswith(LIVE_KEYS)

    def app_key(self, *, livemode: bool) -> Secret:
        """The secret key of our Stripe App's owner in that mode; empty where there is none.

        STRIPE_SECRET_KEY will do: the owner is us. But no restricted key.
        """
        given = self.stripe_app_client_secret if livemode else self.stripe_app_test_client_secret
        ours = self.stripe_secret_key
        fits = ours.reveal().startswith("sk_live_" if livemode else "sk_test_")
        return given or (ours if fits else Secret(""))


def default_licensing_url(database_url: str) -> str:
    """The embedded LicenseKit's own SQLite file beside ours, or the same PostgreSQL database."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return database_url
    path = Path(url.database)
    return str(url.set(database=str(path.with_name(f"{path.stem}-licensekit{path.suffix}"))))


def default_requests_per_second(api_base: str, key: Secret) -> int | None:
    """Below what Stripe allows in the key's mode; a simulator or proxy sets its own limits."""
    if api_base != STRIPE_API_BASE:
        return None
    return LIVE_PER_SECOND if key.reveal().startswith(LIVE_KEYS) else TEST_PER_SECOND


T = TypeVar("T")
NONE: tuple[Secret, ...] = ()
NO_ACCOUNTS: tuple[str, ...] = ()


class _Reader:
    """Reads one setting after the other and keeps every fault."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def read(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        text = self.environ.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as fault:
            self.faults.append(f"{name} {fault}")
            return default

    def require(self, name: str, *, why: str) -> None:
        if not self.environ.get(name, "").strip():
            self.faults.append(f"{name} is missing: {why}")


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("must be true or false")


def _url(text: str) -> str:
    with suppress(ValueError):  # a port that is no number
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return text.rstrip("/")
    raise ValueError("must be a URL that starts with http:// or https://")


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
    try:
        make_url(text)
    except (ArgumentError, ValueError):  # whose text may show a part of the password
        raise ValueError("can't be read: is its password percent-encoded?") from None
    return text


def _redis_url(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://")
    return text


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _log_format(text: str) -> LogFormat:
    formats: dict[str, LogFormat] = {"text": "text", "json": "json"}
    if text not in formats:
        raise ValueError("must be text or json")
    return formats[text]


def _secrets(text: str) -> tuple[Secret, ...]:
    return tuple(Secret(part.strip()) for part in text.split(",") if part.strip())


def _signing_secrets(prefix: str) -> Callable[[str], tuple[Secret, ...]]:
    def parse(text: str) -> tuple[Secret, ...]:
        secrets = _secrets(text)
        named = [s.reveal().partition(prefix) for s in secrets]
        if not named or any(before or not rest for before, _, rest in named):
            raise ValueError(f"must hold one or more signing secrets, each starting with {prefix}")
        return secrets

    return parse


def _accounts(text: str) -> tuple[str, ...]:
    accounts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not accounts or any(not re.fullmatch(r"acct_\w+", account) for account in accounts):
        raise ValueError("must hold one or more connected accounts, each starting with acct_")
    return accounts


def _stripe_key(text: str) -> Secret:
    if not text.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        raise ValueError("must start with sk_test_, rk_test_, sk_live_ or rk_live_")
    return Secret(text)


def _client_id(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError("must be the client id alone, as it stands in the install link: ca_…")
    return text


def _starting(prefix: str) -> Callable[[str], Secret]:
    def parse(text: str) -> Secret:
        if not text.startswith(prefix) or text == prefix:
            raise ValueError(f"must start with {prefix}")
        return Secret(text)

    return parse


def _fernet_keys(text: str) -> tuple[Secret, ...]:
    keys = _secrets(text)
    if not keys:
        raise ValueError("must hold one or more keys")
    for place, key in enumerate(keys, 1):
        try:
            Fernet(key.reveal())
        except ValueError:
            raise ValueError(
                f"has a key, number {place}, that is not 32 bytes in URL-safe base64"
            ) from None
    return keys


NAMES: dict[str, str] = {
    "stripe_integration_enabled": "STRIPE_INTEGRATION_ENABLED",
    "stripe_public_base_url": "STRIPE_PUBLIC_BASE_URL",
    "stripe_webhook_secrets": "STRIPE_WEBHOOK_SECRET",
    "stripe_secret_key": "STRIPE_SECRET_KEY",
    "stripe_api_base": "STRIPE_API_BASE",
    "stripe_requests_per_second": "FULFILL_STRIPE_REQUESTS_PER_SECOND",
    "stripe_accounts": "STRIPE_ACCOUNTS",
    "stripe_app_client_id": "STRIPE_APP_CLIENT_ID",
    "stripe_app_client_secret": "STRIPE_APP_CLIENT_SECRET",
    "stripe_app_authorize_url": "STRIPE_APP_AUTHORIZE_URL",
    "stripe_app_test_client_id": "STRIPE_APP_TEST_CLIENT_ID",
    "stripe_app_test_client_secret": "STRIPE_APP_TEST_CLIENT_SECRET",
    "stripe_app_test_authorize_url": "STRIPE_APP_TEST_AUTHORIZE_URL",
    "stripe_app_signing_secrets": "STRIPE_APP_SIGNING_SECRET",
    "licensekit_base_url": "LICENSEKIT_BASE_URL",
    "licensekit_api_token": "LICENSEKIT_API_TOKEN",
    "licensekit_app_url": "LICENSEKIT_APP_URL",
    "database_url": "DATABASE_URL",
    "licensing_database_url": "LICENSING_DATABASE_URL",
    "redis_url": "REDIS_URL",
    "admin_token": "FULFILL_ADMIN_TOKEN",
    "encryption_keys": "FULFILL_ENCRYPTION_KEYS",
    "log_format": "FULFILL_LOG_FORMAT",
    "port": "PORT",
    "worker_threads": "FULFILL_WORKER_THREADS",
    "inbox_max_age_seconds": "FULFILL_INBOX_MAX_AGE_SECONDS",
    "guard_max_revokes": "FULFILL_GUARD_MAX_REVOKES",
    "guard_max_share_percent": "FULFILL_GUARD_MAX_SHARE",
    "metrics_token": "FULFILL_METRICS_TOKEN",
    "metrics_port": "FULFILL_METRICS_PORT",
    "metrics_folder": "PROMETHEUS_MULTIPROC_DIR",
    "retention": "FULFILL_RETENTION_DAYS",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
}

Role = Literal["receiver", "web", "worker", "scheduler", "command"]

# What a role can't do without, and why. An empty signing secret refuses to start.
NEEDS: dict[Role, dict[str, str]] = {
    "receiver": {"STRIPE_WEBHOOK_SECRET": "no delivery could be verified"},
    "web": {},
    "worker": {
        "STRIPE_SECRET_KEY": "the worker reads every sale from Stripe",
        "LICENSEKIT_API_TOKEN": "the worker issues licenses with it",
        "FULFILL_ENCRYPTION_KEYS": "license keys are encrypted at rest",
        "REDIS_URL": "RQ needs it; `fulfill up` starts one by itself",
    },
    "scheduler": {"REDIS_URL": "the sweep wakes workers through it"},
    "command": {},
}


def _read_app(reader: _Reader) -> dict[str, Any]:
    """What our Stripe App needs; links and keys of the two modes are apart."""
    authorize = STRIPE_APP_AUTHORIZE_URL
    live, test = _starting("sk_live_"), _starting("sk_test_")
    none = Secret("")
    return {
        "stripe_app_client_id": reader.read("STRIPE_APP_CLIENT_ID", "", _client_id),
        "stripe_app_client_secret": reader.read("STRIPE_APP_CLIENT_SECRET", none, live),
        "stripe_app_authorize_url": reader.read("STRIPE_APP_AUTHORIZE_URL", authorize, _url),
        "stripe_app_test_client_id": reader.read("STRIPE_APP_TEST_CLIENT_ID", "", _client_id),
        "stripe_app_test_client_secret": reader.read("STRIPE_APP_TEST_CLIENT_SECRET", none, test),
        "stripe_app_test_authorize_url": reader.read(
            "STRIPE_APP_TEST_AUTHORIZE_URL", authorize, _url
        ),
        "stripe_app_signing_secrets": reader.read(
            "STRIPE_APP_SIGNING_SECRET", NONE, _signing_secrets("absec_")
        ),
    }


def read_settings(environ: Mapping[str, str], *, role: Role = "command") -> Settings:
    """Read and check the environment. Raises SettingsError with every fault at once."""
    reader = _Reader(environ)
    values: dict[str, Any] = {
        "stripe_integration_enabled": reader.read("STRIPE_INTEGRATION_ENABLED", False, _flag),
        "stripe_public_base_url": reader.read("STRIPE_PUBLIC_BASE_URL", "", _url),
        "stripe_webhook_secrets": reader.read(
            "STRIPE_WEBHOOK_SECRET", NONE, _signing_secrets("whsec_")
        ),
        "stripe_secret_key": reader.read("STRIPE_SECRET_KEY", Secret(""), _stripe_key),
        "stripe_api_base": reader.read("STRIPE_API_BASE", STRIPE_API_BASE, _url),
        "stripe_accounts": reader.read("STRIPE_ACCOUNTS", NO_ACCOUNTS, _accounts),
        **_read_app(reader),
        "licensekit_base_url": reader.read("LICENSEKIT_BASE_URL", "", _url),
        "licensekit_api_token": reader.read("LICENSEKIT_API_TOKEN", Secret(""), Secret),
        "licensekit_app_url": reader.read("LICENSEKIT_APP_URL", "", _url),
        "database_url": reader.read("DATABASE_URL", "sqlite:///var/fulfill.db", _database_url),
        "redis_url": reader.read("REDIS_URL", "", _redis_url),
        "admin_token": reader.read("FULFILL_ADMIN_TOKEN", Secret(""), Secret),
        "encryption_keys": reader.read("FULFILL_ENCRYPTION_KEYS", NONE, _fernet_keys),
        "log_format": reader.read("FULFILL_LOG_FORMAT", "text", _log_format),
        "port": reader.read("PORT", 8000, _between(1, 65535)),
        "worker_threads": reader.read("FULFILL_WORKER_THREADS", 16, _between(1, 256)),
        "inbox_max_age_seconds": reader.read(
            "FULFILL_INBOX_MAX_AGE_SECONDS", 900, _between(1, 86_400)
        ),
        "guard_max_revokes": reader.read("FULFILL_GUARD_MAX_REVOKES", 25, _between(0, 1_000_000)),
        "guard_max_share_percent": reader.read("FULFILL_GUARD_MAX_SHARE", 20, _between(1, 100)),
        "metrics_token": reader.read("FULFILL_METRICS_TOKEN", Secret(""), Secret),
        "metrics_port": reader.read("FULFILL_METRICS_PORT", None, _between(1, 65535)),
        "metrics_folder": reader.read("PROMETHEUS_MULTIPROC_DIR", "", str),
        "retention": reader.read("FULFILL_RETENTION_DAYS", Retention(), read_retention),
        "otlp_endpoint": reader.read("OTEL_EXPORTER_OTLP_ENDPOINT", "", _url),
    }
    values["licensing_database_url"] = reader.read(
        "LICENSING_DATABASE_URL", default_licensing_url(values["database_url"]), _database_url
    )
    values["stripe_requests_per_second"] = reader.read(
        "FULFILL_STRIPE_REQUESTS_PER_SECOND",
        default_requests_per_second(values["stripe_api_base"], values["stripe_secret_key"]),
        _between(1, 10_000),
    )
    for name, why in NEEDS[role].items():
        reader.require(name, why=why)
    if values["metrics_port"] is not None:
        reader.require("FULFILL_METRICS_TOKEN", why="FULFILL_METRICS_PORT would let nobody in")
    if role == "web" and values["stripe_integration_enabled"]:
        reader.require("STRIPE_WEBHOOK_SECRET", why="no delivery could be verified")
    if reader.faults:
        raise SettingsError(reader.faults)
    return Settings(**values)
