"""Which passes a shopkeeper finds, by whatever id is at hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Engine

from console.fulfillments import Filters, read_page
from shared.database import reading
from tests.integration.console.journal import NOON, Journal


def found(
    engine: Engine, filters: Filters, *, before: int | None = None, limit: int = 50
) -> list[int]:
    with reading(engine) as connection:
        page = read_page(connection, filters, before=before, limit=limit)
    return [row.pass_id for row in page.rows]


def test_the_newest_pass_stands_first(engine: Engine, journal: Journal) -> None:
    """What happened last is what a person looks for."""
    sale = journal.sale("sub_1")
    first, second = journal.closed(sale), journal.closed(sale)

    assert found(engine, Filters()) == [second, first]


def test_a_row_tells_all_that_the_contract_names(engine: Engine, journal: Journal) -> None:
    """Others build on these names and shapes, so they are held here word for word."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    journal.event("evt_2", sale)
    made = journal.closed(
        sale,
        customer_id="cust_1",
        order_ids=["ord_1"],
        subscription_id="sub_lk",
        license_ids=["lic_1"],
        problems=[{"cause": "unmapped_price", "subject": "price_1", "message": "map it"}],
    )
    journal.step(made, "issue pol_1 for si_1")

    with reading(engine) as connection:
        (row,) = read_page(connection, Filters()).rows

    assert row.as_json() == {
        "pass": made,
        "sale": {"account": "", "livemode": False, "kind": "subscription", "id": "sub_1"},
        "events": ["evt_1", "evt_2"],
        "status": "applied",
        "steps": [
            {
                "step": "issue pol_1 for si_1",
                "key": "issue-pol_1-for-si_1",
                "status": "done",
                "error": None,
            }
        ],
        "problems": [{"cause": "unmapped_price", "subject": "price_1", "message": "map it"}],
        "customer_id": "cust_1",
        "order_ids": ["ord_1"],
        "subscription_id": "sub_lk",
        "license_ids": ["lic_1"],
        "started_at": "2026-11-20T12:01:00.000Z",
        "finished_at": "2026-11-20T12:01:01.000Z",
    }


def test_a_sale_is_found_by_its_id_its_whole_key_and_an_object_that_led_to_it(
    engine: Engine, journal: Journal
) -> None:
    """A charge in hand belongs to the sale that a pass found for it."""
    sale = journal.sale("sub_1")
    journal.sale("ch_1", moved_to=sale)
    ours = journal.closed(sale)
    journal.closed(journal.sale("sub_2"))

    for name in ("sub_1", "own/test/subscription/sub_1", "ch_1"):
        assert found(engine, Filters(sale=name)) == [ours]
    assert found(engine, Filters(sale="own/live/subscription/sub_1")) == []
    assert found(engine, Filters(sale="not/a/key")) == []


def test_an_event_is_found_only_in_the_passes_that_covered_it(
    engine: Engine, journal: Journal
) -> None:
    """A pass covers the hints that came before it read the sale, and no later ones."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    first = journal.closed(sale, seen=0, to=1)
    journal.event("evt_2", sale)
    second = journal.closed(sale, seen=1, to=2)
    journal.event("evt_ignored")

    assert found(engine, Filters(event="evt_1")) == [first]
    assert found(engine, Filters(event="evt_2")) == [second]
    assert found(engine, Filters(event="evt_ignored")) == []


def test_a_customer_is_found_by_stripes_id_and_by_licensekits(
    engine: Engine, journal: Journal
) -> None:
    """The person on the phone may know either; a guest is known by the session."""
    known = journal.closed(journal.sale("sub_1", customer_id="cus_1"))
    guest = journal.closed(journal.sale("cs_1"))
    journal.link("customer", "cus_1", "cust_1")
    journal.link("customer", "cs_1", "cust_guest")

    assert found(engine, Filters(customer="cus_1")) == [known]
    assert found(engine, Filters(customer="cust_1")) == [known]
    assert found(engine, Filters(customer="cust_guest")) == [guest]
    assert found(engine, Filters(customer="cust_unknown")) == []


def test_a_license_leads_to_the_passes_of_its_sale(engine: Engine, journal: Journal) -> None:
    """Whoever holds a license can be told how it came about."""
    sale = journal.sale("sub_1")
    ours = journal.closed(sale)
    journal.closed(journal.sale("sub_2"))
    journal.link("license", "si_1/1", "lic_1", sale_id=sale)

    assert found(engine, Filters(license="lic_1")) == [ours]
    assert found(engine, Filters(license="lic_1", sale="sub_2")) == []


def test_passes_are_found_by_status_and_unfinished_ones_only_when_asked_for(
    engine: Engine, journal: Journal
) -> None:
    """A pass that still runs, or that only moved a hint, has no outcome to tell."""
    sale = journal.sale("sub_1")
    done, failed = journal.closed(sale), journal.closed(sale, "failed")
    running, moved = journal.closed(sale, "running"), journal.closed(sale, "moved")

    assert found(engine, Filters()) == [failed, done]
    assert found(engine, Filters(status="failed")) == [failed]
    assert found(engine, Filters(status="running")) == [running]
    assert found(engine, Filters(status="moved", sale="sub_1")) == [moved]


def test_passes_are_found_by_when_they_started(engine: Engine, journal: Journal) -> None:
    """Since counts from that moment on, until stops just before it."""
    sale = journal.sale("sub_1")
    days = [NOON + timedelta(days=day) for day in range(5)]
    made = [journal.closed(sale, started_at=day) for day in days]

    between = Filters(since=days[1], until=days[3])

    assert found(engine, between) == [made[2], made[1]]
    assert found(engine, Filters(since=datetime(2030, 1, 1, tzinfo=UTC))) == []


def test_a_worker_whose_clock_is_behind_is_still_found_by_time(
    engine: Engine, journal: Journal
) -> None:
    """Numbers and start times need not rise together when clocks differ by minutes."""
    sale = journal.sale("sub_1")
    journal.closed(sale, started_at=NOON - timedelta(days=1))
    early = journal.closed(sale, started_at=NOON + timedelta(minutes=5))
    late = journal.closed(sale, started_at=NOON - timedelta(minutes=5))

    assert found(engine, Filters(since=NOON)) == [early]
    assert found(engine, Filters(since=NOON - timedelta(minutes=10))) == [late, early]


def test_pages_follow_each_other_without_a_gap_or_a_repeat(
    engine: Engine, journal: Journal
) -> None:
    """The cursor of a page is the number of its last row; the last page has none."""
    sale = journal.sale("sub_1")
    made = [journal.closed(sale) for _ in range(5)]
    seen: list[int] = []
    cursor: int | None = None

    with reading(engine) as connection:
        for _ in range(3):
            page = read_page(connection, Filters(), before=cursor, limit=2)
            seen += [row.pass_id for row in page.rows]
            cursor = page.next_cursor

    assert seen == made[::-1]
    assert cursor is None


def test_a_customer_with_hundreds_of_sales_is_told_in_one_order(
    engine: Engine, journal: Journal
) -> None:
    """However many sales a customer has, the newest passes over all of them come first."""
    sales = [journal.sale(f"cs_{n}", customer_id="cus_1") for n in range(130)]
    made = [journal.closed(sale) for sale in sales]

    assert found(engine, Filters(customer="cus_1"), limit=3) == made[:-4:-1]
