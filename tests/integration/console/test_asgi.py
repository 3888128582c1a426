"""The web process: which doors are there, and who says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from console.asgi import make_app, read_web_settings
from licensing.database import close_database, upgrade
from shared.settings import Settings, SettingsError
from tests.integration.console.web import serve_app

Make = Callable[..., Settings]


@pytest.fixture
def make(make_settings: Make, sqlite_url: str) -> Iterator[Make]:
    """Settings on a fresh, migrated database; embedded unless told otherwise."""
    made: list[Settings] = []

    def build(**changes: str | None) -> Settings:
        settings = make_settings(DATABASE_URL=sqlite_url, **changes)
        upgrade(settings.licensing_database_url)
        made.append(settings)
        return settings

    yield build
    for settings in made:
        close_database(settings.licensing_database_url)


@contextmanager
def serving(settings: Settings) -> Iterator[httpx.Client]:
    app: Starlette = make_app(settings)
    with serve_app(app, {"Authorization": "Bearer admin_test"}) as client:
        yield client


def test_one_web_process_has_every_door(make: Make) -> None:
    """Deliveries, admin routes, LicenseKit and health under one address."""
    with serving(make()) as client:
        found = {
            path: client.get(path).status_code
            for path in (
                "/livez", "/readyz", "/stripe/admin/fulfillments", "/stripe/admin/mappings",
                "/health",
            )
        }  # fmt: skip
        delivery = client.post("/stripe/webhook", content=b"{}")
        ours = client.get("/api/v1/products", headers={"Authorization": "Bearer lk_test_admin"})
        stranger = client.get("/api/v1/products", headers={"Authorization": "Bearer guess"})

    assert set(found.values()) == {200}, found
    assert delivery.status_code == 400
    assert (ours.status_code, stranger.status_code) == (200, 401)


def test_web_shows_metrics_to_who_has_their_token(make: Make) -> None:
    """Also where it takes no deliveries. The admin token is another's."""
    settings = make(FULFILL_METRICS_TOKEN="metrics_test", STRIPE_SECRET_KEY=None)

    with serving(settings) as client:
        shown = client.get("/metrics", headers={"Authorization": "Bearer metrics_test"})
        assert client.get("/metrics").status_code == 401

    assert shown.status_code == 200
    assert "fulfill_sales_due 0.0" in shown.text


def test_without_stripe_the_process_serves_licensekit_alone(make: Make) -> None:
    """Nothing of Stripe is open before its secrets are there."""
    settings = make(STRIPE_WEBHOOK_SECRET=None, STRIPE_SECRET_KEY=None)

    with serving(settings) as client:
        assert client.post("/stripe/webhook", content=b"{}").status_code == 404
        assert client.get("/stripe/admin/fulfillments").status_code == 404
        assert client.get("/health").status_code == 200


def test_with_a_hosted_licensekit_no_embedded_one_is_served(make: Make) -> None:
    """Two LicenseKits would be two truths."""
    with serving(make(LICENSEKIT_BASE_URL="https://licensekit.example.com")) as client:
        assert client.get("/api/v1/products").status_code == 404
        assert client.get("/readyz").status_code == 200


def test_readiness_names_what_licensekit_lacks(make_settings: Make, sqlite_url: str) -> None:
    """Ours is migrated, LicenseKit's is not: the process can't issue yet."""
    settings = make_settings(DATABASE_URL=sqlite_url)
    with serving(settings) as client:
        answer = client.get("/readyz")
    close_database(settings.licensing_database_url)

    assert answer.status_code == 503
    assert any(reason.startswith("LicenseKit: ") for reason in answer.json()["reasons"])


def test_the_embedded_licensekit_refuses_to_start_open_or_unencrypted() -> None:
    """Without a token everybody would be admin; every fault is told at once."""
    with pytest.raises(SettingsError) as told:
        read_web_settings({"PORT": "many", "STRIPE_INTEGRATION_ENABLED": "true"})

    names = {fault.split()[0] for fault in told.value.faults}
    assert names == {
        "PORT", "STRIPE_WEBHOOK_SECRET", "LICENSEKIT_API_TOKEN", "FULFILL_ENCRYPTION_KEYS",
    }  # fmt: skip
    assert read_web_settings({"LICENSEKIT_BASE_URL": "https://lk.example.com"}).port == 8000


def test_faults_in_the_settings_end_the_web_process_with_status_2(tmp_path: Path) -> None:
    """Importing reads nothing; asking for the app tells every fault, without a traceback."""
    code = "import console.asgi; print('imported'); console.asgi.app"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "mysql://secret-password@host/x"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.stdout.strip() == "imported"
    assert answer.returncode == 2
    assert "DATABASE_URL" in answer.stderr
    assert "FULFILL_ENCRYPTION_KEYS" in answer.stderr
    assert "secret-password" not in answer.stderr
    assert "Traceback" not in answer.stderr
