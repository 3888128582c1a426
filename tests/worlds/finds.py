"""What stands in LicenseKit without a link of ours, written down in few words."""

from __future__ import annotations

from typing import Any

from tests.worlds.sales import on
from worker.found import Found, FoundLicense, FoundRecord, Origin, Slot
from worker.plan.plan import Plan
from worker.plan.steps import Adopt
from worker.state import Held

ISSUED = ("issue", "revoke", "renew", "suspend", "reinstate", "assign", "remove", "reuse")


def slot(line: str, unit: int = 1, issue: int = 1, **changes: Any) -> Slot:
    """As our own metadata of a license says it, in test mode."""
    values = {"account": "own", "mode": "test", "price_id": "price_sub", **changes}
    return Slot(line_id=line, unit=unit, issue=issue, **values)


def stray(license_id: str, of: Slot | None = None, **changes: Any) -> FoundLicense:
    """A license under pol_sub to the end of 2026; another integration's where `of` is None."""
    values: dict[str, Any] = {
        "product_id": "prod_app",
        "policy_id": "pol_sub",
        "status": "active",
        "expires_at": on(2027),
        "created_at": f"2026-01-01T00:00:00Z {license_id}",
        "origin": Origin(),
        "how": "found by the metadata of sub_1",
        "slot": of,
    }
    return FoundLicense(license_id, **{**values, **changes})


def record(kind: Any, stripe_key: str, record_id: str, **written: object) -> FoundRecord:
    return FoundRecord(kind, stripe_key, record_id, written, "found by the metadata of sub_1")


ORDER = record("order", "in_1/prod_app", "ord_1", status="paid")
ON_ORDER = Origin(order_id="ord_1")


def found(*parts: FoundRecord | FoundLicense, **more: Any) -> Held:
    """Nothing is linked, and this stands."""
    return Held(
        found=Found(
            records=tuple(one for one in parts if isinstance(one, FoundRecord)),
            licenses=tuple(one for one in parts if isinstance(one, FoundLicense)),
            **more,
        )
    )


def adopted(plan: Plan) -> dict[str, str]:
    """What is linked as what."""
    steps = (one for one in plan.steps if isinstance(one, Adopt))
    return {one.licensekit_id: one.ref.stripe_key for one in steps}


def written_of(plan: Plan, licensekit_id: str) -> dict[str, object]:
    """What the link of an adopted record says, without how it was found."""
    steps = (one for one in plan.steps if isinstance(one, Adopt))
    (step,) = (one for one in steps if one.licensekit_id == licensekit_id)
    return {name: value for name, value in step.written.items() if name != "adopted"}


def done_to_licenses(plan: Plan) -> list[str]:
    return [str(one) for one in plan.steps if str(one).startswith(ISSUED)]
