"""What a buyer holds: our links first, LicenseKit only for what a link can't tell. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from shared.keys import StripeId
from shared.links import Link
from shared.tracing import span
from worker.errors import NotFound
from worker.gateways.licensekit import Facts, LicenseKitGateway
from worker.plan.ids import MARK, slot_of
from worker.plan.written import read_moment, read_written
from worker.state import Held, HeldLicense, LicenseType, Orphan, Record


@span("snapshot held")
def read_held(
    customer: Link | None,
    links: Iterable[Link],
    policy_ids: Collection[str],
    licensekit: LicenseKitGateway,
) -> Held:
    """`links` are all of the sale's, open intents too. Raises TemporaryError, PermanentError.

    Records that we wrote are known by our links; only licenses are read, because a person may
    have changed them in LicenseKit, and not those that we revoked, for that is for ever. An open
    intent for a license is looked up there: a license that carries its mark is an orphan, since
    its key was never kept.
    """
    mine = list(links)
    licenses: list[HeldLicense] = []
    gone: list[str] = []
    for link in _linked(mine, "license"):
        if is_over(link):
            continue
        found = read_license(link, licensekit)
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
        over=_keys(mine, "revoked"),
        handed_on=_keys(mine, "moved_to"),
        license_types=dict(_license_types(policy_ids, licensekit)),
    )


def _keys(links: list[Link], mark: str) -> tuple[str, ...]:
    """The licenses whose links say so."""
    return tuple(x.stripe_key for x in _linked(links, "license") if x.written.get(mark))


def is_over(link: Link) -> bool:
    """We revoked the license, or another sale of the buyer took it over."""
    return bool(link.written.get("revoked") or link.written.get("moved_to"))


def _linked(links: list[Link], kind: str) -> Iterator[Link]:
    return (link for link in links if link.kind == kind and link.licensekit_id)


def _record(link: Link) -> Record:
    assert link.licensekit_id is not None
    return Record(link.licensekit_id, link.written)


def read_license(link: Link, licensekit: LicenseKitGateway) -> HeldLicense | None:
    """The license as it stands, and what we wrote to it; None where LicenseKit has none."""
    assert link.licensekit_id is not None
    try:
        facts = licensekit.license(link.licensekit_id)
    except NotFound:
        return None
    line_id, unit, issue = slot_of(link.stripe_key)
    return HeldLicense(
        id=facts["id"],
        line_id=StripeId(line_id),
        unit=unit,
        product_id=facts["product_id"],
        policy_id=facts["policy_id"],
        status=facts["status"],
        expires_at=read_moment(facts.get("expires_at")),
        issue=issue,
        written=read_written(link.written),
    )


def _orphans(links: list[Link], licensekit: LicenseKitGateway) -> Iterator[Orphan]:
    made = {(link.kind, link.stripe_key): link.licensekit_id for link in links}
    for link in links:
        if link.kind != "license" or link.licensekit_id is not None:
            continue
        order_id = made.get(("order", str(link.context.get("order"))))
        subscription_id = made.get(("subscription", str(link.context.get("subscription"))))
        found: list[Facts] = []  # a license is created after its order: without one there is none
        if order_id is not None:
            found = licensekit.licenses_of_order(order_id)
        elif subscription_id is not None:
            found = licensekit.licenses_of_subscription(subscription_id)
        for facts in found:
            if _marked(facts, link.mark) and facts["status"] != "revoked":
                line_id, unit, issue = slot_of(link.stripe_key)
                yield Orphan(facts["id"], StripeId(line_id), unit, issue)


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
