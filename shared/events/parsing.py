"""From verified bytes to a delivery for the inbox. Reads the few fields it needs, of any version.

Snapshot events and thin ones (`v2.core.event`) come out alike. The payload stays as delivered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from shared.accounts import ServedAccount, installed_accounts
from shared.events.routing import ROUTES
from shared.events.targets import Payload, Target, find_related
from shared.inbox import NORMAL, Delivery, State
from shared.keys import SaleKey
from shared.settings import Settings

THIN_OBJECT = "v2.core.event"
THIN_PREFIX = "v1."  # a thin event about an object of API v1 is named like its snapshot twin
LONGEST_NAME = 255  # Stripe's ids and types are far shorter


@dataclass(frozen=True, slots=True)
class Served:
    """Whose events make a sale due. Our own account's always do."""

    livemode: bool | None = None  # the mode of our Stripe key; None = there is none, serve both
    accounts: frozenset[str] = frozenset()  # connected ones, "acct_…"
    installed: frozenset[ServedAccount] = frozenset()  # those with our app, each in its modes

    @classmethod
    def by(cls, settings: Settings) -> Served:
        """What the settings name: accounts with our app come and go, and stand in the database."""
        return cls(settings.livemode, frozenset(settings.stripe_accounts))

    def as_of_now(self, connection: Connection) -> Served:
        """With those accounts that have our app installed at this moment."""
        return replace(self, installed=installed_accounts(connection))


class NotAnEvent(Exception):
    """The body is signed but is not an event: no JSON object with an id and a type."""


class _Data(msgspec.Struct, frozen=True, gc=False):
    object: Payload | None = None
    previous_attributes: Any = None  # what an update changed, with the values before it


class _Related(msgspec.Struct, frozen=True, gc=False):
    id: Any = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    """The fields of both kinds of event, each of any type: old fixtures have strings anywhere."""

    id: Any = None
    object: Any = None
    type: Any = None
    livemode: Any = None
    created: Any = None
    api_version: Any = None
    account: Any = None
    user_id: Any = None  # what `account` was called in the first years of Connect
    context: Any = None  # a thin event's account: "acct_…", "org_…/acct_…"
    data: _Data | None = None
    related_object: _Related | None = None
    snapshot_event: Any = None


_decode = msgspec.json.Decoder(_Event).decode


class _Verdict(msgspec.Struct, frozen=True, gc=False):
    state: State
    reason: str | None = None
    target: Target | None = None
    urgency: int = NORMAL


_NOT_LISTENED = _Verdict("ignored", "nothing that is sold depends on events of this type")
_NOT_FOLLOWED = _Verdict("ignored", "changed nothing that LicenseKit follows")
STRANGER = (
    "{account} is not in STRIPE_ACCOUNTS and does not have our app installed, so nothing was made "
    "due: add it there and start the receiver again, or have it install the app, then "
    '"fulfill retry" this event'
)
_WRONG_MODE = {
    True: _Verdict("refused", "a live event, but STRIPE_SECRET_KEY is a test key"),
    False: _Verdict("refused", "a test event, but STRIPE_SECRET_KEY is a live key"),
}
WRONG_MODE_REASONS = frozenset(verdict.reason for verdict in _WRONG_MODE.values())


def read_delivery(
    body: bytes, *, secret: int, served: Served, now: datetime, account: str | None = None
) -> Delivery:
    """Read a verified body. Raises NotAnEvent.

    `secret` is the place of the secret that signed it; `now` stands in where an event tells no
    time of its own; `account` is for a fetched event, which does not name it.
    """
    event, own_id, name = _read(body)
    thin = event.object == THIN_OBJECT
    account = _account(event) if account is None else account
    livemode = _flag(event.livemode, default=bool(served.livemode))
    event_type = name.removeprefix(THIN_PREFIX) if thin else name
    verdict = _refuse(account, livemode, served) or _judge(event, event_type)
    target = verdict.target
    return Delivery(
        account=account,
        event_id=(_text(event.snapshot_event) if thin else None) or own_id,
        thin_id=own_id if thin else None,
        livemode=livemode,
        type=event_type,
        api_version=_text(event.api_version),
        created_at=_moment(event.created) or now,
        object_id=_object_id(event),
        secret=secret,
        payload=body,
        state=verdict.state,
        reason=verdict.reason,
        key=SaleKey(account, livemode, target.kind, target.id) if target else None,
        urgency=verdict.urgency,
    )


def _read(body: bytes) -> tuple[_Event, str, str]:
    try:
        event = _decode(body)
    except (ValueError, RecursionError):
        raise NotAnEvent("the body is not a JSON object of an event's shape") from None
    own_id, name = _text(event.id), _text(event.type)
    if own_id is None or name is None:
        raise NotAnEvent("the body has no event id or no type")
    return event, own_id, name


def _refuse(account: str, livemode: bool, served: Served) -> _Verdict | None:
    """Only for what no key of ours can read, or may not: another mode, a stranger."""
    if account and ServedAccount(account, livemode) in served.installed:
        return None
    if served.livemode is not None and livemode != served.livemode:
        return _WRONG_MODE[livemode]
    if account and account not in served.accounts:
        return _Verdict("refused", STRANGER.format(account=account))
    return None


def _judge(event: _Event, event_type: str) -> _Verdict:
    hint = ROUTES.get(event_type)
    if hint is None:
        return _NOT_LISTENED
    if event.data and event.data.object:
        before = event.data.previous_attributes
        if hint.follows and isinstance(before, dict) and hint.follows.isdisjoint(before):
            return _NOT_FOLLOWED
        target = hint.find(event.data.object)
    else:
        target = find_related(_object_id(event) or "")
    if target is None:
        return _Verdict("ignored", hint.nothing)
    return _Verdict("recorded", None, target, hint.urgency)


def _object_id(event: _Event) -> str | None:
    if event.data and event.data.object:
        return _text(event.data.object.id)
    return _text(event.related_object.id) if event.related_object else None


def _account(event: _Event) -> str:
    """The connected account, "" for our own. A context may name the way to it: `org_…/acct_…`."""
    named = _text(event.account) or _text(event.user_id)
    if named is None:
        named = (_text(event.context) or "").rpartition("/")[2]
    return named if named.startswith("acct_") else ""


def _text(value: Any) -> str | None:
    """A name as we keep it; None for whatever no name of Stripe's could be."""
    usable = isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and "\0" not in value
    return value if usable else None


def _flag(value: Any, *, default: bool) -> bool:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value, default)
    return value if isinstance(value, bool) else default


def _moment(value: Any) -> datetime | None:
    """Unix seconds (snapshots; text in some old copies) or RFC 3339 (thin events)."""
    try:
        if isinstance(value, str) and not value.isdecimal():
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
