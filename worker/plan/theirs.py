"""Licenses that another integration issued for this sale: by the records they stand on, or named by
a person. Exactly as many as are wanted, or a person must say which: nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from worker.found import FoundLicense
from worker.plan.desired import WantedLicense
from worker.plan.finds import Finds, Taken, as_it_stands
from worker.plan.ids import ref_at
from worker.plan.placement import place
from worker.plan.rules import CANCELED_BY_DECISION


def take_theirs(finds: Finds) -> None:
    """First what a person named, then what LicenseKit itself says."""
    named = [one for one in finds.open() if one.named_for is not None]
    for found in named:
        _take_named(found, finds)
    fitting = [one for one in list(finds.open()) if _fits(one, finds)]
    _share_out(fitting, finds)
    if finds.held.found.cut:
        for wanted in _missing(finds):
            finds.unclear[wanted.line_id] = (
                "LicenseKit lists 200 licenses at the most, and has more"
            )


def _missing(finds: Finds) -> list[WantedLicense]:
    """Units that never had a license, one by one."""
    used = finds.used() | {one.ref.stripe_key for one in finds.taken}
    found = []
    for wanted in finds.desired.licenses:
        at = place(wanted, finds.held)
        free = at.stands is None and at.issue == 1 and at.ref.stripe_key not in used
        if free and wanted.line_id not in finds.unclear:
            found.append(wanted)
    return found


def _take_named(found: FoundLicense, finds: Finds) -> None:
    """A person vouches for whose it is; what it is must fit all the same."""
    reason = _reason(found) or _made_for_another(found)
    if reason:
        finds.left[found.id] = reason
        return
    missing = [one for one in _missing(finds) if found.named_for in ("", one.line_id)]
    same = [one for one in missing if one.product_id == found.product_id]
    fitting = [
        one for one in same if finds.held.found.any_policy or one.policy_id == found.policy_id
    ]
    where = found.named_for or "this sale"
    if not missing:
        finds.left[found.id] = f"no unit of {where} lacks a license"
    elif not same:
        finds.left[found.id] = f"it is of product {found.product_id}, which {where} does not sell"
    elif not fitting:
        sold = ", ".join(sorted({one.policy_id for one in same}))
        finds.left[found.id] = (
            f"it is under policy {found.policy_id}, and {where} is mapped to {sold}: "
            "--any-policy lets it stand for that one"
        )
    elif len({one.line_id for one in fitting}) > 1:
        lines = ", ".join(sorted({one.line_id for one in fitting}))
        finds.left[found.id] = f"it fits several lines of the sale, {lines}: name the line"
    else:
        _take(found, fitting[0], finds)


def _reason(found: FoundLicense) -> str:
    if found.status == "revoked":
        return "it is revoked"
    return f"it is linked to {found.linked_to} already" if found.linked_to else ""


def _made_for_another(found: FoundLicense) -> str:
    return "" if found.slot is None else f"it was issued for {found.slot.line_id}"


def _fits(found: FoundLicense, finds: Finds) -> bool:
    """Whether LicenseKit says that it is this sale's; why not is kept."""
    reason = _reason(found)
    if not reason and not _goes_on(found, finds):
        reason = _made_for_another(found)
    if not reason and not _belongs(found, finds):
        reason = "nothing in LicenseKit says that it is of this sale"
    if not reason and found.product_id not in {one.product_id for one in finds.desired.licenses}:
        reason = f"it is of product {found.product_id}, which this sale does not sell"
    if not reason and not any(one.product_id == found.product_id for one in _wanting(finds)):
        reason = "no unit of this sale lacks a license"
    if reason:
        finds.left[found.id] = reason
    return not reason


def _goes_on(found: FoundLicense, finds: Finds) -> bool:
    """A license that the buyer kept from an ended subscription, where the mapping says so."""
    return found.slot is not None and found.pointed_at and any(x.reuse for x in _missing(finds))


def _belongs(found: FoundLicense, finds: Finds) -> bool:
    held, origin = finds.held, found.origin
    if origin.order_id in {one.licensekit_id for one in held.orders.values()}:
        return True
    if origin.subscription_id in {one.licensekit_id for one in held.subscriptions.values()}:
        return True
    customer = held.customer.licensekit_id if held.customer else None
    return found.pointed_at and customer is not None and origin.customer_id == customer


def _wanting(finds: Finds) -> list[WantedLicense]:
    """Of the missing those that are to be issued; what was paid back needs none. Where a person
    canceled the sale, what stands is linked too, to be taken away.
    """
    return [one for one in _missing(finds) if one.access.revoke in ("", CANCELED_BY_DECISION)]


def _share_out(fitting: Sequence[FoundLicense], finds: Finds) -> None:
    """Licenses and units of one policy must be as many."""
    wanting: dict[Hashable, list[WantedLicense]] = defaultdict(list)
    for wanted in _wanting(finds):
        wanting[_kind(wanted, finds)].append(wanted)
    standing: dict[Hashable, list[FoundLicense]] = defaultdict(list)
    for found in fitting:
        standing[_kind(found, finds)].append(found)
    for kind, some in standing.items():
        units = wanting.get(kind, [])
        if len(units) == len(some) and _alike(some, units):
            for found, wanted in zip(some, units, strict=True):
                _take(found, wanted, finds)
    for found in list(finds.open()):
        if found in fitting:
            _tell_unclear(found, finds)


def _kind(one: WantedLicense | FoundLicense, finds: Finds) -> Hashable:
    if finds.held.found.any_policy:
        return one.product_id
    return one.product_id, one.policy_id


def _alike(some: Sequence[FoundLicense], units: Sequence[WantedLicense]) -> bool:
    """Whether it makes no difference which is whose."""
    one_line = len({wanted.line_id for wanted in units}) == 1
    return one_line or len({(found.expires_at, found.status) for found in some}) == 1


def _tell_unclear(found: FoundLicense, finds: Finds) -> None:
    rivals = [one for one in _wanting(finds) if one.product_id == found.product_id]
    same = [one for one in rivals if one.policy_id == found.policy_id]
    for wanted in same or rivals:
        finds.unclear[wanted.line_id] = (
            f"{found.id} (policy {found.policy_id}, {found.how}) stands in LicenseKit for this "
            f"sale, which wants {len(same or rivals)} under {wanted.policy_id}, and they do not "
            "match one by one"
        )
    if not rivals:
        finds.left[found.id] = "no unit of this sale lacks a license"


def _take(found: FoundLicense, wanted: WantedLicense, finds: Finds) -> None:
    line = finds.line(wanted.line_id)
    written = as_it_stands(found, line, finds, wanted.access.hold)
    if found.policy_id != wanted.policy_id:
        written["stands_for"] = wanted.policy_id
    finds.taken.append(Taken(found, ref_at(wanted.line_id, wanted.unit, 1), written))
