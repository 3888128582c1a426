"""What is told around one pass: its count, its time, its name on every line, its deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import structlog
from sqlalchemy.engine import Engine

from shared import tracing
from shared.journal import Span
from shared.keys import SaleKey, StripeId
from shared.logs import get_logger
from shared.tracing.otel import ids_of
from tests.integration.console.journal import Journal
from tests.worlds.collector import Collector, serve_collector
from tests.worlds.counts import counted
from tests.worlds.lines import logged
from worker.lease import Lease
from worker.watching import MOST_LINKS, watch

KEY = SaleKey("", False, "subscription", StripeId("sub_1"))
log = get_logger("test")


def lease(sale_id: int = 1, span: Span = Span(0, 1)) -> Lease:  # noqa: B008 - it never changes
    return Lease(sale_id, KEY, "token", pass_id=7, span=span, attempts=0)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_collector() as running:
        tracing.start(running.url, "test")
        yield running
        tracing.stop()


@pytest.fixture
def small(sqlite_url: str, engines: Callable[..., Engine]) -> Engine:
    return engines(sqlite_url)


@pytest.mark.parametrize("status", ["applied", "settled", "blocked", "refused", "failed", "lost"])
def test_a_pass_is_counted_once_by_how_it_ended(small: Engine, status: str) -> None:
    """With its time; nothing else rises."""
    with counted() as counts, watch(lease(), small) as watched:
        watched.status = status

    assert counts.of("fulfill_passes_total") == {f"status={status}": 1}
    assert counts.of("fulfill_pass_seconds_count") == {"": 1}


def test_a_pass_that_breaks_is_counted_as_unwritten_and_goes_on_breaking(small: Engine) -> None:
    """Nobody said how it ended: a graph must show it all the same."""
    with counted() as counts, pytest.raises(LookupError), watch(lease(), small):
        raise LookupError("a fault of ours")

    assert counts.of("fulfill_passes_total") == {"status=unwritten": 1}


def test_lines_inside_name_the_sale_and_lines_after_do_not(small: Engine) -> None:
    """The thread goes on with another sale; also after a pass that broke."""
    with logged() as lines:
        with suppress(LookupError), watch(lease(), small):
            log.info("step.started")
            raise LookupError("a fault of ours")
        log.info("lease.released")

    inside, after = lines.rows()
    assert (inside["key"], inside["pass_id"]) == ("own/test/subscription/sub_1", 7)
    assert "key" not in after
    assert structlog.contextvars.get_contextvars() == {}


def test_a_pass_is_traced_with_its_sale_its_number_and_its_end(
    small: Engine, collector: Collector
) -> None:
    """What a person searches a trace for."""
    with watch(lease(), small) as watched:
        watched.status = "blocked"
    tracing.stop()

    (span,) = collector.named("pass")
    assert span.attributes == {
        "sale": "own/test/subscription/sub_1",
        "pass_id": 7,
        "status": "blocked",
    }


def test_a_pass_covers_the_deliveries_after_its_start_up_to_its_end(
    engine: Engine, collector: Collector
) -> None:
    """Those before were another pass's, those after the next one's; another sale's never."""
    journal = Journal(engine)
    other, sale = journal.sale("sub_2"), journal.sale("sub_1")
    journal.event("evt_other", other)
    for number in range(1, 6):
        journal.event(f"evt_{number}", sale, account="acct_1" if number == 3 else "")

    with watch(lease(sale, Span(1, 4)), engine):
        pass
    tracing.stop()

    (span,) = collector.named("pass")
    newest, *linked = (
        f"{ids_of(event)[1]:016x}" for event in (("evt_4", ""), ("evt_3", "acct_1"), ("evt_2", ""))
    )
    assert (span.parent, span.links) == (newest, tuple(linked))


def test_a_burst_is_linked_to_its_newest_deliveries_only(
    small: Engine, collector: Collector
) -> None:
    """A span with a thousand links is one that no collector takes."""
    journal = Journal(small)
    sale = journal.sale("sub_1")
    for number in range(MOST_LINKS + 3):
        journal.event(f"evt_{number}", sale)

    with watch(lease(sale, Span(0, MOST_LINKS + 3)), small):
        pass
    tracing.stop()

    (span,) = collector.named("pass")
    assert len(span.links) == MOST_LINKS - 1
    assert span.parent == f"{ids_of((f'evt_{MOST_LINKS + 2}', ''))[1]:016x}"


def test_a_database_that_is_down_takes_only_the_links_away(
    engines: Callable[..., Engine], sqlite_url: str, collector: Collector
) -> None:
    """The pass itself will say what is wrong."""
    empty = engines(f"{sqlite_url}-of-nobody")

    with watch(lease(), empty) as watched:
        watched.status = "failed"
    tracing.stop()

    (span,) = collector.named("pass")
    assert (span.parent, span.links, span.attributes["status"]) == ("", (), "failed")
