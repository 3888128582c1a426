"""What a delivery and its pass tell of themselves: counts, log lines and one trace.

One purchase is played once, through a real receiver and a crew of threads; each test looks at it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from shared import tracing
from shared.clock import SystemClock
from shared.settings import read_settings
from shared.tables import escrow, sales
from shared.tracing.otel import ids_of
from simulator.stripe import Stripe
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from tests.deliveries import sign
from tests.worlds.collector import Collector, SeenSpan, serve_collector
from tests.worlds.counts import Counts, counted
from tests.worlds.licensekit import TOKEN
from tests.worlds.lines import Lines, logged
from tests.worlds.web import serve_app
from tests.worlds.world import STRIPE_KEY, World, make_deps, open_world
from webhooks.app import make_app
from worker.crew import Crew
from worker.deps import Deps

EMAIL = "ada.lovelace@example.com"


@dataclass(frozen=True, slots=True)
class Seen:
    """The purchase, and all that was told of it."""

    world: World
    session_id: str
    counts: Counts
    lines: Lines
    traced: Collector

    @property
    def key(self) -> str:
        return f"own/test/checkout_session/{self.session_id}"


def deliver_all(url: str, stripe: Stripe) -> None:
    for event in stripe.shop.events():
        body = json.dumps(event).encode()
        for _ in range(2):  # Stripe delivers at least once
            headers = {"Stripe-Signature": sign(body)}
            httpx.post(f"{url}/stripe/webhook", content=body, headers=headers, trust_env=False)


def run_crew(world: World) -> None:
    """Every sale is brought to rest in threads, as a worker does it."""

    def fresh() -> Deps:
        return make_deps(world.engine, world.stripe_url, world.books.url, SystemClock())

    crew = Crew(world.engine, fresh, threads=2, worker="test", clock=SystemClock())
    crew.start()
    crew.bring_to_rest(lambda: None)
    crew.close()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("watched")
    environment = {
        "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "DATABASE_URL": f"sqlite:///{folder / 'fulfill.db'}",
    }
    with (
        open_world(folder) as world,
        serve_collector() as collector,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("NO_PROXY", "127.0.0.1")  # for the exporter, which asks the environment
        price, _ = world.price()
        bought = world.stripe.shop.buy(price, email=EMAIL)
        with logged() as lines, counted() as counts:
            tracing.start(collector.url, "test")
            app = make_app(read_settings(environment, role="receiver"))
            with serve_app(app, lifespan=True) as url:
                deliver_all(url, world.stripe)
                run_crew(world)
        yield Seen(world, bought.session, counts, lines, collector)


def spans_of_sale(seen: Seen) -> list[SeenSpan]:
    """All of the trace that the sale's pass stands in."""
    (one,) = [span for span in seen.traced.named("pass") if span.attributes["sale"] == seen.key]
    return [span for span in seen.traced.spans if span.trace == one.trace]


def test_every_line_during_a_pass_names_its_sale(seen: Seen) -> None:
    """Whoever searches the log for a sale finds all of it, and nothing of another's."""
    doors = ("delivery", "inbox", "queue", "lease")  # before a pass begins
    worked = [row for row in seen.lines.rows() if row["stage"].split(".")[0] not in doors]

    assert {"step.started", "step.done", "pass.closed"} <= {row["stage"] for row in worked}
    mine = [row for row in worked if row["key"] == seen.key]
    assert len({row["pass_id"] for row in mine}) == 1
    assert all(row["key"] and row["pass_id"] for row in worked)


def test_a_line_says_which_trace_it_belongs_to(seen: Seen) -> None:
    """From a line to its trace, without a search by time."""
    (closed,) = [
        row for row in seen.lines.rows() if row["stage"] == "pass.closed" and row["key"] == seen.key
    ]

    assert closed["trace_id"] == spans_of_sale(seen)[0].trace


def test_passes_steps_and_calls_are_counted_by_kind(seen: Seen) -> None:
    """What a graph shows: how passes end, what they do, and how the services answer."""
    counts = seen.counts
    statuses = [row.status for row in seen.world.rows(sales) if row.kind == "checkout_session"]

    assert statuses == ["applied"]
    assert counts.of("fulfill_passes_total")["status=applied"] == 1
    assert counts.of("fulfill_steps_total")["kind=issue-license,outcome=done"] == 1
    assert (
        counts.of("fulfill_licensekit_calls_total")["operation=POST /api/v1/licenses,status=201"]
        == 1
    )
    stripe = counts.of("fulfill_stripe_calls_total")
    assert stripe["operation=GET /v1/checkout/sessions/{id},status=200"] >= 1
    assert counts.of("fulfill_pass_seconds_count")[""] == sum(
        counts.of("fulfill_passes_total").values()
    )


def test_no_id_of_anything_becomes_a_label(seen: Seen) -> None:
    """A label for each sale would fill the memory of whoever scrapes."""
    labels = " ".join(seen.counts.rose)

    assert seen.session_id not in labels
    assert "{id}/{id}" not in labels
    assert "/v1/{id}" not in labels


def test_one_trace_holds_the_delivery_its_pass_and_the_calls(seen: Seen) -> None:
    """Nothing is handed over but the event's id: the pass finds the trace by itself."""
    spans = spans_of_sale(seen)
    names = {span.name.split()[0] for span in spans}

    assert {
        "delivery",
        "pass",
        "snapshot",
        "plan",
        "apply",
        "step",
        "stripe",
        "licensekit",
    } == names
    (told,) = [s for s in spans if s.name == "delivery" and s.attributes["outcome"] == "recorded"]
    (made,) = [s for s in spans if s.name == "pass"]
    assert made.parent == told.id
    assert (told.trace, told.id) == hexadecimal(ids_of((told.attributes["event_id"], "")))
    inside = {span.id: span for span in spans}
    assert all(inside[s.parent] for s in spans if s is not told)
    issue = next(s for s in spans if s.name == "step issue-license")
    create = next(s for s in spans if s.name == "licensekit POST /api/v1/licenses")
    assert create.parent == issue.id
    assert create.attributes["status"] == 201
    assert create.attributes["request_id"].startswith("req_")


def test_a_pass_is_linked_to_the_other_deliveries_that_it_covers(seen: Seen) -> None:
    """A burst of hints is one pass: each delivery leads to it."""
    covered = [s for s in seen.traced.named("delivery") if s.attributes["outcome"] == "recorded"]
    passes = seen.traced.named("pass")

    reached = {p.parent for p in passes} | {link for p in passes for link in p.links}
    assert reached == {span.id for span in covered}


def test_a_second_copy_stands_beside_the_first(seen: Seen) -> None:
    """It has an id of its own, or a collector would show one of the two at random."""
    again = [s for s in seen.traced.named("delivery") if s.attributes["outcome"] == "duplicate"]
    ids = [span.id for span in seen.traced.spans]

    assert again
    assert len(ids) == len(set(ids))
    assert all(span.parent in ids for span in again)


def test_no_trace_holds_a_secret_a_license_key_or_a_buyer(seen: Seen) -> None:
    """A collector is read by more people than the database is."""
    sent = b"".join(seen.traced.bodies)
    (kept,) = seen.world.rows(escrow)
    secrets = (STRIPE_KEY, TOKEN, SIGNING_SECRET, FERNET_KEY, EMAIL)

    for secret in (*secrets, seen.world.key_of(kept.licensekit_id)):
        assert secret.encode() not in sent


def hexadecimal(ids: tuple[int, int]) -> tuple[str, str]:
    return f"{ids[0]:032x}", f"{ids[1]:016x}"
