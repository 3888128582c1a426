"""Who calls, and may they? Management tokens, license keys, scopes; no body is read here.

Source: licensekit.dev/docs/start-here/auth-and-scopes.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import sqlalchemy as sa

from licensing.call import Caller
from licensing.database import Database
from licensing.errors import scope_denied, unauthorized
from licensing.identifiers import digest
from licensing.tables import api_keys, licenses

PUBLIC = ""
LICENSE_KEY = "a license key"  # in the place of a scope: not a management operation
USE_STAMP_SECONDS = 60  # last_used_at is that coarse: a write for every read would be dear

_MANAGEMENT_REFUSED = "the management token is missing or not valid"
_LICENSE_REFUSED = "the license key is missing or not valid"


class Gate:
    """Lets callers in. The admin token is kept as a hash only and is valid for everything."""

    def __init__(self, database: Database, admin_token: str) -> None:
        self._database = database
        self._admin_digest = digest(admin_token)

    def admit(self, scope: str, authorization: str | None, ip: str | None, now: datetime) -> Caller:
        """The caller. Raises a 401 for nobody we know and a 403 for a missing scope."""
        if scope == PUBLIC:
            return Caller("system", "public")
        if scope == LICENSE_KEY:
            return self._license(_credentials(authorization, "license", _LICENSE_REFUSED))
        token = _credentials(authorization, "bearer", _MANAGEMENT_REFUSED)
        caller = self._management(token, ip, now)
        if not caller.scopes & {scope, "admin"}:
            raise scope_denied(scope)
        return caller

    def _license(self, key: str) -> Caller:
        query = sa.select(licenses.c.id).where(licenses.c.license_key_hash == digest(key))
        with self._database.reading() as tx:
            license_id = tx.execute(query).scalar()
        if license_id is None:
            raise unauthorized(_LICENSE_REFUSED)
        return Caller("license", license_id, license_id=license_id)

    def _management(self, token: str, ip: str | None, now: datetime) -> Caller:
        hashed = digest(token)
        if hmac.compare_digest(hashed, self._admin_digest):
            return Caller("api_key", "admin", frozenset({"admin"}))
        query = sa.select(api_keys).where(api_keys.c.token_hash == hashed)
        with self._database.reading() as tx:
            found = tx.execute(query).mappings().first()
        row = dict(found or {})
        if not row or not _is_valid(row, ip, now):
            raise unauthorized(_MANAGEMENT_REFUSED)
        self._stamp(row, now)
        return Caller("api_key", row["id"], frozenset(row["scopes"]))

    def _stamp(self, row: Mapping[str, Any], now: datetime) -> None:
        last = row["last_used_at"]
        if last is not None and now - last < timedelta(seconds=USE_STAMP_SECONDS):
            return
        used = sa.update(api_keys).where(api_keys.c.id == row["id"])
        with self._database.writing() as tx:
            tx.execute(used.values(last_used_at=now))


def _credentials(authorization: str | None, kind: str, refused: str) -> str:
    given_kind, _, secret = (authorization or "").partition(" ")
    if given_kind.lower() != kind or not secret.strip():
        raise unauthorized(refused)
    return secret.strip()


def _is_valid(row: Mapping[str, Any], ip: str | None, now: datetime) -> bool:
    if not row["is_active"] or (row["expires_at"] is not None and row["expires_at"] <= now):
        return False
    return not row["allowed_cidrs"] or _is_within(ip, row["allowed_cidrs"])


def _is_within(ip: str | None, cidrs: list[str]) -> bool:
    try:
        address = ip_address(ip or "")
    except ValueError:
        return False
    return any(address in ip_network(cidr) for cidr in cidrs)
