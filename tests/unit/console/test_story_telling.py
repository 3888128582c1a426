"""A story for programs: every name, and where LicenseKit's app shows each record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.app_links import app_link
from console.story.page import story_page
from console.story.telling import story_json
from console.story.values import Delivered, Linked, Queued, Ruled, Story, Waiting
from shared.keys import SaleKey, StripeId
from worker.state import Decision

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STAMP = "2026-11-20T12:00:00.000Z"
KEY = SaleKey("acct_1", True, "subscription", StripeId("sub_1"))
HOLD = Decision("hold", "the card was stolen", "ada@desk", NOON)
REST = Queued(2, 2, NOON, NOON, 0, None)

STORY = Story(
    key=KEY,
    status="applied",
    customer_id="cus_1",
    bought={"stage": "paid", "reason": "sub_1 is active"},
    queue=REST,
    told=(
        Delivered("evt_1", "invoice.paid", "recorded", None, "in_1", NOON, NOON, fetched=True),
        Ruled("held", "ada@desk", "the card was stolen", NOON),
    ),
    links=(
        Linked("license", "si_1/1", "lic_1", {"hold": "held_by_decision"}, {}, NOON),
        Linked("order", "in_1/prod_1", None, {}, {}, None),
    ),
    problems=(
        Waiting("guard", "sub_1", "", "too much", NOON, "It happened.", "fulfill reconcile sub_1"),
    ),
    decision=HOLD,
    pruned=True,
)


def test_a_story_in_json_has_every_name_and_only_plain_values() -> None:
    """First whose it is and whether the buyer has access, then what is to do, then the rest."""
    told = story_json(STORY, now=NOON)

    assert list(told)[:5] == ["sale", "access", "status", "customer_id", "now"]
    assert told["access"]["granted"] is False
    assert told["now"].startswith("ada@desk held the sale on 2026-11-20 12:00:00: ")
    assert {name: told[name] for name in told if name not in ("access", "now")} == {
        "sale": {"account": "acct_1", "livemode": True, "kind": "subscription", "id": "sub_1"},
        "status": "applied",
        "customer_id": "cus_1",
        "bought": {"stage": "paid", "reason": "sub_1 is active"},
        "terms": [],
        "queue": {
            "due": False,
            "due_at": None,
            "hinted_at": None,
            "attempts": 0,
            "leased_until": None,
        },
        "decision": {
            "kind": "hold",
            "reason": "the card was stolen",
            "decided_by": "ada@desk",
            "decided_at": STAMP,
        },
        "pruned": True,
        "story": [
            {
                "what": "delivery",
                "event": "evt_1",
                "type": "invoice.paid",
                "state": "recorded",
                "reason": None,
                "object": "in_1",
                "created_at": STAMP,
                "received_at": STAMP,
                "fetched": True,
            },
            {
                "what": "decision",
                "verb": "held",
                "by": "ada@desk",
                "reason": "the card was stolen",
                "at": STAMP,
            },
        ],
        "links": [
            {
                "kind": "license",
                "stripe_key": "si_1/1",
                "licensekit_id": "lic_1",
                "written": {"hold": "held_by_decision"},
                "context": {},
                "linked_at": STAMP,
            },
            {
                "kind": "order",
                "stripe_key": "in_1/prod_1",
                "licensekit_id": None,
                "written": {},
                "context": {},
                "linked_at": None,
            },
        ],
        "problems": [
            {
                "cause": "guard",
                "subject": "sub_1",
                "line_id": "",
                "message": "too much",
                "opened_at": STAMP,
                "command": "fulfill reconcile sub_1",
            }
        ],
    }


def test_a_sale_that_is_due_tells_when_and_who_has_it() -> None:
    """What is over is left out: it would be read as what is to come."""
    later = NOON + timedelta(minutes=5)
    due = replace(STORY, queue=Queued(3, 2, later, NOON, 4, later))

    assert story_json(due, now=NOON)["queue"] == {
        "due": True,
        "due_at": "2026-11-20T12:05:00.000Z",
        "hinted_at": STAMP,
        "attempts": 4,
        "leased_until": "2026-11-20T12:05:00.000Z",
    }


@pytest.mark.parametrize(
    ("app_url", "kind", "record", "url"),
    [
        ("https://app.example", "license", "lic_1", "https://app.example/licenses/lic_1"),
        ("https://app.example/a", "customer", "c_1", "https://app.example/a/customers/c_1"),
        ("https://app.example", "order", None, None),
        ("", "license", "lic_1", None),
    ],
)
def test_a_record_has_an_address_in_the_app_where_both_are_known(
    app_url: str, kind: str, record: str | None, url: str | None
) -> None:
    """A link to nowhere would be worse than none."""
    assert app_link(app_url, kind, record) == url


def test_each_record_of_a_story_has_its_address_where_the_app_is_known() -> None:
    """One that is only about to be made has none; without the app no record has the name."""
    told = story_json(STORY, now=NOON, app_url="https://app.example")

    assert [link["url"] for link in told["links"]] == ["https://app.example/licenses/lic_1", None]
    assert all("url" not in link for link in story_json(STORY, now=NOON)["links"])


def test_the_page_tells_a_decided_sale_from_top_to_bottom() -> None:
    """Whose it is, whether the buyer has access, what happened, what stands, what to do."""
    quiet = replace(STORY, problems=(), pruned=False)

    assert story_page(quiet, now=NOON).plain.splitlines() == [
        "subscription sub_1  applied  live mode  account acct_1  customer cus_1",
        "Access: no, lic_1 is suspended, because a person decided to hold the sale.",
        "",
        "2026-11-20 12:00:00  event  invoice.paid  evt_1  fetched by a sweep; never delivered",
        "2026-11-20 12:00:00  decision  held by ada@desk: the card was stolen",
        "",
        "In LicenseKit",
        "  license      lic_1  for si_1/1",
        "               hold held_by_decision",
        "  order        being made  for in_1/prod_1",
        "",
        "Now: At rest, without access: every license is suspended. ada@desk held the sale on "
        "2026-11-20 12:00:00: the card was stolen. Billing does not undo that. To let billing "
        'decide again: fulfill release sub_1 --reason "…"',
    ]
