"""Which sales does a person mean? Any id leads to the keys that a pass can be run for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.context import CommandError
from console.fulfillments.rows import sale_of
from console.served import require_served
from console.story import find
from shared.accounts import ServedAccount
from shared.keys import SaleKey, StripeId, kind_of, parse_key
from shared.settings import Settings
from shared.tables import sales


class SeveralSales(CommandError):
    """An id stands for more sales than one, where one is asked for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Narrows an id that stands for several sales, and says where one unknown to us is looked up.

    None = not given: as the sale is known, else our own account and the Stripe key's mode.
    """

    account: str | None
    livemode: bool | None
    settings: Settings = field(repr=False)

    @property
    def place(self) -> ServedAccount:
        """Where an id that is unknown to us is looked up."""
        key_livemode = bool(self.settings.livemode)
        livemode = key_livemode if self.livemode is None else self.livemode
        return ServedAccount(self.account or "", livemode)


def resolve(connection: Connection, name: str, choice: Choice) -> list[SaleKey]:
    """Sales known by this id, newest first; else the object it names. Raises CommandError, also
    where one of them is not served.
    """
    keys = _meant(connection, name, choice)
    for where in dict.fromkeys(ServedAccount(key.account, key.livemode) for key in keys):
        require_served(connection, choice.settings, where)
    return keys


def resolve_one(connection: Connection, name: str, choice: Choice) -> SaleKey:
    """As `resolve`, for a command that takes one sale. Raises CommandError for several."""
    keys = resolve(connection, name, choice)
    if len(keys) == 1:
        return keys[0]
    raise SeveralSales(
        f"{name} stands for {len(keys)} sales: {', '.join(map(str, keys))}.",
        means="Nothing was looked at.",
        todo="Name one of them as it stands here; --account, --live and --test narrow it too.",
        heals="It does not heal by itself.",
    )


def _meant(connection: Connection, name: str, choice: Choice) -> list[SaleKey]:
    if "/" in name:
        return [_parsed(name)]
    known = [key for key in _known(connection, name) if _fits(key, choice)]
    return known or [_unseen(name, choice)]


def _known(connection: Connection, name: str) -> Sequence[SaleKey]:
    found = find(connection, name).sale_ids
    query = sa.select(sales).where(sales.c.id.in_(found)).order_by(sales.c.id.desc())
    return [sale_of(row) for row in connection.execute(query)]


def _fits(key: SaleKey, choice: Choice) -> bool:
    return choice.account in (None, key.account) and choice.livemode in (None, key.livemode)


def _unseen(name: str, choice: Choice) -> SaleKey:
    """A sale of which no event came: Stripe may know it all the same."""
    kind = kind_of(name)
    if kind is None or kind == "customer":
        raise CommandError(
            f"No sale is known by {name}.",
            means="Nothing was changed.",
            todo="Give the id of the sale itself: a subscription, a session or an invoice.",
            heals="An event that is still on its way is delivered again by Stripe for three days.",
        )
    place = choice.place
    return SaleKey(place.account, place.livemode, kind, StripeId(name))


def _parsed(name: str) -> SaleKey:
    try:
        return parse_key(name)
    except ValueError as fault:
        raise CommandError(
            f"{fault}.",
            means="Nothing was looked at.",
            todo='Copy the key from "fulfill show", or give the id alone.',
            heals="It does not heal by itself.",
        ) from None
