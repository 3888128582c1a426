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
from worker.state import Buyer, OrderStatus, SubscriptionStatus, TargetKind


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
class UpdateCustomer:
    """Bring the customer's name and e-mail to those in Stripe."""

    buyer: Buyer
    customer_id: str  # LicenseKit's
    why: str

    @property
    def key(self) -> str:
        return f"update-customer/{self.buyer.id}"

    def __str__(self) -> str:
        return f"update name and e-mail of customer {self.buyer.id}"


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
    """Create the order of one payment and one LicenseKit product, or bring it to this status."""

    ref: Ref  # "in_…/prod_…"
    external_id: str
    product_id: str
    why: str
    status: OrderStatus = "paid"
    record_id: str | None = None  # None = to be created
    period: tuple[datetime, datetime] | None = None  # both ends or none
    subscription: Ref | None = None
    customer: Ref | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"record-order/{self.ref.stripe_key}/{self.status}"

    def __str__(self) -> str:
        return f"record order {self.external_id} of {self.product_id}: {self.status}"


@dataclass(frozen=True, slots=True)
class IssueLicense:
    """Create one license for one unit of one line. The key goes into escrow, encrypted."""

    ref: Ref  # "si_…/1", or "si_…/1/2" for one that takes another's place
    line_id: str
    product_id: str
    policy_id: str
    expires_at: datetime | None  # UTC; None = never ends
    customer: Ref
    buyer: Buyer
    why: str
    order: Ref | None = None  # None while the line's new price has not been invoiced
    subscription: Ref | None = None  # LicenseKit infers it from the order, where there is one
    replaces: str | None = None  # the license whose place it takes
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"issue-license/{self.ref.stripe_key}/{self.policy_id}"

    def __str__(self) -> str:
        place = f" in place of {self.replaces}" if self.replaces else ""
        end = day(self.expires_at)
        return f"issue license {self.ref.stripe_key} under {self.policy_id} {end}{place}"


@dataclass(frozen=True, slots=True)
class ReuseLicense:
    """Take over the license of the buyer's ended sale, key and all, instead of a new one."""

    ref: Ref  # "si_…/1" of this sale
    license_id: str
    old_ref: Ref  # "si_…/1" of the sale that ended
    why: str

    @property
    def key(self) -> str:
        return f"reuse-license/{self.ref.stripe_key}/{self.license_id}"

    def __str__(self) -> str:
        return f"reuse {self.license_id} of {self.old_ref.stripe_key} as {self.ref.stripe_key}"


@dataclass(frozen=True, slots=True)
class Adopt:
    """Link what stands in LicenseKit already. Nothing changes there, and its key was never ours."""

    ref: Ref  # what it is to this sale: "si_…/1", "in_…/prod_…"
    licensekit_id: str
    written: Mapping[str, object]  # as it stands, for our link
    why: str  # how it was found

    @property
    def key(self) -> str:
        return f"adopt-{self.ref.kind}/{self.ref.stripe_key}/{self.licensekit_id}"

    def __str__(self) -> str:
        kind = "" if self.ref.kind == "license" else f"{self.ref.kind} "
        return f"adopt {kind}{self.licensekit_id} as {self.ref.stripe_key}, {self.why}"


@dataclass(frozen=True, slots=True)
class RenewLicense:
    """Move the end of a license. The date is absolute, so running it twice is harmless."""

    license_id: str
    line_id: str
    expires_at: datetime  # UTC
    why: str
    move: int = 1  # the how manyth move of its end: LicenseKit answers a repeated one from memory
    shortens: bool = False
    order: Ref | None = None  # for LicenseKit's audit record; the license's origin stays

    @property
    def key(self) -> str:
        return f"renew-license/{self.license_id}/{stamp(self.expires_at)}"

    def __str__(self) -> str:
        verb = "shorten" if self.shortens else "renew"
        return f"{verb} {self.license_id} ({self.line_id}) {day(self.expires_at)}"


@dataclass(frozen=True, slots=True)
class SuspendLicense:
    """Put our hold on a license; the cause is ours to lift."""

    license: Ref
    cause: str  # of `rules.CAUSES`
    why: str

    @property
    def key(self) -> str:
        return f"suspend-license/{self.license.stripe_key}/{self.cause}"

    def __str__(self) -> str:
        return f"suspend license {self.license.stripe_key}: {self.cause}"


@dataclass(frozen=True, slots=True)
class ReinstateLicense:
    """Lift the hold that is ours."""

    license: Ref
    cause: str  # what it was held for
    why: str

    @property
    def key(self) -> str:
        return f"reinstate-license/{self.license.stripe_key}/{self.cause}"

    def __str__(self) -> str:
        return f"reinstate license {self.license.stripe_key}: no longer {self.cause}"


@dataclass(frozen=True, slots=True)
class NoteLifted:
    """Keep in mind that a person lifted our hold, or forget it when its cause is gone.

    What they suspend from then on is theirs.
    """

    license: Ref
    cause: str  # what it was held for; "" = the cause is gone
    why: str

    @property
    def key(self) -> str:
        return f"note-lifted/{self.license.stripe_key}/{self.cause or 'over'}"

    def __str__(self) -> str:
        if not self.cause:
            return f"forget that a person lifted a hold of license {self.license.stripe_key}"
        return f"note that a person lifted the hold of {self.license.stripe_key}: {self.cause}"


@dataclass(frozen=True, slots=True)
class RevokeLicense:
    """Take a license away for good."""

    license: Ref
    license_id: str
    cause: str  # of `rules.CAUSES`; "replaced" and "quantity" are changes the buyer asked for
    why: str

    @property
    def key(self) -> str:
        return f"revoke-license/{self.license.stripe_key}/{self.cause}"

    def __str__(self) -> str:
        return f"revoke {self.license_id} ({self.license.stripe_key}): {self.cause}"


@dataclass(frozen=True, slots=True)
class AssignFeature:
    """Give a license a feature of LicenseKit, or set its limit."""

    license: Ref
    feature_id: str
    limit: int | None  # None = without a limit
    why: str

    @property
    def key(self) -> str:
        return f"assign-feature/{self.license.stripe_key}/{self.feature_id}/{self.limit}"

    def __str__(self) -> str:
        limit = "" if self.limit is None else f" up to {self.limit}"
        return f"assign feature {self.feature_id}{limit} to license {self.license.stripe_key}"


@dataclass(frozen=True, slots=True)
class RemoveFeature:
    """Take a feature off a license that we gave it."""

    license: Ref
    feature_id: str
    why: str

    @property
    def key(self) -> str:
        return f"remove-feature/{self.license.stripe_key}/{self.feature_id}"

    def __str__(self) -> str:
        return f"remove feature {self.feature_id} from license {self.license.stripe_key}"


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

    @property
    def key(self) -> str:
        return f"write-back/{self.kind}/{self.id}"

    def __str__(self) -> str:
        return f"write ids to {self.kind.replace('_', ' ')} {self.id}"


RecordStep = EnsureCustomer | UpdateCustomer | RecordSubscription | RecordOrder
LicenseStep = (
    RevokeOrphan
    | IssueLicense
    | ReuseLicense
    | RenewLicense
    | SuspendLicense
    | ReinstateLicense
    | NoteLifted
    | RevokeLicense
    | AssignFeature
    | RemoveFeature
)
Step = Adopt | RecordStep | LicenseStep | WriteBack
