"""Customers through the real SDK."""

from __future__ import annotations

from licensekit import ManagementClient

from tests.contract.licensing.conftest import Shop
from tests.contract.licensing.refusals import refused


def test_a_customer_is_kept_as_it_was_written(client: ManagementClient, shop: Shop) -> None:
    """Name, code, e-mail and metadata come back; what was left out is left out."""
    body = {"name": "Zoë", "code": f"{shop.code}-zoe", "metadata": {"stripe": "cus_1"}}

    created = client.create_customer(body=body)["data"]

    assert created["id"].startswith("cust_")
    assert {name: created[name] for name in body} == body
    assert "email" not in created
    assert client.get_customer(path={"id": created["id"]})["data"] == created


def test_a_customer_code_is_taken_once(client: ManagementClient, shop: Shop) -> None:
    """The code is how a caller recognises its own customer: a second one is a conflict."""
    shop.customer()

    with refused(409, "CONFLICT", "a customer with this code exists"):
        shop.customer()


def test_two_customers_may_share_an_email(client: ManagementClient, shop: Shop) -> None:
    """People are never merged by their e-mail address."""
    assert shop.customer("one") != shop.customer("two")


def test_a_customer_can_be_changed_and_found(client: ManagementClient, shop: Shop) -> None:
    """A new name shows in the list, where the newest customer comes first."""
    customer_id = shop.customer()

    client.update_customer(path={"id": customer_id}, body={"name": "Ada Lovelace"})

    (newest,) = client.list_customers(query={"limit": 1})["data"]
    assert (newest["id"], newest["name"]) == (customer_id, "Ada Lovelace")


def test_a_customer_who_holds_something_stays(client: ManagementClient, shop: Shop) -> None:
    """While an order names the customer it can't be deleted; afterwards it can."""
    customer_id = shop.customer()
    order = shop.order(customer_id=customer_id)

    with refused(409, "CONFLICT", "link"):
        client.delete_customer(path={"id": customer_id})

    client.update_order(path={"id": order["id"]}, body={"customer_id": ""})
    client.delete_customer(path={"id": customer_id})
    with refused(404, "NOT_FOUND"):
        client.get_customer(path={"id": customer_id})


def test_an_unknown_customer_is_not_found(client: ManagementClient) -> None:
    """Reading, changing and deleting say so alike."""
    path = {"id": "cust_unknown"}

    with refused(404, "NOT_FOUND", "customer was not found"):
        client.get_customer(path=path)
    with refused(404, "NOT_FOUND", "customer was not found"):
        client.update_customer(path=path, body={"name": "Nobody"})
    with refused(404, "NOT_FOUND", "customer was not found"):
        client.delete_customer(path=path)
