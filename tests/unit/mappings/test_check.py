"""Do the mappings make sense, on their own and against LicenseKit?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mappings.allowed import Pairs
from mappings.check import Policy, check_against, check_alone
from mappings.terms import Terms
from mappings.values import Catalog, Mapping
from tests.unit.mappings.examples import mapping


@dataclass
class Shelf:
    """A LicenseKit with these products and policies, which counts how often it is asked."""

    products: set[str]
    policies: list[Policy]
    features: dict[str, str] = field(default_factory=dict)  # the product of each
    asked: list[str] = field(default_factory=list)

    def has_product(self, product_id: str) -> bool:
        self.asked.append(product_id)
        return product_id in self.products

    def policy(self, policy_id: str) -> Policy | None:
        self.asked.append(policy_id)
        return next((p for p in self.policies if p.policy_id == policy_id), None)

    def product_of_feature(self, feature_id: str) -> str | None:
        self.asked.append(feature_id)
        return self.features.get(feature_id)


def shelf(license_type: str = "perpetual", product_id: str = "prod_lk") -> Shelf:
    return Shelf({"prod_lk"}, [Policy("pol_1", product_id, license_type)])


def told(*mappings: Mapping, livemode: bool | None = None) -> list[str]:
    """What the mappings alone show."""
    found = check_alone(Catalog(mappings), livemode=livemode)
    return [f"{finding.level}: {finding}" for finding in found]


def asked(catalog: list[Mapping], reader: Shelf) -> list[str]:
    """What LicenseKit says to them."""
    return [f"{finding.level}: {finding}" for finding in check_against(Catalog(catalog), reader)]


def test_a_sound_catalog_gives_no_finding() -> None:
    """Several prices of one product with different policies are everyday."""
    assert told(mapping(1), mapping(2, "price_2", policy_id="pol_2"), livemode=False) == []
    assert asked([mapping(1)], shelf()) == []


def test_a_catalog_for_the_other_mode_is_noticed() -> None:
    """The usual slip at going live: every live sale would wait."""
    assert told(mapping(1), livemode=True) == [
        "warning: the Stripe key: no mapping is for live mode, which the Stripe key serves; "
        "all are for test mode"
    ]


@pytest.mark.parametrize("livemode", [None, False, True])
def test_an_empty_catalog_or_one_for_both_modes_is_fine(livemode: bool | None) -> None:
    """There is nothing to compare, or nothing wrong."""
    assert told(livemode=livemode) == []
    assert told(mapping(1), mapping(2, livemode=True), livemode=livemode) == []


def test_a_policy_under_two_products_is_a_fault() -> None:
    """In LicenseKit a policy belongs to one product, so one of the two can't issue."""
    rows = [mapping(1, product_id="prod_b"), mapping(2, "prod_1", product_id="prod_a")]

    assert told(*rows) == ["fault: pol_1: is mapped under several products: prod_a, prod_b"]


def test_an_id_that_is_mapped_as_price_and_as_product_is_a_fault() -> None:
    """One of the two matches no sale."""
    product = Mapping(2, "", False, None, "gold", "prod_lk", "pol_1", Terms(), retired=False)

    assert told(mapping(1, "gold"), product) == [
        "fault: gold in test mode: is mapped as a price and as a product"
    ]


def test_retired_and_replaced_mappings_are_not_checked() -> None:
    """Nothing new is sold by them."""
    rows = [mapping(1, product_id="gone"), mapping(2), mapping(3, "price_2", retired=True)]

    assert told(*rows) == []
    assert asked(rows, shelf()) == []


def test_products_and_policies_that_licensekit_does_not_have_are_faults() -> None:
    """A sale of them could not be fulfilled."""
    found = asked([mapping(1, product_id="prod_x", policy_id="pol_x")], shelf())

    assert found == [
        "fault: price_1 in test mode: LicenseKit has no product prod_x",
        "fault: price_1 in test mode: LicenseKit has no policy pol_x",
    ]


def test_a_policy_of_another_product_is_a_fault() -> None:
    """LicenseKit refuses an order whose product and policy don't belong together."""
    assert asked([mapping(1)], shelf(product_id="prod_other")) == [
        "fault: price_1 in test mode: pol_1 belongs to prod_other, not to prod_lk"
    ]


@pytest.mark.parametrize("license_type", ["time_limited", "trial"])
def test_a_policy_that_ends_without_term_days_is_a_warning(license_type: str) -> None:
    """Fine for a subscription; a one-time sale could not tell the end."""
    (finding,) = asked([mapping(1)], shelf(license_type))

    assert finding.startswith(
        f"warning: price_1 in test mode: pol_1 is {license_type} and term_days"
    )
    assert asked([mapping(1, terms=Terms(term_days=30))], shelf(license_type)) == []


def test_terms_about_the_end_of_a_license_that_never_ends_are_warnings() -> None:
    """They do no harm, but somebody expects something of them."""
    terms = Terms(grace_days=3, term_days=30)

    assert asked([mapping(1, terms=terms)], shelf("perpetual")) == [
        "warning: price_1 in test mode: pol_1 is perpetual, so term_days = 30 says nothing",
        "warning: price_1 in test mode: pol_1 is perpetual, so grace_days = 3 says nothing",
    ]


def test_a_trial_policy_has_to_be_there_and_to_belong_to_the_product() -> None:
    """Else a trial could not be fulfilled."""
    reader = shelf()
    reader.policies += [Policy("pol_try", "prod_lk", "trial"), Policy("pol_far", "prod_x", "trial")]
    sound, gone, far, paid = (
        asked([mapping(1, terms=Terms(trial_policy=policy))], reader)
        for policy in ("pol_try", "pol_gone", "pol_far", "pol_1")
    )

    assert sound == []
    assert gone == ["fault: price_1 in test mode: LicenseKit has no policy pol_gone (trial_policy)"]
    assert far == [
        "fault: price_1 in test mode: pol_far (trial_policy) belongs to prod_x, not to prod_lk"
    ]
    assert paid == ["warning: price_1 in test mode: pol_1 (trial_policy) is perpetual, not trial"]


@pytest.mark.parametrize(
    ("terms", "term"),
    [
        (Terms(seat_feature="feat_x"), "seat_feature"),
        (Terms(features=("feat_1", "feat_x")), "features"),
        (Terms(entitlements=Pairs({"api": "feat_x", "sso": "feat_1"})), "entitlements"),
    ],
)
def test_features_have_to_be_there_and_to_belong_to_the_product(terms: Terms, term: str) -> None:
    """A license of another product can't carry them."""
    reader = shelf()
    reader.features = {"feat_1": "prod_lk"}
    missing = asked([mapping(1, terms=terms)], reader)
    reader.features = {"feat_1": "prod_lk", "feat_x": "prod_x"}
    elsewhere = asked([mapping(1, terms=terms)], reader)
    reader.features = {"feat_1": "prod_lk", "feat_x": "prod_lk"}

    subject = "fault: price_1 in test mode:"
    assert missing == [f"{subject} LicenseKit has no feature feat_x ({term})"]
    assert elsewhere == [f"{subject} feat_x ({term}) belongs to prod_x, not to prod_lk"]
    assert asked([mapping(1, terms=terms)], reader) == []


def test_a_share_that_decides_nothing_is_a_warning() -> None:
    """Partial refunds are kept, whatever their share."""
    idle = Terms(partial_refund_percent=30)

    assert asked([mapping(1, terms=idle)], shelf()) == [
        "warning: price_1 in test mode: on_partial_refund is keep, so partial_refund_percent = 30 "
        "says nothing"
    ]
    used = Terms(partial_refund_percent=30, on_partial_refund="revoke")
    assert asked([mapping(1, terms=used)], shelf()) == []


def test_licensekit_is_asked_once_for_each_id() -> None:
    """A thousand prices of one policy cost two requests."""
    reader = shelf()

    asked([mapping(n, f"price_{n}") for n in range(1, 1001)], reader)

    assert reader.asked == ["prod_lk", "pol_1"]
