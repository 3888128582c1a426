"""Where to look in LicenseKit before a sale is given anything new. Pure.

A plan that makes nothing gives no clue, and neither does one whose sale points nowhere: a new sale
costs no call more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from worker.plan.ids import CUSTOMER, LICENSES, ORDER, SUBSCRIPTION, Ref, slot_of
from worker.plan.placement import ref_of
from worker.plan.plan import Plan
from worker.plan.records import names_of
from worker.plan.steps import EnsureCustomer, IssueLicense, RecordOrder, RecordSubscription, Step
from worker.plan.written import ADOPTED, UNDER
from worker.state import Bought, Held

Kind = str
Adopted = tuple[Kind, str, object]  # a record that we found once: kind, id, and what it is under
NAMES: Mapping[str, Kind] = {
    CUSTOMER: "customer",
    ORDER: "order",
    SUBSCRIPTION: "subscription",
    LICENSES: "license",
}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for beyond what a pass looks for by itself."""

    thorough: bool = False  # also where nothing points: among the newest 200 of each list
    metadata_key: str = ""  # a key of Stripe's metadata in which another tool keeps license ids
    named: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # license -> (line, how)
    any_policy: bool = False


@dataclass(frozen=True, slots=True)
class Pointer:
    """An id that stands in the metadata of one of the sale's Stripe objects."""

    kind: Kind
    id: str
    where: str  # "cs_1"
    by_person: bool = False  # a person named the key that it stands under


@dataclass(frozen=True, slots=True)
class Clues:
    """`missing` are the links that a plan would make: ("order", "in_1/prod_1")."""

    pointers: tuple[Pointer, ...] = ()
    missing: frozenset[tuple[Kind, str]] = frozenset()
    adopted: tuple[Adopted, ...] = ()  # what stands on them?
    own: frozenset[str] = frozenset()  # what our records of this sale are named after: "in_1"
    search: Search = field(default_factory=Search)


def choose_clues(
    plan: Plan, bought: Bought, held: Held, linked: Collection[str], search: Search
) -> Clues | None:
    """None where nothing is to be made, or nothing says that it might stand already.

    `linked` are the LicenseKit ids that this sale has links to.
    """
    missing = frozenset(
        (ref.kind, ref.stripe_key) for step in plan.steps if (ref := _makes(step)) is not None
    )
    unlicensed = _unlicensed(bought, held)
    adopted = tuple(_adopted(held)) if unlicensed or "license" in dict(missing) else ()
    # where a record is missing its licenses may be too, also where none is to be issued any more
    kinds = {*dict(missing), *(("license",) if missing or adopted else ())}
    pointers = tuple(p for p in _pointers(bought, search) if p.kind in kinds and p.id not in linked)
    if pointers or adopted or search.named or (missing and search.thorough):
        return Clues(pointers, missing, adopted, names_of(bought), search)
    return None


def _makes(step: Step) -> Ref | None:
    """What a step would make that is not there yet."""
    match step:
        case EnsureCustomer():
            return Ref("customer", step.buyer.id)
        case RecordOrder() | RecordSubscription():
            return step.ref if step.record_id is None else None
        case IssueLicense():
            return step.ref
        case _:
            return None


def _pointers(bought: Bought, search: Search) -> Iterator[Pointer]:
    """Each id once, newest payment first."""
    theirs = {search.metadata_key: "license"} if search.metadata_key else {}
    seen: set[str] = set()
    for target in reversed(bought.targets):
        # a customer's own key would stand for each of their sales
        names = NAMES if target.kind == "customer" else {**NAMES, **theirs}
        for name, kind in names.items():
            for one in target.metadata.get(name, "").replace(",", " ").split():
                if one not in seen:
                    seen.add(one)
                    yield Pointer(kind, one, target.id, by_person=name == search.metadata_key)


def _unlicensed(bought: Bought, held: Held) -> bool:
    """Whether a paid line never had a license of ours."""
    keys = (*(ref_of(one).stripe_key for one in held.licenses), *held.gone, *held.over)
    licensed = {slot_of(key)[0] for key in (*keys, *held.handed_on)}
    return any(line.paid_from is not None and line.id not in licensed for line in bought.lines)


def _adopted(held: Held) -> Iterator[Adopted]:
    records = [("subscription", one) for one in held.subscriptions.values()]
    records += [("order", one) for one in held.orders.values()]
    for kind, record in records:
        if record.written.get(ADOPTED):
            yield kind, record.licensekit_id, record.written.get(UNDER)
