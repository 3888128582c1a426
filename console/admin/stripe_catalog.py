"""`GET catalog`: what is on sale in Stripe, and which mapping sells it."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any

from msgspec import Meta, Struct

from console.admin.fulfillments import page_meta
from console.admin.served import Account, not_served
from console.admin.values import Answer, Call, Name
from console.fulfillments.values import stamp
from console.served import NotServed, require_served
from console.stripe_offers import offer_of
from mappings.store import read_catalog
from mappings.values import Catalog, Mapping
from shared.accounts import ServedAccount
from shared.database import reading
from worker.deps import Deps

Facts = dict[str, Any]
Fresh = Annotated[bool, Meta(description="Ask the service now, not for what it said lately.")]
Products = Annotated[int, Meta(ge=1, le=200, description="Products at the most.")]
After = Annotated[Name, Meta(description="`next_cursor` of the page before.")]


class CatalogQuery(Struct, frozen=True):
    """Of one account in one mode: your own, in the Stripe key's mode, unless said otherwise."""

    account: Account = ""
    livemode: bool | None = None
    fresh: Fresh = False
    limit: Products = 50
    cursor: After | None = None


def get_catalog(call: Call[CatalogQuery, None]) -> Answer:
    """Active products with their active prices, by id."""
    asked, desk = call.query, call.desk
    livemode = bool(desk.settings.livemode) if asked.livemode is None else asked.livemode
    where = ServedAccount(asked.account, livemode)
    try:
        with reading(desk.engine) as connection:
            require_served(connection, desk.settings, where)
            mappings = read_catalog(connection)
    except NotServed as error:
        raise not_served(error) from None
    with desk.passes() as deps:
        kept = desk.stripe_shelf.take(
            where, lambda: _on_sale(deps, where), now=call.now, fresh=asked.fresh
        )
    later = [one for one in kept.value if asked.cursor is None or one["id"] > asked.cursor]
    shown = later[: asked.limit]
    cursor = shown[-1]["id"] if len(later) > asked.limit else None
    meta = {**page_meta(asked.limit, cursor), "read_at": stamp(kept.read_at)}
    return Answer([_product(one, where, mappings) for one in shown], meta=meta)


def _on_sale(deps: Deps, where: ServedAccount) -> list[Facts]:
    """Products by id, each with its `prices`."""
    stripe = deps.of(where.account, where.livemode).stripe
    products, prices = stripe.active_products(where.account), stripe.active_prices(where.account)
    of_product: dict[str, list[Facts]] = defaultdict(list)
    for price in sorted(prices, key=lambda price: str(price["id"])):
        of_product[price["product"]["id"]].append(price)
    found = [{**product, "prices": of_product[product["id"]]} for product in products]
    return sorted(found, key=lambda product: str(product["id"]))


def _product(product: Facts, where: ServedAccount, mappings: Catalog) -> dict[str, object]:
    return {
        "id": product["id"],
        "name": product.get("name") or product["id"],
        "account": where.account,
        "livemode": where.livemode,
        "prices": [_price(price, where, mappings) for price in product["prices"]],
    }


def _price(price: Facts, where: ServedAccount, mappings: Catalog) -> dict[str, object]:
    offer = offer_of(price)
    ids = {"price_id": offer.price_id, "product_id": offer.product_id}
    mapping = mappings.find(where.account, where.livemode, **ids)
    return {
        "id": offer.price_id,
        "amount": offer.amount,
        "currency": price["currency"],
        "unit_amount": price.get("unit_amount"),
        "type": price["type"],
        "nickname": price.get("nickname"),
        "mapping": None if mapping is None else _mapped(mapping),
    }


def _mapped(mapping: Mapping) -> dict[str, object]:
    return {
        "version": mapping.version,
        "by": mapping.key.kind,
        "product_id": mapping.product_id,
        "policy_id": mapping.policy_id,
    }
