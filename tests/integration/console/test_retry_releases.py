"""A retry from its wish to its due sales: refused events included, and who asked written down."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.commands.retry import ahead_page
from console.context import CommandError
from console.retries import Chosen, Received, Wanted
from console.retrying import FIRST, Ahead, Retry, carry_out, look_ahead
from shared.database import reading
from shared.events.parsing import Served
from shared.keys import SaleKey, StripeId
from shared.tables import audit, events, sales
from tests.integration.console.journal import NOON, Journal

HOUR = timedelta(hours=1)
NOW = NOON + 9 * HOUR
SERVED = Served(livemode=False, accounts=frozenset({"acct_1"}))
CREATED = "customer.subscription.created"
STRANGER = {"state": "refused", "reason": "acct_1 is not in STRIPE_ACCOUNTS"}


def payload(number: int, kind: str = CREATED) -> bytes:
    """A subscription's event of acct_1, as Stripe delivered it."""
    event = {"id": f"evt_{number}", "object": "event", "type": kind, "livemode": False}
    named = {"account": "acct_1", "created": 1_700_000_000}
    return json.dumps({**event, **named, "data": {"object": thing(number)}}).encode()


def thing(number: int) -> dict[str, Any]:
    return {"id": f"sub_{number}", "object": "subscription", "customer": "cus_1"}


def refused(journal: Journal, number: int, *, received_at: datetime = NOON, **columns: Any) -> None:
    body = columns.pop("payload", payload(number))
    told = {**STRANGER, "payload": body, "received_at": received_at, "account": "acct_1"}
    journal.event(f"evt_{number}", **{**told, **columns})


def key(number: int, account: str = "acct_1") -> SaleKey:
    return SaleKey(account, False, "subscription", StripeId(f"sub_{number}"))


def ask(*names: str, served: Served = SERVED, **wanted: Any) -> Retry:
    return Retry(Wanted(names, **wanted), served, "ada@desk")


def states(engine: Engine) -> dict[str, tuple[str, bool]]:
    """Of each event: its state, and whether it belongs to a sale."""
    with reading(engine) as tx:
        rows = tx.execute(sa.select(events.c.event_id, events.c.state, events.c.sale_id))
        return {row.event_id: (row.state, row.sale_id is not None) for row in rows}


def deeds(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as tx:
        return list(tx.scalars(sa.select(audit.c.detail).order_by(audit.c.id)))


def count(engine: Engine, table: sa.Table) -> int:
    with reading(engine) as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_look_ahead_tells_what_the_retry_then_does(engine: Engine, journal: Journal) -> None:
    """And leaves no row behind itself."""
    sale = journal.sale("sub_1", account="acct_1", status="failed")
    journal.event("evt_1", sale, account="acct_1")
    refused(journal, 2)
    wish = ask("evt_1", "evt_2")

    ahead = look_ahead(engine, wish)

    assert ahead.chosen == (Chosen(key(1), "failed"), Chosen(key(2), None))
    assert (count(engine, sales), states(engine)["evt_2"]) == (1, ("refused", False))
    assert carry_out(engine, wish, now=NOW) == [key(1), key(2)]
    assert states(engine)["evt_2"] == ("recorded", True)


@pytest.mark.parametrize(
    ("received", "released"),
    [
        (Received(since=NOON + HOUR), ["evt_2", "evt_3"]),
        (Received(until=NOON + HOUR), ["evt_1"]),
        (Received(since=NOON + HOUR, until=NOON + 2 * HOUR), ["evt_2"]),
        (Received(type="customer.subscription.updated"), []),
        (Received(since=NOW), []),
    ],
)
def test_refused_events_are_released_by_when_they_came_in(
    engine: Engine, journal: Journal, received: Received, released: list[str]
) -> None:
    """From a moment, until just before another; what came at other times stays as it is."""
    for number in (1, 2, 3):
        refused(journal, number, received_at=NOON + (number - 1) * HOUR, type=CREATED)

    ahead = look_ahead(engine, ask(received=received))
    raised = carry_out(engine, ask(received=received), now=NOW)

    assert [one for one, (_, owned) in states(engine).items() if owned] == released
    assert len(raised) == len(released)
    assert {one.key for one in ahead.chosen} == set(raised)


def test_an_event_that_is_still_refused_says_todays_reason(
    engine: Engine, journal: Journal
) -> None:
    """And nothing is raised, for the others neither; what was read again is taken back."""
    refused(journal, 1)
    refused(journal, 2, account="acct_2", payload=payload(2).replace(b"acct_1", b"acct_2"))
    wish = ask("evt_1", "evt_2")

    with pytest.raises(CommandError, match=r"evt_2 was refused: .*acct_2 .*Nothing was raised\."):
        carry_out(engine, wish, now=NOW)
    with pytest.raises(CommandError, match=r"^evt_2 was refused: "):
        look_ahead(engine, wish)

    assert states(engine) == {"evt_1": ("refused", False), "evt_2": ("refused", False)}
    assert (count(engine, sales), deeds(engine)) == (0, [])


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"id": 1}', b"{" * 5000])
def test_a_payload_that_this_release_can_not_read_stays_as_it_was(
    engine: Engine, journal: Journal, body: bytes
) -> None:
    """Another release kept it in a shape of its own: nothing is guessed, and nothing breaks."""
    refused(journal, 1, payload=body)

    assert carry_out(engine, ask(received=Received(since=NOON)), now=NOW) == []
    assert states(engine) == {"evt_1": ("refused", False)}


def test_an_event_that_is_served_and_names_no_sale_becomes_ignored(
    engine: Engine, journal: Journal
) -> None:
    """It waits for nobody any more, and says why."""
    refused(journal, 1, payload=payload(1, "balance.available"))

    assert carry_out(engine, ask(received=Received(since=NOON)), now=NOW) == []
    assert states(engine) == {"evt_1": ("ignored", False)}


def test_only_events_are_read_again_where_a_sale_is_not_asked_for(
    engine: Engine, journal: Journal
) -> None:
    """What is asked of a sale can't hold for an event that has none yet."""
    refused(journal, 1)

    raised = carry_out(engine, ask(received=Received(since=NOON), statuses=("failed",)), now=NOW)

    assert (raised, states(engine)) == ([], {"evt_1": ("refused", False)})


@pytest.mark.parametrize(
    ("wanted", "noted"),
    [
        ({"events": ("evt_1",)}, {"events": ["evt_1"]}),
        ({"sale": "sub_1"}, {"sale": "sub_1"}),
        ({"customer": "cus_1"}, {"customer": "cus_1"}),
        ({"statuses": ("failed", "blocked")}, {"statuses": ["failed", "blocked"]}),
        ({"cause": "guard"}, {"cause": "guard"}),
        (
            {"received": Received(NOON, NOON + HOUR, "invoice.paid")},
            {
                "type": "invoice.paid",
                "since": "2026-11-20T12:00:00.000Z",
                "until": "2026-11-20T13:00:00.000Z",
            },
        ),
    ],
)
def test_each_wish_is_noted_as_it_was_asked(
    engine: Engine, journal: Journal, wanted: dict[str, Any], noted: dict[str, Any]
) -> None:
    """Next year somebody asks why a thousand sales were looked at that night."""
    sale = journal.sale("sub_1", status="failed", customer_id="cus_1")
    journal.event("evt_1", sale)
    journal.problem(sale, "guard", "sub_1", "too much")

    carry_out(engine, Retry(Wanted(**wanted), SERVED, "ada@desk"), now=NOW)

    assert deeds(engine) == [{**noted, "sales": 1}]


def chosen(number: int, status: str | None = "failed") -> Chosen:
    return Chosen(key(number, ""), status)


@pytest.mark.parametrize(
    ("ahead", "lines"),
    [
        (Ahead(()), ["0 sales would be due.", "Nothing was changed."]),
        (
            Ahead((chosen(1), chosen(2, None), chosen(3))),
            [
                "3 sales would be due.",
                "  2 failed",
                "  1 not looked at",
                "  own/test/subscription/sub_1  failed",
                "  own/test/subscription/sub_2",
                "  own/test/subscription/sub_3  failed",
                "Nothing was changed.",
            ],
        ),
        (
            Ahead(tuple(chosen(n) for n in range(FIRST + 2))),
            [
                f"{FIRST + 2} sales would be due.",
                f"  {FIRST + 2} failed",
                *(f"  own/test/subscription/sub_{n}  failed" for n in range(FIRST)),
                "  and 2 more",
                "Nothing was changed.",
            ],
        ),
    ],
    ids=["none", "three", "more than are named"],
)
def test_a_dry_run_names_the_first_and_counts_all(ahead: Ahead, lines: list[str]) -> None:
    """For programs, too."""
    told = ahead.as_json()

    assert ahead_page(ahead).splitlines() == lines
    assert (told["count"], len(told["first"])) == (
        len(ahead.chosen),
        min(FIRST, len(ahead.chosen)),
    )
