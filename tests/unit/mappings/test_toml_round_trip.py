"""Mappings as a file, both ways."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.allowed import Pairs
from mappings.terms import Terms
from mappings.toml import read_toml, write_toml
from mappings.values import MappingDraft
from tests.unit.mappings.examples import DRAFT_LISTS, draft


def read(text: str, *, livemode: bool = False) -> list[MappingDraft]:
    return read_toml(text, name="catalog.toml", livemode=livemode)


def test_a_file_reads_as_people_write_it() -> None:
    """The names are those of the admin body; terms go in a line or in a table of their own."""
    text = """
    [[mapping]]
    stripe_price_id = "price_1"
    product_id = "prod_lk"
    policy_id = "pol_1"
    terms = { grace_days = 3 }

    [[mapping]]
    stripe_product_id = "prod_1"
    product_id = "prod_lk"
    policy_id = "pol_1"
    account = "acct_1"
    livemode = true
    [mapping.terms]
    term_days = 365
    """
    assert read(text) == [
        draft("price_1", terms=Terms(grace_days=3)),
        draft("prod_1", account="acct_1", livemode=True, terms=Terms(term_days=365)),
    ]


def test_features_stand_in_a_list_and_entitlements_in_a_table() -> None:
    """In one line, as an export writes them, or in a table of their own."""
    asked = draft(terms=Terms(features=("feat_1", "feat_2"), entitlements=Pairs({"api": "feat_3"})))
    line = 'terms = {features = ["feat_1", "feat_2"], entitlements = {api = "feat_3"}}\n'
    text = write_toml([asked])

    assert line in text
    assert read(text) == [asked]
    assert read(
        text.replace(
            line,
            'terms.features = ["feat_1", "feat_2"]\n[mapping.terms.entitlements]\napi = "feat_3"\n',
        )
    ) == [asked]


def test_an_exported_file_is_the_one_a_person_would_write() -> None:
    """Sorted, one table a mapping, terms only where they differ from their default."""
    text = write_toml(
        [
            draft("prod_1", account="acct_1", livemode=True),
            draft("price_1", terms=Terms(grace_days=3, quantity="license_per_unit")),
        ]
    )

    assert text == (
        "# Stripe prices and products, and what each sells in LicenseKit.\n"
        "\n"
        "[[mapping]]\n"
        'stripe_price_id = "price_1"\n'
        'product_id = "prod_lk"\n'
        'policy_id = "pol_1"\n'
        "livemode = false\n"
        'terms = {grace_days = 3, quantity = "license_per_unit"}\n'
        "\n"
        "[[mapping]]\n"
        'stripe_product_id = "prod_1"\n'
        'product_id = "prod_lk"\n'
        'policy_id = "pol_1"\n'
        'account = "acct_1"\n'
        "livemode = true\n"
    )


@settings(max_examples=25)  # each is a whole file, and tomlkit takes its time
@given(DRAFT_LISTS, st.booleans())
def test_what_was_exported_imports_to_no_change(drafts: list[MappingDraft], livemode: bool) -> None:
    """Whatever the catalog, and whatever mode the key of the importing machine has."""
    back = read(write_toml(drafts), livemode=livemode)

    assert back == sorted(drafts, key=lambda one: one.key)


@settings(max_examples=25)  # each is a whole file, and tomlkit takes its time
@given(DRAFT_LISTS, st.randoms(use_true_random=False))
def test_the_same_mappings_always_make_the_same_file(
    drafts: list[MappingDraft], chance: random.Random
) -> None:
    """So a file kept under version control shows only real changes."""
    shuffled = list(drafts)
    chance.shuffle(shuffled)

    assert write_toml(shuffled) == write_toml(drafts)


def test_an_empty_catalog_is_a_file_too() -> None:
    """It reads back to nothing."""
    assert read(write_toml([])) == []
