"""From a plain body to a draft, with every fault at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.body import Fault, read_draft
from mappings.terms import Terms
from mappings.values import MappingDraft, plain_draft
from tests.unit.mappings.examples import body, draft, drafts, faults_of


def test_the_smallest_body_maps_a_price_in_our_own_account() -> None:
    """Everything but price, product and policy has a default."""
    assert read_draft(body(), livemode=False) == draft("price_1")


def test_a_whole_body_is_taken_as_it_is() -> None:
    """Each field of the body ends in the field of the same name."""
    whole = body(
        stripe_price_id=None,
        stripe_product_id="prod_1",
        account="acct_1",
        livemode=True,
        terms={"grace_days": 3, "quantity": "license_per_unit", "term_days": 365},
    )

    assert read_draft(whole, livemode=False) == draft(
        "prod_1",
        account="acct_1",
        livemode=True,
        terms=Terms(grace_days=3, quantity="license_per_unit", term_days=365),
    )


@pytest.mark.parametrize("livemode", [True, False])
def test_a_body_without_a_mode_takes_the_mode_of_the_stripe_key(livemode: bool) -> None:
    """Who has only a test key can't map live prices by accident."""
    assert read_draft(body(), livemode=livemode) == draft(livemode=livemode)


@given(drafts())
def test_a_draft_that_is_written_down_reads_back_the_same(one: MappingDraft) -> None:
    """What a program gets from the list it can send as a body."""
    assert read_draft(plain_draft(one), livemode=not one.livemode) == one


def test_every_fault_of_a_body_is_told_at_once() -> None:
    """One round of corrections is enough."""
    given = body(
        product_id=7,
        policy_id=None,
        account="cus_1",
        livemode="yes",
        terms={"grace_days": 400},
    )

    assert faults_of(given) == [
        "product_id must be a text",
        "policy_id is missing: LicenseKit's policy",
        "account must start with acct_, or be left out for your own account",
        "livemode must be true or false",
        "terms.grace_days must be a whole number from 0 to 365",
    ]


def test_a_misspelt_field_is_answered_with_the_one_that_was_meant() -> None:
    """An unknown field is a fault, never dropped in silence."""
    assert faults_of(body(polcy_id="pol_2")) == ['polcy_id is not known, did you mean "policy_id"?']


def test_unknown_fields_are_marked_so_that_the_route_can_answer_400() -> None:
    """LicenseKit's own API tells unknown fields from other faults, and so do we."""
    found = read_draft(body(colour="red", terms={"x": 1}), livemode=False)

    assert not isinstance(found, MappingDraft)
    assert [(f.path, f.unknown_field) for f in found] == [
        (("colour",), True),
        (("terms", "x"), True),
    ]


def test_a_mapping_is_for_a_price_or_a_product_but_not_for_both() -> None:
    """With both it would be unclear what is sold."""
    both = faults_of(body(stripe_product_id="prod_1"))
    none = faults_of(body(stripe_price_id=None))

    assert both == ["stripe_product_id and stripe_price_id are both given: give one"]
    assert none == ["stripe_price_id and stripe_product_id are both missing: give one"]


def test_a_product_in_the_place_of_a_price_is_noticed() -> None:
    """It would match no sale, and buyers would wait."""
    assert faults_of(body(stripe_price_id="prod_1")) == [
        'stripe_price_id holds "prod_1": give it as stripe_product_id'
    ]
    assert faults_of(body(stripe_price_id=None, stripe_product_id="price_1")) == [
        'stripe_product_id holds "price_1": give it as stripe_price_id'
    ]


def test_an_old_plan_with_an_id_of_its_own_can_be_mapped() -> None:
    """Stripe keeps the ids that people gave to plans before there were prices."""
    assert faults_of(body(stripe_price_id="Gold Plan (2014)")) == []


@pytest.mark.parametrize("value", ["", " ", " price_1", "price_1\n", "a\x00b"])
def test_an_id_with_blanks_around_it_is_refused(value: str) -> None:
    """A pasted blank would never match what Stripe sends."""
    assert faults_of(body(stripe_price_id=value)) == [
        "stripe_price_id must be an id, without blanks around it"
    ]


def test_an_endless_id_is_refused() -> None:
    """No id of Stripe's is longer than 255 characters."""
    assert faults_of(body(policy_id="p" * 255)) == []
    assert faults_of(body(policy_id="p" * 256)) == ["policy_id must be at most 255 characters long"]


@pytest.mark.parametrize("given", [None, [], "text", 3])
def test_a_body_that_is_no_table_is_one_fault(given: object) -> None:
    """A list of mappings is a file, not a body."""
    assert faults_of(given) == ["a mapping must be a table of fields"]


@pytest.mark.parametrize("terms", [3, "grace_days", [1]])
def test_terms_that_are_no_table_are_one_fault(terms: object) -> None:
    """What is inside can't be judged."""
    assert faults_of(body(terms=terms)) == ["terms must be a table of terms"]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["stripe_price_id", "policy_id", "terms", "x"]), inner),
))  # fmt: skip
def test_no_body_whatever_makes_the_reader_fall_over(given: object) -> None:
    """Bad data becomes faults, never an exception."""
    found = read_draft(given, livemode=False)

    assert isinstance(found, MappingDraft) or all(isinstance(fault, Fault) for fault in found)
