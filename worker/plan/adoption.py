"""What stands in LicenseKit without a link of ours and is this sale's: linked, not made again.

Pure, and a fixed point. A record is a sale's by what it says itself: a customer by its code, an
order or a subscription by its external id, a license by the line and unit in its metadata, or,
where another integration made it, by the order, subscription or customer that it was issued on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.keys import StripeId
from worker.found import Found, FoundLicense, FoundRecord
from worker.plan.desired import Desired
from worker.plan.finds import Finds, Taken
from worker.plan.ids import Ref, slot_of
from worker.plan.ours import take_ours
from worker.plan.records import names_of
from worker.plan.steps import Adopt
from worker.plan.terms import Terms
from worker.plan.theirs import take_theirs
from worker.plan.written import ADOPTED, read_written
from worker.state import Bought, Held, HeldLicense, Problem, Record


@dataclass(frozen=True, slots=True)
class Adoption:
    """`held` is what stands for the sale once the steps are done; `left` says why not, by id."""

    held: Held
    steps: tuple[Adopt, ...] = ()
    problems: tuple[Problem, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(f"{one} was not adopted: {reason}" for one, reason in self.left.items())


def adopt(bought: Bought, desired: Desired, held: Held, terms: Terms) -> Adoption:
    """Licenses come first: while a record lacks its link, the next pass looks for them again."""
    if held.found == Found():
        return Adoption(held)
    left = dict.fromkeys(held.found.unknown, "LicenseKit does not know it")
    records = [one for one in held.found.records if _is_its_own(one, bought, held, left)]
    held = _with_records(held, records)
    finds = Finds(bought, desired, held, terms, left)
    take_ours(finds)
    ours = list(finds.taken)
    held = _with_licenses(held, ours)
    finds = replace(finds, held=held)
    take_theirs(finds)
    theirs = finds.taken[len(ours) :]
    held = replace(_with_licenses(held, theirs), unclear=tuple(map(StripeId, finds.unclear)))
    licenses = [_license_step(one) for one in finds.taken]
    return Adoption(
        held,
        (*licenses, *(_record_step(one) for one in records)),
        tuple(_unclear(line_id, why) for line_id, why in finds.unclear.items()),
        left,
    )


def _is_its_own(record: FoundRecord, bought: Bought, held: Held, left: dict[str, str]) -> bool:
    linked = {*held.orders, *held.subscriptions}
    if record.kind == "customer":
        known, mine = (
            held.customer is not None,
            bought.buyer and record.stripe_key == bought.buyer.id,
        )
    else:
        known = record.stripe_key in linked
        mine = record.stripe_key.partition("/")[0] in names_of(bought)
    if known:
        return False
    if not mine:
        named = (
            f"is named {record.stripe_key}" if record.stripe_key else "names nothing of Stripe's"
        )
        left[record.id] = f"the {record.kind} {named} in LicenseKit, which is not of this sale"
    return bool(mine)


def _with_records(held: Held, records: list[FoundRecord]) -> Held:
    for one in sorted(records, key=lambda record: record.id):
        record = Record(one.id, _adopted(one.written, one.how))
        match one.kind:
            case "customer":
                held = replace(held, customer=record)
            case "order":
                held = replace(held, orders={**held.orders, one.stripe_key: record})
            case "subscription":
                found = {**held.subscriptions, one.stripe_key: record}
                held = replace(held, subscriptions=found)
    return held


def _with_licenses(held: Held, taken: list[Taken]) -> Held:
    """As the next pass will read them from our links."""
    over = tuple(one.ref.stripe_key for one in taken if one.written.get("revoked"))
    gone_on = tuple(one.ref.stripe_key for one in taken if one.written.get("moved_to"))
    mine = (one for one in taken if one.ref.stripe_key not in (*over, *gone_on))
    return replace(
        held,
        licenses=(*held.licenses, *map(_held, mine)),
        over=(*held.over, *over),
        handed_on=(*held.handed_on, *gone_on),
    )


def _held(taken: Taken) -> HeldLicense:
    line_id, unit, issue = slot_of(taken.ref.stripe_key)
    found = taken.license
    return HeldLicense(
        id=found.id,
        line_id=StripeId(line_id),
        unit=unit,
        product_id=found.product_id,
        policy_id=found.policy_id,
        status=found.status,
        expires_at=found.expires_at,
        issue=issue,
        written=read_written(taken.written),
    )


def _license_step(taken: Taken) -> Adopt:
    found: FoundLicense = taken.license
    return Adopt(taken.ref, found.id, _adopted(taken.written, found.how), found.how)


def _record_step(record: FoundRecord) -> Adopt:
    written = _adopted(record.written, record.how)
    return Adopt(Ref(record.kind, record.stripe_key), record.id, written, record.how)


def _adopted(written: Mapping[str, object], how: str) -> dict[str, object]:
    return {**written, ADOPTED: how}


def _unclear(line_id: str, why: str) -> Problem:
    return Problem(
        cause="licenses_unclear",
        subject=line_id,
        line_id=line_id,
        message=(
            f"{why}, so which license is that of {line_id} is not clear. The buyer keeps what "
            "stands in LicenseKit; nothing was issued beside it and nothing was changed. Say which "
            f'it is with a line "{line_id},<license>" in a file for "fulfill adopt --csv", or '
            'revoke what is too much; then "fulfill reconcile" the sale.'
        ),
    )
