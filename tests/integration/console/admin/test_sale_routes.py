"""`/stripe/admin/sales/{id}`: the story, the plan, and a pass now, in a world with sales."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from console.fulfillments.rows import sale_of
from shared.settings import Settings
from shared.tables import sales
from tests.worlds.office import Office, open_office, settings_of
from tests.worlds.world import MONTH, World, open_world
from worker.lease import claim


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A mapped price, and a guard that lets a pass revoke one license."""
    folder: Path = tmp_path_factory.mktemp("office")
    if request.param == "sqlite":
        with open_world(folder) as world, open_office(world, guarded(world)) as office:
            yield office
        return
    cluster = request.getfixturevalue("cluster")
    with (
        cluster.database() as url,
        open_world(folder, url) as world,
        open_office(world, guarded(world)) as office,
    ):
        yield office


def guarded(world: World) -> Settings:
    return settings_of(world, FULFILL_GUARD_MAX_REVOKES="1")


def test_a_sale_that_nobody_told_us_of_is_planned_and_then_brought_to_rest(office: Office) -> None:
    """The plan changes nothing; the pass does, once, and the audit log has who asked for it."""
    price, policy = office.world.price()
    session = office.world.stripe.shop.buy(price).session
    writer = office.token("ci", "product:write")

    unknown = office.get(f"/sales/{session}")
    plan = office.data(f"/sales/{session}/plan")
    before = office.world.books.licenses(policy.product_id)
    path = f"/stripe/admin/sales/{session}/reconcile"
    ended = [office.client.post(path, json={}, headers=writer).json()["data"] for _ in range(2)]

    assert (unknown.status_code, before) == (404, [])
    assert any(step["step"].startswith("issue") and step["why"] for step in plan["steps"])
    assert [one["status"] for one in ended] == ["applied", "settled"]
    assert ended[0]["steps"] == [step["step"] for step in plan["steps"]]
    assert len(office.world.books.licenses(policy.product_id)) == 1
    deed = ("token:ci", "reconcile", f"own/test/checkout_session/{session}")
    assert office.deeds().count(deed) == 2


def test_the_story_is_found_by_any_id_and_by_the_key(office: Office) -> None:
    """A key holds slashes: as they are, or percent-encoded."""
    price, policy = office.world.price("subscription", recurring=MONTH)
    sold = office.world.stripe.shop.subscribe(price)
    office.world.hear_all()
    key = f"own/test/subscription/{sold.subscription}"
    (held,) = office.world.books.licenses(policy.product_id)

    names = (sold.subscription, sold.invoice, held["id"], key, quote(key, safe=""))
    told = [office.data(f"/sales/{name}") for name in names]

    assert {one["sales"][0]["sale"]["id"] for one in told} == {sold.subscription}
    (story,) = told[0]["sales"]
    assert story["now"].startswith("At rest")
    assert {"delivery", "pass"} == {one["what"] for one in story["story"]}
    assert office.data(f"/sales/{quote(key, safe='')}/plan")["steps"] == []


def test_an_id_of_several_sales_lists_them_all_and_is_no_sale_to_reconcile(office: Office) -> None:
    """A customer's; 409 names the keys to choose from."""
    price, _ = office.world.price()
    customer = office.world.stripe.shop.customer(email="ada@example.com")
    sessions = [office.world.stripe.shop.buy(price, customer=customer).session for _ in range(2)]
    office.world.hear_all()

    told = office.data(f"/sales/{customer}")
    refused = office.post(f"/sales/{customer}/reconcile")

    assert {one["sale"]["id"] for one in told["sales"]} == set(sessions)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "SEVERAL_SALES")
    assert all(f"own/test/checkout_session/{s}" in refused.text for s in sessions)


def test_the_guard_refuses_with_both_numbers_until_somebody_forces_it(office: Office) -> None:
    """409, and every license stands; with force they go, and the journal keeps whose token."""
    price, policy = office.world.price()
    office.world.map(price, policy, quantity="license_per_unit")
    sold = office.world.stripe.shop.buy([{"price": price, "quantity": 2}])
    office.world.hear_all()
    office.world.stripe.shop.refund(payment_intent=sold.payment_intent)
    path = f"/sales/{sold.session}/reconcile"

    refused = office.post(path).json()["error"]
    stand = [one["status"] for one in office.world.books.licenses(policy.product_id)]
    forced = office.post(path, {"force": True}).json()["data"]

    assert (refused["code"], stand) == ("GUARD_REFUSED", ["active"] * 2)
    assert "revoke 2 licenses, more than the 1" in refused["detail"]
    assert forced["status"] == "applied"
    notes = office.data(f"/fulfillments/{forced['pass']}")["notes"]
    assert any("token:FULFILL_ADMIN_TOKEN let this pass the guard" in note for note in notes)


def test_while_a_worker_is_at_a_sale_the_answer_is_202(office: Office) -> None:
    """Its pass will do, and the sale was raised, so it is looked at once more."""
    price, _ = office.world.price()
    session = office.world.stripe.shop.buy(price).session
    office.world.hear_all()
    (key,) = (one for one in office.world.rows(sales) if one.object_id == session)
    claim(office.world.engine, sale_of(key), worker="another", now=datetime.now(UTC))

    answer = office.post(f"/sales/{session}/reconcile")

    assert (answer.status_code, answer.json()["data"]["status"]) == (202, "busy")
    assert session in office.world.due()
    office.world.forget_leases()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("cs_never", "MISSING_IN_STRIPE"),
        ("lic_never", "NOT_FOUND"),
        ("own/test/nothing/sub_1", "NOT_FOUND"),
        ("own/live/subscription/sub_1", "NOT_SERVED"),
        ("acct_2/test/subscription/sub_1", "NOT_SERVED"),
    ],
)
def test_an_id_that_leads_nowhere_leaves_no_row_behind(
    office: Office, name: str, code: str
) -> None:
    """404 for the plan and for the pass; our key would answer for another mode than was asked."""
    before = (office.world.keys(), office.deeds())

    answers = [office.get(f"/sales/{name}/plan"), office.post(f"/sales/{name}/reconcile")]

    assert [(one.status_code, one.json()["error"]["code"]) for one in answers] == [(404, code)] * 2
    assert (office.world.keys(), office.deeds()) == before
