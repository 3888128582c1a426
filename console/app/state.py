"""The state of one installation: known to the browser that began it, good once, for ten minutes.

It travels twice: in the link to Stripe and back, and sealed in a cookie. Only who has both began
here. Source: docs.stripe.com/stripe-apps/api-authentication/oauth, RFC 6749 section 10.12
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from shared.secrets import Secret, Unreadable, Vault
from shared.tables import slots

LIFETIME = timedelta(minutes=10)  # to sign in at Stripe and read what the app asks for
COOKIES = {True: "__Host-install-live", False: "__Host-install-test"}  # both may run side by side
TASK = "oauth-state"


class BadState(Exception):
    """This callback does not belong to an installation that this browser began. Says why."""


@dataclass(frozen=True, slots=True)
class State:
    """`text` begins with the mode, as Stripe asks: the token exchange differs by it."""

    text: str
    livemode: bool
    until: datetime

    @staticmethod
    def new(*, livemode: bool, now: datetime) -> State:
        mode = "live" if livemode else "test"
        return State(f"{mode}.{secrets.token_urlsafe(32)}", livemode, now + LIFETIME)

    def sealed(self, vault: Vault) -> str:
        """The cookie's value."""
        kept = msgspec.json.encode(_Kept(self.text, self.until)).decode()
        return vault.seal(Secret(kept)).decode()


class _Kept(msgspec.Struct, frozen=True):
    """What a cookie holds. The same keys seal other things, which are none."""

    state: str
    until: Annotated[datetime, msgspec.Meta(tz=True)]


def mode_of(text: str) -> bool:
    """The mode that a returning state is of. Raises BadState."""
    mode = text.partition(".")[0]
    if mode not in ("live", "test"):
        raise BadState("the link that led here carries no state of ours")
    return mode == "live"


def open_state(text: str, cookie: str | None, vault: Vault, *, now: datetime) -> State:
    """The state that this browser began with. Raises BadState."""
    if not cookie:
        raise BadState("this browser did not begin an installation here, or too long ago")
    try:
        kept = msgspec.json.decode(vault.open(cookie.encode()).reveal(), type=_Kept)
    except (Unreadable, msgspec.DecodeError):
        raise BadState("the cookie of this installation can't be read") from None
    if not hmac.compare_digest(kept.state.encode(), text.encode()):
        raise BadState("the link that led here belongs to another installation")
    if kept.until <= now:
        raise BadState("the installation took longer than ten minutes")
    return State(text, mode_of(text), kept.until)


def use_once(tx: Connection, state: State) -> None:
    """Whoever comes second with a state is refused. Raises BadState."""
    # a slot like a scheduled task's: taken once, and pruned with the others
    task = f"{TASK}/{hashlib.sha256(state.text.encode()).hexdigest()}"
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(slots).values(task=task, slot=state.until, taken_by="browser")
    if tx.execute(row.on_conflict_do_nothing().returning(slots.c.task)).first() is None:
        raise BadState("this link was used before")
