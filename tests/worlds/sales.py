"""Sales, mappings and holdings written down in few words, for tests of what is decided."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mappings.terms import Terms as MappingTerms
from mappings.values import Catalog, Mapping
from shared.keys import SaleKey, StripeId
from worker.plan.plan import Plan, make_plan
from worker.plan.terms import choose_terms
from worker.spans import paid_span
from worker.state import (
    Bought,
    BoughtSubscription,
    Buyer,
    Held,
    HeldLicense,
    LicenseType,
    Line,
    PaidItem,
    Payment,
    Record,
    Target,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADA = Buyer(StripeId("cus_ada"), "Ada", "ada@example.com")
SUBSCRIPTION = SaleKey("", False, "subscription", StripeId("sub_1"))
SESSION = SaleKey("", False, "checkout_session", StripeId("cs_1"))
TYPES: dict[str, LicenseType] = {
    "pol_ever": "perpetual",
    "pol_sub": "subscription",
    "pol_pro": "subscription",
    "pol_days": "time_limited",
}


CUSTOMER = Record("lkc_1", {"name": ADA.name, "email": ADA.email})  # as LicenseKit has Ada


def on(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def mapping(
    stripe_id: str, policy: str, *, product: str = "prod_app", version: int = 1, **terms: Any
) -> Mapping:
    """A price's mapping, or a product's where the id starts with prod_."""
    by_product = stripe_id.startswith("prod_")
    return Mapping(
        version=version,
        account="",
        livemode=False,
        stripe_price_id=None if by_product else stripe_id,
        stripe_product_id=stripe_id if by_product else None,
        product_id=product,
        policy_id=policy,
        terms=MappingTerms(**terms),
        retired=False,
    )


def item(line: str, price: str = "price_sub", **changes: Any) -> PaidItem:
    """A paid line of an invoice over the year 2026, or of a session where `period` is None."""
    period = changes.pop("period", (on(2026), on(2027)))
    start, end = period or (None, None)
    values: dict[str, Any] = {
        "line_id": line,
        "invoice_line_id": f"il_{line}",
        "price_id": price,
        "product_id": f"prod_of_{price}",
        "quantity": 1,
        "amount_minor_units": 1_000,
        "period_start": start,
        "period_end": end,
        "proration": False,
    }
    return PaidItem(**{**values, **changes})


def payment(payment_id: str, *items: PaidItem, paid_at: datetime | None = None) -> Payment:
    """Paid when its first period began, unless told."""
    first = paid_at or next((i.period_start for i in items if i.period_start), NOW)
    return Payment(
        id=StripeId(payment_id),
        paid_at=first,
        currency="eur",
        payment_intent_id=StripeId(f"pi_{payment_id}"),
        charge_id=StripeId(f"ch_{payment_id}"),
        items=items,
    )


def _lines(payments: tuple[Payment, ...], *, once: bool) -> tuple[Line, ...]:
    """The lines that these payments pay, as the reader of Stripe sees them."""
    found: dict[str, list[PaidItem]] = {}
    for one in payments:
        for paid in one.items:
            found.setdefault(paid.line_id, []).append(paid)
    return tuple(_line(items, payments[0].paid_at if once else None) for items in found.values())


def _line(items: list[PaidItem], paid_at: datetime | None) -> Line:
    paid_from, paid_until = paid_span(items)
    newest = items[-1]
    return Line(
        id=newest.line_id,
        price_id=newest.price_id,
        product_id=newest.product_id,
        quantity=newest.quantity,
        paid_from=paid_at or paid_from,
        paid_until=paid_until,
    )


def session(*items: PaidItem, **changes: Any) -> Bought:
    """A paid one-time checkout of cs_1 by Ada; its metadata is empty."""
    paid = payment("cs_1", *items, paid_at=NOW)
    targets = (
        Target("customer", ADA.id, {}),
        Target("checkout_session", StripeId("cs_1"), {}, paid.id),
        Target("payment_intent", StripeId("pi_cs_1"), {}, paid.id),
    )
    whole = Bought(
        key=SESSION,
        stage="paid",
        reason="cs_1 is complete and paid",
        buyer=ADA,
        lines=_lines((paid,), once=True),
        payments=(paid,),
        targets=targets,
    )
    return replace(whole, **changes)


def once(line: str, price: str = "price_once", **changes: Any) -> PaidItem:
    """A line of a one-time checkout."""
    return item(line, price, period=None, invoice_line_id=None, **changes)


def subscription(*payments: Payment, status: str = "active", **changes: Any) -> Bought:
    """A subscription sub_1 of Ada with these paid invoices, without places to write back to."""
    lines = _lines(payments, once=False)
    periods = {line.id: (on(2026), line.paid_until or on(2027)) for line in lines}
    state = BoughtSubscription(StripeId("sub_1"), status, periods, False, None, None)
    whole = Bought(
        key=SUBSCRIPTION,
        stage="paid",
        reason=f"sub_1 is {status}; {len(payments)} invoices paid",
        buyer=ADA,
        lines=lines,
        payments=payments,
        subscription=state,
    )
    return replace(whole, **changes)


def held_license(line: str, policy: str = "pol_sub", **changes: Any) -> HeldLicense:
    """lic_1 of this line until the end of 2026."""
    values: dict[str, Any] = {
        "id": "lic_1",
        "line_id": line,
        "unit": 1,
        "product_id": "prod_app",
        "policy_id": policy,
        "status": "active",
        "expires_at": on(2027),
    }
    return HeldLicense(**{**values, **changes})


def plan_for(
    bought: Bought,
    *mappings: Mapping,
    held: Held | None = None,
    types: Map[str, LicenseType] = TYPES,
    frozen: Map[str, int] | None = None,
) -> Plan:
    """The plan under these mappings. LicenseKit has the policies of TYPES."""
    terms = choose_terms(bought, Catalog(mappings), frozen or {})
    known = {policy: types[policy] for policy in terms.policy_ids if policy in types}
    return make_plan(bought, replace(held or Held(), license_types=known), terms, now=NOW)


def steps_of(plan: Plan) -> list[str]:
    return [str(step) for step in plan.steps]


def causes_of(plan: Plan) -> list[str]:
    return [problem.cause for problem in plan.problems]
