"""What a buyer bought and what a buyer holds, as frozen values. Facts only: no decision is here.

`Bought` comes from Stripe, `Held` from our links and LicenseKit. Amounts are integers in the
currency's minor unit and never decide anything. Moments are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.keys import SaleKey, StripeId

LicenseType = Literal["perpetual", "time_limited", "subscription", "trial", "consumption"]
LicenseStatus = Literal["active", "suspended", "expired", "revoked", "grace_period"]
SubscriptionStatus = Literal["trialing", "active", "past_due", "paused", "canceled"]
TargetKind = Literal["customer", "checkout_session", "payment_intent", "subscription", "invoice"]

# awaiting_payment: nothing to do yet, Stripe will tell. closed: it will never be paid.
# missing: Stripe knows no such object. not_licensed: an object that sells nothing by itself.
Stage = Literal["paid", "awaiting_payment", "closed", "missing", "not_licensed"]


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought. Identity is the Stripe customer, or the session of a guest; never the e-mail."""

    id: StripeId  # "cus_…", or a guest's "cs_…"
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """What a license hangs on: a subscription item or a line of a checkout."""

    id: StripeId  # "si_…" or "li_…"
    price_id: StripeId
    product_id: StripeId  # Stripe's "prod_…"
    quantity: int
    paid_from: datetime | None  # start of the first paid period; None = nothing was paid yet
    paid_until: datetime | None  # latest end of a paid period; None = no period


@dataclass(frozen=True, slots=True)
class PaidItem:
    """One line of a payment: what an order record tells."""

    line_id: StripeId  # the sale's line: "si_…" or "li_…"
    invoice_line_id: StripeId | None  # "il_…"
    price_id: StripeId
    product_id: StripeId
    quantity: int
    amount_minor_units: int
    period_start: datetime | None
    period_end: datetime | None
    proration: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """A paid invoice or a paid checkout session: one order for each LicenseKit product in it."""

    id: StripeId  # "in_…" or "cs_…"
    paid_at: datetime
    currency: str  # "eur"
    payment_intent_id: StripeId | None  # None where nothing had to be paid
    charge_id: StripeId | None
    items: tuple[PaidItem, ...]


@dataclass(frozen=True, slots=True)
class BoughtSubscription:
    """A Stripe subscription as it stands. Periods are the items'; see `Line` for what was paid."""

    id: StripeId
    status: str  # one of Stripe's eight
    periods: Mapping[StripeId, tuple[datetime, datetime]]  # "si_…" -> current period
    cancel_at_period_end: bool
    ended_at: datetime | None
    canceled_at: datetime | None  # when somebody asked for it


@dataclass(frozen=True, slots=True)
class Target:
    """A Stripe object that our ids are written back to, with the metadata it carries now."""

    kind: TargetKind
    id: StripeId
    metadata: Mapping[str, str]
    payment_id: StripeId | None = None  # for an invoice or payment intent: whose ids it carries


@dataclass(frozen=True, slots=True)
class Bought:
    """One sale as Stripe tells it now."""

    key: SaleKey
    stage: Stage
    reason: str  # for people: "the session is paid", "awaiting payment: …"
    buyer: Buyer | None = None
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    subscription: BoughtSubscription | None = None
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A customer, an order or a subscription that stands in LicenseKit, as we last wrote it."""

    licensekit_id: str
    written: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HeldLicense:
    """A license of this sale as LicenseKit tells it now."""

    id: str  # "lic_…"
    line_id: StripeId
    unit: int  # from 1
    product_id: str
    policy_id: str
    status: LicenseStatus
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Orphan:
    """A license that was made by a pass that died before it could keep the key: nobody has it."""

    id: str
    line_id: StripeId
    unit: int


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in LicenseKit for one sale, by the Stripe keys of our links."""

    customer: Record | None = None
    orders: Mapping[str, Record] = field(default_factory=dict)  # "in_…/prod_…"
    subscriptions: Mapping[str, Record] = field(default_factory=dict)  # "sub_…/prod_…"
    licenses: tuple[HeldLicense, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    gone: tuple[str, ...] = ()  # licenses we issued that LicenseKit no longer knows
    license_types: Mapping[str, LicenseType] = field(default_factory=dict)  # by policy id


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person must mend. Mending `subject` releases the sale; the message says how."""

    cause: str  # "unmapped_price"
    subject: str  # "price_1"
    message: str
    line_id: str = ""
