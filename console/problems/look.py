"""With what a person looks at the problems, and how a cause's words are filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.problems.causes import cause_of
from console.problems.values import Place, Words
from mappings.values import Catalog
from shared.moments import rfc3339


@dataclass(frozen=True, slots=True)
class Look:
    """What was asked for, and what the commands are made with."""

    catalog: Catalog
    livemode: bool | None  # of the Stripe key: commands name a mode that is not its own
    everything: bool = False  # every id, and every sale weighed


@dataclass(frozen=True, slots=True)
class Shown:
    """Which ids a person sees, the oldest first, and whether they are all."""

    ids: tuple[str, ...]
    more: bool = False
    since: datetime | None = None


def words_of(place: Place, shown: Shown, look: Look, *, policy: str = "pol_…") -> Words:
    """What happened, what it means, and the one command, ready to be copied."""
    cause, ids = cause_of(place.cause), shown.ids
    filled = {
        "cause": place.cause,
        "since": rfc3339(shown.since) if shown.since else "",
        "subject": place.subject,
        "id": ids[0] if ids else place.subject,
        "ids": " ".join(ids),
        "policy": policy,
        "where": _where(place, look.livemode),
    }
    return Words(
        happened=cause.happened.format(**filled),
        means=cause.means,
        first=cause.first.format(**filled),
        command=(cause.many if shown.more and cause.many else cause.command).format(**filled),
    )


def policy_of(place: Place, bought: Any, look: Look) -> str:
    """The policy that the price is mapped to now, by itself or by its product."""
    if place.livemode is None or not cause_of(place.cause).placed:
        return "pol_…"
    lines = (bought or {}).get("lines", ())
    products = [line["product"] for line in lines if line["price"] == place.subject]
    found = look.catalog.find(
        place.account,
        place.livemode,
        price_id=place.subject,
        product_id=products[0] if products else "",
    )
    return "pol_…" if found is None else found.policy_id


def _where(place: Place, key_livemode: bool | None) -> str:
    account = f" --account {place.account}" if place.account else ""
    if place.livemode is None or place.livemode is (key_livemode or False):
        return account
    return f"{account} {'--live' if place.livemode else '--test'}"
