"""What a buyer holds: our links first, LicenseKit only for what a link can't tell. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from shared.keys import StripeId
from shared.links import Link
from worker.errors import NotFound
from worker.gateways.licensekit import Facts, LicenseKitGateway
from worker.plan.ids import MARK
from worker.state import Held, HeldLicense, LicenseType, Orphan, Record


def read_held(
    customer: Link | None,
    links: Iterable[Link],
    policy_ids: Collection[str],
    licensekit: LicenseKitGateway,
) -> Held:
    """`links` are all of the sale's, open intents too. Raises TemporaryError, PermanentError.

    Records that we wrote are known by our links; only licenses are read, because a person may
    have changed them in LicenseKit. An open intent for a license is looked up there: a license
    that carries its mark is an orphan, since its key was never kept.
    """
    mine = list(links)
    licenses: list[HeldLicense] = []
    gone: list[str] = []
    for link in _linked(mine, "license"):
        found = _license(link, licensekit)
        if found is None:
            gone.append(link.stripe_key)
        else:
            licenses.append(found)
    return Held(
        customer=_record(customer) if customer and customer.licensekit_id else None,
        orders={link.stripe_key: _record(link) for link in _linked(mine, "order")},
        subscriptions={link.stripe_key: _record(link) for link in _linked(mine, "subscription")},
        licenses=tuple(licenses),
        orphans=tuple(_orphans(mine, licensekit)),
        gone=tuple(gone),
        license_types=dict(_license_types(policy_ids, licensekit)),
    )


def _linked(links: list[Link], kind: str) -> Iterator[Link]:
    return (link for link in links if link.kind == kind and link.licensekit_id)


def _record(link: Link) -> Record:
    assert link.licensekit_id is not None
    return Record(link.licensekit_id, link.written)


def line_and_unit(stripe_key: str) -> tuple[StripeId, int]:
    """`si_1/2` -> ("si_1", 2)."""
    line_id, _, unit = stripe_key.rpartition("/")
    return StripeId(line_id), int(unit)


def _license(link: Link, licensekit: LicenseKitGateway) -> HeldLicense | None:
    assert link.licensekit_id is not None
    try:
        facts = licensekit.license(link.licensekit_id)
    except NotFound:
        return None
    line_id, unit = line_and_unit(link.stripe_key)
    ends = facts.get("expires_at")
    return HeldLicense(
        id=facts["id"],
        line_id=line_id,
        unit=unit,
        product_id=facts["product_id"],
        policy_id=facts["policy_id"],
        status=facts["status"],
        expires_at=datetime.fromisoformat(ends) if ends else None,
    )


def _orphans(links: list[Link], licensekit: LicenseKitGateway) -> Iterator[Orphan]:
    orders = {link.stripe_key: link.licensekit_id for link in links if link.kind == "order"}
    for link in links:
        if link.kind != "license" or link.licensekit_id is not None:
            continue
        order_id = orders.get(str(link.context.get("order")))
        if order_id is None:
            continue  # a license is created after its order: none can be there
        for facts in licensekit.licenses_of_order(order_id):
            if _marked(facts, link.mark) and facts["status"] != "revoked":
                yield Orphan(facts["id"], *line_and_unit(link.stripe_key))


def _marked(facts: Facts, mark: str) -> bool:
    return bool((facts.get("metadata") or {}).get(MARK) == mark)


def _license_types(
    policy_ids: Collection[str], licensekit: LicenseKitGateway
) -> Iterator[tuple[str, LicenseType]]:
    for policy_id in sorted(policy_ids):
        try:
            yield policy_id, licensekit.policy(policy_id)["license_type"]
        except NotFound:
            continue  # the plan makes a problem of it
