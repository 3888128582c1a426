"""What should stand in LicenseKit for a sale, from what was bought and the terms it was sold under.

Pure and total: what can't be desired becomes a Problem, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappings.values import Mapping as PriceMapping
from worker.plan.access import Access, Case, choose_access
from worker.plan.context import license_context, payment_context, sale_context
from worker.plan.cover import in_trial
from worker.plan.ends import ENDLESS
from worker.plan.ids import Ref
from worker.plan.records import (
    WantedOrder,
    WantedSubscription,
    choose_orders,
    choose_subscriptions,
    items_by_product,
    order_ref,
    subscription_ref,
)
from worker.plan.terms import Terms
from worker.state import Bought, DecisionKind, LicenseType, Line, Payment, Problem


@dataclass(frozen=True, slots=True)
class WantedLicense:
    """One license for each unit of a paid line, and the state it should be in.

    `ref` names the unit, "si_1/1"; which of its licenses that is, `placement` tells.
    """

    ref: Ref
    line_id: str
    unit: int
    product_id: str
    policy_id: str
    renewable: bool
    access: Access
    first_order: Ref | None  # None = the line's new price has not been invoiced yet
    last_order: Ref | None
    subscription: Ref | None
    metadata: Mapping[str, object]
    features: Mapping[str, int | None] = field(default_factory=dict)  # feature -> limit
    reuse: bool = False  # take over the buyer's last license of this policy, if one has ended


@dataclass(frozen=True, slots=True)
class Desired:
    """All of it. `orders` stand in the order in which they were paid."""

    subscriptions: tuple[WantedSubscription, ...] = ()
    orders: tuple[WantedOrder, ...] = ()
    licenses: tuple[WantedLicense, ...] = ()
    problems: tuple[Problem, ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)  # licenses that each line gives
    decided: DecisionKind | None = None  # by a person, about the whole sale

    @property
    def look_again_at(self) -> datetime | None:
        """When time alone changes what is desired."""
        moments = [one.access.look_again_at for one in self.licenses]
        return min((moment for moment in moments if moment is not None), default=None)


def make_desired(
    bought: Bought, terms: Terms, license_types: Mapping[str, LicenseType], *, now: datetime
) -> Desired:
    """`license_types` is LicenseKit's type of each policy the terms name.

    `now` only tells which of Stripe's own dates have passed.
    """
    licenses: list[WantedLicense] = []
    units: dict[str, int] = {}
    problems = list(terms.problems)
    for line in bought.lines:
        mapping = terms.of(line)
        if mapping is None or line.paid_from is None:
            continue
        wanted = _licenses(bought, line, mapping, (terms, license_types, now))
        if isinstance(wanted, Problem):
            problems.append(wanted)
        else:
            licenses.extend(wanted)
            units[line.id] = len(wanted)
    return Desired(
        subscriptions=tuple(choose_subscriptions(bought, terms)),
        orders=tuple(choose_orders(bought, terms)),
        licenses=tuple(licenses),
        problems=tuple(problems),
        units=units,
    )


def _licenses(
    bought: Bought,
    line: Line,
    mapping: PriceMapping,
    known: tuple[Terms, Mapping[str, LicenseType], datetime],
) -> list[WantedLicense] | Problem:
    terms, license_types, now = known
    policy_id = choose_policy(bought, line, mapping)
    license_type = license_types.get(policy_id)
    if license_type is None:
        return _policy_missing(line, policy_id)
    access = choose_access(Case(bought, line, mapping, license_type, now), _first(bought, line))
    if isinstance(access, Problem):
        return access
    pattern = WantedLicense(
        ref=Ref("license", line.id),
        line_id=line.id,
        unit=0,
        product_id=mapping.product_id,
        policy_id=policy_id,
        renewable=license_type not in ENDLESS,
        access=access,
        first_order=None,
        last_order=None,
        subscription=subscription_ref(bought, mapping.product_id),
        metadata={},
        reuse=mapping.terms.on_resubscribe == "reuse" and bought.subscription is not None,
    )
    return list(_units(bought, line, mapping, (terms, pattern)))


def choose_policy(bought: Bought, line: Line, mapping: PriceMapping) -> str:
    """The trial's own policy while nothing but the trial was paid, where the mapping names one."""
    trial_policy = mapping.terms.trial_policy
    if trial_policy is not None and in_trial(bought, line):
        return trial_policy
    return mapping.policy_id


def _first(bought: Bought, line: Line) -> Payment:
    return next(p for p in bought.payments if any(i.line_id == line.id for i in p.items))


def _pays(payment: Payment, line: Line, mapping: PriceMapping, terms: Terms) -> bool:
    items = items_by_product(payment, terms).get(mapping.product_id, [])
    return any(item.line_id == line.id for item in items)


def _units(
    bought: Bought, line: Line, mapping: PriceMapping, pattern: tuple[Terms, WantedLicense]
) -> Iterator[WantedLicense]:
    terms, one = pattern
    payments = [p for p in bought.payments if _pays(p, line, mapping, terms)]
    first = order_ref(payments[0], mapping.product_id) if payments else None
    last = order_ref(_last(payments, line), mapping.product_id) if payments else None
    source = payments[0] if payments else _first(bought, line)
    each = mapping.terms.quantity == "license_per_unit"
    # a quantity of 0 buys nothing, whatever the terms
    for unit in range(1, (line.quantity if each else min(line.quantity, 1)) + 1):
        quantity = 1 if each else line.quantity
        yield replace(
            one,
            ref=Ref("license", f"{line.id}/{unit}"),
            unit=unit,
            first_order=first,
            last_order=last,
            features=choose_features(bought, mapping, quantity),
            metadata={
                **_license_metadata(bought, source, line),
                **license_context(line, unit, quantity),
            },
        )


def choose_features(bought: Bought, mapping: PriceMapping, quantity: int) -> dict[str, int | None]:
    """The mapping's features, those of the buyer's active entitlements, and the seats' limit."""
    found: dict[str, int | None] = dict.fromkeys(mapping.terms.features)
    for lookup_key, feature_id in mapping.terms.entitlements.items():
        if lookup_key in bought.entitlements:
            found[feature_id] = None
    if mapping.terms.seat_feature is not None:
        found[mapping.terms.seat_feature] = quantity
    return found


def _license_metadata(bought: Bought, payment: Payment, line: Line) -> dict[str, object]:
    items = [item for item in payment.items if item.line_id == line.id]
    context = payment_context(payment, items)
    context.pop("lines")
    return sale_context(bought) | context


def _last(payments: list[Payment], line: Line) -> Payment:
    """The payment that the line's end comes from: by a full period if there is one."""
    reaching = [
        (payment, item)
        for payment in payments
        for item in payment.items
        if item.line_id == line.id and item.period_end == line.paid_until
    ]
    full = [payment for payment, item in reaching if not item.proration]
    return (full or [payment for payment, _ in reaching] or payments[-1:])[0]


def _policy_missing(line: Line, policy_id: str) -> Problem:
    return Problem(
        cause="policy_missing",
        subject=line.price_id,
        line_id=line.id,
        message=(
            f"LicenseKit has no policy {policy_id}, to which {line.price_id} is mapped, so "
            f"{line.id} was paid but no license was issued. Map the price to another with "
            f'"fulfill mappings set {line.price_id} --policy <policy>"; that wakes the sale and '
            "the license is issued at once."
        ),
    )
