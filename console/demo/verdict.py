"""What must be true at the end: nothing issued twice, and luck made no difference. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.demo.licensekit_side import Record
from console.demo.stripe_side import Object

PREFIX = "licensekit_"


@dataclass(frozen=True, slots=True)
class Ended:
    """What one sale left: its records in LicenseKit, and the objects that carry their ids."""

    licenses: Sequence[Record]
    orders: Sequence[Record]
    subscriptions: Sequence[Record]
    targets: Sequence[Object]  # Stripe's objects that ids were written back to


@dataclass(frozen=True, slots=True)
class Expected:
    """How many records of a sale there must be."""

    licenses: int
    orders: int
    subscriptions: int


def faults_of(title: str, ended: Ended, expected: Expected) -> list[str]:
    """A sentence for each count that is wrong and each pointer that leads elsewhere."""
    living = [one for one in ended.licenses if one["status"] != "revoked"]
    counts = {
        "living licenses": (len(living), expected.licenses),
        "orders": (len(ended.orders), expected.orders),
        "subscriptions": (len(ended.subscriptions), expected.subscriptions),
    }
    faults = [
        f"{title}: {found} {what} instead of {wanted}"
        for what, (found, wanted) in counts.items()
        if found != wanted
    ]
    faults += [f"{title}: order {name} stands {n} times" for name, n in _twice(ended.orders)]
    return faults + _pointer_faults(title, ended)


def alike(one: Ended, other: Ended) -> list[str]:
    """A sentence for each difference between two sales that were to end alike."""
    left, right = essence(one), essence(other)
    return [
        f"{name} differ: {left[name]} and {right[name]}"
        for name in left
        if left[name] != right[name]
    ]


def essence(ended: Ended) -> Mapping[str, list[str]]:
    """What two equal sales have in common: everything but ids and the times of our own writes."""
    licenses = ("policy_id", "status", "expires_at", "maintenance_expires_at")
    orders = ("product_id", "status", "period_start", "period_end")
    periods = ("current_period_start", "current_period_end")
    living = [one for one in ended.licenses if one["status"] != "revoked"]
    pointers = [f"{target['object']}: {', '.join(_pointers(target))}" for target in ended.targets]
    return {
        "licenses": _facts(living, licenses),
        "orders": _facts(ended.orders, orders),
        "subscriptions": _facts(ended.subscriptions, ("product_id", "status", *periods)),
        "pointers in Stripe": sorted(pointers),
    }


def _facts(records: Sequence[Record], names: Sequence[str]) -> list[str]:
    return sorted(", ".join(f"{name} {one.get(name)}" for name in names) for one in records)


def _pointers(target: Object) -> list[str]:
    return sorted(name for name in target.get("metadata") or {} if name.startswith(PREFIX))


def _twice(orders: Sequence[Record]) -> list[tuple[str, int]]:
    # a payment over two products is two orders of one name
    names = Counter((order["product_id"], str(order["external_id"])) for order in orders)
    return [(name, number) for (_, name), number in names.items() if number > 1]


def _pointer_faults(title: str, ended: Ended) -> list[str]:
    """Each id in Stripe's metadata must be one of the sale's own; no target may go without.

    A license that was revoked since is the sale's own too: an invoice says what it once paid for.
    """
    records = (*ended.licenses, *ended.orders, *ended.subscriptions)
    known = {one["id"] for one in records} | {one.get("customer_id") for one in records}
    faults = []
    for target in ended.targets:
        names = _pointers(target)
        if not names:
            faults.append(f"{title}: {target['id']} carries no id of LicenseKit")
        for name in names:
            ids = str(target["metadata"][name]).replace(",", " ").split()
            strange = [one for one in ids if not one.isdecimal() and one not in known]
            faults += [f"{title}: {target['id']} points at {one}, not its own" for one in strange]
    return faults
