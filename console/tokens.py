"""Tokens for the admin routes: made, found, listed and revoked. A token is shown once; its hash is
kept. Which route needs which scope: `console.admin`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from shared.secrets import Secret
from shared.tables import tokens

Scope = Literal["product:read", "product:write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "fat_"  # fulfillment admin token: tells people and secret scanners what it is
TOKEN_BYTES = 32  # nobody guesses 256 bits, so a plain hash of it is enough
SHOWN = 4  # characters at its end, to tell tokens apart
USE_NOTED_EVERY = timedelta(minutes=1)  # a write for every read would be most of the work


class NameTaken(Exception):
    """A token of this name is there. A revoked one keeps its name: the audit log names it."""


@dataclass(frozen=True, slots=True)
class TokenWish:
    """A token that somebody asks for."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None  # UTC; None = never


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. Nothing of it opens a door."""

    id: int
    name: str
    last4: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> Literal["active", "expired", "revoked"]:
        if self.revoked_at is not None:
            return "revoked"
        expired = self.expires_at is not None and self.expires_at <= now
        return "expired" if expired else "active"


def hash_of(token: Secret) -> str:
    """SHA-256, hexadecimal. Any text has one, whatever bytes it came as."""
    return hashlib.sha256(token.reveal().encode("utf-8", "surrogateescape")).hexdigest()


def create_token(tx: Connection, wish: TokenWish, *, by: str, now: datetime) -> Secret:
    """The token, which nobody can read again. Raises NameTaken."""
    taken = sa.select(tokens.c.id).where(tokens.c.name == wish.name)
    if tx.execute(taken).first() is not None:
        raise NameTaken(wish.name)
    token = Secret(PREFIX + secrets.token_urlsafe(TOKEN_BYTES))
    tx.execute(
        sa.insert(tokens).values(
            name=wish.name,
            token_hash=hash_of(token),
            last4=token.reveal()[-SHOWN:],
            scopes=list(wish.scopes),
            created_at=now,
            created_by=by,
            expires_at=wish.expires_at,
        )
    )
    return token


def read_tokens(connection: Connection) -> list[Token]:
    """All, oldest first, also those that expired or were revoked."""
    return [_token(row) for row in connection.execute(sa.select(tokens).order_by(tokens.c.id))]


def read_token(connection: Connection, name: str) -> Token | None:
    return _one(connection, tokens.c.name == name)


def find_token(connection: Connection, token: Secret) -> Token | None:
    """By its hash: how long the search takes tells nothing of the token itself."""
    return _one(connection, tokens.c.token_hash == hash_of(token))


def revoke_token(tx: Connection, name: str, *, by: str, now: datetime) -> bool:
    """Whether it was revoked by this; not, where it was before or nobody knows it."""
    named = sa.update(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None))
    return tx.execute(named.values(revoked_at=now, revoked_by=by)).rowcount == 1


def use_is_noted(token: Token, now: datetime) -> bool:
    """Whether its last use was written down a moment ago, which will do."""
    return token.last_used_at is not None and now - token.last_used_at < USE_NOTED_EVERY


def note_use(tx: Connection, token: Token, *, now: datetime) -> None:
    tx.execute(sa.update(tokens).where(tokens.c.id == token.id).values(last_used_at=now))


def choose_scopes(names: Sequence[str]) -> tuple[Scope, ...]:
    """Each once, in the order of SCOPES. Raises ValueError for any other name, or none."""
    unknown = [name for name in names if name not in SCOPES]
    if unknown or not names:
        raise ValueError(f"must be of {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in names)


def _one(connection: Connection, which: sa.ColumnElement[bool]) -> Token | None:
    row = connection.execute(sa.select(tokens).where(which)).one_or_none()
    return None if row is None else _token(row)


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        last4=row.last4,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        last_used_at=row.last_used_at,
    )
