"""Deliveries of accounts that have our app installed: taken while they have it, and no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.events.routing import UNINSTALLED
from shared.tables import accounts
from tests.deliveries import event, thin
from tests.integration.receiver.conftest import Deliver, event_rows, sale_rows, statuses

APPLICATION = {"id": "ca_1", "object": "application"}
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)  # than the events here


def install(
    engine: Engine, account: str, *, livemode: bool = False, at: datetime = EARLIER
) -> None:
    row = {
        "account": account,
        "livemode": livemode,
        "state": "installed",
        "access_token": b"sealed",
        "refresh_token": b"sealed",
        "installed_at": at,
    }
    with transaction(engine) as tx:
        tx.execute(sa.insert(accounts).values(row))


def states(engine: Engine) -> list[tuple[str, str, bytes | None]]:
    with reading(engine) as tx:
        rows = tx.execute(sa.select(accounts).order_by(accounts.c.account)).all()
    return [(row.account, row.state, row.access_token) for row in rows]


def paid(number: int, account: str = "acct_9", **more: object) -> bytes:
    return event(f"evt_{number}", "invoice.paid", {"id": f"in_{number}"}, account=account, **more)


def test_an_account_that_installed_our_app_is_served_without_a_restart(
    engine: Engine, deliver: Deliver
) -> None:
    """It came while the receiver ran; strangers beside it stay strangers."""
    install(engine, "acct_9")

    answers = deliver(paid(1), paid(2, "acct_8"), paid(3, ""))

    assert statuses(answers) == ["recorded", "recorded", "refused"]
    assert [(row["account"], row["object_id"]) for row in sale_rows(engine)] == [
        ("acct_9", "in_1"),
        ("", "in_3"),
    ]


def test_each_mode_is_installed_by_itself(engine: Engine, deliver: Deliver) -> None:
    """Live where our own key is a test key; and its test events are another installation's."""
    install(engine, "acct_9", livemode=True)

    answers = deliver(paid(1, livemode=True), paid(2), paid(3, "", livemode=True))

    assert [answer.json()["status"] for answer in answers] == ["recorded", "refused", "refused"]


def test_uninstalling_closes_the_account_and_its_events_are_refused_and_kept(
    engine: Engine, deliver: Deliver
) -> None:
    """Told twice it is a duplicate; the account's sales and licenses are not touched."""
    install(engine, "acct_9")
    gone = event("evt_2", UNINSTALLED, APPLICATION, account="acct_9")
    deliver(paid(1))

    answers = [deliver(gone)[0], deliver(gone)[0], deliver(paid(3))[0]]

    assert [answer.json()["status"] for answer in answers] == ["ignored", "duplicate", "refused"]
    assert states(engine) == [("acct_9", "closed", None)]
    assert [row["state"] for row in event_rows(engine)] == ["recorded", "ignored", "refused"]
    assert [row["object_id"] for row in sale_rows(engine)] == ["in_1"]


def test_a_thin_event_closes_it_too(engine: Engine, deliver: Deliver) -> None:
    """It names the account as its context, and no object that could be read."""
    install(engine, "acct_9")

    deliver(thin("evt_1", f"v1.{UNINSTALLED}", "ca_1", context="acct_9"))

    assert states(engine) == [("acct_9", "closed", None)]


def test_an_old_farewell_does_not_close_who_came_back(engine: Engine, deliver: Deliver) -> None:
    """Stripe delivers for three days; the app was installed again since."""
    came_back = datetime(2026, 10, 2, tzinfo=UTC)
    install(engine, "acct_9", at=came_back)
    before = int((came_back - timedelta(hours=1)).timestamp())

    deliver(event("evt_1", UNINSTALLED, APPLICATION, account="acct_9", created=before))

    assert states(engine) == [("acct_9", "installed", b"sealed")]


def test_a_strangers_farewell_closes_nobody(engine: Engine, deliver: Deliver) -> None:
    """Nor does one of the other mode."""
    install(engine, "acct_9")

    deliver(
        event("evt_1", UNINSTALLED, APPLICATION, account="acct_8"),
        event("evt_2", UNINSTALLED, APPLICATION, account="acct_9", livemode=True),
    )

    assert states(engine) == [("acct_9", "installed", b"sealed")]
