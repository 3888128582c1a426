"""Customers, orders and subscription records: find or create, each by what LicenseKit keeps unique.

An order and a subscription are unique by product, external system and external id, a customer by
its code; a 409 therefore means that it is there, and it is looked up and linked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from shared.links import Created, Link, link_up, rewrite_record
from shared.moments import rfc3339
from worker.apply.effects import Effect, needed
from worker.deps import Deps
from worker.errors import Conflict, PermanentError
from worker.plan.ids import CUSTOMER, ORDER, SUBSCRIPTION, Known, Ref
from worker.plan.steps import (
    EnsureCustomer,
    RecordOrder,
    RecordStep,
    RecordSubscription,
    UpdateCustomer,
)
from worker.plan.written import (
    ADOPTED,
    UNDER,
    customer_as_it_stands,
    order_as_it_stands,
    subscription_as_it_stands,
    written_customer,
    written_subscription,
)

EXTERNAL_SYSTEM = "stripe"
Facts = dict[str, Any]
Body = dict[str, object]


def carry_out(step: RecordStep, link: Link | None, known: Known, deps: Deps) -> Effect:
    """Each step's own verb. `link` is there for a step that makes one."""
    match step:
        case EnsureCustomer():
            return ensure_customer(step, needed(link), deps)
        case UpdateCustomer():
            return update_customer(step, deps)
        case RecordSubscription():
            return record_subscription(step, needed(link), known, deps)
        case RecordOrder():
            return record_order(step, needed(link), known, deps)
        case _:
            assert_never(step)


def ensure_customer(step: EnsureCustomer, link: Link, deps: Deps) -> Effect:
    """By our link (another sale may have made it meanwhile), then by code, else create."""
    ref = Ref("customer", step.buyer.id)
    if link.licensekit_id is not None:
        return Effect({"customer_id": link.licensekit_id}, {ref: link.licensekit_id})
    body: Body = {
        "name": step.buyer.name,
        "code": step.buyer.id,
        "metadata": {"stripe_customer": step.buyer.id},
    }
    if step.buyer.email:
        body["email"] = step.buyer.email
    try:
        customer = deps.licensekit.create_customer(body)
    except Conflict as conflict:
        found = deps.licensekit.customer_by_code(step.buyer.id)
        return _adopted(ref, link, _found(found, (CUSTOMER, step.buyer.id), conflict), deps)
    return _linked(ref, link, customer["id"], written_customer(step.buyer), deps)


def update_customer(step: UpdateCustomer, deps: Deps) -> Effect:
    """Name and e-mail as Stripe has them; an e-mail that is gone there is cleared."""
    written = written_customer(step.buyer)
    body: Body = {"name": step.buyer.name, "email": step.buyer.email or ""}
    deps.licensekit.update_customer(step.customer_id, body)
    return Effect(
        {"customer_id": step.customer_id},
        write=lambda tx: rewrite_record(tx, "customer", step.customer_id, written),
    )


def record_order(step: RecordOrder, link: Link, known: Known, deps: Deps) -> Effect:
    """Create it, or bring the one that is there to the step's status."""
    written = {"status": step.status}
    if step.record_id is not None:
        deps.licensekit.update_order(step.record_id, {"status": step.status})
        return _linked(step.ref, link, step.record_id, written, deps)
    body: Body = {
        "external_system": EXTERNAL_SYSTEM,
        "external_id": step.external_id,
        "status": step.status,
        "metadata": dict(step.metadata),
    }
    if step.period is not None:
        body["period_start"], body["period_end"] = (rfc3339(end) for end in step.period)
    _refer(body, "customer_id", step.customer, known)
    _refer(body, "subscription_id", step.subscription, known)
    try:
        order = deps.licensekit.create_order(step.product_id, body)
    except Conflict as conflict:
        found = deps.licensekit.order_by_external_id(step.product_id, step.external_id)
        return _adopted(step.ref, link, _found(found, (ORDER, step.external_id), conflict), deps)
    return _linked(step.ref, link, order["id"], written, deps)


def record_subscription(step: RecordSubscription, link: Link, known: Known, deps: Deps) -> Effect:
    """Create the record, or bring the one that is there to the step's values."""
    values = _subscription_values(step)
    record_id = step.record_id
    if record_id is not None:
        deps.licensekit.update_subscription(record_id, values)
    else:
        body: Body = {
            "external_system": EXTERNAL_SYSTEM,
            "external_id": step.external_id,
        } | values
        _refer(body, "customer_id", step.customer, known)
        try:
            record_id = str(deps.licensekit.create_subscription(step.product_id, body)["id"])
        except Conflict as conflict:
            found = deps.licensekit.subscription_by_external_id(step.product_id, step.external_id)
            record = _found(found, (SUBSCRIPTION, step.external_id), conflict)
            return _adopted(step.ref, link, record, deps)
    written = written_subscription(step.record, step.metadata)
    return _linked(step.ref, link, record_id, written, deps)


def _subscription_values(step: RecordSubscription) -> Body:
    record = step.record
    values: Body = {
        "status": record.status,
        "current_period_start": rfc3339(record.current_period_start),
        "current_period_end": rfc3339(record.current_period_end),
        "cancel_at_period_end": record.cancel_at_period_end,
    }
    if step.metadata:  # a record that only ends keeps what it carries
        values["metadata"] = dict(step.metadata)
    if record.canceled_at is not None:
        values["canceled_at"] = rfc3339(record.canceled_at)
    return values


def _refer(body: Body, name: str, ref: Ref | None, known: Known) -> None:
    if ref is not None and ref in known:
        body[name] = known[ref]


def _found(record: Facts | None, what: tuple[str, str], conflict: Conflict) -> Facts:
    """`what` is the name of the pointer in Stripe's metadata, and whose record it is."""
    if record is not None:
        return record
    pointer, external_id = what
    raise PermanentError(
        f"LicenseKit says that its record of {external_id} is there already ({conflict.subject}), "
        "but it is not among the newest 200 that it lists. The buyer's license waits. Write the "
        f'id of the record as "{pointer}" into the metadata of the sale in Stripe, or delete the '
        "record in LicenseKit; then reconcile the sale.",
        cause="record_not_found",
        subject=external_id,
        request_id=conflict.request_id,
    ) from conflict


def _adopted(ref: Ref, link: Link, record: Facts, deps: Deps) -> Effect:
    """It stands already and we have no link: it is linked as it stands, and the sale looked at
    anew, since licenses may stand on it too.
    """
    read = {
        "customer": customer_as_it_stands,
        "order": order_as_it_stands,
        "subscription": subscription_as_it_stands,
    }[ref.kind]
    written = {**read(record), ADOPTED: "found when it was to be made"}
    return replace(_linked(ref, link, record["id"], written, deps), surprising=True)


def _linked(
    ref: Ref, link: Link, licensekit_id: str, written: Mapping[str, object], deps: Deps
) -> Effect:
    found = {name: link.written[name] for name in (ADOPTED, UNDER) if name in link.written}
    created = Created(licensekit_id, {**found, **written})
    return Effect(
        result={f"{ref.kind}_id": licensekit_id},
        known={ref: licensekit_id},
        write=lambda tx: link_up(tx, link, created, now=deps.clock.now()),
    )
