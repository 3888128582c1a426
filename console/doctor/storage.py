"""The database: its tables, what waits in it, and whether its secrets can be opened."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from console.doctor.findings import Finding, fail, ok, warn
from mappings.store import read_catalog
from shared.database import reading
from shared.inbox import due_count, oldest_hint
from shared.migrations import missing
from shared.secrets import Unreadable, Vault
from shared.settings import Settings
from shared.tables import escrow, problems


def check_storage(settings: Settings, engine: Engine, *, now: datetime) -> list[Finding]:
    """The database first; what is in it only when it can be read."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        reason = missing(engine)
        if reason is not None:
            return [fail("database", reason, 'Run "fulfill db upgrade".')]
        with reading(engine) as connection:
            return [
                ok("database", f"{where} stands at this release"),
                _queue(connection, settings, now),
                _problems(connection),
                _mappings(connection, settings),
                _escrow(connection, settings),
            ]
    except SQLAlchemyError as error:
        told = f"{where} can't be read ({type(error).__name__})"
        return [fail("database", told, "Start it, or correct DATABASE_URL.")]


def _queue(connection: Connection, settings: Settings, now: datetime) -> Finding:
    waiting, oldest = due_count(connection), oldest_hint(connection)
    if oldest is None:
        return ok("queue", "no sale waits")
    age = now - oldest
    told = f"{waiting} waiting, the oldest hint for {int(age.total_seconds())} s"
    if age <= timedelta(seconds=settings.inbox_max_age_seconds):
        return ok("queue", told)
    return fail("queue", told, 'Is a worker running? See why with "fulfill log --status failed".')


def _problems(connection: Connection) -> Finding:
    number = connection.scalar(sa.select(sa.func.count()).select_from(problems)) or 0
    if not number:
        return ok("problems", "none waits for a person")
    todo = 'See "fulfill log --status blocked" and "fulfill show <sale>".'
    return warn("problems", f"{number} wait for a person", todo)


def _mappings(connection: Connection, settings: Settings) -> Finding:
    served = [m for m in read_catalog(connection).all_current() if m.livemode == settings.livemode]
    number = len(served)
    strangers = sorted({m.account for m in served} - {"", *settings.stripe_accounts})
    if strangers:
        return warn(
            "mappings",
            f"some are for accounts whose events are refused: {', '.join(strangers)}",
            "Add the accounts to STRIPE_ACCOUNTS, or retire their mappings.",
        )
    if number:
        return ok("mappings", f"{number} in the mode of the Stripe key")
    return warn(
        "mappings",
        "none in the mode of the Stripe key, so nothing that is sold has a license",
        "Map a price: fulfill mappings set price_… --policy pol_…",
    )


def _escrow(connection: Connection, settings: Settings) -> Finding:
    """The newest key: if it opens, the keys in the settings are those that wrote it."""
    if not settings.encryption_keys:
        todo = '"fulfill init" makes one.'
        return fail("escrow", "FULFILL_ENCRYPTION_KEYS is not set", todo)
    query = sa.select(escrow.c.sealed_key).order_by(escrow.c.created_at.desc()).limit(1)
    sealed = connection.scalar(query)
    if sealed is None:
        return ok("escrow", "no license key is kept yet")
    try:
        Vault(settings.encryption_keys).open(sealed)
    except Unreadable:
        todo = "Put the key it was written with back into FULFILL_ENCRYPTION_KEYS."
        return fail("escrow", "the newest license key can't be opened", todo)
    return ok("escrow", "the newest license key can be opened")
