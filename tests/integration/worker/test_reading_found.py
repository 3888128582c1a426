"""What stands where a sale's clues point: read from LicenseKit, and no pointer is believed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.worlds.sales import on
from tests.worlds.scripted import Answer, Script, data, refusal
from worker.errors import TemporaryError
from worker.found import Found, FoundLicense, FoundRecord, Origin, Slot
from worker.gateways.licensekit import PAGE, LicenseKitGateway
from worker.plan.clues import Clues, Pointer, Search
from worker.snapshot.found import read_found

OURS = {
    "stripe_account": "own",
    "stripe_mode": "test",
    "stripe_line_item": "si_1",
    "unit": 2,
    "issue": 3,
    "stripe_price": "price_1",
    "fulfillment_mark": "mark_1",
}
LICENSE = {
    "id": "lic_1",
    "product_id": "prod_app",
    "policy_id": "pol_sub",
    "status": "active",
    "expires_at": "2027-01-01T00:00:00Z",
    "created_at": "2026-01-01T00:00:00Z",
    "customer_id": "lkc_1",
    "order_id": "ord_1",
    "subscription_id": None,
    "metadata": {},
}
FOUND = FoundLicense(
    id="lic_1",
    product_id="prod_app",
    policy_id="pol_sub",
    status="active",
    expires_at=on(2027),
    created_at="2026-01-01T00:00:00Z",
    origin=Origin("lkc_1", "ord_1", None),
    how="found by the metadata of cs_1",
    pointed_at=True,
)
ORDER = {
    "id": "ord_1",
    "external_system": "stripe",
    "external_id": "in_1",
    "product_id": "prod_app",
    "status": "paid",
    "subscription_id": None,
}
MISSING = refusal(404, "NOT_FOUND")


def license_(license_id: str = "lic_1", **changes: Any) -> dict[str, Any]:
    return {**LICENSE, "id": license_id, **changes}


def at(kind: str, record_id: str, **more: Any) -> Pointer:
    return Pointer(kind, record_id, "cs_1", **more)


def paths(script: Script) -> list[str]:
    """What was asked, without the API's own beginning."""
    return [asked.path.removeprefix("/api/v1") for asked in script.asked]


@pytest.fixture
def look(licensekit: LicenseKitGateway, script: Script) -> Any:
    """Looks where the clues point, while LicenseKit gives these answers in turn."""

    def read(clues: Clues, *answers: Answer, ours: tuple[str, ...] = (), **more: Any) -> Found:
        script.says(*answers)
        with_features = more.get("with_features", False)
        return read_found(clues, licensekit, ours=ours, with_features=with_features)

    return read


def test_a_license_is_read_where_a_pointer_leads(look: Any, script: Script) -> None:
    """One call, and all that a plan asks about it."""
    found = look(Clues((at("license", "lic_1"),)), data(license_()))

    assert found == Found(licenses=(FOUND,))
    assert paths(script) == ["/licenses/lic_1"]


def test_a_pointer_to_nothing_is_remembered_and_stops_no_other(look: Any) -> None:
    """The plan says that LicenseKit does not know it."""
    clues = Clues((at("order", "ord_9"), at("license", "lic_9"), at("license", "lic_1")))

    found = look(clues, MISSING, MISSING, data(license_()))

    assert (found.unknown, found.licenses) == (("ord_9", "lic_9"), (FOUND,))


def test_a_service_in_trouble_is_no_sign_that_nothing_stands(look: Any) -> None:
    """The pass ends here and is tried again; nothing is made beside what may be there."""
    with pytest.raises(TemporaryError):
        look(Clues((at("license", "lic_1"),)), refusal(503, "BUSY", **{"Retry-After": "60"}))


@pytest.mark.parametrize(
    ("metadata", "slot"),
    [
        (OURS, Slot("own", "test", "si_1", 2, 3, "price_1")),
        ({"stripe_line_item": "si_1", "unit": 1}, Slot("None", "None", "si_1", 1, 1, None)),
        ({**OURS, "issue": 0}, Slot("own", "test", "si_1", 2, 1, "price_1")),
        ({**OURS, "issue": "3"}, Slot("own", "test", "si_1", 2, 1, "price_1")),
        ({**OURS, "unit": 0}, None),
        ({**OURS, "unit": -1}, None),
        ({**OURS, "unit": "2"}, None),
        ({**OURS, "unit": None}, None),
        ({**OURS, "stripe_line_item": 7}, None),
        ({"seats": 3}, None),
        ({}, None),
        (None, None),
    ],
)
def test_our_own_metadata_says_which_license_it_is_and_strange_words_say_nothing(
    look: Any, metadata: dict[str, Any] | None, slot: Slot | None
) -> None:
    """Anybody with a token of LicenseKit's may have written it."""
    found = look(Clues((at("license", "lic_1"),)), data(license_(metadata=metadata)))

    assert [one.slot for one in found.licenses] == [slot]


def test_what_carries_a_mark_of_an_own_link_is_no_news(look: Any) -> None:
    """A pass of ours made it, and its key may be lost: that is seen through elsewhere."""
    clues = Clues((at("license", "lic_1"), at("order", "ord_1")), own=frozenset({"in_1"}))
    marked = license_(metadata=OURS)

    found = look(clues, data(ORDER), data([marked]), data(marked), ours=("mark_1",))

    assert (found.licenses, [one.id for one in found.records]) == ((), ["ord_1"])


def test_what_the_sale_is_linked_to_is_no_news_either(look: Any) -> None:
    """Neither the record nor a license on it."""
    clues = Clues((at("order", "ord_1"),), adopted=(("order", "ord_1", None),))

    found = look(clues, data(ORDER), data([license_()]), ours=("ord_1", "lic_1"))

    assert found == Found()


@pytest.mark.parametrize(
    ("kind", "facts", "record"),
    [
        (
            "customer",
            {"id": "lkc_1", "code": "cus_ada", "name": "Ada", "email": ""},
            FoundRecord("customer", "cus_ada", "lkc_1", {"name": "Ada", "email": None}, FOUND.how),
        ),
        (
            "order",
            ORDER,
            FoundRecord(
                "order",
                "in_1/prod_app",
                "ord_1",
                {"status": "paid", "subscription": None},
                FOUND.how,
            ),
        ),
        (
            "order",
            {**ORDER, "external_system": "paddle"},
            FoundRecord("order", "", "ord_1", {"status": "paid", "subscription": None}, FOUND.how),
        ),
    ],
    ids=["a customer", "an order", "an order of another system"],
)
def test_a_record_comes_out_under_the_name_that_it_carries_itself(
    look: Any, kind: str, facts: dict[str, Any], record: FoundRecord
) -> None:
    """Whatever pointed at it; one of another system than Stripe names none of our sales."""
    assert look(Clues((at(kind, facts["id"]),)), data(facts)).records == (record,)


def test_licenses_are_listed_only_on_records_of_this_sale(look: Any, script: Script) -> None:
    """A pointer to a stranger's order shows no license of theirs."""
    theirs = {**ORDER, "id": "ord_9", "external_id": "in_9"}
    clues = Clues((at("order", "ord_1"), at("order", "ord_9")), own=frozenset({"in_1"}))

    found = look(clues, data(ORDER), data(theirs), data([license_()]))

    assert [one.id for one in found.records] == ["ord_1", "ord_9"]
    assert found.licenses == (replace(FOUND, how="found on order ord_1", pointed_at=False),)
    assert [one.query.get("order_id") for one in script.asked] == [None, None, "ord_1"]


def test_the_list_of_a_subscription_has_what_its_orders_have(look: Any, script: Script) -> None:
    """So the orders under it cost no call, and one that is under none does."""
    adopted = (
        ("subscription", "lks_1", None),
        ("order", "ord_1", "lks_1"),
        ("order", "ord_2", None),
    )

    found = look(Clues(adopted=adopted), data([license_("lic_2"), license_()]), data([license_()]))

    assert [(one.id, one.how) for one in found.licenses] == [
        ("lic_1", "found on subscription lks_1"),
        ("lic_2", "found on subscription lks_1"),
    ]
    asked = [(one.query.get("subscription_id"), one.query.get("order_id")) for one in script.asked]
    assert asked == [("lks_1", None), (None, "ord_2")]
    assert not found.cut


def test_a_list_that_was_cut_off_is_made_up_by_its_orders_or_told(look: Any) -> None:
    """LicenseKit lists two hundred and no more; what is not in one list may be in the other."""
    full = data([license_(f"lic_{number}") for number in range(PAGE)])
    adopted = (("subscription", "lks_1", None), ("order", "ord_1", "lks_1"))

    made_up = look(Clues(adopted=adopted), full, data([license_("lic_900")]))
    cut = look(Clues(adopted=adopted[1:]), full)

    assert (len(made_up.licenses), made_up.cut) == (PAGE + 1, False)
    assert (len(cut.licenses), cut.cut) == (PAGE, True)


def test_licenses_come_oldest_first(look: Any) -> None:
    """By when they were made, and by name where that was the same moment."""
    later = license_("lic_1", created_at="2026-06-01T00:00:00Z")
    rows = [license_("lic_3"), license_("lic_2"), later]

    found = look(Clues(adopted=(("order", "ord_1", None),)), data(rows))

    assert [one.id for one in found.licenses] == ["lic_2", "lic_3", "lic_1"]


def test_features_are_read_only_where_a_mapping_gives_some_and_the_license_lives(
    look: Any, script: Script
) -> None:
    """A call for each license is saved where nobody asks."""
    clues = Clues((at("license", "lic_1"),))
    rows = data([{"feature_id": "feat_1", "max_consumptions": 3}, {"feature_id": "feat_2"}])

    rich = look(clues, data(license_()), rows, with_features=True)
    assert rich.licenses[0].features == {"feat_1": 3, "feat_2": None}
    for more in ({"with_features": False}, {"status": "revoked"}):
        script.asked = []
        facts = license_(status=more.get("status", "active"))
        assert (
            look(clues, data(facts), **{"with_features": True, **more}).licenses[0].features == {}
        )
        assert len(script.asked) == 1


def test_who_named_a_license_is_kept_with_it(look: Any) -> None:
    """A file names its line, a key of the metadata any line, a plain pointer vouches for none."""
    clues = Clues(
        (at("license", "lic_1"), at("license", "lic_2", by_person=True)),
        search=Search(named={"lic_3": ("si_1", "named by ada"), "lic_1": ("", "named by ada")}),
    )

    found = look(clues, *(data(license_(f"lic_{number}")) for number in (1, 2, 3)))

    assert [(one.id, one.named_for, one.pointed_at, one.how) for one in found.licenses] == [
        ("lic_1", "", True, "named by ada"),
        ("lic_2", "", True, FOUND.how),
        ("lic_3", "si_1", False, "named by ada"),
    ]


def test_the_lists_are_searched_only_where_somebody_asks_for_it(look: Any, script: Script) -> None:
    """For what is missing and was not found by a pointer; a license has no name to go by."""
    missing = frozenset({("order", "in_1/prod_app"), ("order", "in_2/prod_app"), ("license", "x")})
    pointed = Clues((at("order", "ord_1"),), missing)
    thorough = replace(pointed, search=Search(thorough=True, any_policy=True))
    second = {**ORDER, "id": "ord_2", "external_id": "in_2"}

    plain = look(pointed, data(ORDER))
    found = look(thorough, data(ORDER), data([second]))

    assert ([one.id for one in plain.records], plain.any_policy) == (["ord_1"], False)
    assert [(one.id, one.how) for one in found.records] == [
        ("ord_1", FOUND.how),
        ("ord_2", "found in LicenseKit's list"),
    ]
    assert found.any_policy
    assert paths(script)[-1] == "/products/prod_app/orders"


def test_a_search_in_vain_finds_nothing(look: Any) -> None:
    """It is not there, or not among the newest."""
    missing = frozenset({("customer", "cus_ada"), ("subscription", "sub_1/prod_app")})

    assert look(Clues(missing=missing, search=Search(thorough=True)), data([])) == Found()
