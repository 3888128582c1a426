"""What stands in LicenseKit and has no link of ours: read because something pointed at it.

Facts only. A pointer says where to look; whether a record is a sale's is decided in
`worker.plan.adoption`, by what the record itself says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LicenseStatus = Literal["active", "suspended", "expired", "revoked", "grace_period"]
RecordKind = Literal["customer", "order", "subscription"]


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A customer, an order or a subscription, under the Stripe key that it carries itself."""

    kind: RecordKind
    stripe_key: str  # "cus_…", "in_…/prod_…", "sub_…/prod_…"; "" = it names no Stripe object
    id: str
    written: Mapping[str, object]  # as it stands, in the words of our links
    how: str  # "found by the metadata of cs_1"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a license was issued on, as LicenseKit keeps it. It does not change with a renewal."""

    customer_id: str | None = None
    order_id: str | None = None
    subscription_id: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """Which license of which unit a license says it is, in the metadata that we gave it."""

    account: str  # "own" or "acct_…"
    mode: str  # "test" or "live"
    line_id: str
    unit: int
    issue: int
    price_id: str | None


@dataclass(frozen=True, slots=True)
class FoundLicense:
    """A license. `slot` is None where it carries no metadata of ours: another made it."""

    id: str
    product_id: str
    policy_id: str
    status: LicenseStatus
    expires_at: datetime | None
    created_at: str  # sorts by time
    origin: Origin
    how: str
    slot: Slot | None = None
    pointed_at: bool = False  # by the metadata of this sale's Stripe objects
    named_for: str | None = None  # by a person: a line of the sale, "" = any; None = by nobody
    features: Mapping[str, int | None] = field(default_factory=dict)  # feature -> limit
    linked_to: str = ""  # the line and unit of another sale that has it: "si_1/1"


@dataclass(frozen=True, slots=True)
class Found:
    """All of it, for one sale."""

    records: tuple[FoundRecord, ...] = ()
    licenses: tuple[FoundLicense, ...] = ()
    unknown: tuple[str, ...] = ()  # what was pointed at and LicenseKit does not know
    cut: bool = False  # LicenseKit lists 200 licenses at the most, and there were as many
    any_policy: bool = False  # a person lets licenses of other policies stand for what is sold
