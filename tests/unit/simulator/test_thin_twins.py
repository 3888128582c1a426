"""What the thin copy of an event says."""

from __future__ import annotations

import json

import pytest

from simulator.events import PATHS, letters, thin_twin
from simulator.shop import Shop
from simulator.stripe import Stripe


def test_a_thin_copy_has_no_payload(shop: Shop) -> None:
    """It says what to look at, when, and which snapshot it belongs to."""
    shop.customer()
    event = shop.events()[-1]

    copy = thin_twin(shop.books, event)

    assert "data" not in copy
    assert (copy["created"], copy["livemode"]) == ("2026-01-31T12:00:00.000Z", False)
    assert copy["snapshot_event"] == event["id"]


@pytest.mark.parametrize(
    ("switches", "objects"),
    [
        ({}, ["event"]),
        ({"thin": True}, ["event", "v2.core.event"]),
        ({"thin_only": True}, ["v2.core.event"]),
    ],
)
def test_an_endpoint_gets_snapshots_copies_or_both(
    stripe: Stripe, shop: Shop, switches: dict[str, bool], objects: list[str]
) -> None:
    """By the switches; all of them are counted under the snapshot's id."""
    stripe.switch(**switches)
    shop.customer()
    event = shop.events()[-1]

    posted = letters(shop.books, event)

    assert [json.loads(letter.body)["object"] for letter in posted] == objects
    assert {letter.event_id for letter in posted} == {event["id"]}


def test_every_object_that_events_tell_of_has_an_address(shop: Shop) -> None:
    """Otherwise a thin copy could not point to it."""
    bought = shop.buy(shop.price("Editor", 4900))
    shop.refund(payment_intent=bought.payment_intent)
    shop.subscribe(shop.price("Plan", 900, recurring={"interval": "month"}))

    told = {event["data"]["object"]["object"] for event in shop.events()}

    assert told <= set(PATHS)
