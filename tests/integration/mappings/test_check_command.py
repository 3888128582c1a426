"""`fulfill mappings check`, and how it asks LicenseKit."""

from __future__ import annotations

import json

import pytest

from console.licensekit_reader import LicenseKitReader
from mappings.check import Policy, Unreachable
from shared.secrets import Secret
from simulator.server import serve
from simulator.stripe import Stripe
from tests.integration.mappings.conftest import Mappings
from tests.integration.mappings.licensekit_shelf import TOKEN, Shelf
from tests.integration.mappings.shop import Shop
from tests.unit.mappings.examples import draft


@pytest.fixture
def stripe() -> Stripe:
    """A shop in Stripe with a key of its own."""
    stripe = Stripe()
    stripe.add_key("sk_test_shop")
    return stripe


def test_sound_mappings_pass(mappings: Mappings, one_shop: Shop, shelf: Shelf) -> None:
    """Asked are the mappings themselves and LicenseKit."""
    one_shop.set(draft())

    ran = mappings("check", LICENSEKIT_BASE_URL=shelf.url, STRIPE_SECRET_KEY=None)

    assert (ran.exit_code, ran.stdout) == (
        0,
        "1 mapping checked against LicenseKit: 0 faults, 0 warnings\n",
    )
    assert ran.stderr == "Stripe can't be asked while STRIPE_SECRET_KEY is not set.\n"


def test_what_stripe_offers_is_compared_with_the_mappings(
    mappings: Mappings, one_shop: Shop, shelf: Shelf, stripe: Stripe
) -> None:
    """A price nobody mapped, and a mapping of a price that is not sold any more."""
    sold, new, old = (stripe.shop.price("Editor", amount) for amount in (100, 4900, 200))
    stripe.shop.archive(old)
    one_shop.set(draft(sold), draft(old), draft("prod_9", account="acct_9"))

    with serve(stripe) as url:
        keys = {"STRIPE_API_BASE": url, "STRIPE_SECRET_KEY": "sk_test_shop"}
        ran = mappings("check", LICENSEKIT_BASE_URL=shelf.url, **keys)

    assert ran.exit_code == 0
    lines = ran.stdout.splitlines()
    assert lines[0].startswith(f'warning  {new} in test mode: sells "Editor" for 4900 ')
    assert lines[1].startswith(f"warning  {old} in test mode: sells prod_lk / pol_1, but Stripe")
    assert lines[2:] == [
        "3 mappings checked against LicenseKit and Stripe: 0 faults, 2 warnings",
    ]


def test_a_stripe_that_does_not_answer_is_told_and_the_rest_is_checked(
    mappings: Mappings, one_shop: Shop, shelf: Shelf
) -> None:
    """An outage there hides no fault here."""
    one_shop.set(draft(policy_id="pol_x"))

    ran = mappings("check", LICENSEKIT_BASE_URL=shelf.url)

    assert ran.exit_code == 1
    assert "fault    price_1 in test mode: LicenseKit has no policy pol_x" in ran.stdout
    assert "(your own account); what it offers was not compared." in ran.stderr


def test_a_fault_ends_the_command_with_1(mappings: Mappings, one_shop: Shop, shelf: Shelf) -> None:
    """So that a deployment stops before the first buyer meets it."""
    one_shop.set(draft(policy_id="pol_x"))

    ran = mappings("check", "--json", LICENSEKIT_BASE_URL=shelf.url)

    assert ran.exit_code == 1
    assert json.loads(ran.stdout) == {
        "checked": 1,
        "licensekit_asked": True,
        "stripe_asked": False,
        "findings": [
            {
                "level": "fault",
                "subject": "price_1 in test mode",
                "message": "LicenseKit has no policy pol_x",
            }
        ],
    }


def test_a_warning_does_not_end_the_command_with_1(
    mappings: Mappings, one_shop: Shop, shelf: Shelf
) -> None:
    """It may be meant so."""
    shelf.policies["pol_1"] = ("prod_lk", "time_limited")
    one_shop.set(draft())

    ran = mappings("check", LICENSEKIT_BASE_URL=shelf.url)

    assert ran.exit_code == 0
    assert ran.stdout.startswith("warning  price_1 in test mode: pol_1 is time_limited")


def test_without_licensekit_the_mappings_themselves_are_checked(
    mappings: Mappings, one_shop: Shop
) -> None:
    """And the answer says that LicenseKit was not asked."""
    one_shop.set(draft(), draft("price_2", product_id="prod_other"))

    ran = mappings("check")

    assert ran.exit_code == 1
    assert "fault    pol_1: is mapped under several products" in ran.stdout
    assert "2 mappings checked on their own: 1 fault, 0 warnings" in ran.stdout
    assert "the mappings were checked without it" in ran.stderr


def test_the_reader_finds_products_and_policies(shelf: Shelf) -> None:
    """By their id, over LicenseKit's own API."""
    with LicenseKitReader(shelf.url, Secret(TOKEN)) as reader:
        assert reader.has_product("prod_lk")
        assert not reader.has_product("prod_x")
        assert reader.policy("pol_1") == Policy("pol_1", "prod_lk", "perpetual")
        assert reader.policy("../products/prod_lk") is None
        assert reader.product_of_feature("feat_1") is None
        shelf.features["feat_1"] = "prod_lk"
        assert reader.product_of_feature("feat_1") == "prod_lk"


def test_a_refused_token_is_told_without_showing_it(shelf: Shelf) -> None:
    """The message goes to terminals and logs."""
    with (
        LicenseKitReader(shelf.url, Secret("lk_wrong")) as reader,
        pytest.raises(Unreachable) as caught,
    ):
        reader.has_product("prod_lk")

    assert str(caught.value) == f"LicenseKit at {shelf.url} answered 401"


@pytest.mark.parametrize("instead", [(500, "oops"), (200, "<html>"), (200, "{}"), (200, "[]")])
def test_an_answer_that_is_none_counts_as_unreachable(
    shelf: Shelf, instead: tuple[int, str]
) -> None:
    """A proxy's page is not a policy."""
    shelf.answers_instead = instead

    with LicenseKitReader(shelf.url, Secret(TOKEN)) as reader, pytest.raises(Unreachable):
        reader.policy("pol_1")


def test_without_a_token_licensekit_is_not_asked(mappings: Mappings, one_shop: Shop) -> None:
    """The setting that is missing is named."""
    one_shop.set(draft())

    ran = mappings("check", LICENSEKIT_API_TOKEN=None)

    assert ran.exit_code == 0
    assert "while LICENSEKIT_API_TOKEN is not set" in ran.stderr
