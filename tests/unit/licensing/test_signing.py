"""The signing key: made once, kept encrypted, read by every program."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from licensing.config import LicensingConfig, Secret
from licensing.database import Database
from licensing.signing import KeyUnreadable, Signer, canonical
from licensing.tables import signing_keys


def stored_keys(database: Database) -> list[dict[str, object]]:
    with database.reading() as tx:
        return [dict(row) for row in tx.execute(sa.select(signing_keys)).mappings()]


def test_two_programs_sign_with_one_key(config: LicensingConfig, database: Database) -> None:
    """The second finds what the first has made."""
    (kid, first), (again, second) = (Signer(config, database).ready() for _ in range(2))

    assert kid == again
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert len(stored_keys(database)) == 1


def test_the_private_key_is_never_kept_in_clear(
    config: LicensingConfig, database: Database
) -> None:
    """What lies in the database opens with the encryption key only."""
    _, key = Signer(config, database).ready()

    (row,) = stored_keys(database)
    sealed = row["private_key_sealed"]
    assert isinstance(sealed, bytes)
    assert key.private_bytes_raw() not in sealed
    opened = Fernet(config.encryption_keys[0].reveal()).decrypt(sealed)
    assert opened == key.private_bytes_raw()


def test_encryption_keys_can_be_rotated(config: LicensingConfig, database: Database) -> None:
    """A new key in front, the old one behind it: the signing key stays readable."""
    kid, _ = Signer(config, database).ready()
    fresh = Secret(Fernet.generate_key().decode())

    rotated = replace(config, encryption_keys=(fresh, *config.encryption_keys))
    assert Signer(rotated, database).ready()[0] == kid

    lost = replace(config, encryption_keys=(fresh,))
    with pytest.raises(KeyUnreadable, match="put that key back"):
        Signer(lost, database).ready()


def test_what_is_sent_is_what_is_signed(config: LicensingConfig, database: Database) -> None:
    """Byte for byte, and the published key verifies it."""
    data = {"license_id": "lic_1", "issued_at": datetime(2026, 11, 21, tzinfo=UTC)}

    signed, signature = Signer(config, database).sign(data)

    (row,) = stored_keys(database)
    public = Ed25519PublicKey.from_public_bytes(b64decode(str(row["public_key"])))
    public.verify(b64decode(signature["value"]), signed)
    assert signature["kid"] == row["kid"]
    assert signature["alg"] == "Ed25519"


def test_the_signed_form_has_no_spaces_and_no_foreign_letters() -> None:
    """Clients write the data anew in this form before they verify it."""
    data = {"code": "größe", "expires_at": datetime(2027, 1, 1, tzinfo=UTC), "features": []}

    expected = rb'{"code":"gr\u00f6\u00dfe","expires_at":"2027-01-01T00:00:00Z","features":[]}'
    assert canonical(data) == expected
