"""Whatever stands in the journal and whatever is asked: the search finds what a person would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from console.fulfillments import Filters, read_page
from console.fulfillments.search import find_passes
from console.fulfillments.values import STATUSES, UNTOLD, Status
from shared.database import make_engine, reading, transaction
from shared.migrations import upgrade
from shared.tables import metadata
from tests.integration.console.journal import NOON, Journal

SALES = 3  # "sub_0" to "sub_2", of the customers "cus_0" and "cus_1"


@dataclass(frozen=True, slots=True)
class Row:
    """One pass, as the test remembers it."""

    sale: int
    status: Status
    jitter: int  # minutes: workers' clocks differ, but by less than an hour

    def started(self, place: int) -> datetime:
        """An hour a pass, more or less: neighbours may have started the other way round."""
        return NOON + timedelta(hours=place, minutes=self.jitter)


rows = st.lists(
    st.builds(
        Row,
        sale=st.integers(0, SALES - 1),
        status=st.sampled_from(STATUSES),
        jitter=st.integers(-29, 29),
    ),
    max_size=12,
)
moments = st.integers(-60, 800).map(lambda minutes: NOON + timedelta(minutes=minutes))
filters = st.builds(
    Filters,
    sale=st.none() | st.sampled_from(["sub_0", "sub_1", "sub_9"]),
    status=st.none() | st.sampled_from(STATUSES),
    customer=st.none() | st.sampled_from(["cus_0", "cus_1", "cus_9"]),
    license=st.none() | st.sampled_from(["lic_0", "lic_2", "lic_9"]),
    since=st.none() | moments,
    until=st.none() | moments,
)
# the database is emptied for each example, so sharing it is safe
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(scope="module")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path: Path = tmp_path_factory.mktemp("search") / "fulfill.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    yield engine
    engine.dispose()


def write(engine: Engine, told: list[Row]) -> list[int]:
    """Empty the journal and write these rows; their numbers, in order."""
    with transaction(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
    journal = Journal(engine)
    sales = [journal.sale(f"sub_{n}", customer_id=f"cus_{n % 2}") for n in range(SALES)]
    for number, sale in enumerate(sales):
        journal.link("license", f"si_{number}/1", f"lic_{number}", sale_id=sale)
    return [
        journal.closed(sales[row.sale], row.status, started_at=row.started(place))
        for place, row in enumerate(told)
    ]


def fits(place: int, row: Row, asked: Filters) -> bool:
    """What each filter means, said as plainly as it can be."""
    started = row.started(place)
    return (
        asked.sale in (None, f"sub_{row.sale}")
        and asked.customer in (None, f"cus_{row.sale % 2}")
        and asked.license in (None, f"lic_{row.sale}")
        and (row.status == asked.status if asked.status else row.status not in UNTOLD)
        and (asked.since is None or started >= asked.since)
        and (asked.until is None or started < asked.until)
    )


@shared
@given(told=rows, asked=filters)
def test_a_search_finds_exactly_what_fits_newest_first(
    one_database: Engine, told: list[Row], asked: Filters
) -> None:
    """However filters are combined, no pass is missing and none is too many."""
    numbers = write(one_database, told)

    with reading(one_database) as connection:
        found = find_passes(connection, asked, before=None, limit=100)

    wanted = [numbers[place] for place, row in enumerate(told) if fits(place, row, asked)]
    assert found == wanted[::-1]


@shared
@given(told=rows, asked=filters, limit=st.integers(1, 5))
def test_all_pages_together_are_the_whole_search(
    one_database: Engine, told: list[Row], asked: Filters, limit: int
) -> None:
    """Following the cursor shows each pass once, whatever the size of a page."""
    write(one_database, told)
    seen: list[int] = []

    with reading(one_database) as connection:
        whole = find_passes(connection, asked, before=None, limit=100)
        page = read_page(connection, asked, limit=limit)
        seen += [row.pass_id for row in page.rows]
        while page.next_cursor is not None:
            page = read_page(connection, asked, before=page.next_cursor, limit=limit)
            assert page.rows  # a cursor always leads to something
            seen += [row.pass_id for row in page.rows]

    assert seen == whole
