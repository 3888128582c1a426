"""The Ed25519 key that signs runtime answers: made once, kept encrypted, published by its kid."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import IntegrityError

from licensing.call import Call, Data
from licensing.config import LicensingConfig
from licensing.database import Database
from licensing.identifiers import new_id
from licensing.records import present
from licensing.tables import signing_keys

ALGORITHM = "Ed25519"


class KeyUnreadable(Exception):
    """The signing key was encrypted with a key that is no longer configured; put that key back."""


class Signer:
    """Signs with the active key, which is read once and made at the first need."""

    def __init__(self, config: LicensingConfig, database: Database) -> None:
        self._fernet = MultiFernet([Fernet(key.reveal()) for key in config.encryption_keys])
        self._database = database
        self._key: tuple[str, Ed25519PrivateKey] | None = None
        self._lock = threading.Lock()

    def sign(self, data: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        """The exact bytes to send as `data`, and their signature."""
        kid, key = self.ready()
        signed = canonical(data)
        value = b64encode(key.sign(signed)).decode()
        return signed, {"alg": ALGORITHM, "kid": kid, "value": value}

    def ready(self) -> tuple[str, Ed25519PrivateKey]:
        """The active key's kid and the key. Raises KeyUnreadable."""
        with self._lock:
            if self._key is None:
                self._key = self._stored() or self._made()
            return self._key

    def _stored(self) -> tuple[str, Ed25519PrivateKey] | None:
        query = sa.select(signing_keys).where(signing_keys.c.status == "active")
        with self._database.reading() as tx:
            row = tx.execute(query).mappings().first()
        if row is None:
            return None
        try:
            private = self._fernet.decrypt(row["private_key_sealed"])
        except InvalidToken:
            raise KeyUnreadable(KeyUnreadable.__doc__) from None
        return row["kid"], Ed25519PrivateKey.from_private_bytes(private)

    def _made(self) -> tuple[str, Ed25519PrivateKey]:
        key, kid = Ed25519PrivateKey.generate(), new_id("sig")
        row = {
            "kid": kid,
            "algorithm": ALGORITHM,
            "public_key": b64encode(key.public_key().public_bytes_raw()).decode(),
            "private_key_sealed": self._fernet.encrypt(key.private_bytes_raw()),
            "status": "active",
            "created_at": datetime.now(UTC),
        }
        try:
            with self._database.writing() as tx:
                tx.execute(sa.insert(signing_keys), row)
        except IntegrityError:  # another program made one at the same moment: that one counts
            return self._stored() or self._made()
        return kid, key


def reseal_keys(config: LicensingConfig, database: Database) -> int:
    """Encrypt every signing key under the first encryption key, and tell how many there are.

    Raises KeyUnreadable, and then nothing was changed.
    """
    fernet = MultiFernet([Fernet(key.reveal()) for key in config.encryption_keys])
    with database.writing() as tx:
        rows = tx.execute(sa.select(signing_keys)).mappings().all()
        for row in rows:
            try:
                sealed = fernet.rotate(row["private_key_sealed"])
            except InvalidToken:
                raise KeyUnreadable(KeyUnreadable.__doc__) from None
            mine = sa.update(signing_keys).where(signing_keys.c.kid == row["kid"])
            tx.execute(mine.values(private_key_sealed=sealed))
    return len(rows)


def canonical(data: Mapping[str, Any]) -> bytes:
    """JSON in ASCII without spaces: clients write `data` anew in this form to verify it."""
    return json.dumps(msgspec.to_builtins(data), separators=(",", ":")).encode()


def list_public_keys(call: Call) -> list[Data]:
    """Active and retired keys: what a retired one signed stays verifiable."""
    query = sa.select(signing_keys).order_by(signing_keys.c.kid.desc())
    return [present(signing_keys, dict(row)) for row in call.tx.execute(query).mappings()]
