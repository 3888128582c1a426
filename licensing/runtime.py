"""What installed copies ask: activate, validate, check, deactivate. Who signs: `endpoint`.

Source: licensekit.dev/docs/runtime/validation and /docs/start-here/runtime-verification.
"""

from __future__ import annotations

from datetime import timedelta

from licensing import records
from licensing.bodies import Binding
from licensing.call import Call, Data
from licensing.devices import read_binding, require_seated, seat, unseat
from licensing.errors import forbidden
from licensing.license_features import read_assigned
from licensing.records import Row
from licensing.tables import devices, licenses, policies
from licensing.terms import status_at


def activate_license(call: Call, body: Binding) -> Data:
    """Seat the device. Again for a seated device is harmless and takes no second seat."""
    binding = read_binding(body)
    row, policy = _usable(call, lock=True)
    return _entitlement(call, row, policy, seat(call, row, policy, binding))


def validate_license(call: Call, body: Binding) -> Data:
    """The entitlement of a seated device; its validation times move."""
    row, policy, device = _seated(call, body)
    seen = {"last_seen_at": call.now, "last_validated_at": call.now}
    records.change(call, devices, device["id"], seen, "validated")
    return _entitlement(call, row, policy, device)


def check_license(call: Call, body: Binding) -> Data:
    """The entitlement of a seated device; nothing is written."""
    return _entitlement(call, *_seated(call, body))


def deactivate_license(call: Call, body: Binding) -> Data:
    """Free the seat. Allowed whatever the license's status: leaving is never forbidden."""
    binding = read_binding(body)
    row = records.find(call, licenses, call.caller.license_id, lock=True)
    policy = records.find(call, policies, row["policy_id"])
    device = require_seated(call, row["id"], binding)
    unseat(call, device)
    return _statement(call, row, policy, device)


def _seated(call: Call, body: Binding) -> tuple[Row, Row, Row]:
    binding = read_binding(body)
    row, policy = _usable(call)
    return row, policy, require_seated(call, row["id"], binding)


def _usable(call: Call, *, lock: bool = False) -> tuple[Row, Row]:
    row = records.find(call, licenses, call.caller.license_id, lock=lock)
    status = status_at(row, call.now)
    if status == "expired":
        raise forbidden("LICENSE_EXPIRED", "the license has expired")
    if status in ("suspended", "revoked"):
        raise forbidden("LICENSE_INACTIVE", f"the license is {status}")
    if row["starts_at"] is not None and call.now < row["starts_at"]:
        raise forbidden("LICENSE_INACTIVE", "the license has not started yet")
    return row, records.find(call, policies, row["policy_id"])


def _statement(call: Call, row: Row, policy: Row, device: Row) -> Data:
    data = {
        "license_id": row["id"],
        "status": status_at(row, call.now),
        "license_type": policy["license_type"],
        "entitlement_version": row["entitlement_version"],
        "issued_at": call.now,
        "device_id": device["id"],
    }
    return data if row["expires_at"] is None else data | {"expires_at": row["expires_at"]}


def _entitlement(call: Call, row: Row, policy: Row, device: Row) -> Data:
    until_check = timedelta(minutes=policy["validation_interval_minutes"])
    features = [_feature(call, one) for one in read_assigned(call, row["id"])]
    return _statement(call, row, policy, device) | {
        "next_check_at": call.now + until_check,
        "features": features,
    }


def _feature(call: Call, assigned: Data) -> Data:
    ended = "expires_at" in assigned and assigned["expires_at"] <= call.now
    shown = {"code": assigned["feature_code"], "enabled": assigned["enabled"] and not ended}
    if "max_consumptions" in assigned:
        shown["quota"] = assigned["max_consumptions"]
        shown["consumed"] = assigned["total_consumptions"]
        shown["remaining"] = assigned["remaining"]
    return shown
