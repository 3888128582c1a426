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
from worker.found import Found, LicenseStatus
from worker.prices import Pricing

LicenseType = Literal["perpetual", "time_limited", "subscription", "trial", "consumption"]
SubscriptionStatus = Literal["trialing", "active", "past_due", "paused", "canceled"]
OrderStatus = Literal["paid", "refunded"]
TargetKind = Literal["customer", "checkout_session", "payment_intent", "subscription", "invoice"]

DecisionKind = Literal["hold", "cancel"]

# awaiting_payment: nothing to do yet, Stripe will tell. closed: it will never be paid.
# missing: Stripe knows no such object. not_licensed: an object that sells nothing by itself.
# customer: no sale, a buyer whose name and address follow.
Stage = Literal["paid", "awaiting_payment", "closed", "missing", "not_licensed", "customer"]


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought. Identity is the Stripe customer, or the session of a guest; never the e-mail."""

    id: StripeId  # "cus_…", or a guest's "cs_…", "in_…", "pi_…"
    name: str
    email: str | None
    deleted: bool = False  # a deleted customer has no name any more: what we know of it stays


@dataclass(frozen=True, slots=True)
class Line:
    """What a license hangs on: a subscription item, or a line of a checkout or an invoice."""

    id: StripeId  # "si_…", "li_…", "il_…", or the "pi_…" of a bare payment intent
    price_id: StripeId
    product_id: StripeId  # Stripe's "prod_…"
    quantity: int
    paid_from: datetime | None  # start of the first paid period; None = nothing was paid yet
    paid_until: datetime | None  # latest end of a paid period; None = no period
    removed: bool = False  # taken off the subscription: paid once, not sold any more
    pricing: Pricing | None = None  # for people to look at; it decides nothing


@dataclass(frozen=True, slots=True)
class PaidItem:
    """One line of a payment: what an order record tells."""

    line_id: StripeId  # the sale's line: "si_…", "li_…", "il_…" or "pi_…"
    invoice_line_id: StripeId | None  # "il_…"
    price_id: StripeId
    product_id: StripeId
    quantity: int
    amount_minor_units: int
    period_start: datetime | None
    period_end: datetime | None
    proration: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that was taken for a payment, and what became of it."""

    id: StripeId  # "ch_…" or "py_…"
    amount_minor_units: int
    refunded_minor_units: int  # without refunds that failed
    refunded: bool  # Stripe's own word for: all of it
    disputes: tuple[str, ...] = ()  # Stripe's status of each: needs_response, won, lost, …


@dataclass(frozen=True, slots=True)
class Payment:
    """A paid invoice, session or payment intent: one order for each LicenseKit product in it."""

    id: StripeId  # "in_…", "cs_…" or "pi_…"
    paid_at: datetime
    currency: str  # "eur"
    payment_intent_id: StripeId | None  # None where nothing had to be paid
    charge_id: StripeId | None
    items: tuple[PaidItem, ...]
    charges: tuple[Charge, ...] = ()  # empty where nothing had to be paid, or out of band


@dataclass(frozen=True, slots=True)
class BoughtSubscription:
    """A Stripe subscription as it stands. Periods are the items'; see `Line` for what was paid."""

    id: StripeId
    status: str  # one of Stripe's eight
    periods: Mapping[StripeId, tuple[datetime, datetime]]  # "si_…" -> current period
    cancel_at_period_end: bool
    ended_at: datetime | None
    canceled_at: datetime | None  # when somebody asked for it
    trial: tuple[datetime, datetime] | None = None  # start and end, also of a trial that is over
    ends_at: datetime | None = None  # by `cancel_at`, or by the end of a schedule that cancels
    collection_paused: str | None = None  # pause_collection.behavior: keep_as_draft, …
    pause_reason: str | None = None  # of the status paused: pause_requested, …
    latest_invoice: str | None = None  # its status: draft, open, paid, void, uncollectible


@dataclass(frozen=True, slots=True)
class Target:
    """A Stripe object that our ids are written back to, with the metadata it carries now."""

    kind: TargetKind
    id: StripeId
    metadata: Mapping[str, str]
    payment_id: StripeId | None = None  # for an invoice or payment intent: whose ids it carries


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a sale through us, and nobody has released since."""

    kind: DecisionKind
    reason: str
    by: str  # "ada@workstation", "token:support"
    at: datetime


@dataclass(frozen=True, slots=True)
class Bought:
    """One sale as Stripe tells it now, and what a person decided about it."""

    key: SaleKey
    stage: Stage
    reason: str  # for people: "the session is paid", "awaiting payment: …"
    buyer: Buyer | None = None
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    subscription: BoughtSubscription | None = None
    targets: tuple[Target, ...] = ()
    test_clock: datetime | None = None  # now, where the sale lives on one of Stripe's test clocks
    entitlements: frozenset[str] = frozenset()  # lookup keys of the customer's active ones
    decision: Decision | None = None  # comes before what billing says


def mentioned_in(bought: Bought) -> set[str]:
    """Every Stripe id by which a person may ask for this sale, beside its own and its buyer's."""
    items = [item for payment in bought.payments for item in payment.items]
    named: list[str | None] = [charge.id for p in bought.payments for charge in p.charges]
    named += [item.invoice_line_id for item in items]
    for line in bought.lines:
        named += [line.id, line.price_id]
    for payment in bought.payments:
        named += [payment.id, payment.payment_intent_id, payment.charge_id]
    return {one for one in named if one} - {bought.key.id}


@dataclass(frozen=True, slots=True)
class Record:
    """A customer, an order or a subscription that stands in LicenseKit, as we last wrote it."""

    licensekit_id: str
    written: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Written:
    """What we did to a license, from its link. What stands otherwise, a person did.

    `intended` holds what a step was about to write when we last heard of it: a pass may have died
    between LicenseKit's answer and our own note.
    """

    expires_at: datetime | None = None
    hold: str = ""  # the cause of our hold: "past_due", "disputed"; "" = we hold nothing
    lifted: str = ""  # a hold of ours that a person lifted, while its cause lasts
    revoked: str = ""  # why we revoked it: "refunded", "replaced"; "" = we did not
    stands_for: str = ""  # the policy that it was adopted for, where its own is another one
    end_moves: int = 0  # how often we moved its end: names a renewal, so that none is repeated
    features: Mapping[str, int | None] = field(default_factory=dict)  # feature -> limit
    intended: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldLicense:
    """A license of this sale as LicenseKit tells it now, unless we revoked it ourselves."""

    id: str  # "lic_…"
    line_id: StripeId
    unit: int  # from 1
    product_id: str
    policy_id: str
    status: LicenseStatus
    expires_at: datetime | None
    issue: int = 1  # the how manyth license of this unit; a later one takes an earlier one's place
    written: Written = Written()


@dataclass(frozen=True, slots=True)
class Orphan:
    """A license that was made by a pass that died before it could keep the key: nobody has it."""

    id: str
    line_id: StripeId
    unit: int
    issue: int = 1


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in LicenseKit for one sale, by the Stripe keys of our links."""

    customer: Record | None = None
    orders: Mapping[str, Record] = field(default_factory=dict)  # "in_…/prod_…"
    subscriptions: Mapping[str, Record] = field(default_factory=dict)  # "sub_…/prod_…"
    licenses: tuple[HeldLicense, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    gone: tuple[str, ...] = ()  # licenses we issued that LicenseKit no longer knows
    over: tuple[str, ...] = ()  # licenses we revoked
    handed_on: tuple[str, ...] = ()  # licenses that go on in another sale of the buyer
    reusable: tuple[HeldLicense, ...] = ()  # of the buyer's ended sales; line and unit are theirs
    unclear: tuple[StripeId, ...] = ()  # lines for which a person must say which license is theirs
    license_types: Mapping[str, LicenseType] = field(default_factory=dict)  # by policy id
    found: Found = field(
        default_factory=Found
    )  # what has no link yet, where something pointed at it


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person must mend. Mending `subject` releases the sale; the message says how."""

    cause: str  # "unmapped_price"
    subject: str  # "price_1"
    message: str
    line_id: str = ""
