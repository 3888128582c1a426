"""Which mapping a sold price means."""

from __future__ import annotations

from mappings.terms import Terms, plain_terms
from mappings.values import Catalog, Mapping, MappingKey, plain_mapping
from tests.unit.mappings.examples import mapping


def found(catalog: Catalog, price_id: str = "price_1", product_id: str = "prod_1") -> int | None:
    """The version that sells this in our own account in test mode."""
    one = catalog.find("", False, price_id=price_id, product_id=product_id)
    return one.version if one else None


def test_a_price_with_its_own_mapping_sells_by_it() -> None:
    """The price is asked first, since it says more than its product."""
    catalog = Catalog([mapping(1, "prod_1"), mapping(2, "price_1")])

    assert found(catalog) == 2


def test_a_price_without_a_mapping_sells_by_its_product() -> None:
    """One line for a product covers all its prices, also those made later."""
    catalog = Catalog([mapping(1, "prod_1"), mapping(2, "price_2")])

    assert found(catalog) == 1


def test_a_price_that_nobody_mapped_sells_nothing() -> None:
    """Nothing is guessed: an unmapped price waits for a person."""
    assert found(Catalog([mapping(1, "price_2")])) is None
    assert found(Catalog()) is None


def test_a_retired_price_falls_back_to_its_product() -> None:
    """A retired mapping doesn't count, and doesn't hide the one behind it."""
    catalog = Catalog([mapping(1, "prod_1"), mapping(2, "price_1", retired=True)])

    assert found(catalog) == 1


def test_a_retired_mapping_does_not_bring_the_version_before_it_back() -> None:
    """The newest version of a price decides, whatever the order the rows come in."""
    catalog = Catalog([mapping(2, retired=True), mapping(1)])

    assert found(catalog) is None


def test_a_price_that_is_mapped_again_after_retiring_sells_again() -> None:
    """Retiring is not for ever."""
    assert found(Catalog([mapping(1, retired=True), mapping(2)])) == 2


def test_test_mode_and_live_mode_never_meet() -> None:
    """A mapping made for trying out sells nothing to a real buyer."""
    catalog = Catalog([mapping(1, livemode=False)])

    assert catalog.find("", True, price_id="price_1", product_id="prod_1") is None


def test_one_account_does_not_sell_by_the_mappings_of_another() -> None:
    """Each connected account has its own catalog."""
    catalog = Catalog([mapping(1), mapping(2, account="acct_1", policy_id="pol_2")])

    ours = catalog.find("", False, price_id="price_1", product_id="prod_1")
    theirs = catalog.find("acct_1", False, price_id="price_1", product_id="prod_1")

    assert (ours, theirs) == (catalog.version(1), catalog.version(2))
    assert catalog.find("acct_2", False, price_id="price_1", product_id="prod_1") is None


def test_a_product_and_a_price_of_the_same_name_are_told_apart() -> None:
    """Old plans may have any id, also one that a product has."""
    catalog = Catalog([mapping(1, "gold")])

    assert catalog.find("", False, price_id="price_9", product_id="gold") is None


def test_a_sale_finds_the_version_it_was_sold_under_after_it_was_replaced() -> None:
    """Replaced and retired versions are kept, with their terms."""
    old = mapping(1, terms=Terms(grace_days=3))
    catalog = Catalog([old, mapping(2), mapping(3, "price_2", retired=True)])

    assert catalog.version(1) == old
    assert catalog.version(3) == mapping(3, "price_2", retired=True)
    assert catalog.version(4) is None


def test_the_list_shows_what_counts_now_in_a_fixed_order() -> None:
    """Sorted by account, mode, kind and id; replaced and retired versions are left out."""
    rows = [
        mapping(1, "price_b"),
        mapping(2, "price_a"),
        mapping(3, "price_b", policy_id="pol_2"),
        mapping(4, "price_c", retired=True),
        mapping(5, "prod_a"),
        mapping(6, "price_a", livemode=True),
    ]

    assert [m.version for m in Catalog(rows).all_current()] == [2, 3, 5, 6]


def test_a_catalog_is_the_same_whatever_order_its_rows_came_in() -> None:
    """It is a value: equal rows, equal catalogs."""
    rows = [mapping(1), mapping(2, "prod_1")]

    assert Catalog(rows) == Catalog(reversed(rows))
    assert hash(Catalog(rows)) == hash(Catalog(reversed(rows)))


def test_a_mapping_is_shown_with_every_field() -> None:
    """Programs find the same names in the routes, in --json and in the body they send."""
    shown: Mapping = mapping(7, "prod_1", account="acct_1", terms=Terms(term_days=30))

    assert plain_mapping(shown) == {
        "version": 7,
        "account": "acct_1",
        "livemode": False,
        "stripe_price_id": None,
        "stripe_product_id": "prod_1",
        "product_id": "prod_lk",
        "policy_id": "pol_1",
        "terms": plain_terms(Terms(term_days=30)),
        "retired": False,
    }


def test_people_read_the_key_of_a_mapping_as_a_phrase() -> None:
    """Messages say which price, in which mode, of whom."""
    assert str(MappingKey("", False, "price", "price_1")) == "price_1 in test mode"
    assert str(MappingKey("acct_1", True, "product", "prod_1")) == "prod_1 in live mode of acct_1"
