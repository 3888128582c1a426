"""What a Stripe object is in LicenseKit: intents, links, escrow and kept terms."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shared.database import reading, transaction
from shared.inbox import raise_hint
from shared.links import (
    Created,
    Intent,
    Link,
    LinkKind,
    find_link,
    intend,
    is_taken,
    keep_terms,
    link_up,
    read_links,
    read_taken,
    read_terms,
    rewrite,
)
from shared.tables import escrow
from tests.integration.worker.queue import sale
from tests.worlds.sales import NOW
from worker.lease import find_sale


@pytest.fixture
def sale_id(engine: Engine) -> int:
    """The row of sub_1."""
    with transaction(engine) as tx:
        raise_hint(tx, sale(), now=NOW)
        found = find_sale(tx, sale())
    assert found is not None
    return found


def intent(sale_id: int | None, kind: LinkKind = "license", key: str = "si_1/1") -> Intent:
    return Intent(sale(), sale_id, kind, key, {"stripe_price": "price_1"})


def intended(engine: Engine, one: Intent) -> Link:
    with transaction(engine) as tx:
        return intend(tx, one, now=NOW)


def test_an_intent_is_there_before_anything_was_created(engine: Engine, sale_id: int) -> None:
    """Left open, it says: look before you create."""
    link = intended(engine, intent(sale_id))

    with reading(engine) as tx:
        assert read_links(tx, sale_id) == [link]
    assert (link.licensekit_id, link.context) == (None, {"stripe_price": "price_1"})


def test_pain_02_an_intent_is_written_once_and_keeps_its_mark(engine: Engine, sale_id: int) -> None:
    """The mark stands in LicenseKit too; a new one would lose what was made under the old."""
    first = intended(engine, intent(sale_id))

    assert intended(engine, intent(sale_id)) == first


def test_a_license_and_its_sealed_key_are_kept_together(engine: Engine, sale_id: int) -> None:
    """One transaction: never an id without its key."""
    link = intended(engine, intent(sale_id))

    with transaction(engine) as tx:
        link_up(tx, link, Created("lic_1", {"expires_at": "never"}, b"sealed"), now=NOW)

    with reading(engine) as tx:
        assert read_links(tx, sale_id)[0].licensekit_id == "lic_1"
        assert tx.execute(sa.select(escrow.c.licensekit_id, escrow.c.sealed_key)).all() == [
            ("lic_1", b"sealed")
        ]


def test_a_link_that_breaks_before_its_commit_stays_an_intent(engine: Engine, sale_id: int) -> None:
    """A crash between create and commit is seen by the next pass."""
    link = intended(engine, intent(sale_id))

    with suppress(RuntimeError), transaction(engine) as tx:
        link_up(tx, link, Created("lic_1", {}, b"sealed"), now=NOW)
        raise RuntimeError

    with reading(engine) as tx:
        assert read_links(tx, sale_id)[0].licensekit_id is None
        assert tx.execute(sa.select(escrow)).all() == []


def test_a_customer_belongs_to_no_single_sale(engine: Engine, sale_id: int) -> None:
    """Sales share it, so it is found by its Stripe id in the same account and mode."""
    intended(engine, intent(None, "customer", "cus_ada"))

    def found(tx: Connection, **place: object) -> Link | None:
        return find_link(tx, replace(sale(), **place), "customer", "cus_ada")  # type: ignore[arg-type]

    with reading(engine) as tx:
        assert read_links(tx, sale_id) == []
        assert found(tx) is not None
        assert found(tx, livemode=True) is None
        assert found(tx, account="acct_1") is None


def test_pain_17_one_id_in_two_accounts_or_modes_is_two_records(
    engine: Engine, sale_id: int
) -> None:
    """Connected accounts and modes never meet, even where Stripe's ids are alike."""
    ours = intent(sale_id)
    theirs = [replace(ours, sale=replace(sale(), account="acct_1"))]
    theirs.append(replace(ours, sale=replace(sale(), livemode=True)))

    links = [intended(engine, one) for one in (ours, *theirs)]

    assert len({link.id for link in links}) == 3


def test_what_was_written_is_changed_name_by_name(engine: Engine, sale_id: int) -> None:
    """Names that are not given stay."""
    link = intended(engine, intent(sale_id, "order", "in_1/prod_1"))
    with transaction(engine) as tx:
        link_up(tx, link, Created("ord_1", {"status": "paid"}), now=NOW)

    with transaction(engine) as tx:
        rewrite(tx, read_links(tx, sale_id)[0], {"payment_intent": "pi_1"})

    with reading(engine) as tx:
        assert read_links(tx, sale_id)[0].written == {"status": "paid", "payment_intent": "pi_1"}


def test_pain_22_the_terms_a_sale_was_sold_under_are_kept_once(
    engine: Engine, sale_id: int
) -> None:
    """A later version is not written over the first; a new price is added."""
    with transaction(engine) as tx:
        keep_terms(tx, sale_id, {"price_1": 1})
    with transaction(engine) as tx:
        keep_terms(tx, sale_id, {"price_1": 5, "price_2": 6})
        keep_terms(tx, sale_id, {})

    with reading(engine) as tx:
        assert read_terms(tx, sale_id) == {"price_1": 1, "price_2": 6}


def test_a_license_that_has_a_link_is_taken(engine: Engine, sale_id: int) -> None:
    """It is not linked to a second sale; one that another sale took over does not count."""
    link = intended(engine, intent(sale_id))
    with transaction(engine) as tx:
        free = is_taken(tx, "license", "lic_1")
        link_up(tx, link, Created("lic_1", {}), now=NOW)
        taken = is_taken(tx, "license", "lic_1")

    with transaction(engine) as tx:
        known = read_taken(tx, {"lic_1", "lic_2"})
        rewrite(tx, link, {"moved_to": "si_2/1"})
        gone_on = read_taken(tx, {"lic_1"})

    assert (free, taken) == (False, True)
    assert (known, gone_on) == ({"lic_1": "si_1/1"}, {})


def test_many_licenses_are_asked_about_in_one_go(engine: Engine, sale_id: int) -> None:
    """More than a database takes in one question."""
    link = intended(engine, intent(sale_id))
    with transaction(engine) as tx:
        link_up(tx, link, Created("lic_7", {}), now=NOW)

    with reading(engine) as tx:
        assert read_taken(tx, {f"lic_{n}" for n in range(40_000)}) == {"lic_7": "si_1/1"}
        assert read_taken(tx, ()) == {}
