"""The devices on which a license runs: how a request names one, and its seat.

Source: the contract's RuntimeBindingRequest; licensekit.dev/docs/runtime.
"""

from __future__ import annotations

from urllib.parse import quote

import sqlalchemy as sa

from licensing import records
from licensing.bodies import Binding, given
from licensing.call import Call, Data
from licensing.errors import forbidden, invalid, not_found
from licensing.records import Row
from licensing.tables import devices, licenses

PLACES = ("cluster_id", "namespace", "pod_name", "container_id")
MAX_TEXT = 512  # characters; a fingerprint is a hash and a host name has 253 at most


def list_license_devices(call: Call) -> list[Data]:
    """Newest first, also those that have no seat any more. Raises a 404 for an unknown license."""
    license_id = records.find(call, licenses, call.id)["id"]
    found = records.newest(call, devices, devices.c.license_id == license_id)
    return [records.present(devices, row) for row in found]


def read_binding(body: Binding) -> Row:
    """The device's columns. Raises a 422 when the request does not name a device."""
    values = given(body)
    values.pop("app_version", None)
    if any(len(text) > MAX_TEXT for text in values.values() if isinstance(text, str)):
        raise invalid(f"a binding's text may have {MAX_TEXT} characters")
    if values.get("is_container"):
        places = [values.get(name, "") for name in PLACES]
        if not any(places):
            raise invalid(f"a container needs at least one of {', '.join(PLACES)}")
        return values | {"binding_kind": "container", "binding_key": _place_key(places)}
    if any(name in values for name in PLACES):
        raise invalid("container fields need is_container")
    if not values.get("fingerprint"):
        raise invalid("a hardware binding needs a fingerprint")
    return values | {"binding_kind": "hardware", "binding_key": values["fingerprint"]}


def find_device(call: Call, license_id: str, binding: Row) -> Row | None:
    """The device of this binding, whatever its status."""
    query = sa.select(devices).filter_by(
        license_id=license_id,
        binding_kind=binding["binding_kind"],
        binding_key=binding["binding_key"],
    )
    found = call.tx.execute(query).mappings().first()
    return None if found is None else dict(found)


def require_seated(call: Call, license_id: str, binding: Row) -> Row:
    """The active device of this binding. Raises a 404, or a 403 for a blacklisted one."""
    device = find_device(call, license_id, binding)
    if device is not None:
        require_welcome(device)
    if device is None or device["status"] != "active":
        raise not_found("active device", str(binding["binding_key"]))
    return device


def require_welcome(device: Row) -> None:
    """Raises a 403 for a blacklisted device."""
    if device["status"] == "blacklisted":
        raise forbidden("DEVICE_BLACKLISTED", "the device is blacklisted")


def seat(call: Call, row: Row, policy: Row, binding: Row) -> Row:
    """Give the device a seat on the license, or refresh the seat it has.

    Raises a 403 when the policy excludes it or all seats are taken.
    """
    device = find_device(call, row["id"], binding)
    seen = binding | {"ip_address": call.ip_address, "last_seen_at": call.now}
    if device is not None:
        require_welcome(device)
        if device["status"] == "active":
            return records.change(call, devices, device["id"], seen, "seen")
    _require_allowed(policy, binding)
    _require_free_seat(row, policy)
    _count(call, row["id"], active_device_count=1, times_activated=1)
    seen["status"] = "active"
    if device is not None:
        return records.change(call, devices, device["id"], seen, "activated")
    return records.create(
        call, devices, "dev", seen | {"license_id": row["id"], "first_seen_at": call.now}
    )


def unseat(call: Call, device: Row) -> None:
    """Free the device's seat."""
    records.change(call, devices, device["id"], {"status": "deactivated"}, "deactivated")
    _count(call, device["license_id"], active_device_count=-1)


def _place_key(places: list[str]) -> str:
    # Quoted, so that a slash inside a place is never taken for the end of it.
    return "/".join(quote(place, safe="") for place in places)


def _require_allowed(policy: Row, binding: Row) -> None:
    for flag, allowed in (("is_vm", "allow_vm"), ("is_container", "allow_container")):
        if binding.get(flag) and not policy[allowed]:
            raise forbidden("POLICY_FORBIDS", f"the policy does not allow {flag}")


def _require_free_seat(row: Row, policy: Row) -> None:
    limit = policy["max_activations"]
    if limit and row["active_device_count"] >= limit:
        raise forbidden("ACTIVATION_LIMIT_EXCEEDED", f"the policy allows {limit} active devices")


def _count(call: Call, license_id: str, **steps: int) -> None:
    values = {licenses.c[name]: licenses.c[name] + step for name, step in steps.items()}
    call.tx.execute(sa.update(licenses).where(licenses.c.id == license_id).values(values))
