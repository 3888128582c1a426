"""Is the API alive, and can it answer? The host asks `readiness`; callers ask the two routes."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from licensing.call import Call, Data
from licensing.config import LicensingConfig
from licensing.database import Database, is_current, open_database
from licensing.signing import KeyUnreadable, Signer


def alive(call: Call) -> Data:
    """That there is an answer is the answer."""
    return {"status": "ok"}


def readiness(config: LicensingConfig) -> str | None:
    """Why the embedded API can't answer, with the remedy; None when it can."""
    database = open_database(config.database_url)
    return not_ready(database, Signer(config, database))


def not_ready(database: Database, signer: Signer) -> str | None:
    """The same for parts that are already there."""
    try:
        with database.reading() as tx:
            if not is_current(tx):
                return "the embedded LicenseKit tables are missing or old: fulfill db upgrade"
        signer.ready()
    except SQLAlchemyError:
        return "the database of the embedded LicenseKit API can't be reached"
    except KeyUnreadable as fault:
        return str(fault)
    return None
