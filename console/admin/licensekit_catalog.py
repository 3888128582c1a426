"""`GET licensekit/catalog`: what a mapping may name in LicenseKit."""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec import Struct

from console.admin.fulfillments import page_meta
from console.admin.stripe_catalog import After, Fresh, Products
from console.admin.values import Answer, Call
from console.fulfillments.values import stamp
from worker.gateways.licensekit import PAGE, LicenseKitGateway

Facts = dict[str, Any]


class LicenseKitQuery(Struct, frozen=True):
    """A page. Two calls of LicenseKit's are made for each product that is not at hand."""

    fresh: Fresh = False
    limit: Products = 20
    cursor: After | None = None


def get_licensekit_catalog(call: Call[LicenseKitQuery, None]) -> Answer:
    """Products with policies and features, by id."""
    asked, desk = call.query, call.desk
    shelf, fresh = desk.licensekit_shelf, asked.fresh
    with desk.passes() as deps:
        licensekit = deps.licensekit
        kept = shelf.take("", licensekit.products, now=call.now, fresh=fresh)
        in_order = sorted(kept.value, key=lambda product: str(product["id"]))
        later = [one for one in in_order if asked.cursor is None or one["id"] > asked.cursor]
        shown = [
            shelf.take(one["id"], partial(_whole, one, licensekit), now=call.now, fresh=fresh)
            for one in later[: asked.limit]
        ]
    cursor = shown[-1].value["id"] if len(later) > asked.limit else None
    meta = page_meta(asked.limit, cursor)
    meta |= {"read_at": stamp(kept.read_at), "complete": len(kept.value) < PAGE}
    return Answer([one.value for one in shown], meta=meta)


def _whole(product: Facts, licensekit: LicenseKitGateway) -> Facts:
    policies = licensekit.product_policies(product["id"])
    features = licensekit.product_features(product["id"])
    return {
        **_named(product),
        "policies": [{**_named(one), "license_type": one["license_type"]} for one in policies],
        "features": [_named(one) for one in features],
    }


def _named(record: Facts) -> Facts:
    return {"id": record["id"], "name": record["name"], "code": record["code"]}
