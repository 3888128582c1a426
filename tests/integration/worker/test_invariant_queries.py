"""Which sales and events the looks read at all, and how what was found is kept. On both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from mappings.store import set_mapping
from mappings.values import MappingDraft, Terms
from shared import tables
from shared.database import reading, transaction
from tests.integration.console.journal import NOON, Journal
from tests.worlds.lines import logged
from worker.errors import TemporaryError
from worker.invariants import Finding, read_findings
from worker.invariants.inbox import look_at_inbox
from worker.invariants.kept import run_look
from worker.invariants.sales import SETTLE_SECONDS, look_at_sales
from worker.invariants.values import MOST_EXAMPLES, Look, Scene, Tallies, Tally

LIMIT_SECONDS = 900
LINE = {"id": "si_1", "price": "price_1", "quantity": 1, "paid_until": None, "removed": False}
BACK = {"id": "in_1", "amount_minor_units": 100, "refunded_minor_units": 100, "disputes": []}
PAID: dict[str, Any] = {"stage": "paid", "subscription": None, "lines": [LINE], "payments": []}
RESTED = NOON - timedelta(seconds=SETTLE_SECONDS + 1)
Rests = Callable[..., int]


@pytest.fixture
def journal(engine: Engine) -> Journal:
    return Journal(engine)


@pytest.fixture
def rests(journal: Journal) -> Rests:
    """Writes a sale that is paid, at rest, and lacks its license."""

    def write(name: str = "cs_1", **changes: Any) -> int:
        at_rest = {"status": "applied", "bought": PAID, "due_at": RESTED, "hinted_at": RESTED}
        return journal.sale(name, **{**at_rest, **changes})

    return write


def scene(engine: Engine, now: datetime = NOON, **more: Any) -> Scene:
    return Scene(engine, None, now, LIMIT_SECONDS, **more)


def lacking(engine: Engine) -> list[str]:
    return look_at_sales(scene(engine))["paid_unlicensed"].examples


def license_of(journal: Journal, sale: int, **written: Any) -> None:
    held = {"expires_at": "never", **written}
    journal.link("license", f"si_1/{sale}", f"lic_{sale}", sale_id=sale, written=held)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "settled"},
        {"account": "acct_1", "livemode": True},
        {"wanted_generation": 4, "seen_generation": 4},
        {"kind": "subscription"},
    ],
    ids=["settled", "another account", "seen", "subscription"],
)
def test_a_sale_at_rest_is_looked_at(engine: Engine, rests: Rests, changes: dict[str, Any]) -> None:
    """Whatever its kind, account and number of passes."""
    rests(**changes)

    assert lacking(engine) == ["cs_1"]


@pytest.mark.parametrize(
    "changes",
    [
        *({"status": status} for status in ("blocked", "refused", "failed", "moved", None)),
        {"wanted_generation": 5, "seen_generation": 4},
        {"due_at": NOON - timedelta(seconds=SETTLE_SECONDS)},
        {"kind": "customer"},
        {"kind": "charge"},
        {"bought": None},
        pytest.param({"bought": sa.null()}, id="bought is NULL"),  # whose text has an address
    ],
    ids=str,
)
def test_a_sale_that_something_explains_is_left_out(
    engine: Engine, rests: Rests, changes: dict[str, Any]
) -> None:
    """It has an open problem, waits for a pass, came to rest just now, or is no sale."""
    rests(**changes)

    assert lacking(engine) == []


def test_what_a_person_decided_is_left_to_them_until_they_release_it(
    engine: Engine, rests: Rests
) -> None:
    """A hold explains a license that does not stand."""
    held, released = rests("cs_held"), rests("cs_released")
    decision = {"kind": "hold", "reason": "so", "decided_by": "ada@desk", "decided_at": NOON}
    with transaction(engine) as tx:
        for sale, released_at in ((held, None), (released, NOON)):
            row = {**decision, "sale_id": sale, "released_at": released_at}
            tx.execute(sa.insert(tables.decisions), row)

    assert lacking(engine) == ["cs_released"]


def test_an_object_of_another_sale_is_not_looked_at_by_itself(
    engine: Engine, rests: Rests, journal: Journal
) -> None:
    """The sale that it belongs to is."""
    sale = rests()
    license_of(journal, sale)
    rests("in_1", moved_to=sale)

    assert lacking(engine) == []


@pytest.mark.parametrize(
    ("licensekit_id", "found"), [(None, ["cs_1"]), ("lic_1", [])], ids=["intent", "license"]
)
def test_an_intent_is_no_license(
    engine: Engine, rests: Rests, journal: Journal, licensekit_id: str | None, found: list[str]
) -> None:
    """Nobody knows whether it was made: its buyer has no key of it."""
    journal.link("license", "si_1/1", licensekit_id, sale_id=rests(), written={})

    assert lacking(engine) == found


def test_every_batch_is_looked_at_and_ten_ids_are_kept(
    engine: Engine, rests: Rests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest first; the count is of all, also over the border of a batch."""
    monkeypatch.setattr("worker.invariants.sales.BATCH", 4)
    names = [f"cs_{number}" for number in range(12)]
    for name in names:
        rests(name)

    tally = look_at_sales(scene(engine))["paid_unlicensed"]

    assert (tally.count, tally.examples) == (12, names[:MOST_EXAMPLES])


def test_a_look_that_is_told_to_stop_finds_nothing_at_all(
    engine: Engine, rests: Rests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a count would look like a mended shop."""
    monkeypatch.setattr("worker.invariants.sales.BATCH", 1)
    rests("cs_1")
    rests("cs_2")

    assert look_at_sales(scene(engine, stopping=lambda: True)) == {}
    assert look_at_sales(scene(engine)).keys() == {"paid_unlicensed", "licensed_unpaid"}


@pytest.mark.parametrize(
    ("on_refund", "found"), [("revoke", ["cs_1"]), ("suspend", ["cs_1"]), ("keep", [])]
)
def test_a_refunded_license_may_stand_by_the_terms_of_its_sale(
    engine: Engine, rests: Rests, journal: Journal, on_refund: Any, found: list[str]
) -> None:
    """By those it was sold under, not by those that are mapped since."""
    terms = Terms(on_refund=on_refund)
    draft = MappingDraft("", False, "price_1", None, "prod_1", "pol_1", terms)
    with transaction(engine) as tx:
        sold = set_mapping(tx, draft, now=NOON, by="test")
    sale = rests(bought={**PAID, "payments": [BACK]})
    license_of(journal, sale)
    journal.sold_under(sale, "price_1", sold.version)

    assert look_at_sales(scene(engine))["licensed_unpaid"].examples == found


def test_a_hint_is_too_old_only_past_the_limit_and_the_oldest_is_told_first(
    engine: Engine, journal: Journal
) -> None:
    """One that was seen is not waited for, however old it is."""
    for name, seconds, seen in (
        ("sub_edge", LIMIT_SECONDS, 0),
        ("sub_old", LIMIT_SECONDS + 1, 0),
        ("sub_oldest", 9 * LIMIT_SECONDS, 0),
        ("sub_seen", 9 * LIMIT_SECONDS, 1),
    ):
        hinted = NOON - timedelta(seconds=seconds)
        journal.sale(name, hinted_at=hinted, wanted_generation=1, seen_generation=seen)

    tally = look_at_inbox(scene(engine))["inbox_too_old"]

    assert (tally.count, tally.examples) == (2, ["sub_oldest", "sub_old"])


def test_events_that_only_a_sweep_found_count_for_a_day_the_newest_first(
    engine: Engine, journal: Journal
) -> None:
    """A delivered one never does; ten are named and all are counted."""
    day = timedelta(days=1)
    journal.event("evt_edge", secret=-1, received_at=NOON - day)
    journal.event("evt_delivered", secret=0, received_at=NOON)
    for number in range(12):
        received = NOON - day + timedelta(seconds=1 + number)
        journal.event(f"evt_{number:02}", secret=-1, received_at=received)

    tally = look_at_inbox(scene(engine))["events_never_delivered"]

    assert (tally.count, len(tally.examples)) == (12, MOST_EXAMPLES)
    assert tally.examples[:2] == ["evt_11", "evt_10"]


def found_by(tallies: Tallies) -> Look:
    return Look("test", 60, lambda _: tallies)


def kept(engine: Engine) -> list[Finding]:
    with reading(engine) as tx:
        return read_findings(tx)


def test_a_finding_replaces_the_one_before_and_leaves_the_others(engine: Engine) -> None:
    """Mended is told as soon as it is seen, by the moment of the look; names in order."""
    later = NOON + timedelta(hours=1)
    run_look(found_by({"b": Tally(2, ["cs_1", "cs_2"]), "a": Tally(1, ["lic_1"])}), scene(engine))
    run_look(found_by({"b": Tally()}), scene(engine, later))
    run_look(found_by({}), scene(engine, later))

    assert kept(engine) == [Finding("a", 1, ("lic_1",), NOON), Finding("b", 0, (), later)]


def test_a_look_that_fails_keeps_what_was_found_last(engine: Engine) -> None:
    """An outage of LicenseKit is not a healthy shop."""

    def fails(_: Scene) -> Tallies:
        raise TemporaryError("LicenseKit does not answer")

    run_look(found_by({"a": Tally(1, ["lic_1"])}), scene(engine))
    with pytest.raises(TemporaryError):
        run_look(Look("test", 60, fails), scene(engine, NOON + timedelta(hours=1)))

    assert kept(engine) == [Finding("a", 1, ("lic_1",), NOON)]


def test_only_what_is_broken_is_logged_with_its_ids(engine: Engine) -> None:
    """One line an invariant, from which a person can go on."""
    with logged() as lines:
        run_look(found_by({"a": Tally(12, ["cs_1"]), "b": Tally()}), scene(engine))

    (row,) = lines.rows()
    assert (row["stage"], row["level"]) == ("invariant.broken", "warning")
    assert (row["invariant"], row["count"], row["ids"]) == ("a", 12, ["cs_1"])
