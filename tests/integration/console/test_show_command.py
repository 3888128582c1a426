"""`fulfill show`: whatever id is at hand, the same story comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import Journal


@pytest.fixture
def sold(journal: Journal) -> int:
    """A subscription that was paid: one delivery, one pass, four records. Gives the pass."""
    sale = journal.sale("sub_1", customer_id="cus_1", status="applied")
    journal.sale("ch_1", moved_to=sale)
    journal.event("evt_1", sale, object_id="in_1")
    made = journal.closed(sale, plan={"notes": ["price_2 is not licensed"]})
    journal.step(made, "issue pol_1 for si_1", why="si_1 is paid")
    journal.link("customer", "cus_1", "cust_lk")
    journal.link("subscription", "sub_1/prod_lk", "sub_lk", sale_id=sale)
    context = {"payment": "pi_1", "line": "il_1", "amount_minor_units": 4900}
    journal.link("order", "in_1/prod_lk", "ord_1", sale_id=sale, context=context)
    journal.link("license", "si_1/1", "lic_1", sale_id=sale, written={"expires_at": "2027"})
    journal.mentions(sale, "si_1", "in_1", "il_1", "pi_1")
    return made


def story(fulfill: Fulfill, name: str) -> dict[str, Any]:
    answer = fulfill("show", name, "--json")
    assert answer.exit_code == 0, answer.output
    (sale,) = json.loads(answer.stdout)["sales"]
    return dict(sale)


@pytest.mark.parametrize(
    "name",
    [
        "evt_1", "sub_1", "own/test/subscription/sub_1", "cus_1", "in_1", "ch_1", "pi_1", "il_1",
        "si_1", "lic_1", "ord_1", "sub_lk", "cust_lk",
    ],
)  # fmt: skip
def test_any_id_of_the_sale_leads_to_its_story(fulfill: Fulfill, sold: int, name: str) -> None:
    """The person who asks has one id; which one must not matter."""
    assert sold
    assert story(fulfill, name)["sale"]["id"] == "sub_1"


def test_the_number_of_a_pass_leads_to_its_story(fulfill: Fulfill, sold: int) -> None:
    """The log shows numbers, so a number is an id too."""
    assert story(fulfill, str(sold))["sale"]["id"] == "sub_1"


def test_the_story_stands_in_time_order_with_the_reason_of_each_step(
    fulfill: Fulfill, sold: int
) -> None:
    """What came in, what was done about it and why."""
    told = story(fulfill, "sub_1")

    assert [(one["what"], one.get("event") or one.get("pass")) for one in told["story"]] == [
        ("delivery", "evt_1"),
        ("pass", sold),
    ]
    assert told["story"][1]["steps"][0]["why"] == "si_1 is paid"
    assert told["story"][1]["notes"] == ["price_2 is not licensed"]
    assert [link["licensekit_id"] for link in told["links"]] == [
        "cust_lk", "sub_lk", "ord_1", "lic_1",
    ]  # fmt: skip
    assert told["now"].startswith("At rest")


def test_people_read_what_happened_what_stands_and_what_to_do(
    fulfill: Fulfill, journal: Journal
) -> None:
    """At night, one page must do."""
    sale = journal.sale("sub_1", status="blocked")
    journal.event("evt_1", sale)
    journal.closed(sale, "blocked")
    journal.problem(sale, "unmapped_price", "price_1", "price_1 has no policy. Map it.")

    page = fulfill("show", "evt_1").stdout

    for words in ("sub_1", "evt_1", "invoice.paid", "blocked", "price_1 has no policy. Map it."):
        assert words in page
    assert "It waits for you" in page
    assert "fulfill reconcile sub_1" in page


def test_an_ignored_event_is_shown_with_the_reason(fulfill: Fulfill, journal: Journal) -> None:
    """Ignored is an answer too: the delivery did arrive."""
    journal.event("evt_9", type="balance.available", reason="we do not listen to this type")

    answer = fulfill("show", "evt_9")

    assert answer.exit_code == 0
    assert "we do not listen to this type" in answer.stdout
    assert json.loads(fulfill("show", "evt_9", "--json").stdout)["sales"] == []


def test_a_customer_with_many_sales_is_told_in_part_and_says_so(
    fulfill: Fulfill, journal: Journal
) -> None:
    """Twenty stories fill a screen; the rest is named, not hidden."""
    for number in range(23):
        journal.sale(f"cs_{number}", customer_id="cus_1")

    answer = fulfill("show", "cus_1", "--json")

    assert len(json.loads(answer.stdout)["sales"]) == 20
    assert "3 older sales" in answer.stderr


@pytest.mark.parametrize("name", ["evt_no", "sub_no", "lic_no", "123456", "9" * 30, "50%_off"])
def test_an_id_that_nobody_knows_is_a_clear_fault(fulfill: Fulfill, sold: int, name: str) -> None:
    """Silence would look like a sale without a story."""
    answer = fulfill("show", name)

    assert sold
    assert answer.exit_code == 1
    assert f"Nothing here knows {name}." in answer.stderr
