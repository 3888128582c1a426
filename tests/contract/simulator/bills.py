"""What an invoice says, in short lines that a test can state whole."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.shop import Shop


def day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def billed(shop: Shop, invoice: str) -> list[str]:
    """Each line: amount, whether it is a proration, from when to when."""
    return [
        f"{line['amount']}{' proration' if _prorated(line) else ''}"
        f" {day(line['period']['start'])} to {day(line['period']['end'])}"
        for line in shop.read(invoice)["lines"]["data"]
    ]


def newest(shop: Shop, subscription: str | None) -> str:
    """The subscription's latest invoice."""
    return str(shop.read(str(subscription))["latest_invoice"])


def state(shop: Shop, subscription: str | None) -> tuple[str, str]:
    """The status of the subscription, and of its latest invoice."""
    found = shop.read(str(subscription))
    return found["status"], shop.read(found["latest_invoice"])["status"]


def periods(shop: Shop, subscription: str | None) -> list[str]:
    """Of each item, from when to when it runs now."""
    return [
        f"{day(item['current_period_start'])} to {day(item['current_period_end'])}"
        for item in shop.read(str(subscription))["items"]["data"]
    ]


def _prorated(line: dict[str, dict[str, dict[str, bool]]]) -> bool:
    return line["parent"]["subscription_item_details"]["proration"]
