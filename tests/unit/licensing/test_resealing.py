"""Signing keys under a new encryption key: all of them or none, and each still the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from licensing.config import LicensingConfig, Masked, Secret
from licensing.database import Database
from licensing.signing import KeyUnreadable, Signer, reseal_keys
from licensing.tables import signing_keys


def under(config: LicensingConfig, *keys: Masked) -> LicensingConfig:
    return replace(config, encryption_keys=keys)


def fresh() -> Secret:
    return Secret(Fernet.generate_key().decode())


def sealed(database: Database) -> dict[str, bytes]:
    query = sa.select(signing_keys.c.kid, signing_keys.c.private_key_sealed)
    with database.reading() as tx:
        return {row.kid: row.private_key_sealed for row in tx.execute(query)}


def retire_one(database: Database, kid: str, private_key: bytes) -> None:
    """A key that signs no more, and whose answers are still out there."""
    row = {
        "kid": kid,
        "algorithm": "Ed25519",
        "public_key": "public",
        "private_key_sealed": private_key,
        "status": "retired",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    with database.writing() as tx:
        tx.execute(sa.insert(signing_keys), row)


def test_the_old_encryption_key_can_be_thrown_away_after(
    config: LicensingConfig, database: Database
) -> None:
    """The new one alone opens every key, and what was signed before stays verifiable."""
    (old,) = config.encryption_keys
    kid, private = Signer(config, database).ready()
    retire_one(database, "sig_retired", Fernet(old.reveal()).encrypt(b"r" * 32))
    new = fresh()

    assert reseal_keys(under(config, new, old), database) == 2

    again, same = Signer(under(config, new), database).ready()
    assert again == kid
    assert same.private_bytes_raw() == private.private_bytes_raw()
    assert Fernet(new.reveal()).decrypt(sealed(database)["sig_retired"]) == b"r" * 32
    with pytest.raises(KeyUnreadable, match="put that key back"):
        Signer(config, database).ready()


def test_one_key_that_nothing_opens_leaves_all_as_they_were(
    config: LicensingConfig, database: Database
) -> None:
    """Half of them under the new key would be lost with the old one."""
    Signer(config, database).ready()
    retire_one(database, "sig_zzz_lost", Fernet(Fernet.generate_key()).encrypt(b"r" * 32))
    before = sealed(database)

    with pytest.raises(KeyUnreadable, match="put that key back"):
        reseal_keys(under(config, fresh(), *config.encryption_keys), database)

    assert sealed(database) == before


def test_without_a_signing_key_there_is_nothing_to_do(
    config: LicensingConfig, database: Database
) -> None:
    """And none is made by it."""
    assert reseal_keys(config, database) == 0
    assert sealed(database) == {}
