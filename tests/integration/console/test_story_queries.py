"""What a story is put together from, and how far a search for it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from console.story import Found, Story, find, read_lone_events, read_stories
from console.story.read import LAST
from mappings.store import set_mapping
from mappings.values import MappingDraft, Terms
from shared.database import reading, transaction
from tests.integration.console.journal import NOON, Journal


def found(engine: Engine, name: str) -> Found:
    with reading(engine) as connection:
        return find(connection, name)


def story(engine: Engine, sale: int) -> Story:
    with reading(engine) as connection:
        (told,) = read_stories(connection, [sale])
    return told


def test_a_thin_event_is_found_by_its_own_id_too(engine: Engine, journal: Journal) -> None:
    """The thin copy and its snapshot twin are one event with two names."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale, thin_id="evt_thin")

    assert found(engine, "evt_thin").sale_ids == (sale,)


def test_one_event_in_two_accounts_leads_to_both_sales(engine: Engine, journal: Journal) -> None:
    """A platform and its connected account may each have it."""
    ours = journal.sale("sub_1")
    theirs = journal.sale("sub_1", account="acct_1")
    journal.event("evt_1", ours)
    journal.event("evt_1", theirs, account="acct_1")

    assert set(found(engine, "evt_1").sale_ids) == {ours, theirs}


def test_an_object_that_belongs_to_another_sale_leads_there(
    engine: Engine, journal: Journal
) -> None:
    """A pass found out whose invoice it is."""
    sale = journal.sale("sub_1")
    invoice = journal.sale("in_1", moved_to=sale)
    journal.event("evt_1", invoice, object_id="in_1_line")

    assert found(engine, "in_1").sale_ids == (sale,)
    assert found(engine, "in_1_line").sale_ids == (sale,)


def test_an_order_is_found_by_its_payment_but_not_by_the_beginning_of_its_name(
    engine: Engine, journal: Journal
) -> None:
    """ "in_1" and "in_10" are two invoices, and an underscore is no wildcard."""
    first, tenth = journal.sale("sub_1"), journal.sale("sub_10")
    journal.mentions(first, "in_1")
    journal.mentions(tenth, "in_10")

    assert found(engine, "in_1").sale_ids == (first,)
    assert found(engine, "in_10").sale_ids == (tenth,)
    assert not found(engine, "in_")
    assert not found(engine, "inX1")


def test_an_id_deep_inside_of_what_was_bought_is_found(engine: Engine, journal: Journal) -> None:
    """A line of an invoice is no sale and no event's object; a pass noted it all the same."""
    sale = journal.sale("sub_1")
    journal.mentions(sale, "il_7", "ch_7")
    journal.mentions(sale, "ch_7", "ch_8")

    assert found(engine, "il_7").sale_ids == (sale,)
    assert found(engine, "ch_7").sale_ids == (sale,)
    assert not found(engine, "il_")
    assert not found(engine, 'ch_7"')


def test_an_event_we_did_not_listen_to_is_found_by_its_object(
    engine: Engine, journal: Journal
) -> None:
    """It is no sale, but it was here."""
    row = journal.event("evt_1", object_id="txn_1", reason="not ours")

    assert found(engine, "txn_1") == Found(event_ids=(row,))
    with reading(engine) as connection:
        (event,) = read_lone_events(connection, [row])
    assert (event.event_id, event.reason) == ("evt_1", "not ours")


@pytest.mark.parametrize("name", ["", "0", "x", "%", "_", "evt_", "a/b", "own/test/invoice/in_1"])
def test_what_nobody_knows_finds_nothing_and_never_breaks(
    engine: Engine, journal: Journal, name: str
) -> None:
    """People paste anything."""
    journal.event("evt_1", journal.sale("sub_1"))

    assert not found(engine, name)


def test_a_story_holds_only_its_own_sale(engine: Engine, journal: Journal) -> None:
    """Two buyers must never be mixed up on one page."""
    ours, theirs = journal.sale("sub_1", customer_id="cus_1"), journal.sale("sub_2")
    for number, sale in enumerate((ours, theirs)):
        journal.event(f"evt_{number}", sale)
        journal.step(journal.closed(sale), f"step {number}")
        journal.link("license", f"si_{number}/1", f"lic_{number}", sale_id=sale)
        journal.problem(sale, "unmapped_price", f"price_{number}", "map it")

    told = story(engine, ours).as_json("")

    assert [one.get("event") for one in told["story"]] == ["evt_0", None]
    assert [step["step"] for step in told["story"][1]["steps"]] == ["step 0"]
    assert [link["licensekit_id"] for link in told["links"]] == ["lic_0"]
    assert [problem["subject"] for problem in told["problems"]] == ["price_0"]


def test_a_guests_customer_record_is_part_of_the_story(engine: Engine, journal: Journal) -> None:
    """A guest has no Stripe customer; the record hangs on the session."""
    sale = journal.sale("cs_1")
    journal.link("customer", "cs_1", "cust_guest")

    assert [link.licensekit_id for link in story(engine, sale).links] == ["cust_guest"]


def test_the_story_stands_in_the_order_in_which_things_happened_here(
    engine: Engine, journal: Journal
) -> None:
    """A delivery that came during a pass stands after the pass began."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    first = journal.closed(sale)
    journal.now = NOON + timedelta(minutes=2)
    journal.event("evt_2", sale)
    second = journal.closed(sale, seen=1)

    told = story(engine, sale).as_json("")["story"]

    assert [one.get("event") or one["pass"] for one in told] == ["evt_1", first, "evt_2", second]


def test_a_long_life_is_told_by_its_newest_part(engine: Engine, journal: Journal) -> None:
    """A page of two hundred is read; a page of thousands is not."""
    sale = journal.sale("sub_1")
    made = [journal.closed(sale, "settled") for _ in range(LAST + 3)]

    told = story(engine, sale).as_json("")["story"]

    assert [one["pass"] for one in told] == made[3:]


def test_a_sale_that_is_due_says_since_when_and_until_when_it_is_leased(
    engine: Engine, journal: Journal
) -> None:
    """The queue's own view of the sale."""
    until = NOON + timedelta(seconds=30)
    sale = journal.sale("sub_1", wanted_generation=2, lease_token="t", lease_until=until)

    queue = story(engine, sale).queue

    assert queue.due
    assert (queue.hinted_at, queue.leased_until) == (NOON, until)


def test_a_sale_tells_the_terms_it_was_sold_under(engine: Engine, journal: Journal) -> None:
    """The version that was kept with it, also when another sells now."""
    sale = journal.sale("sub_1")
    with transaction(engine) as connection:
        draft = MappingDraft("", False, "price_1", None, "prod_lk", "pol_1", Terms(grace_days=3))
        first = set_mapping(connection, draft, now=NOON, by="the shop")
        newer = replace(draft, terms=Terms())
        second = set_mapping(connection, newer, now=NOON, by="the shop")
    journal.sold_under(sale, "price_1", first.version)

    (told,) = story(engine, sale).terms

    assert (told.version, told.newest) == (first.version, second.version)
    assert told.mapping == first
