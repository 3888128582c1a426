"""What our links keep of a record, written and read: to see later what a person did since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.moments import stamp
from worker.plan.steps import SubscriptionRecord
from worker.state import Buyer, Written

ADOPTED = "adopted"  # how a record was found that we did not make
UNDER = "subscription"  # of an order that was found: the LicenseKit subscription it is under


def written_customer(buyer: Buyer) -> dict[str, object]:
    """A customer as our link keeps it."""
    return {"name": buyer.name, "email": buyer.email}


def written_subscription(
    record: SubscriptionRecord, metadata: Mapping[str, object]
) -> dict[str, object]:
    """A record as our link keeps it, to see later whether it still stands so."""
    return {
        "quantity": metadata.get("quantity"),
        "status": record.status,
        "current_period_start": stamp(record.current_period_start),
        "current_period_end": stamp(record.current_period_end),
        "cancel_at_period_end": record.cancel_at_period_end,
        "canceled_at": stamp(record.canceled_at) if record.canceled_at else None,
    }


def customer_as_it_stands(facts: Mapping[str, Any]) -> dict[str, object]:
    """A customer of LicenseKit in the words of our link."""
    return {"name": facts["name"], "email": facts.get("email") or None}


def order_as_it_stands(facts: Mapping[str, Any]) -> dict[str, object]:
    """An order of LicenseKit in the words of our link."""
    return {"status": facts["status"], UNDER: facts.get("subscription_id")}


def subscription_as_it_stands(facts: Mapping[str, Any]) -> dict[str, object]:
    """A subscription record of LicenseKit in the words of our link."""
    return {
        "quantity": (facts.get("metadata") or {}).get("quantity"),
        "status": facts["status"],
        "current_period_start": stamp(datetime.fromisoformat(facts["current_period_start"])),
        "current_period_end": stamp(datetime.fromisoformat(facts["current_period_end"])),
        "cancel_at_period_end": facts["cancel_at_period_end"],
        "canceled_at": stamp(datetime.fromisoformat(facts["canceled_at"]))
        if facts.get("canceled_at")
        else None,
    }


def read_written(written: Mapping[str, Any]) -> Written:
    """What we did to a license."""
    return Written(
        expires_at=read_moment(written.get("expires_at")),
        hold=written.get("hold", ""),
        lifted=written.get("lifted", ""),
        revoked=written.get("revoked", ""),
        stands_for=written.get("stands_for", ""),
        end_moves=written.get("end_moves", 0),
        features=written.get("features", {}),
        intended=written.get("intended", {}),
    )


def read_moment(text: str | None) -> datetime | None:
    """A moment as LicenseKit and our links write it; None where there is none, and for "never"."""
    return None if text is None or text == stamp(None) else datetime.fromisoformat(text)
