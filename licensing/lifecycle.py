"""What happens to a license after it was issued: renew, suspend, reinstate, revoke, transfer.

Source: licensekit.dev/docs/runtime/license-lifecycle; the contract's renew and transfer requests.
"""

from __future__ import annotations

import sqlalchemy as sa

from licensing import records
from licensing.bodies import LicenseRenew, LicenseTransfer, given, linked
from licensing.call import Call, Data
from licensing.commerce import require_origin
from licensing.errors import conflict, invalid
from licensing.licenses import show
from licensing.records import Row
from licensing.tables import customers, devices, licenses, policies
from licensing.terms import grace_ends_at, renewed_until


def renew_license(call: Call, body: LicenseRenew) -> Data:
    """Move the end. A hold stays; the renewal's order and subscription go to the audit row only."""
    row, values = _living(call), given(body)
    policy = records.find(call, policies, row["policy_id"])
    until = renewed_until(policy["license_type"], row["expires_at"], values, call.now)
    sent = linked(values, "order_id", "subscription_id")
    origin = require_origin(call, row["product_id"], sent)
    grace = grace_ends_at(until, policy["grace_period_days"])
    return _changed(
        call,
        row,
        {"expires_at": until, "grace_ends_at": grace},
        "renewed",
        expires_at=until,
        previous_expires_at=row["expires_at"],
        **origin,
    )


def suspend_license(call: Call) -> Data:
    """Put a hold on it; a second time changes nothing."""
    return _set_status(call, _living(call), "suspended", "suspended")


def reinstate_license(call: Call) -> Data:
    """Lift the hold; without one nothing changes. What has expired stays expired."""
    return _set_status(call, _living(call), "active", "reinstated")


def revoke_license(call: Call) -> Data:
    """End it for good and clear its seats; a second time changes nothing."""
    row = records.find(call, licenses, call.id, lock=True)
    if row["status"] == "revoked":
        return show(row, call.now)
    clear_devices(call, row["id"], "deactivated")
    return _changed(call, row, {"status": "revoked", "active_device_count": 0}, "revoked")


def transfer_license(call: Call, body: LicenseTransfer) -> Data:
    """Give it to another assignee, free its devices, or both. Its links stay as they are."""
    row, values = _living(call), linked(given(body), "customer_id")
    resets = values.pop("reset_devices", False)
    if not values and not resets:
        raise invalid("give at least one of the customer fields, or reset_devices")
    if values.get("customer_id"):
        records.find(call, customers, values["customer_id"])
    if values:
        _require_transfers_left(call, row)
        values["times_transferred"] = row["times_transferred"] + 1
    if resets:
        clear_devices(call, row["id"], "reset")
        values["active_device_count"] = 0
    return _changed(call, row, values, "transferred")


def clear_devices(call: Call, license_id: str, status: str) -> None:
    """Take the license's active devices off their seats."""
    seated = sa.and_(devices.c.license_id == license_id, devices.c.status == "active")
    call.tx.execute(sa.update(devices).where(seated).values(status=status, updated_at=call.now))


def _living(call: Call) -> Row:
    row = records.find(call, licenses, call.id, lock=True)
    if row["status"] == "revoked":
        raise conflict("the license is revoked, and that is permanent")
    return row


def _set_status(call: Call, row: Row, status: str, event: str) -> Data:
    if row["status"] == status:
        return show(row, call.now)
    return _changed(call, row, {"status": status}, event)


def _changed(call: Call, row: Row, values: Row, event: str, **facts: object) -> Data:
    values["entitlement_version"] = row["entitlement_version"] + 1
    return show(records.change(call, licenses, row["id"], values, event, **facts), call.now)


def _require_transfers_left(call: Call, row: Row) -> None:
    limit = records.find(call, policies, row["policy_id"])["max_transfers"]
    if limit and row["times_transferred"] >= limit:
        raise conflict(f"the policy allows {limit} transfers")
