"""The steps a plan is made of. Each states a target, so that twice is the same as once.

Steps name records by our links' Stripe keys ("in_1/prod_1"), because a record that an earlier step
of the same plan makes has no id yet. How a step is carried out: `worker.apply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.moments import day, stamp
from worker.plan.ids import Ref
from worker.state import Buyer, SubscriptionStatus, TargetKind


@dataclass(frozen=True, slots=True)
class EnsureCustomer:
    """Find the customer by our link, then by its code in LicenseKit, or create it."""

    buyer: Buyer
    why: str

    @property
    def key(self) -> str:
        return f"ensure-customer/{self.buyer.id}"

    def __str__(self) -> str:
        return f"find or create customer {self.buyer.id}"


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """What LicenseKit is told of a subscription. `canceled_at` only with status canceled."""

    status: SubscriptionStatus
    current_period_start: datetime
    current_period_end: datetime
    cancel_at_period_end: bool
    canceled_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecordSubscription:
    """Create the subscription record, or bring it to these values."""

    ref: Ref  # "sub_…/prod_…"
    external_id: str
    product_id: str
    record: SubscriptionRecord
    why: str
    record_id: str | None = None  # None = to be created
    customer: Ref | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        end = stamp(self.record.current_period_end)
        return f"record-subscription/{self.ref.stripe_key}/{self.record.status}/{end}"

    def __str__(self) -> str:
        period = day(self.record.current_period_end)
        return (
            f"record subscription {self.external_id} of {self.product_id}: "
            f"{self.record.status} {period}"
        )


@dataclass(frozen=True, slots=True)
class RecordOrder:
    """Create the order of one payment and one LicenseKit product."""

    ref: Ref  # "in_…/prod_…"
    external_id: str
    product_id: str
    why: str
    period: tuple[datetime, datetime] | None = None  # both ends or none
    subscription: Ref | None = None
    customer: Ref | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"record-order/{self.ref.stripe_key}"

    def __str__(self) -> str:
        return f"record order {self.external_id} of {self.product_id}: paid"


@dataclass(frozen=True, slots=True)
class IssueLicense:
    """Create one license for one unit of one line. The key goes into escrow, encrypted."""

    ref: Ref  # "si_…/1"
    line_id: str
    product_id: str
    policy_id: str
    expires_at: datetime | None  # UTC; None = never ends
    order: Ref
    customer: Ref
    buyer: Buyer
    why: str
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"issue-license/{self.ref.stripe_key}/{self.policy_id}"

    def __str__(self) -> str:
        return f"issue license {self.ref.stripe_key} under {self.policy_id} {day(self.expires_at)}"


@dataclass(frozen=True, slots=True)
class RenewLicense:
    """Move the end of a license. The date is absolute, so running it twice is harmless."""

    license_id: str
    line_id: str
    expires_at: datetime  # UTC
    why: str
    order: Ref | None = None  # for LicenseKit's audit record; the license's origin stays

    @property
    def key(self) -> str:
        return f"renew-license/{self.license_id}/{stamp(self.expires_at)}"

    def __str__(self) -> str:
        return f"renew {self.license_id} ({self.line_id}) {day(self.expires_at)}"


@dataclass(frozen=True, slots=True)
class RevokeOrphan:
    """Revoke a license whose key was lost with the pass that made it: nobody ever had it."""

    license_id: str
    ref: Ref  # the unit it was made for
    why: str

    @property
    def key(self) -> str:
        return f"revoke-orphan/{self.license_id}"

    def __str__(self) -> str:
        return f"revoke {self.license_id}, made for {self.ref.stripe_key} but its key was lost"


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Write our ids into the metadata of one Stripe object: a pointer, never the key."""

    kind: TargetKind
    id: str
    ids: Mapping[str, tuple[Ref, ...]]  # metadata name -> what it points at
    why: str
    payment_id: str | None = None  # set for a payment intent: whose orders it closes

    @property
    def key(self) -> str:
        return f"write-back/{self.kind}/{self.id}"

    def __str__(self) -> str:
        return f"write ids to {self.kind.replace('_', ' ')} {self.id}"


Step = (
    EnsureCustomer
    | RecordSubscription
    | RecordOrder
    | RevokeOrphan
    | IssueLicense
    | RenewLicense
    | WriteBack
)
