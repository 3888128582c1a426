"""A hint that comes while a pass runs, and one that is handed on."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.engine import Engine

from shared.database import transaction
from shared.inbox import BUYER_WAITS, raise_hint
from shared.keys import SaleKey, StripeId
from tests.worlds.clock import NOW
from worker.lease import claim_due, move, postpone

SALE = SaleKey("", False, "subscription", StripeId("sub_1"))
SESSION = SaleKey("", False, "checkout_session", StripeId("cs_1"))
LATER = NOW + timedelta(minutes=10)


def test_a_new_hint_does_not_wait_for_the_retry_of_a_pass_that_failed(engine: Engine) -> None:
    """It may be the cure, such as the payment that was missing."""
    with transaction(engine) as tx:
        raise_hint(tx, SALE, now=NOW)
    [lease] = claim_due(engine, worker="w", limit=1, now=NOW)
    with transaction(engine) as tx:
        raise_hint(tx, SALE, now=NOW)
    with transaction(engine) as tx:
        postpone(tx, lease, until=LATER, now=NOW)

    assert [found.key for found in claim_due(engine, worker="w", limit=1, now=NOW)] == [SALE]


def test_without_a_new_hint_the_retry_waits_its_time(engine: Engine) -> None:
    """A service that is down is not asked at once again."""
    with transaction(engine) as tx:
        raise_hint(tx, SALE, now=NOW)
    [lease] = claim_due(engine, worker="w", limit=1, now=NOW)
    with transaction(engine) as tx:
        postpone(tx, lease, until=LATER, now=NOW)

    assert claim_due(engine, worker="w", limit=1, now=NOW) == []
    assert [found.key for found in claim_due(engine, worker="w", limit=1, now=LATER)] == [SALE]


def test_a_hint_that_is_handed_on_stays_as_urgent_as_it_was(engine: Engine) -> None:
    """A buyer who waits at the page waits for the sale, not for the session."""
    with transaction(engine) as tx:
        raise_hint(tx, SESSION, now=NOW, urgency=BUYER_WAITS)
    [lease] = claim_due(engine, worker="w", limit=1, now=NOW)
    with transaction(engine) as tx:
        move(tx, lease, SALE, now=NOW)

    [sale] = claim_due(engine, worker="w", limit=1, now=NOW)
    assert (sale.key, sale.urgency) == (SALE, BUYER_WAITS)
