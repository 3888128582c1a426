"""The parts that all operations share, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from licensing.access import Gate
from licensing.config import LicensingConfig
from licensing.database import Database, open_database
from licensing.signing import Signer


@dataclass(frozen=True, slots=True)
class Service:
    """What an operation works with; `open` connects nothing yet."""

    config: LicensingConfig
    database: Database
    gate: Gate
    signer: Signer

    @classmethod
    def open(cls, config: LicensingConfig) -> Service:
        database = open_database(config.database_url)
        gate = Gate(database, config.admin_token.reveal())
        return cls(config, database, gate, Signer(config, database))
