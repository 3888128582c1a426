"""What Stripe is answered, and what then stands in the database."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from sqlalchemy.engine import Engine

from shared.settings import Settings
from tests.conftest import OLDER_SECRET
from tests.deliveries import event, sign, subscription_updated, thin
from tests.integration.receiver.conftest import (
    Deliver,
    event_rows,
    nobody,
    post_all,
    sale_rows,
    statuses,
)
from webhooks.receiver import BODY_LIMIT_BYTES, Receiver


def test_a_new_event_is_written_down_and_makes_its_sale_due(
    deliver: Deliver, engine: Engine
) -> None:
    """200 means: the event is a row, as delivered, and its sale waits for a pass."""
    body = subscription_updated("evt_1", "sub_1")

    [answer] = deliver(body)

    assert (answer.status_code, answer.json()) == (200, {"status": "recorded"})
    [row] = event_rows(engine)
    [sale] = sale_rows(engine)
    assert (row["event_id"], row["type"], row["payload"]) == (
        "evt_1",
        "customer.subscription.updated",
        body,
    )
    assert (row["sale_id"], row["generation"], row["state"]) == (sale["id"], 1, "recorded")
    assert (sale["kind"], sale["object_id"], sale["livemode"]) == ("subscription", "sub_1", False)
    assert (sale["wanted_generation"], sale["seen_generation"]) == (1, 0)


def test_the_same_event_again_is_a_duplicate_and_changes_nothing(
    deliver: Deliver, engine: Engine
) -> None:
    """Stripe may deliver an event any number of times: one row, one hint."""
    body = subscription_updated("evt_1")
    deliver(body)

    [answer] = deliver(body)

    assert (answer.status_code, answer.json()) == (200, {"status": "duplicate"})
    assert [sale["wanted_generation"] for sale in sale_rows(engine)] == [1]


def test_a_thin_copy_and_its_snapshot_twin_are_one_event(deliver: Deliver, engine: Engine) -> None:
    """An endpoint of each kind may be switched on: the sale is still hinted at once."""
    snapshot = event("evt_1", "invoice.paid", {"id": "in_1"})
    copy = thin("evt_thin_1", "v1.invoice.paid", "in_1", snapshot_event="evt_1")
    deliver(copy)

    [answer] = deliver(snapshot)

    assert answer.json() == {"status": "duplicate"}
    [row] = event_rows(engine)
    assert (row["event_id"], row["thin_id"], row["type"]) == ("evt_1", "evt_thin_1", "invoice.paid")


def test_an_event_that_nothing_depends_on_is_accepted_and_kept(
    deliver: Deliver, engine: Engine
) -> None:
    """A type we don't listen to gets 2xx, or Stripe would switch the endpoint off in the end."""
    [answer] = deliver(event("evt_1", "payout.paid", {"id": "po_1"}))

    assert (answer.status_code, answer.json()) == (200, {"status": "ignored"})
    assert [(row["state"], row["object_id"]) for row in event_rows(engine)] == [("ignored", "po_1")]
    assert sale_rows(engine) == []


def test_pain_16_a_live_event_at_a_test_key_is_refused_kept_and_not_retried(
    deliver: Deliver, engine: Engine
) -> None:
    """Test and live never meet: the other mode's events are shown, and make nothing due."""
    [answer] = deliver(subscription_updated("evt_1", livemode=True))

    assert (answer.status_code, answer.json()) == (200, {"status": "refused"})
    [row] = event_rows(engine)
    assert (row["state"], row["livemode"]) == ("refused", True)
    assert "test key" in row["reason"]
    assert sale_rows(engine) == []


def test_pain_17_an_event_of_an_account_we_do_not_serve_is_refused_kept_and_not_retried(
    deliver: Deliver, engine: Engine
) -> None:
    """Who installed the app but is not on our list is seen, and gets nothing."""
    [answer] = deliver(subscription_updated("evt_1", account="acct_9"))

    assert (answer.status_code, answer.json()) == (200, {"status": "refused"})
    [row] = event_rows(engine)
    assert (row["state"], row["account"]) == ("refused", "acct_9")
    assert "STRIPE_ACCOUNTS" in row["reason"]
    assert sale_rows(engine) == []


def test_pain_17_an_event_of_an_account_we_serve_makes_its_sale_due(
    settings: Settings, engine: Engine
) -> None:
    """The account is a part of the sale's name."""
    served = replace(settings, stripe_accounts=("acct_1",))
    body = subscription_updated("evt_1", account="acct_1")

    [answer] = asyncio.run(post_all(Receiver(served, engine, nobody), [body]))

    assert answer.json() == {"status": "recorded"}
    assert [(sale["account"], sale["object_id"]) for sale in sale_rows(engine)] == [
        ("acct_1", "sub_1")
    ]


def test_any_of_several_signing_secrets_is_good_and_noted(deliver: Deliver, engine: Engine) -> None:
    """While a secret is being rotated both sign; the row tells which one did."""
    body = subscription_updated("evt_1")

    [answer] = deliver(body, header=sign(body, secret=OLDER_SECRET))

    assert answer.json() == {"status": "recorded"}
    assert [row["secret"] for row in event_rows(engine)] == [1]


@pytest.mark.parametrize(
    "header",
    ["", "t=1,v1=00", "t=never,v1=00", "v1=00", "t=1", "t=1,v1=ÿ", "\u00ff\u00fe", "t=" + "9" * 99],
)
def test_a_delivery_without_a_good_signature_is_refused_and_leaves_nothing(
    deliver: Deliver, engine: Engine, header: str
) -> None:
    """Whatever a stranger puts into the header, the answer is 400 and never 500."""
    [answer] = deliver(subscription_updated("evt_1"), header=header)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_SIGNATURE"
    assert event_rows(engine) == []


def test_an_old_delivery_that_someone_kept_is_refused(deliver: Deliver) -> None:
    """A signature is good for five minutes, so a copied delivery can't be replayed for ever."""
    body = subscription_updated("evt_1")

    [answer] = deliver(body, header=sign(body, at=time.time() - 400))

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "the signature is too old"


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"[]", b"{}", b'{"id":"evt_1"}', b"\xff\xfe", b'{"id":1,"type":2}']
)
def test_a_signed_body_that_is_no_event_is_told_so(deliver: Deliver, body: bytes) -> None:
    """A good signature over something else is 400 in the error envelope."""
    [answer] = deliver(body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "NOT_AN_EVENT"
    assert set(answer.json()["meta"]) == {"request_id", "timestamp"}


def test_a_body_that_is_too_large_is_not_read_to_its_end(deliver: Deliver, engine: Engine) -> None:
    """Anything above 1 MiB gets 413, whoever signed it."""
    [answer] = deliver(b" " * (BODY_LIMIT_BYTES + 1))

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "BODY_TOO_LARGE"
    assert event_rows(engine) == []


def test_many_events_of_one_sale_raise_it_by_their_number(deliver: Deliver, engine: Engine) -> None:
    """Each event has a generation of its own, so it can be told which pass has seen it."""
    answers = deliver(*[subscription_updated(f"evt_{n}") for n in range(5)])

    assert statuses(answers) == ["recorded"] * 5
    assert [sale["wanted_generation"] for sale in sale_rows(engine)] == [5]
    assert sorted(row["generation"] for row in event_rows(engine)) == [1, 2, 3, 4, 5]
