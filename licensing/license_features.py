"""Which features a license carries. Counting their use is left to the metering operations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from licensing import records
from licensing.bodies import FeatureAssign, given
from licensing.call import Call, Data, record
from licensing.decoding import NUL, read_limit
from licensing.errors import invalid, not_found
from licensing.tables import features, license_features, licenses

SHOWN = records.shown(license_features)


def list_license_features(call: Call) -> list[Data]:
    """Newest feature first; empty for an unknown license, the contract has no 404 here."""
    return [] if NUL in call.id else read_assigned(call, call.id, read_limit(call.query))


def assign_license_feature(call: Call, body: FeatureAssign) -> Data:
    """Create the assignment, or change the fields that are given."""
    values = given(body)
    row = records.find(call, licenses, call.id, lock=True)
    feature = records.find(call, features, values.pop("feature_id"))
    if feature["product_id"] != row["product_id"]:
        raise invalid("the feature belongs to another product")
    _write(call, feature["id"], values)
    _raise_version(call, "license.feature_assigned", feature["id"])
    return read_assigned(call, row["id"], 1, feature["id"])[0]


def remove_license_feature(call: Call) -> None:
    """Take the feature off the license. Raises a 404 when the license does not carry it."""
    records.find(call, licenses, call.id, lock=True)
    feature_id = call.path["feature_id"]
    gone = 0 if NUL in feature_id else call.tx.execute(_delete(call.id, feature_id)).rowcount
    if not gone:
        raise not_found("license feature", feature_id.replace(NUL, ""))
    _raise_version(call, "license.feature_removed", feature_id)


def read_assigned(
    call: Call, license_id: str, limit: int | None = None, feature_id: str | None = None
) -> list[Data]:
    """Features of one license as the contract shows them, newest feature first."""
    query = (
        sa.select(license_features, features.c.code, features.c.name)
        .join(features, features.c.id == license_features.c.feature_id)
        .where(license_features.c.license_id == license_id)
        .order_by(features.c.id.desc())
        .limit(limit)
    )
    if feature_id is not None:
        query = query.where(features.c.id == feature_id)
    return [_shown(dict(row)) for row in call.tx.execute(query).mappings()]


def _shown(row: dict[str, Any]) -> Data:
    data = {name: row[name] for name in SHOWN if row[name] is not None}
    data |= {"feature_code": row["code"], "feature_name": row["name"]}
    if row["max_consumptions"] is not None:
        data["remaining"] = max(0, row["max_consumptions"] - row["total_consumptions"])
    return data


def _write(call: Call, feature_id: str, values: dict[str, Any]) -> None:
    where = {"license_id": call.id, "feature_id": feature_id}
    if read_assigned(call, call.id, 1, feature_id):
        if values:
            call.tx.execute(sa.update(license_features).filter_by(**where).values(values))
    else:
        call.tx.execute(sa.insert(license_features).values(where | values))


def _delete(license_id: str, feature_id: str) -> sa.Delete:
    return sa.delete(license_features).filter_by(license_id=license_id, feature_id=feature_id)


def _raise_version(call: Call, event: str, feature_id: str) -> None:
    version = licenses.c.entitlement_version + 1
    changed = sa.update(licenses).where(licenses.c.id == call.id)
    call.tx.execute(changed.values(entitlement_version=version, updated_at=call.now))
    record(call, event, call.id, {"feature_id": feature_id})
