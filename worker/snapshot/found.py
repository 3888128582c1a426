"""What stands in LicenseKit where a sale's clues point. Reads only, and believes no pointer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from worker.errors import NotFound
from worker.found import Found, FoundLicense, FoundRecord, Origin, Slot
from worker.gateways.licensekit import PAGE, Facts, LicenseKitGateway
from worker.plan.clues import Clues, Pointer
from worker.plan.ids import MARK
from worker.plan.written import (
    UNDER,
    customer_as_it_stands,
    order_as_it_stands,
    read_moment,
    subscription_as_it_stands,
)

BY_LIST = "found in LicenseKit's list"


@dataclass(slots=True)
class _Look:
    """One look, while it goes on."""

    clues: Clues
    licensekit: LicenseKitGateway
    with_features: bool
    ours: Collection[str]  # marks and ids of this sale's own links
    unknown: list[str] = field(default_factory=list)
    cut: bool = False


def read_found(
    clues: Clues, licensekit: LicenseKitGateway, *, ours: Collection[str], with_features: bool
) -> Found:
    """`ours` are the LicenseKit ids that the sale has links to, and the marks of its links: what
    carries one was made by a pass of ours and is no news. Raises TemporaryError, PermanentError.
    """
    look = _Look(clues, licensekit, with_features, ours)
    records = [record for record in _records(look) if record.id not in ours]
    licenses = {one.id: one for one in _licenses(look, records)}
    return Found(
        tuple(records),
        tuple(sorted(licenses.values(), key=lambda one: (one.created_at, one.id))),
        tuple(look.unknown),
        look.cut,
        clues.search.any_policy,
    )


def _records(look: _Look) -> Iterator[FoundRecord]:
    """Where a pointer leads, then, where it is asked for, what the lists show."""
    seen: set[tuple[str, str]] = set()
    for pointer in look.clues.pointers:
        if pointer.kind != "license":
            record = _follow(pointer, look)
            if record is not None and (record.kind, record.stripe_key) not in seen:
                seen.add((record.kind, record.stripe_key))
                yield record
    if look.clues.search.thorough:
        for kind, stripe_key in sorted(look.clues.missing - seen):
            facts = _search(kind, stripe_key, look.licensekit)
            if facts is not None:
                yield _record(kind, facts, BY_LIST)


def _follow(pointer: Pointer, look: _Look) -> FoundRecord | None:
    api = look.licensekit
    reads: dict[str, Callable[[str], Facts]] = {
        "customer": api.customer,
        "order": api.order,
        "subscription": api.subscription,
    }
    facts = _known(look, pointer.id, reads[pointer.kind])
    return None if facts is None else _record(pointer.kind, facts, _said_by(pointer))


def _known(look: _Look, record_id: str, read: Callable[[str], Facts]) -> Facts | None:
    """What LicenseKit has under this id; a pointer to nothing is remembered."""
    with suppress(NotFound):
        return read(record_id)
    look.unknown.append(record_id)
    return None


def _said_by(pointer: Pointer) -> str:
    return f"found by the metadata of {pointer.where}"


def _search(kind: str, stripe_key: str, licensekit: LicenseKitGateway) -> Facts | None:
    external_id, _, product_id = stripe_key.partition("/")
    match kind:
        case "customer":
            return licensekit.customer_by_code(stripe_key)
        case "order":
            return licensekit.order_by_external_id(product_id, external_id)
        case "subscription":
            return licensekit.subscription_by_external_id(product_id, external_id)
        case _:
            return None


def _record(kind: str, facts: Facts, how: str) -> FoundRecord:
    match kind:
        case "customer":
            written = customer_as_it_stands(facts)
            return FoundRecord("customer", facts["code"], facts["id"], written, how)
        case "order":
            return FoundRecord(
                "order", _stripe_key(facts), facts["id"], order_as_it_stands(facts), how
            )
        case _:
            values = subscription_as_it_stands(facts)
            return FoundRecord("subscription", _stripe_key(facts), facts["id"], values, how)


def _stripe_key(facts: Facts) -> str:
    """`in_1/prod_1`; nothing for a record of another system than Stripe."""
    if facts["external_system"] != "stripe":
        return ""
    return f"{facts['external_id']}/{facts['product_id']}"


def _licenses(look: _Look, records: list[FoundRecord]) -> Iterator[FoundLicense]:
    """What was issued on the sale's records, and what else is pointed at or named."""
    pointers = {p.id: p for p in look.clues.pointers if p.kind == "license"}
    seen = set(look.ours)
    for facts, how in _listed(look, records):
        if facts["id"] not in seen and (facts.get("metadata") or {}).get(MARK) not in look.ours:
            seen.add(facts["id"])
            yield _license(facts, how, pointers.get(facts["id"]), look)
    for pointer in pointers.values():
        yield from _single(look, pointer.id, _said_by(pointer), seen)
    for license_id, (_, how) in look.clues.search.named.items():
        yield from _single(look, license_id, how, seen)


def _single(look: _Look, license_id: str, how: str, seen: set[str]) -> Iterator[FoundLicense]:
    if license_id in seen:
        return
    seen.add(license_id)
    facts = _known(look, license_id, look.licensekit.license)
    if facts is not None and (facts.get("metadata") or {}).get(MARK) not in look.ours:
        pointers = (one for one in look.clues.pointers if one.id == license_id)
        yield _license(facts, how, next(pointers, None), look)


def _listed(look: _Look, records: list[FoundRecord]) -> Iterator[tuple[Facts, str]]:
    """A subscription's list has what its orders have too, unless it is cut off."""
    own = [r for r in records if r.stripe_key.partition("/")[0] in look.clues.own]
    ids = [(r.kind, r.id, r.written.get(UNDER)) for r in own] + list(look.clues.adopted)
    whole: set[object] = set()
    for subscription_id in (record_id for kind, record_id, _ in ids if kind == "subscription"):
        found = look.licensekit.licenses_of_subscription(subscription_id)
        if len(found) < PAGE:
            whole.add(subscription_id)
        yield from ((facts, f"found on subscription {subscription_id}") for facts in found)
    for order_id in (record_id for kind, record_id, u in ids if kind == "order" and u not in whole):
        found = look.licensekit.licenses_of_order(order_id)
        look.cut = look.cut or len(found) >= PAGE
        yield from ((facts, f"found on order {order_id}") for facts in found)


def _license(facts: Facts, how: str, pointer: Pointer | None, look: _Look) -> FoundLicense:
    alive = facts["status"] != "revoked"
    by_person = "" if pointer is not None and pointer.by_person else None
    named = look.clues.search.named.get(facts["id"])
    return FoundLicense(
        id=facts["id"],
        product_id=facts["product_id"],
        policy_id=facts["policy_id"],
        status=facts["status"],
        expires_at=read_moment(facts.get("expires_at")),
        created_at=facts["created_at"],
        origin=Origin(
            facts.get("customer_id"), facts.get("order_id"), facts.get("subscription_id")
        ),
        how=named[1] if named else how,
        slot=_slot(facts.get("metadata") or {}),
        pointed_at=pointer is not None,
        named_for=named[0] if named else by_person,
        features=_features(facts["id"], look) if look.with_features and alive else {},
    )


def _features(license_id: str, look: _Look) -> dict[str, int | None]:
    rows = look.licensekit.features(license_id)
    return {one["feature_id"]: one.get("max_consumptions") for one in rows}


def _slot(metadata: dict[str, Any]) -> Slot | None:
    """What our own metadata says; anybody may have written it, so nothing is taken for granted."""
    line_id, unit, issue = (metadata.get(n) for n in ("stripe_line_item", "unit", "issue"))
    if not isinstance(line_id, str) or not isinstance(unit, int) or unit < 1:
        return None
    return Slot(
        account=str(metadata.get("stripe_account")),
        mode=str(metadata.get("stripe_mode")),
        line_id=line_id,
        unit=unit,
        issue=issue if isinstance(issue, int) and issue > 0 else 1,
        price_id=metadata.get("stripe_price"),
    )
