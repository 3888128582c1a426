"""Whose events make a sale due: by mode, by account, and by who has our app just now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount
from shared.database import reading, transaction
from shared.events.parsing import STRANGER, WRONG_MODE_REASONS, NotAnEvent, Served, read_delivery
from shared.events.routing import ROUTES, UNINSTALLED
from shared.inbox import Delivery
from shared.tables import accounts
from tests.deliveries import event, thin

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LIVE_EVENT = "a live event, but STRIPE_SECRET_KEY is a test key"
TEST_EVENT = "a test event, but STRIPE_SECRET_KEY is a live key"


def read(body: bytes, served: Served = Served(False), **more: Any) -> Delivery:  # noqa: B008
    return read_delivery(body, secret=0, served=served, now=NOW, **more)


def paid(account: str = "", livemode: bool = False, **more: Any) -> bytes:
    return event(
        "evt_1", "invoice.paid", {"id": "in_1"}, account=account, livemode=livemode, **more
    )


@pytest.mark.parametrize(
    ("ours", "account", "livemode", "reason"),
    [
        (False, "", False, None),
        (False, "", True, LIVE_EVENT),
        (True, "", False, TEST_EVENT),
        (True, "", True, None),
        (None, "", True, None),
        (None, "", False, None),
        (False, "acct_named", False, None),
        (False, "acct_named", True, LIVE_EVENT),
        (False, "acct_app", True, None),
        (False, "acct_app", False, STRANGER.format(account="acct_app")),
        (None, "acct_other", False, STRANGER.format(account="acct_other")),
        (True, "acct_other", False, TEST_EVENT),
    ],
)
def test_an_event_is_refused_only_where_no_key_of_ours_may_read_it(
    ours: bool | None, account: str, livemode: bool, reason: str | None
) -> None:
    """An account with our app counts in its own mode, whatever mode our own key has."""
    served = Served(ours, frozenset({"acct_named"}), frozenset({ServedAccount("acct_app", True)}))

    delivery = read(paid(account, livemode), served)

    assert delivery.reason == reason
    assert delivery.state == ("refused" if reason else "recorded")
    assert (delivery.key is None) is bool(reason)


def test_a_wrong_mode_is_known_by_its_words() -> None:
    """Whoever counts refusals tells strangers from a key of the other mode."""
    assert {LIVE_EVENT, TEST_EVENT} == WRONG_MODE_REASONS


def test_who_is_served_is_as_of_the_moment(engine: Engine) -> None:
    """Installed and closed while the receiver runs; what the settings say stays."""
    served = Served(False, frozenset({"acct_named"}))
    row = {"account": "acct_app", "livemode": True, "state": "installed", "installed_at": NOW}
    seen = []
    closed = sa.update(accounts).values(state="closed")
    for change in (sa.select(1), sa.insert(accounts).values(row), closed):
        with transaction(engine) as tx:
            tx.execute(change)
        with reading(engine) as tx:
            seen.append(served.as_of_now(tx))

    app = frozenset({ServedAccount("acct_app", True)})
    assert seen == [served, Served(False, frozenset({"acct_named"}), app), served]


def test_a_fetched_event_belongs_to_the_account_it_was_fetched_for() -> None:
    """Stripe's list does not name it; an empty one is our own, whatever the body says."""
    served = Served(False, frozenset({"acct_named"}))

    assert read(paid(), served, account="acct_named").account == "acct_named"
    assert read(paid("acct_named"), served, account="").account == ""


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        (1_790_000_000, datetime.fromtimestamp(1_790_000_000, UTC)),
        ("1790000000", datetime.fromtimestamp(1_790_000_000, UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("2026-11-21T01:00:00+02:00", datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ("2026-11-21T01:00:00Z", datetime(2026, 11, 21, 1, tzinfo=UTC)),
        ("2026-11-21T01:00:00", datetime(2026, 11, 21, 1, tzinfo=UTC)),
        ("yesterday", NOW),
        ("", NOW),
        (10**30, NOW),
        ("9" * 5_000, NOW),
        ("9999-12-31T23:59:59-12:00", NOW),
        (None, NOW),
        ([], NOW),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_events_moment_is_read_as_it_is_written_else_ours_stands_in(
    created: object, moment: datetime
) -> None:
    """Unix seconds, their text in old copies, RFC 3339 in any zone; nothing else is guessed."""
    assert read(paid(created=created)).created_at == moment


@pytest.mark.parametrize(
    ("said", "livemode"),
    [(True, True), (False, False), ("true", True), ("false", False), ("yes", None), (1, None)],
)
def test_a_mode_is_a_flag_or_its_word_else_it_is_ours(said: object, livemode: bool | None) -> None:
    """What is no mode is not taken for one."""
    for ours in (True, False):
        expected = ours if livemode is None else livemode
        assert read(event("evt_1", "payout.paid", {}, livemode=said), Served(ours)).livemode is (
            expected
        )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"evt_1"',
        b'{"type": "invoice.paid"}',
        b'{"id": "evt_1"}',
        b'{"id": "", "type": "invoice.paid"}',
        b'{"id": 1, "type": "invoice.paid"}',
        b'{"id": "evt_\\u0000", "type": "invoice.paid"}',
        b'{"id": "' + b"e" * 256 + b'", "type": "invoice.paid"}',
        b'{"id": "evt_1", "type": "invoice.paid"',
        b"[" * 100_000,
    ],
    ids=lambda body: body[:24].decode(),
)
def test_a_body_without_an_events_names_is_none(body: bytes) -> None:
    """Its text is not repeated: it may be anything."""
    with pytest.raises(NotAnEvent, match=r"^the body (is not a JSON object|has no event id)"):
        read(body)


def test_a_name_may_be_as_long_as_stripes_own_limit() -> None:
    """One longer is no name: PostgreSQL's index would not take it."""
    assert read(event("e" * 255, "payout.paid", {})).event_id == "e" * 255


def test_a_farewell_makes_nothing_due_in_either_form() -> None:
    """It tells of an account; the receiver closes that before it writes the event."""
    told = event("evt_1", UNINSTALLED, {"id": "ca_1"}), thin("evt_2", f"v1.{UNINSTALLED}", "ca_1")

    for body in told:
        delivery = read(body)
        assert (delivery.type, delivery.state, delivery.key) == (UNINSTALLED, "ignored", None)
    assert ROUTES[UNINSTALLED].why == "the account that uninstalled our app is served no more"
