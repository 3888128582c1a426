"""`fulfill adopt`: what another integration issued is linked to its sales, shown first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.cli import app
from shared.tables import audit, links, sales, steps
from simulator.orders import Purchase
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from tests.worlds.heard import Heard
from tests.worlds.licensekit import TOKEN, Policy
from tests.worlds.lost import write_metadata
from tests.worlds.web import serve_app
from tests.worlds.world import MONTH, STRIPE_KEY, World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: each test has a price, a product and a buyer of its own."""
    with open_world(tmp_path_factory.mktemp("adopting")) as running:
        yield running


def fulfill(world: World, *words: object, licensekit: str = "") -> Result:
    environment = {
        "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_API_BASE": world.stripe_url,
        "LICENSEKIT_BASE_URL": licensekit or world.books.url,
        "LICENSEKIT_API_TOKEN": TOKEN,
        "FULFILL_ADMIN_TOKEN": "admin_test",
        "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
        "DATABASE_URL": str(world.engine.url),
    }
    return CliRunner().invoke(app, ["adopt", *map(str, words)], env=environment)


def answered(world: World, *words: object) -> Any:
    result = fulfill(world, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def subscribed(world: World, *others: Policy) -> tuple[Purchase, Policy]:
    """A subscription of which we have heard nothing."""
    price, policy = world.price("subscription", recurring=MONTH)
    return world.stripe.shop.subscribe(price), policy


def issued(world: World, policy: Policy, **more: Any) -> str:
    """A license that another integration issued."""
    body = {"product_id": policy.product_id, "policy_id": policy.id, "customer_name": "Ada", **more}
    body.setdefault("expires_at", "2027-01-01T00:00:00Z")
    return str(world.books.post("/licenses", body)["license"]["id"])


def rows_of(folder: Path, *rows: tuple[str | None, str]) -> Path:
    path = folder / "licenses.csv"
    lines = [
        "stripe_id,license_id",
        *(f"{stripe_id},{license_id}" for stripe_id, license_id in rows),
    ]
    path.write_text("\n".join(lines))
    return path


def linked_as(world: World, license_id: str) -> list[str]:
    return [row.stripe_key for row in world.rows(links) if row.licensekit_id == license_id]


def test_without_apply_it_only_shows(world: World, tmp_path: Path) -> None:
    """What would be linked, and what the pass after that would do."""
    sale, policy = subscribed(world)
    license_id = issued(world, policy)
    before = (len(world.rows(links)), len(world.rows(sales)), len(world.rows(audit)))

    told = answered(world, "--csv", rows_of(tmp_path, (sale.subscription, license_id)))

    (shown,) = told["sales"]
    assert told["dry_run"] is True
    assert shown["adopt"] == [
        {"id": license_id, "as": f"{sale.items[0]}/1", "how": "named in line 2 of licenses.csv"}
    ]
    assert not any(step.startswith("issue") for step in shown["then"])
    assert before == (len(world.rows(links)), len(world.rows(sales)), len(world.rows(audit)))


@pytest.mark.parametrize("named_by", ["subscription", "session", "invoice", "item"])
def test_a_row_links_a_license_by_any_id_of_its_sale(
    world: World, tmp_path: Path, named_by: str
) -> None:
    """And the pass that follows goes on with it as with any other."""
    sale, policy = subscribed(world)
    license_id = issued(world, policy)
    name = sale.items[0] if named_by == "item" else getattr(sale, named_by)

    answered(world, "--csv", rows_of(tmp_path, (name, license_id)), "--apply")
    world.come_due()
    world.run()

    assert linked_as(world, license_id) == [f"{sale.items[0]}/1"]
    (stands,) = world.books.licenses(policy.product_id)
    assert (stands["id"], stands["status"]) == (license_id, "active")
    assert world.metadata(sale.subscription)["licensekit_license_ids"] == license_id
    assert world.due() == []


def test_it_never_issues_revokes_or_changes_a_license(world: World, tmp_path: Path) -> None:
    """LicenseKit is only read, and so is Stripe; who did it is written down."""
    sale, policy = subscribed(world)
    license_id = issued(world, policy)
    heard = Heard(world.books.moods)

    with serve_app(heard) as url:
        file = rows_of(tmp_path, (sale.subscription, license_id))
        result = fulfill(world, "--csv", file, "--apply", licensekit=url)

    assert result.exit_code == 0, result.output
    assert heard.writes() == []
    assert [row.step.partition(" ")[0] for row in world.rows(steps)][-1:] == ["adopt"]
    (deed,) = [row for row in world.rows(audit) if row.subject == sale.subscription]
    assert (deed.action, deed.detail) == ("adopt", {"linked": {f"{sale.items[0]}/1": license_id}})
    assert sale.subscription in world.due()  # the workers do the rest


def test_all_faults_of_a_file_are_told_at_once_and_nothing_is_linked(
    world: World, tmp_path: Path
) -> None:
    """Each with its line; the good rows wait until the bad ones are mended."""
    good, policy = subscribed(world)
    other, _ = subscribed(world)
    fine, gone = issued(world, policy), issued(world, policy)
    world.books.act(gone, "revoke")
    path = rows_of(
        tmp_path,
        (good.subscription, fine),
        (good.subscription, fine),
        (good.subscription, "lic_nobody"),
        (good.subscription, gone),
        (other.subscription, issued(world, policy)),
        ("sub_nobody", issued(world, policy)),
        ("nothing", issued(world, policy)),
        ("only one cell", ""),
    )

    result = fulfill(world, "--csv", path, "--apply")

    assert result.exit_code == 1
    text = result.stderr
    assert "7 faults in licenses.csv" in text
    assert f"line 3: {fine} stands in line 2 already" in text
    assert "line 4: lic_nobody can't be linked" in text
    assert "LicenseKit does not know it" in text
    assert f"line 5: {gone} can't be linked to {good.subscription}: it is revoked" in text
    assert "line 6: " in text
    assert f"it is of product {policy.product_id}, which this sale does not sell" in text
    assert "line 7: " in text
    assert "line 8: No sale is known by nothing" in text
    assert "line 9: not a Stripe id and a license id with a comma between" in text
    assert linked_as(world, fine) == []


def test_another_policy_needs_a_word_more_and_is_kept_then(world: World, tmp_path: Path) -> None:
    """The license stands for the mapping's policy until the sale changes to another."""
    sale, policy = subscribed(world)
    older = world.books.policy("subscription", policy.product_id)
    license_id = issued(world, older)
    path = rows_of(tmp_path, (sale.subscription, license_id))

    refused = fulfill(world, "--csv", path, "--apply")
    taken = fulfill(world, "--csv", path, "--any-policy", "--apply")
    world.come_due()
    world.run()

    assert refused.exit_code == 1
    assert f"it is under policy {older.id}" in refused.stderr
    assert taken.exit_code == 0, taken.output
    (stands,) = world.books.licenses(policy.product_id)
    assert (stands["id"], stands["policy_id"], stands["status"]) == (license_id, older.id, "active")


def test_a_license_that_another_sale_has_is_refused(world: World, tmp_path: Path) -> None:
    """One license, one sale."""
    sale, policy = subscribed(world)
    license_id = issued(world, policy)
    answered(world, "--csv", rows_of(tmp_path, (sale.subscription, license_id)), "--apply")
    price = world.stripe.shop.books.children(str(sale.subscription), "items")[0]["price"]["id"]
    second = world.stripe.shop.subscribe(price)

    result = fulfill(world, "--csv", rows_of(tmp_path, (second.subscription, license_id)))

    assert result.exit_code == 1
    assert f"it is linked to {sale.items[0]}/1 already" in result.stderr


def test_a_customer_of_several_sales_names_none(world: World, tmp_path: Path) -> None:
    """Which of them it is, nobody can tell; a customer of one sale is that sale."""
    sale, policy = subscribed(world)
    world.tell(world.events(sale.subscription)[:1])
    license_id = issued(world, policy)
    world.run()
    price = world.stripe.shop.books.children(str(sale.subscription), "items")[0]["price"]["id"]
    again = world.stripe.shop.subscribe(price, customer=sale.customer)
    world.tell(world.events(again.subscription)[:1])
    world.run()

    result = fulfill(world, "--csv", rows_of(tmp_path, (sale.customer, license_id)))

    assert result.exit_code == 1
    assert f"{sale.customer} stands for 2 sales" in result.stderr


def test_licenses_that_another_tool_noted_in_stripe_are_found_by_its_key(world: World) -> None:
    """The seller names the key of the metadata; everything that Stripe has is looked at."""
    sale, policy = subscribed(world)
    license_id = issued(world, policy)
    write_metadata(world, sale.subscription, acme_license=license_id)

    told = answered(world, "--all", "--metadata-key", "acme_license", "--apply")

    mine = [one for one in told["sales"] if one["sale"]["id"] == sale.subscription]
    assert [one["adopt"][0]["id"] for one in mine] == [license_id]
    assert linked_as(world, license_id) == [f"{sale.items[0]}/1"]


def test_a_license_on_an_order_of_the_sale_is_found_by_itself(world: World) -> None:
    """By the external id of the order, among the newest 200 of the product."""
    sale, policy = subscribed(world)
    order = world.books.post(
        f"/products/{policy.product_id}/orders",
        {"external_system": "stripe", "external_id": sale.invoice, "status": "paid"},
    )
    license_id = issued(world, policy, order_id=order["id"])

    told = answered(world, sale.subscription, "--apply")

    assert {one["id"] for one in told["sales"][0]["adopt"]} == {license_id, order["id"]}


def test_people_read_what_is_linked_and_what_comes_after(world: World, tmp_path: Path) -> None:
    """Line by line, as in every plan."""
    sale, policy = subscribed(world)
    license_id = issued(world, policy)

    shown = fulfill(world, "--csv", rows_of(tmp_path, (sale.subscription, license_id))).stdout

    assert f"+ adopt {license_id} as {sale.items[0]}/1, named in line 2 of licenses.csv" in shown
    assert "then a pass would: record order" in shown
    assert "1 record of 1 sale would be linked. Nothing was changed: --apply links." in shown


@pytest.mark.parametrize("words", [(), ("sub_1", "--all"), ("--all", "--csv", "x.csv")])
def test_one_source_is_named_and_no_other(world: World, words: tuple[str, ...]) -> None:
    """Which sales are meant must be plain."""
    assert fulfill(world, *words).exit_code == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'"open,lic_1'])
def test_a_file_that_is_no_csv_is_told(world: World, tmp_path: Path, content: bytes) -> None:
    """No traceback, and nothing linked."""
    path = tmp_path / "licenses.csv"
    path.write_bytes(content)

    result = fulfill(world, "--csv", path)

    assert result.exit_code == 1
    assert "1 fault in licenses.csv: the file is not" in result.stderr
