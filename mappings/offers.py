"""Do the mappings fit to what Stripe offers? Reports only; Stripe is read by the caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mappings.check import Finding
from mappings.values import Catalog, Mapping, MappingKey


@dataclass(frozen=True, slots=True)
class Offer:
    """An active price of an active product."""

    price_id: str
    product_id: str  # Stripe's
    name: str  # "Editor", the product's
    amount: str  # "4900 eur in minor units, every month"


def check_offers(
    catalog: Catalog, offers: Iterable[Offer], *, account: str, livemode: bool
) -> list[Finding]:
    """What is offered and not mapped, and what is mapped and no longer offered. `offers` are all
    there are in this account and mode.
    """
    listed = list(offers)
    found = [*_unmapped(catalog, listed, account, livemode)]
    prices = {offer.price_id for offer in listed}
    products = {offer.product_id for offer in listed}
    for mapping in catalog.all_current():
        if (mapping.account, mapping.livemode) == (account, livemode):
            found += _not_offered(mapping, prices, products)
    return found


def unmapped(
    catalog: Catalog, offers: Iterable[Offer], *, account: str, livemode: bool
) -> list[Offer]:
    """What is offered and sells no license, by price id."""

    def sells(offer: Offer) -> bool:
        ids = {"price_id": offer.price_id, "product_id": offer.product_id}
        return catalog.find(account, livemode, **ids) is not None

    return sorted((one for one in offers if not sells(one)), key=lambda one: one.price_id)


def _unmapped(
    catalog: Catalog, offers: list[Offer], account: str, livemode: bool
) -> Iterator[Finding]:
    for offer in unmapped(catalog, offers, account=account, livemode=livemode):
        says = (
            f'sells "{offer.name}" for {offer.amount} and has no mapping, nor has '
            f"{offer.product_id}, so whoever buys it waits"
        )
        subject = str(MappingKey(account, livemode, "price", offer.price_id))
        yield Finding("warning", subject, says)


def _not_offered(mapping: Mapping, prices: set[str], products: set[str]) -> Iterator[Finding]:
    subject, stripe_id = str(mapping.key), mapping.key.stripe_id
    sold = f"{mapping.product_id} / {mapping.policy_id}"
    if mapping.key.kind == "price" and stripe_id not in prices:
        says = f"sells {sold}, but Stripe has no such active price: old sales keep their terms"
        yield Finding("warning", subject, says)
    if mapping.key.kind == "product" and stripe_id not in products:
        says = f"sells {sold}, but Stripe has no active price of it: old sales keep their terms"
        yield Finding("warning", subject, says)
