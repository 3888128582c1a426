"""Issues licenses and finds them again. What happens to one later: `lifecycle`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from licensing import records
from licensing.bodies import LicenseCreate, given, linked
from licensing.call import Call, Data
from licensing.commerce import require_origin
from licensing.decoding import read_choice, read_moment, read_text
from licensing.errors import invalid
from licensing.identifiers import digest, new_license_key
from licensing.records import Row
from licensing.tables import customers, licenses, policies, products
from licensing.terms import STATUSES, grace_ends_at, require_terms, status_at

KEY_PREFIX_CHARACTERS = 8  # "LK-" and the first group
LINKS = ("product_id", "policy_id", "customer_id", "order_id", "subscription_id")

_ended = licenses.c.expires_at
_stands = licenses.c.status


def create_license(call: Call, body: LicenseCreate) -> Data:
    """A new license and its key, which no later call shows again."""
    values = linked(given(body), "customer_id", "order_id", "subscription_id")
    product = records.find(call, products, values["product_id"])
    policy = records.find(call, policies, values["policy_id"])
    if policy["product_id"] != product["id"]:
        raise invalid("the policy belongs to another product")
    if values.get("customer_id"):
        records.find(call, customers, values["customer_id"])
    require_terms(policy["license_type"], values)
    key = new_license_key()
    values |= require_origin(call, product["id"], values) | _key_columns(key)
    values["status"] = "active"
    values["grace_ends_at"] = grace_ends_at(values.get("expires_at"), policy["grace_period_days"])
    row = records.create(call, licenses, "lic", values)
    return {"license": show(row, call.now), "license_key": key}


def list_licenses(call: Call) -> list[Data]:
    """All filters of the contract, together; a status means what it means on reading."""
    conditions = [
        licenses.c[name] == text for name in LINKS if (text := read_text(call.query, name))
    ]
    status = read_choice(call.query, "status", STATUSES)
    if status is not None:
        conditions.append(_has_status(status, call.now))
    if before := read_moment(call.query, "expires_before"):
        conditions.append(_ended < before)
    if after := read_moment(call.query, "expires_after"):
        conditions.append(_ended > after)
    return [show(row, call.now) for row in records.newest(call, licenses, *conditions)]


def get_license(call: Call) -> Data:
    return show(records.find(call, licenses, call.id), call.now)


def show(row: Row, now: datetime) -> Data:
    """A license as the contract shows it, with the status it has now."""
    return records.present(licenses, row) | {"status": status_at(row, now)}


def _key_columns(key: str) -> dict[str, Any]:
    return {
        "license_key_hash": digest(key),
        "license_key_prefix": key[:KEY_PREFIX_CHARACTERS],
        "license_key_last4": key[-4:],
    }


def _has_status(status: str, now: datetime) -> sa.ColumnElement[bool]:
    """The rule of `terms.status_at`, for the database; a test holds the two together."""
    active, over = _stands == "active", _ended <= now
    match status:
        case "active":
            return sa.and_(active, sa.or_(_ended.is_(None), _ended > now))
        case "grace_period":
            return sa.and_(active, over, licenses.c.grace_ends_at > now)
        case "expired":
            return sa.and_(active, over, licenses.c.grace_ends_at <= now)
        case _:
            return _stands == status
