"""What is wrong with a file of mappings, and on which line."""

from __future__ import annotations

import pytest

from mappings.toml import FileError, read_toml

GOOD = """
[[mapping]]
stripe_price_id = "price_1"
product_id = "prod_lk"
policy_id = "pol_1"
"""


def faults_in(text: str) -> list[str]:
    """Every fault of the file with its line; empty when it is fine."""
    try:
        read_toml(text, name="catalog.toml", livemode=False)
    except FileError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_all_faults_of_a_file_are_told_at_once_with_their_lines() -> None:
    """One round of corrections is enough, and each fault is found without counting."""
    text = """# our catalog
[[mapping]]
stripe_price_id = "price_1"
product_id = "prod_lk"
policy_id = "pol_1"
terms = { grace_days = 400 }

[[mapping]]
stripe_price_id = "prod_9"
product_id = 3
polcy_id = "pol_1"

[mapping.terms]
quantity = "two"
"""
    with pytest.raises(FileError) as caught:
        read_toml(text, name="catalog.toml", livemode=False)

    assert str(caught.value) == (
        "6 faults in catalog.toml: "
        "line 6: terms.grace_days must be a whole number from 0 to 365; "
        "line 8: policy_id is missing: LicenseKit's policy; "
        'line 9: stripe_price_id holds "prod_9": give it as stripe_product_id; '
        "line 10: product_id must be a text; "
        'line 11: polcy_id is not known, did you mean "policy_id"?; '
        'line 14: terms.quantity must be "one_license" or "license_per_unit"'
    )


def test_a_price_that_is_mapped_twice_is_a_fault_that_names_both_lines() -> None:
    """Which of the two was meant is not guessed."""
    assert faults_in(GOOD + GOOD) == [
        "line 8: price_1 in test mode is mapped twice, first on line 3"
    ]


def test_a_price_in_both_modes_is_no_duplicate() -> None:
    """Test and live prices are different things, even with the same id."""
    assert faults_in(GOOD + GOOD + "livemode = true\n") == []


def test_a_price_that_is_mapped_once_with_the_default_mode_and_once_by_name_is_a_duplicate() -> (
    None
):
    """The mode that is left out counts as the Stripe key's."""
    assert len(faults_in(GOOD + GOOD + "livemode = false\n")) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + "terms = \n", 6),
        (GOOD + 'policy_id = "again"\n', 6),
        (GOOD + "[[mapping", 6),
        ("a b c", 1),
        ('x = "open\n', 1),
        ('x = """open\n\n', 2),
    ],
)
def test_a_file_that_is_not_toml_is_answered_with_the_line(text: str, line: int) -> None:
    """Nothing after a syntax error can be trusted, so it is the only fault told."""
    (fault,) = faults_in(text)

    assert fault.startswith(f"line {line}: not TOML: ")


def test_other_tables_are_faults_with_a_guess() -> None:
    """`[[mappings]]` would otherwise be a file that maps nothing."""
    assert faults_in('[[mappings]]\nstripe_price_id = "price_1"\n') == [
        'line 1: mappings is not known, did you mean "mapping"?'
    ]
    assert faults_in("\nversion = 1\n" + GOOD) == [
        "line 2: version is not known, known are mapping"
    ]


def test_a_single_table_is_answered_with_what_to_write() -> None:
    """`[mapping]` holds one; the file is a list of them."""
    assert faults_in(GOOD.replace("[[mapping]]", "[mapping]")) == ["line 2: write [[mapping]]"]
    assert faults_in("mapping = 3") == ["line 1: write [[mapping]]"]


def test_faults_of_an_inline_list_of_mappings_point_at_its_start() -> None:
    """TOML has two spellings for a list of tables; both are read."""
    assert faults_in('\nmapping = [ { stripe_price_id = "price_1" }, 3 ]\n') == [
        "line 2: a mapping must be a table of fields",
        "line 2: policy_id is missing: LicenseKit's policy",
        "line 2: product_id is missing: LicenseKit's product",
    ]


def test_an_empty_file_is_fine_and_maps_nothing() -> None:
    """Import never retires, so an empty file does no harm."""
    assert faults_in("") == []
    assert faults_in("# nothing yet\n") == []


def test_faults_in_lists_and_tables_of_terms_name_their_line() -> None:
    """Where the list stands, or where its table begins."""
    text = GOOD + 'terms.features = ["feat_1", "feat_1"]\n[mapping.terms.entitlements]\napi = 3\n'

    assert faults_in(text) == [
        "line 6: terms.features must be a list of ids of LicenseKit features, each once",
        "line 7: terms.entitlements must be a table to ids of LicenseKit features, "
        'such as { api = "feat_1" }',
    ]
