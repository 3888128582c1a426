"""On which terms a mapping sells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from mappings.terms import (
    TERM_FIELDS,
    Terms,
    check_terms,
    plain_terms,
    terms_in_markdown,
    terms_of,
)
from tests.unit.mappings.examples import TERMS

PAGE = Path(__file__).parents[3] / "docs" / "2-mappings.md"
FEATURE_LIST = "must be a list of ids of LicenseKit features, each once"
FEATURE_TABLE = 'must be a table to ids of LicenseKit features, such as { api = "feat_1" }'


def test_a_mapping_without_terms_sells_one_license_without_grace() -> None:
    """The defaults are the ones that surprise least."""
    assert terms_of({}) == Terms(grace_days=0, quantity="one_license", term_days=None)


@given(TERMS)
def test_terms_survive_being_written_down(terms: Terms) -> None:
    """What is kept in a row or a file reads back to the same terms."""
    assert check_terms(plain_terms(terms)) == {}
    assert terms_of(plain_terms(terms)) == terms
    assert terms_of(plain_terms(terms, only_changed=True)) == terms


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grace_days", 0),
        ("grace_days", 365),
        ("quantity", "license_per_unit"),
        ("term_days", 1),
        ("term_days", 36_500),
        ("term_days", None),
        ("partial_refund_percent", 1),
        ("partial_refund_percent", 99),
        ("on_past_due", "keep"),
        ("trial_policy", None),
        ("seat_feature", "feat_1"),
        ("features", []),
        ("features", ["feat_1", "feat_2"]),
        ("entitlements", {}),
        ("entitlements", {"api": "feat_1", "sso": "feat_1"}),
    ],
)
def test_terms_at_their_limits_are_taken(name: str, value: object) -> None:
    """Both ends of a range belong to it."""
    assert check_terms({name: value}) == {}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("grace_days", -1, "must be a whole number from 0 to 365"),
        ("grace_days", 366, "must be a whole number from 0 to 365"),
        ("grace_days", True, "must be a whole number from 0 to 365"),
        ("grace_days", 3.0, "must be a whole number from 0 to 365"),
        ("grace_days", "3", "must be a whole number from 0 to 365"),
        ("grace_days", None, "must be a whole number from 0 to 365"),
        ("term_days", 0, "must be a whole number from 1 to 36500"),
        ("quantity", "two", 'must be "one_license" or "license_per_unit"'),
        ("quantity", [], 'must be "one_license" or "license_per_unit"'),
        ("on_past_due", "revoke", 'must be "grace", "suspend" or "keep"'),
        ("on_refund", None, 'must be "revoke", "suspend" or "keep"'),
        ("partial_refund_percent", 0, "must be a whole number from 1 to 99"),
        ("partial_refund_percent", 100, "must be a whole number from 1 to 99"),
        ("trial_policy", " pol_1", "must be the id of a LicenseKit policy"),
        ("seat_feature", "", "must be the id of a LicenseKit feature"),
        ("features", "feat_1", FEATURE_LIST),
        ("features", ["feat_1", 2], FEATURE_LIST),
        ("features", ["feat_1", "feat_1"], FEATURE_LIST),
        ("features", None, FEATURE_LIST),
        ("entitlements", ["api"], FEATURE_TABLE),
        ("entitlements", {"api": ""}, FEATURE_TABLE),
        ("entitlements", {"": "feat_1"}, FEATURE_TABLE),
    ],
)
def test_a_term_that_makes_no_sense_is_refused_with_what_it_may_be(
    name: str, value: object, says: str
) -> None:
    """The fault names the whole range, so that the second try is right."""
    assert check_terms({name: value}) == {name: says}


def test_a_misspelt_term_is_answered_with_the_one_that_was_meant() -> None:
    """A term that nobody knows is never dropped in silence."""
    assert check_terms({"grace_day": 3}) == {
        "grace_day": 'is not known, did you mean "grace_days"?'
    }


def test_terms_of_a_mapping_made_before_a_term_existed_take_its_default() -> None:
    """An old row names only the terms of its day."""
    old = terms_of({"grace_days": 0, "quantity": "one_license", "term_days": None})

    assert old == Terms()
    assert (old.features, dict(old.entitlements), old.on_refund) == ((), {}, "revoke")


def test_terms_can_be_compared_and_counted_like_any_value() -> None:
    """The same tables in another order are the same terms."""
    one = terms_of({"features": ["feat_1"], "entitlements": {"b": "feat_2", "a": "feat_1"}})
    same = terms_of({"features": ["feat_1"], "entitlements": {"a": "feat_1", "b": "feat_2"}})

    assert one == same
    assert len({one, same, Terms()}) == 2
    assert repr(one.entitlements) == "Pairs({'a': 'feat_1', 'b': 'feat_2'})"


def test_a_term_near_to_none_is_answered_with_all_there_are() -> None:
    """Without a near name the list helps more than a guess."""
    assert check_terms({"zzz": 1}) == {"zzz": f"is not known, known are {', '.join(TERM_FIELDS)}"}


def test_a_row_kept_by_a_later_release_is_still_read() -> None:
    """After a step back to an older release, terms it doesn't know are left aside."""
    assert terms_of({"grace_days": 3, "from_later": True}) == Terms(grace_days=3)


def test_the_documentation_has_a_line_for_every_term() -> None:
    """The table in the documentation is made from the same lines as the checks."""
    lines = terms_in_markdown().splitlines()

    assert lines[0] == "| term | default | may be | what it says |"
    assert [line.split("`")[1] for line in lines[2:]] == list(TERM_FIELDS)
    assert "| `term_days` | none | a whole number from 1 to 36500 |" in lines[4]
    assert terms_in_markdown() in PAGE.read_text()
