"""When each signing secret was first in use here, so that people can see which are old.

Only a fingerprint is kept: from it nobody gets the secret back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.database import transaction
from shared.logs import get_logger
from shared.secrets import Secret
from shared.tables import signing_secrets

DIGITS = 16  # of SHA-256, hexadecimal: enough to tell one's own few secrets apart

log = get_logger("receiver")


def fingerprint(secret: Secret) -> str:
    return hashlib.sha256(secret.reveal().encode()).hexdigest()[:DIGITS]


def remember_secrets(engine: Engine, secrets: Sequence[Secret], *, now: datetime) -> None:
    """Write down those that were not seen before. A database that is away is told and no fault:
    the receiver starts without, and the next start writes them.
    """
    if not secrets:
        return
    rows = [{"fingerprint": fingerprint(one), "first_seen_at": now} for one in secrets]
    try:
        with transaction(engine) as tx:
            insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
            tx.execute(insert(signing_secrets).values(rows).on_conflict_do_nothing())
    except SQLAlchemyError as error:
        # only its kind: a driver's text may hold the database's address and user
        log.warning("secrets.unwritten", error=type(error).__name__)
