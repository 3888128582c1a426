"""The demo's words for people: what records say, without the ids that nobody can remember."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from console.demo.licensekit_side import Record
from console.demo.records import Records

LONG_ID = re.compile(r"\b((?:[a-z]+_)+)[A-Za-z0-9]{6,}([A-Za-z0-9]{4})\b")


def readable(text: str, names: Mapping[str, str]) -> str:
    """Products and policies by name; of other ids the kind and the last four characters."""
    for known, name in names.items():
        text = text.replace(known, name)
    return LONG_ID.sub(r"\1…\2", text)


def held_by(records: Records, names: Mapping[str, str]) -> str:
    """What stands in LicenseKit of one sale: "Studio: active until 2027-01-01; orders: paid"."""
    orders = ", ".join(str(one["status"]) for one in records.orders)
    told = (
        *(_license_in_words(one, names) for one in records.licenses),
        f"orders: {orders}",
        *(f"subscription: {one['status']}" for one in records.subscriptions),
    )
    return "; ".join(told)


def end_of(record: Record) -> str:
    """The last day of a license, of a paid month or of a current period; "" without an end."""
    ends = ("expires_at", "period_end", "current_period_end")
    found = next((record[name] for name in ends if record.get(name)), None)
    return "" if found is None else f"{datetime.fromisoformat(found):%Y-%m-%d}"


def _license_in_words(one: Record, names: Mapping[str, str]) -> str:
    name, status, end = names.get(one["policy_id"], one["policy_id"]), one["status"], end_of(one)
    return f"{name}: {status} until {end}" if end and status != "revoked" else f"{name}: {status}"
