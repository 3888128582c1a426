"""The mappings in the database, on each kind of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa

from mappings.store import changes_of, read_history, retire_mapping
from mappings.tables import mappings as table
from mappings.terms import Terms
from mappings.values import MappingDraft
from shared.database import reading, transaction
from tests.integration.mappings.shop import NOW, Shop
from tests.unit.mappings.examples import draft


def test_a_mapping_is_found_as_it_was_set(shop: Shop) -> None:
    """Every field comes back, and so do all terms."""
    asked = draft("prod_1", account="acct_1", livemode=True, terms=Terms(3, "license_per_unit", 30))

    (kept,) = shop.set(asked)

    assert kept.draft == asked
    assert shop.catalog().find("acct_1", True, price_id="x", product_id="prod_1") == kept


def test_setting_the_same_again_makes_no_new_version(shop: Shop) -> None:
    """So an import that is run every night leaves no trace."""
    (first,) = shop.set(draft(terms=Terms(grace_days=3)))

    (second,) = shop.set(draft(terms=Terms(grace_days=3)), by="bob")

    assert second == first
    assert shop.history() == [(first.version, "current", "ann", None)]


@pytest.mark.parametrize(
    "changed",
    [
        draft(policy_id="pol_2"),
        draft(product_id="prod_2"),
        draft(terms=Terms(grace_days=3)),
    ],
)
def test_any_other_terms_are_a_new_version_and_the_old_one_is_kept(
    shop: Shop, changed: MappingDraft
) -> None:
    """A sale keeps what it was sold under, so nothing is written over."""
    (old,) = shop.set(draft())

    (new,) = shop.set(changed, by="bob")

    assert new.version > old.version
    assert shop.catalog().version(old.version) == old
    assert shop.catalog().find("", False, price_id="price_1", product_id="") == new
    assert shop.history() == [
        (old.version, "replaced", "ann", "bob"),
        (new.version, "current", "bob", None),
    ]


def test_the_same_price_in_another_mode_or_account_is_another_mapping(shop: Shop) -> None:
    """None of them ends another."""
    shop.set(draft(), draft(livemode=True), draft(account="acct_1"))

    assert [state for _, state, *_ in shop.history()] == ["current"] * 3


def test_a_retired_mapping_sells_nothing_and_is_still_known(shop: Shop) -> None:
    """Sales that were made under it find their terms."""
    (kept,) = shop.set(draft())

    with transaction(shop.engine) as connection:
        retired = retire_mapping(connection, kept.key, now=NOW, by="bob")

    assert retired is not None
    assert retired.retired
    assert shop.catalog().version(kept.version) == retired
    assert shop.catalog().all_current() == []
    assert shop.history() == [(kept.version, "retired", "ann", "bob")]


def test_retiring_what_is_not_mapped_changes_nothing(shop: Shop) -> None:
    """Retiring twice, or a price in the other mode, is told by None."""
    (kept,) = shop.set(draft())
    with transaction(shop.engine) as connection:
        assert retire_mapping(connection, draft(livemode=True).key, now=NOW, by="b") is None
        assert retire_mapping(connection, kept.key, now=NOW, by="bob") is not None
        assert retire_mapping(connection, kept.key, now=NOW, by="bob") is None


def test_a_price_can_be_mapped_again_after_it_was_retired(shop: Shop) -> None:
    """It gets a version of its own, also with the very same terms."""
    (old,) = shop.set(draft())
    with transaction(shop.engine) as connection:
        retire_mapping(connection, old.key, now=NOW, by="bob")

    (new,) = shop.set(draft(), by="eve")

    assert new.version > old.version
    assert shop.catalog().all_current() == [new]


def test_the_history_says_when_in_utc(shop: Shop) -> None:
    """Whatever zone the caller's clock and the database are in."""
    berlin = timezone(timedelta(hours=1))
    shop.set(draft(), now=NOW.astimezone(berlin))
    shop.set(draft(policy_id="pol_2"), now=NOW + timedelta(hours=1))

    with reading(shop.engine) as connection:
        old, new = read_history(connection)

    assert (old.set_at, old.ended_at, new.ended_at) == (NOW, NOW + timedelta(hours=1), None)
    assert old.set_at.utcoffset() == timedelta(0)


def test_what_an_import_would_change_is_told_without_changing_it(shop: Shop) -> None:
    """New, changed or the same, each against what counts now."""
    same, old = shop.set(draft("price_same"), draft("price_changed"))
    drafts = [draft("price_same"), draft("price_changed", policy_id="pol_2"), draft("price_new")]

    changes = changes_of(shop.catalog(), drafts)

    assert [(c.kind, c.before) for c in changes] == [
        ("same", same),
        ("changed", old),
        ("new", None),
    ]
    assert len(shop.history()) == 2


def test_many_who_map_the_same_price_at_once_leave_one_current_mapping(shop: Shop) -> None:
    """One after the other, and the newest version is the one that counts."""
    drafts = [draft(policy_id=f"pol_{number}") for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        versions = [kept[0].version for kept in threads.map(shop.set, drafts)]

    (current,) = shop.catalog().all_current()
    assert current.version == max(versions)
    assert sorted(state for _, state, *_ in shop.history()) == ["current"] + ["replaced"] * 7


def test_the_database_itself_refuses_a_second_current_mapping(shop: Shop) -> None:
    """Even for a program that goes round this code."""
    shop.set(draft())
    row = {
        "account": "",
        "livemode": False,
        "stripe_price_id": "price_1",
        "product_id": "p",
        "policy_id": "q",
        "terms": {},
        "set_at": NOW,
        "set_by": "eve",
    }

    with pytest.raises(sa.exc.IntegrityError), transaction(shop.engine) as connection:
        connection.execute(sa.insert(table).values(**row))
    with pytest.raises(sa.exc.IntegrityError), transaction(shop.engine) as connection:
        connection.execute(sa.insert(table).values(**row, stripe_product_id="prod_1"))
