"""Licenses that we issued ourselves and have no link to any more: their metadata says whose they
are. Those that are over are linked too, for what a person revoked is not issued again.
"""

from __future__ import annotations

from collections import defaultdict

from worker.found import FoundLicense, Slot
from worker.plan.finds import Finds, Taken, as_it_stands
from worker.plan.ids import ref_at, slot_of

Place = tuple[str, int, int]  # line, unit, and the how manyth license of it


def take_ours(finds: Finds) -> None:
    """Each place gets the license that names it; two that stand for one are a person's case."""
    places: dict[Place, list[FoundLicense]] = defaultdict(list)
    for found in list(finds.open()):
        slot = found.slot
        if slot is None or slot.line_id not in finds.desired.units:
            continue
        reason = _reason(found, slot, finds)
        if reason:
            finds.left[found.id] = reason
        else:
            places[slot.line_id, slot.unit, slot.issue].append(found)
    chosen = {place: one for place, some in places.items() if (one := _choose(some, place, finds))}
    for place, found in sorted(chosen.items()):
        if place[0] not in finds.unclear:
            finds.taken.append(_taken(found, place, list(chosen), finds))


def _reason(found: FoundLicense, slot: Slot, finds: Finds) -> str:
    """Why it can't be the one that it says it is; "" where it can."""
    key = finds.bought.key
    if (slot.account, slot.mode) != (key.account or "own", key.mode):
        return f"it was issued for account {slot.account} in {slot.mode} mode"
    if found.product_id not in finds.terms.product_ids:
        if found.status != "revoked":
            finds.unclear[slot.line_id] = (
                f"{found.id} was issued for it under product {found.product_id}, of which this "
                "sale sells nothing now"
            )
        return f"it is of product {found.product_id}, of which this sale sells nothing"
    ref = ref_at(slot.line_id, slot.unit, slot.issue)
    return f"{ref.stripe_key} has its license" if ref.stripe_key in finds.used() else ""


def _choose(some: list[FoundLicense], place: Place, finds: Finds) -> FoundLicense | None:
    """The one that stands, else the one that goes on elsewhere, else the last that was revoked."""
    alive = [one for one in some if one.status != "revoked" and not one.linked_to]
    if len(alive) > 1:
        named = [one for one in alive if one.pointed_at]
        if len(named) != 1:
            finds.unclear[place[0]] = (
                f"{' and '.join(one.id for one in alive)} are both issued for it"
            )
            return None
        alive = named
    chosen = [*(one for one in some if one.status == "revoked"), *_handed_on(some), *alive][-1]
    for one in some:
        if one is not chosen and one.status != "revoked":
            finds.left[one.id] = f"{chosen.id} is the license of {place[0]}"
    return chosen


def _handed_on(some: list[FoundLicense]) -> list[FoundLicense]:
    return [one for one in some if one.linked_to]


def _taken(found: FoundLicense, place: Place, chosen: list[Place], finds: Finds) -> Taken:
    line_id, unit, issue = place
    line, wanted = finds.line(line_id), finds.wanted(line_id, unit)
    written = as_it_stands(found, line, finds, wanted.access.hold if wanted else "")
    if found.linked_to:
        written["moved_to"] = found.linked_to
    elif found.status == "revoked":
        cause = _cause(place, chosen, finds)
        written |= {"revoked": cause} if cause else {}
    elif wanted is not None and _was_remapped(found, finds):
        written["stands_for"] = wanted.policy_id
    return Taken(found, ref_at(line_id, unit, issue), written)


def _cause(place: Place, chosen: list[Place], finds: Finds) -> str:
    """Why we revoked it, as far as it can be told now; "" = a person did, and it stays so."""
    line_id, unit, issue = place
    places = [*chosen, *map(slot_of, finds.used())]
    if any(one[:2] == (line_id, unit) and one[2] > issue for one in places):
        return "replaced"
    wanted = finds.wanted(line_id, unit)
    return "quantity" if wanted is None else wanted.access.revoke


def _was_remapped(found: FoundLicense, finds: Finds) -> bool:
    """It was issued for the price that is sold now, under another policy than its mapping names
    now: the sale keeps what it was sold. A trial's license is replaced as ever.
    """
    assert found.slot is not None
    line = finds.line(found.slot.line_id)
    mapping = finds.terms.of(line)
    if mapping is None or found.slot.price_id != line.price_id:
        return False
    return found.policy_id not in (mapping.policy_id, mapping.terms.trial_policy)
