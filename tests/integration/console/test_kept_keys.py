"""Which license keys are kept, in which order, and what giving them out leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.license_keys import (
    Given,
    Kept,
    find_kept,
    give_out,
    list_kept,
    mark_all_until,
    mark_given,
    take_back,
)
from console.license_keys.giving import AT_ONCE
from shared.database import reading, transaction
from shared.keys import SaleKey, StripeId
from shared.secrets import Secret, Unreadable, Vault
from shared.tables import audit, escrow, links
from tests.conftest import FERNET_KEY
from tests.integration.console.journal import NOON, Journal

HOUR = timedelta(hours=1)
VAULT = Vault([Secret(FERNET_KEY)])
ADA = Given("ada@desk", NOON + 9 * HOUR, "by mail")
BEN = Given("ben@desk", NOON + 10 * HOUR)


@pytest.fixture
def kept(journal: Journal) -> Journal:
    """lic_1 to lic_3, kept an hour apart; the last is of a guest."""
    for number, customer in ((1, "cus_1"), (2, "cus_1"), (3, None)):
        sale = journal.sale(f"cs_{number}", customer_id=customer)
        sealed = VAULT.seal(Secret(f"KEY-{number}"))
        journal.kept_key(f"lic_{number}", sale, sealed=sealed)
        journal.now += HOUR
    return journal


def ids(found: Sequence[Kept]) -> list[str]:
    return [one.license_id for one in found]


def state(engine: Engine) -> dict[str, str | None]:
    """Who gave each out; None = it waits."""
    with reading(engine) as tx:
        return {row.licensekit_id: row.delivered_by for row in tx.execute(sa.select(escrow))}


def deeds(engine: Engine) -> list[tuple[str, str, str, Any]]:
    with reading(engine) as tx:
        rows = tx.execute(sa.select(audit).order_by(audit.c.id))
        return [(row.who, row.action, row.subject, row.detail) for row in rows]


def test_what_waits_stands_longest_first_and_all_newest_first(
    engine: Engine, kept: Journal
) -> None:
    """Who gives keys out begins with the buyer who has waited most."""
    assert kept
    mark_given(engine, ["lic_2"], ADA)

    with reading(engine) as tx:
        assert ids(list_kept(tx, undelivered=True, limit=9)) == ["lic_1", "lic_3"]
        assert ids(list_kept(tx, undelivered=True, limit=1)) == ["lic_1"]
        assert ids(list_kept(tx, undelivered=False, limit=2)) == ["lic_3", "lic_2"]


@pytest.mark.parametrize(
    ("names", "licenses", "lost"),
    [
        (["lic_1"], ["lic_1"], []),
        (["lic_3", "lic_1"], ["lic_3", "lic_1"], []),
        (["cs_2", "lic_2", "cs_2"], ["lic_2"], []),
        (["cus_1"], ["lic_1", "lic_2"], []),
        (["lic_9", "lic_1", "cs_9"], ["lic_1"], ["lic_9", "cs_9"]),
        ([], [], []),
    ],
    ids=["a license", "in the order asked", "once each", "a buyer", "some are lost", "none"],
)
def test_keys_are_found_by_a_license_or_any_id_of_its_sale(
    engine: Engine, kept: Journal, names: list[str], licenses: list[str], lost: list[str]
) -> None:
    """What leads to none is told by its name."""
    assert kept
    with reading(engine) as tx:
        found, missing = find_kept(tx, names)

    assert (ids(found), missing) == (licenses, lost)


def test_keys_come_in_the_order_asked_for_and_who_was_first_stays(
    engine: Engine, kept: Journal
) -> None:
    """Each showing is noted; an id without a key is left out."""
    assert kept
    first = give_out(engine, ["lic_3", "lic_9", "lic_1"], VAULT, ADA)
    again = give_out(engine, ["lic_1"], VAULT, BEN)

    assert first == [("lic_3", Secret("KEY-3")), ("lic_1", Secret("KEY-1"))]
    assert again == [("lic_1", Secret("KEY-1"))]
    assert state(engine) == {"lic_1": "ada@desk", "lic_2": None, "lic_3": "ada@desk"}
    assert deeds(engine) == [
        ("ada@desk", "keys.show", "lic_3", {"how": "by mail"}),
        ("ada@desk", "keys.show", "lic_1", {"how": "by mail"}),
        ("ben@desk", "keys.show", "lic_1", {}),
    ]


def test_one_key_that_does_not_open_gives_out_none(engine: Engine, kept: Journal) -> None:
    """Nothing is written either: nobody has seen a key."""
    sale = kept.sale("cs_4")
    kept.kept_key("lic_4", sale, sealed=b"sealed with another key")

    with pytest.raises(Unreadable):
        give_out(engine, ["lic_1", "lic_4"], VAULT, ADA)

    assert set(state(engine).values()) == {None}
    assert deeds(engine) == []


def test_a_key_that_was_taken_back_waits_again_and_may_be_given_by_another(
    engine: Engine, kept: Journal
) -> None:
    """The audit log keeps all three."""
    assert kept
    mark_given(engine, ["lic_1"], ADA)
    take_back(engine, ["lic_1"], BEN)
    assert state(engine)["lic_1"] is None

    mark_given(engine, ["lic_1"], BEN)

    assert state(engine)["lic_1"] == "ben@desk"
    assert [deed[:2] for deed in deeds(engine)] == [
        ("ada@desk", "keys.mark"),
        ("ben@desk", "keys.unmark"),
        ("ben@desk", "keys.mark"),
    ]


def test_all_that_were_kept_before_a_moment_are_marked_and_none_later(
    engine: Engine, kept: Journal
) -> None:
    """In one row of the audit log with how many; those given out before stay whose they were."""
    assert kept
    mark_given(engine, ["lic_1"], BEN)
    until = NOON + 2 * HOUR  # when lic_3 was kept: just before then

    assert mark_all_until(engine, until, ADA) == 1
    assert mark_all_until(engine, until, ADA) == 0

    assert state(engine) == {"lic_1": "ben@desk", "lic_2": "ada@desk", "lic_3": None}
    told = {"until": "2026-11-20T14:00:00+00:00", "how": "by mail"}
    assert [deed[2:] for deed in deeds(engine)[1:]] == [
        ("", {**told, "keys": 1}),
        ("", {**told, "keys": 0}),
    ]


def test_more_keys_than_one_transaction_takes_are_all_marked(
    engine: Engine, journal: Journal
) -> None:
    """Workers wait for a part of them, not for all."""
    link = journal.link("license", "si_1/1", "lic_0", sale_id=journal.sale("cs_1"))
    rows = [
        {"licensekit_id": f"lic_{n}", "link_id": link, "sealed_key": b"x", "created_at": NOON}
        for n in range(AT_ONCE + 1)
    ]
    with transaction(engine) as tx:
        tx.execute(sa.insert(escrow), rows)

    assert mark_all_until(engine, NOON + HOUR, ADA) == AT_ONCE + 1
    assert None not in state(engine).values()


def test_a_kept_key_is_told_with_all_but_the_key(engine: Engine, kept: Journal) -> None:
    """On one line for people, and field by field for programs."""
    assert kept
    with transaction(engine) as tx:
        mine = links.update().where(links.c.licensekit_id == "lic_3")
        tx.execute(mine.values(written={"revoked": "refunded"}))
    mark_given(engine, ["lic_3"], ADA)
    with reading(engine) as tx:
        ((one,), _) = find_kept(tx, ["lic_3"])

    assert one.sale == SaleKey("", False, "checkout_session", StripeId("cs_3"))
    assert str(one) == (
        "lic_3  cs_3  no customer is known  kept 2026-11-20 14:00:00  "
        "given out 2026-11-20 21:00:00 by ada@desk, revoked: refunded"
    )
    assert one.as_json() == {
        "license_id": "lic_3",
        "sale": {"account": "", "livemode": False, "kind": "checkout_session", "id": "cs_3"},
        "customer_id": None,
        "line": "lic_3/1",
        "kept_at": "2026-11-20T14:00:00.000Z",
        "delivered_at": "2026-11-20T21:00:00.000Z",
        "delivered_by": "ada@desk",
        "revoked": "refunded",
    }
