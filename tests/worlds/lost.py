"""Our database is lost; Stripe, LicenseKit and the file of mappings are not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from mappings.store import read_catalog, set_mapping
from mappings.values import MappingDraft
from shared.database import make_engine, reading, transaction
from shared.migrations import upgrade
from shared.tables import escrow, links, sale_terms, sales
from simulator.orders import Purchase
from tests.worlds.world import World, hurry, make_deps


@contextmanager
def begun_anew(world: World, database_url: str) -> Iterator[World]:
    """The same world with an empty database, in which the mappings were read in again."""
    engine = make_engine(database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", hurry)
    upgrade(engine)
    with reading(world.engine) as tx:
        catalog = read_catalog(tx)
    with transaction(engine) as tx:
        for one in catalog.mappings:
            draft = MappingDraft(
                *(one.account, one.livemode, one.stripe_price_id, one.stripe_product_id),
                *(one.product_id, one.policy_id, one.terms),
            )
            set_mapping(tx, draft, now=world.clock.now(), by="test")
    deps = make_deps(engine, world.stripe_url, world.books.url, world.clock)
    try:
        yield replace(world, engine=engine, deps=deps)
    finally:
        deps.close()
        engine.dispose()


def linked(world: World) -> set[tuple[str, str, str]]:
    """Every link that counts, and those that tell of what is over."""
    rows = world.rows(links)
    return {(row.kind, row.stripe_key, row.licensekit_id) for row in rows if row.licensekit_id}


def licensekit_as_it_is(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table of the embedded LicenseKit."""
    with closing(sqlite3.connect(folder / "licensekit.db")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: database.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall()
            for (name,) in names.fetchall()
        }


def forget(world: World, sale: Purchase) -> None:
    """What we knew of this sale in LicenseKit is gone: links, keys and terms. It is due."""
    root = sale.subscription or sale.session
    mine = sa.select(sales.c.id).where(sales.c.object_id == root)
    gone = sa.or_(links.c.sale_id.in_(mine), links.c.stripe_key == (sale.customer or root))
    with transaction(world.engine) as tx:
        ids = list(tx.scalars(sa.select(links.c.id).where(gone)))
        tx.execute(escrow.delete().where(escrow.c.link_id.in_(ids)))
        tx.execute(links.delete().where(links.c.id.in_(ids)))
        tx.execute(sale_terms.delete().where(sale_terms.c.sale_id.in_(mine)))
    world.raise_all(root)


def point_nowhere(world: World, sale: Purchase) -> None:
    """Nobody has our ids in Stripe any more."""
    places = (sale.customer, sale.session, sale.payment_intent, sale.subscription, sale.invoice)
    for object_id in filter(None, places):
        found = world.stripe.shop.books.find(object_id)
        assert found is not None
        found["metadata"].clear()


def write_metadata(world: World, object_id: str | None, **values: str) -> None:
    """Somebody writes into an object of Stripe's."""
    found = world.stripe.shop.books.find(object_id)
    assert found is not None
    found["metadata"].update(values)
