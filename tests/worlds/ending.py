"""How a story ends: everything that stands in LicenseKit, Stripe and our journal, in few words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.moments import from_unix
from shared.tables import passes, steps
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from worker.plan.ids import LICENSES

CAUSE = re.compile(r": (?:no longer )?(\w+)$")
END = re.compile(r" ((?:until \S+|for ever))$")
DEEDS = ("issue", "reuse", "renew", "shorten", "suspend", "reinstate", "revoke", "assign", "remove")


@dataclass(frozen=True, slots=True)
class Ending:
    """What stands for one LicenseKit product. Oldest first in each list."""

    licenses: list[str]  # "active until 2026-12-23", "revoked for ever"
    orders: list[str]  # "paid"
    records: list[str]  # "past_due until 2026-12-23", one for each subscription
    # which of the licenses the Stripe object's metadata names, from 1; 0 = another product's
    named: list[int]
    problems: list[tuple[str, str]]


def ending(town: Town, policy: Policy, stripe_object: str | None) -> Ending:
    """`stripe_object` is whose metadata is looked at: "cs_…", "sub_…", "in_…"."""
    books = town.world.books
    licenses = books.licenses(policy.product_id)
    orders = sorted(books.orders(policy.product_id), key=lambda one: str(one["id"]))
    records = sorted(books.subscriptions(policy.product_id), key=lambda one: str(one["id"]))
    ids = [one["id"] for one in licenses]
    told = town.world.metadata(stripe_object).get(LICENSES, "")
    return Ending(
        licenses=[f"{one['status']} {_end(one.get('expires_at'))}" for one in licenses],
        orders=[one["status"] for one in orders],
        records=[f"{one['status']} {_end(one['current_period_end'])}" for one in records],
        named=[ids.index(name) + 1 if name in ids else 0 for name in told.split(",") if name],
        problems=town.world.problems(),
    )


def paid_until(town: Town, invoice: str | None) -> str:
    """The end of what an invoice paid for: "until 2026-12-23"."""
    assert invoice is not None
    lines = town.stripe.shop.read(invoice)["lines"]["data"]
    return _until(from_unix(max(line["period"]["end"] for line in lines)))


def deeds(town: Town) -> list[str]:
    """What was done to licenses, in order: "issue for ever", "suspend: disputed"."""
    return [_deed(row.step) for row in town.world.rows(steps) if row.step.startswith(DEEDS)]


def notes(town: Town) -> list[str]:
    """What the passes saw and left as it was, in order, each once."""
    plans: list[dict[str, Any]] = [row.plan for row in town.world.rows(passes) if row.plan]
    return list(dict.fromkeys(note for plan in plans for note in plan["notes"]))


def invoices(town: Town, subscription: str | None) -> list[str]:
    """The invoices of a subscription, oldest first."""
    rows = town.stripe.shop.books.all("invoice")
    named = ((row["parent"] or {}).get("subscription_details") or {} for row in rows)
    return [r["id"] for r, of in zip(rows, named, strict=True) if _is(of, subscription)]


def payment_of(town: Town, invoice: str) -> str:
    """The payment intent that paid an invoice."""
    (paid,) = [
        row["payment"]["payment_intent"]
        for row in town.stripe.shop.books.all("invoice_payment")
        if row["invoice"] == invoice and row["status"] == "paid"
    ]
    return str(paid)


def renew(town: Town, subscription: str | None) -> str:
    """A month passes; gives the invoice that was made for the next one."""
    town.stripe.advance(days=31, seconds=7200)
    town.settle()
    return invoices(town, subscription)[-1]


def _is(details: dict[str, Any], subscription: str | None) -> bool:
    return details.get("subscription") == subscription


def _deed(step: str) -> str:
    verb = step.partition(" ")[0]
    cause, end = CAUSE.search(step), END.search(step)
    told = f": {cause[1]}" if cause else f" {end[1]}" if end else ""
    return verb + told


def _end(moment: str | None) -> str:
    return "for ever" if moment is None else _until(datetime.fromisoformat(moment))


def _until(moment: datetime) -> str:
    return f"until {moment.astimezone(UTC).date().isoformat()}"
