"""`fulfill mappings list`, `set` and `retire`."""

from __future__ import annotations

import json

import pytest

from mappings.terms import TERM_FIELDS, Terms
from tests.integration.mappings.conftest import Mappings
from tests.integration.mappings.licensekit_shelf import Shelf
from tests.integration.mappings.shop import Shop, wake_ups
from tests.unit.mappings.examples import draft

SET = ("set", "price_1", "--policy", "pol_1", "--product", "prod_lk")


def test_a_price_is_mapped_with_its_terms(mappings: Mappings, one_shop: Shop) -> None:
    """Each term is an option of its own."""
    ran = mappings(
        *SET, "--grace-days", "3", "--quantity", "license_per_unit", "--term-days", "365"
    )

    assert (ran.exit_code, ran.output) == (
        0,
        "new: price_1 in test mode sells prod_lk / pol_1 "
        "grace_days=3 quantity=license_per_unit term_days=365 (version 1)\n",
    )
    (kept,) = one_shop.catalog().all_current()
    assert kept.draft == draft(terms=Terms(3, "license_per_unit", 365))


def test_features_and_entitlements_are_given_one_option_each(
    mappings: Mappings, one_shop: Shop
) -> None:
    """A list grows by repeating its option; a table's option names both sides."""
    ran = mappings(
        *SET, "--trial-policy", "pol_try", "--feature", "feat_1", "--feature", "feat_2",
        "--entitlement", "api=feat_3", "--entitlement", "sso = feat_4",
    )  # fmt: skip

    assert ran.exit_code == 0
    assert "features=feat_1,feat_2 entitlements=api:feat_3,sso:feat_4 (version 1)" in ran.output
    (kept,) = one_shop.catalog().all_current()
    assert (kept.terms.trial_policy, kept.terms.features) == ("pol_try", ("feat_1", "feat_2"))
    assert kept.terms.entitlements == {"api": "feat_3", "sso": "feat_4"}


def test_a_term_that_is_left_out_goes_back_to_its_default(
    mappings: Mappings, one_shop: Shop
) -> None:
    """Setting a mapping says all of it, so what is not said is cleared."""
    mappings(*SET, "--feature", "feat_1", "--entitlement", "api=feat_1", "--trial-policy", "pol_2")

    mappings(*SET)

    assert [m.terms for m in one_shop.catalog().all_current()] == [Terms()]


@pytest.mark.parametrize(
    ("given", "says"),
    [(["api"], '"api" has no "="'), (["api=feat_1", "api=feat_2"], '"api" is given twice')],
)
def test_an_entitlement_that_can_not_be_meant_is_told(
    mappings: Mappings, one_shop: Shop, given: list[str], says: str
) -> None:
    """Nothing is set, and the option is named."""
    ran = mappings(*SET, *(word for one in given for word in ("--entitlement", one)))

    assert ran.exit_code == 2
    assert says in ran.output
    assert one_shop.history() == []


def test_an_id_that_starts_with_prod_maps_a_product(mappings: Mappings, one_shop: Shop) -> None:
    """The id itself says what it is."""
    mappings("set", "prod_1", "--policy", "pol_1", "--product", "prod_lk")

    (kept,) = one_shop.catalog().all_current()
    assert kept.draft == draft("prod_1")


@pytest.mark.parametrize(
    ("words", "key", "livemode"),
    [
        ((), "sk_live_1", True),
        ((), "sk_test_1", False),
        ((), None, False),
        (("--test",), "sk_live_1", False),
        (("--live",), None, True),
    ],
)
def test_the_mode_is_the_one_of_the_stripe_key_unless_said_otherwise(
    mappings: Mappings, one_shop: Shop, words: tuple[str, ...], key: str | None, livemode: bool
) -> None:
    """Without a key it is test mode, where a slip costs nothing."""
    assert mappings(*SET, *words, STRIPE_SECRET_KEY=key).exit_code == 0

    assert [m.livemode for m in one_shop.catalog().all_current()] == [livemode]


def test_mapping_a_price_releases_what_waited_and_says_how_many(
    mappings: Mappings, one_shop: Shop, redis_url: str
) -> None:
    """The sales are due and the workers are woken."""
    one_shop.waits("sub_1", "price_1")

    ran = mappings(*SET, REDIS_URL=redis_url)

    assert ran.output.endswith("\n1 waiting sale is due now\n")
    assert one_shop.due() == ["sub_1"]
    assert wake_ups(redis_url) == 1


def test_programs_read_what_became_of_it(mappings: Mappings, one_shop: Shop) -> None:
    """With --json the answer is the mapping, what changed, and how many were released."""
    one_shop.waits("sub_1", "price_1")
    new = json.loads(mappings(*SET, "--json").stdout)
    same = json.loads(mappings(*SET, "--json").stdout)
    changed = json.loads(mappings(*SET, "--grace-days", "1", "--json").stdout)

    assert [(r["change"], r["version"]) for r in (new, same, changed)] == [
        ("new", 1),
        ("same", 1),
        ("changed", 2),
    ]
    assert (new["stripe_price_id"], new["released"]) == ("price_1", 1)


def test_all_faults_are_told_at_once_and_nothing_is_changed(
    mappings: Mappings, one_shop: Shop
) -> None:
    """The error says what happened, what it means, what to do and when it heals."""
    ran = mappings(*SET, "--grace-days", "400", "--account", "cus_1")

    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == (
        "2 faults in the mapping: account must start with acct_, or be left out for your own "
        "account; terms.grace_days must be a whole number from 0 to 365. "
        "Nothing was changed, so buyers get what they got before. "
        'Correct it and run the command again; "fulfill mappings set --help" has examples. '
        "It does not heal by itself.\n"
    )
    assert one_shop.history() == []


def test_the_product_is_asked_from_licensekit_when_it_is_left_out(
    mappings: Mappings, one_shop: Shop, shelf: Shelf
) -> None:
    """A policy belongs to one product, so there is nothing to choose."""
    ran = mappings("set", "price_1", "--policy", "pol_1", LICENSEKIT_BASE_URL=shelf.url)

    assert ran.exit_code == 0
    assert [m.product_id for m in one_shop.catalog().all_current()] == ["prod_lk"]


def test_a_policy_that_licensekit_does_not_have_is_told(mappings: Mappings, shelf: Shelf) -> None:
    """Better now than at the first sale."""
    ran = mappings("set", "price_1", "--policy", "pol_x", LICENSEKIT_BASE_URL=shelf.url)

    assert ran.exit_code == 1
    assert ran.stderr.startswith("LicenseKit has no policy pol_x. Nothing was changed;")


def test_a_licensekit_that_does_not_answer_is_told_with_the_way_round(mappings: Mappings) -> None:
    """With --product the command needs no LicenseKit."""
    ran = mappings("set", "price_1", "--policy", "pol_1")

    assert ran.exit_code == 1
    assert "gave no answer" in ran.stderr
    assert "name its product with --product" in ran.stderr


def test_the_list_shows_each_mapping_in_a_line(mappings: Mappings, one_shop: Shop) -> None:
    """Terms at their default are left out."""
    one_shop.set(draft(terms=Terms(grace_days=3)), draft("prod_1", account="acct_1", livemode=True))

    lines = [" ".join(line.split("│")).split() for line in mappings("list").output.splitlines()]

    assert ["price_1", "test", "own", "prod_lk", "pol_1", "grace_days=3", "1"] in lines
    assert ["prod_1", "live", "acct_1", "prod_lk", "pol_1", "2"] in lines


def test_an_empty_list_says_how_to_begin(mappings: Mappings, one_shop: Shop) -> None:
    """The first command a newcomer needs is in the answer."""
    assert mappings("list").output == (
        "No mappings yet. Add one: fulfill mappings set price_1 --policy pol_1\n"
    )
    assert json.loads(mappings("list", "--json").stdout) == []


def test_the_whole_history_shows_who_changed_what(mappings: Mappings, one_shop: Shop) -> None:
    """Replaced and retired versions stay visible, for people and for programs."""
    mappings(*SET)
    mappings(*SET, "--grace-days", "3")
    mappings("retire", "price_1")

    rows = json.loads(mappings("list", "--all", "--json").stdout)

    assert [(r["version"], r["state"]) for r in rows] == [(1, "replaced"), (2, "retired")]
    assert rows[0]["set_by"].endswith("fulfill mappings set")
    assert rows[1]["ended_by"].endswith("fulfill mappings retire")
    assert "replaced" in mappings("list", "--all").output


def test_retiring_tells_which_version_ended(mappings: Mappings, one_shop: Shop) -> None:
    """New sales find no mapping from then on."""
    one_shop.set(draft())

    ran = mappings("retire", "price_1")

    assert (ran.exit_code, ran.output) == (0, "retired: price_1 in test mode (version 1)\n")
    assert one_shop.catalog().all_current() == []


def test_retiring_what_is_not_mapped_is_a_fault(mappings: Mappings, one_shop: Shop) -> None:
    """Most likely it is mapped in the other mode."""
    one_shop.set(draft(livemode=True))

    ran = mappings("retire", "price_1", "--json")

    assert ran.exit_code == 1
    error = json.loads(ran.stderr)["error"]
    assert error["code"] == "FAULT"
    assert error["message"].startswith("price_1 in test mode has no mapping. Nothing was changed.")


@pytest.mark.parametrize("command", ["list", "set", "retire", "import", "export", "check"])
def test_every_command_has_an_example_in_its_help(mappings: Mappings, command: str) -> None:
    """A line to copy says more than a list of options."""
    ran = mappings(command, "--help")

    assert ran.exit_code == 0
    assert f"fulfill mappings {command}" in ran.output
    assert "--json" in ran.output


def test_the_help_of_set_explains_every_term(mappings: Mappings) -> None:
    """The options come from the table of terms."""
    ran = mappings("set", "--help")

    for field in TERM_FIELDS.values():
        assert f"--{field.option}" in ran.output
    assert "a whole number from 0 to 365" in " ".join(ran.output.split())
