"""Who asks, and may they? One answer for strangers, a reason for whoever holds a real token."""

from __future__ import annotations

import hmac
from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from console.admin.desk import Desk
from console.admin.values import Caller
from console.http import HttpError
from console.tokens import Scope, Token, find_token, hash_of, note_use, use_is_noted
from shared.database import reading, transaction
from shared.secrets import Secret

ROOT = Caller("FULFILL_ADMIN_TOKEN", ("admin",))
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="license-fulfillment"'}


def bearer_of(request: Request, scope: Scope) -> Secret:
    """The token of the request. Raises HttpError 401 without one."""
    header = request.headers.get("authorization")
    if header is None:
        raise _stranger("This route needs the header Authorization: Bearer <token>.", scope)
    kind, _, given = header.partition(" ")
    if kind.lower() != "bearer" or not given.strip():
        raise _stranger("The Authorization header is not Bearer <token>.", scope)
    # as the bytes that came: a token may hold any letter
    return Secret(given.strip().encode("latin-1").decode("utf-8", "surrogateescape"))


def admit(desk: Desk, token: Secret, scope: Scope, *, now: datetime) -> Caller:
    """Whose token it is. Asks the database. Raises HttpError 401, and 403 without the scope."""
    caller = ROOT if _is_root(desk, token) else _caller(desk, token, scope, now)
    require(caller, scope)
    return caller


def require(caller: Caller, scope: Scope) -> None:
    """Raises HttpError 403, in LicenseKit's words."""
    if not caller.may(scope):
        raise HttpError(
            403,
            "TOKEN_SCOPE_DENIED",
            f"The token {caller.name} lacks a scope that this needs.",
            f"requires {scope}",
        )


def _is_root(desk: Desk, token: Secret) -> bool:
    root = desk.settings.admin_token
    # hashes are of one length, so nothing of the token's own length shows either
    return hmac.compare_digest(hash_of(token), hash_of(root)) and bool(root)


def _caller(desk: Desk, given: Secret, scope: Scope, now: datetime) -> Caller:
    with reading(desk.engine) as connection:
        token = find_token(connection, given)
    if token is None:
        raise _stranger("Nobody is let in by this token.", scope)
    state = token.state(now)
    if state != "active":
        # whoever holds the token may know what became of it
        raise _stranger(f"The token {token.name} is {state}: make a new one.", scope)
    _note_use(desk, token, now)
    return Caller(token.name, token.scopes)


def _note_use(desk: Desk, token: Token, now: datetime) -> None:
    if use_is_noted(token, now):
        return
    # a database that is busy or full must not keep people from reading it
    with suppress(DBAPIError), transaction(desk.engine) as tx:
        note_use(tx, token, now=now)


def _stranger(message: str, scope: Scope) -> HttpError:
    return HttpError(401, "UNAUTHORIZED", message, f"requires {scope}", headers=CHALLENGE)
