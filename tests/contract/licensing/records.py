"""Looks into the embedded API's tables, for what no operation shows yet."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from licensing.database import open_database
from licensing.tables import audit, policies
from tests.contract.licensing.conftest import Api


def audit_rows(api: Api, resource_id: str) -> list[dict[str, Any]]:
    """The audit rows of one resource, oldest first."""
    query = sa.select(audit).where(audit.c.resource_id == resource_id).order_by(audit.c.sequence)
    with open_database(api.config.database_url).reading() as tx:
        return [dict(row) for row in tx.execute(query).mappings()]


def audit_trail(api: Api, resource_id: str) -> list[str]:
    """What happened to one resource, oldest first."""
    return [row["event_type"] for row in audit_rows(api, resource_id)]


def set_policy(api: Api, policy_id: str, **values: object) -> None:
    """Write the policy's fields that the contract only shows."""
    changed = sa.update(policies).where(policies.c.id == policy_id).values(values)
    with open_database(api.config.database_url).writing() as tx:
        tx.execute(changed)
