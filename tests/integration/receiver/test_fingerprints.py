"""The receiver writes down when it first started with a signing secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.secrets import Secret
from shared.settings import Settings
from shared.tables import signing_secrets
from tests.conftest import OLDER_SECRET, SIGNING_SECRET
from tests.deliveries import subscription_updated
from tests.integration.receiver.conftest import nobody, post_all
from webhooks.fingerprints import fingerprint, remember_secrets
from webhooks.receiver import Receiver

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRETS = [Secret(SIGNING_SECRET), Secret(OLDER_SECRET)]


def seen(engine: Engine) -> dict[str, datetime]:
    with reading(engine) as tx:
        return {
            row.fingerprint: row.first_seen_at for row in tx.execute(sa.select(signing_secrets))
        }


def test_a_receiver_that_starts_writes_its_secrets_down(settings: Settings, engine: Engine) -> None:
    """By a fingerprint, from which nobody gets the secret back."""
    asyncio.run(post_all(Receiver(settings, engine, nobody), []))

    found = seen(engine)
    assert set(found) == {fingerprint(one) for one in SECRETS}
    assert not any("whsec" in name for name in found)


def test_the_first_time_is_kept(engine: Engine) -> None:
    """Each restart sees the same secrets again, and a new one among them."""
    remember_secrets(engine, SECRETS[:1], now=NOON)
    remember_secrets(engine, SECRETS, now=NOON + timedelta(days=1))

    assert seen(engine) == {
        fingerprint(SECRETS[0]): NOON,
        fingerprint(SECRETS[1]): NOON + timedelta(days=1),
    }


def test_a_database_without_the_table_stops_no_receiver(settings: Settings, engine: Engine) -> None:
    """Deliveries are more important than the age of a secret."""
    with transaction(engine) as tx:
        signing_secrets.drop(tx)

    body = subscription_updated("evt_1")
    (answer,) = asyncio.run(post_all(Receiver(settings, engine, nobody), [body]))

    assert answer.status_code == 200


def test_without_a_secret_nothing_is_written(
    make_settings: Callable[..., Settings], engine: Engine
) -> None:
    """Web runs without one while it is set up."""
    remember_secrets(
        engine, make_settings(STRIPE_WEBHOOK_SECRET=None).stripe_webhook_secrets, now=NOON
    )

    assert seen(engine) == {}
