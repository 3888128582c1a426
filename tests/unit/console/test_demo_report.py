"""What the demo shows at its end: each way, the table, and an honest verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console, RenderableType

from console.demo.acts import Sales
from console.demo.harvest import Harvest
from console.demo.lives import Life, Moment
from console.demo.report import final_tables, summary, verdict_text
from console.demo.verdict import Ended
from console.fulfillments.values import Fulfillment, StepRow
from console.story.values import Delivered, Passed, Queued, Story
from shared.keys import SaleKey, StripeId

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = SaleKey("", False, "subscription", StripeId("sub_1"))
TITLE = "3. a subscription"
END = "2026-12-20T12:00:00Z"
NAMES = {"pol_1": "Team", "prod_1": "Team"}
EVENT = Delivered("evt_1", "invoice.paid", "recorded", None, "in_1", NOON, NOON)
SALES = Sales(mishaps=["Redis was emptied"])


def a_pass(number: int, status: str, *steps: StepRow, error: str | None = None) -> Passed:
    row = Fulfillment(
        pass_id=number,
        sale=KEY,
        events=("evt_1",),
        status=status,
        steps=steps,
        problems=(),
        customer_id=None,
        order_ids=(),
        subscription_id=None,
        license_ids=(),
        started_at=NOON,
        finished_at=NOON,
        error=error,
    )
    return Passed(row, "shop:1", ())


LOST = a_pass(1, "failed", StepRow("issue pol_1", "k", "started", None, "w"), error="worker gone")
DONE = a_pass(2, "applied", StepRow("issue pol_1", "k", "done", None, "w"))
STORY = Story(
    KEY, "applied", "cus_1", {}, Queued(1, 1, NOON, NOON, 0, None), (EVENT, LOST, DONE), (), ()
)
ENDED = Ended(
    licenses=[{"id": "lic_1", "policy_id": "pol_1", "status": "active", "expires_at": END}],
    orders=[{"id": "ord_1", "product_id": "prod_1", "status": "paid", "period_end": END}],
    subscriptions=[
        {"id": "sub_lk", "product_id": "prod_1", "status": "active", "current_period_end": END}
    ],
    targets=[],
)


def harvest(*faults: str) -> Harvest:
    return Harvest({TITLE: STORY}, {TITLE: ENDED}, faults, names=NAMES)


def a_life(*helds: str) -> Life:
    """One that is looked at once for each; "right" is what it should hold."""
    moments = [Moment(day, "a month passes", NOON, held, "right") for day, held in enumerate(helds)]
    return Life("Finn", TITLE, moments=moments)


def text(page: RenderableType) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(page)
    return console.export_text()


def test_the_table_names_every_record_with_its_end() -> None:
    """Licenses, orders and subscriptions, sale by sale."""
    shown = text(final_tables(harvest()))

    assert [" ".join(line.split()) for line in shown.splitlines()][2:] == [
        TITLE,
        "license lic_1 Team active 2026-12-20",
        "order ord_1 Team paid 2026-12-20",
        "subscription sub_lk Team active 2026-12-20",
    ]


def test_a_license_without_an_end_says_so() -> None:
    """An empty cell could mean anything."""
    endless = Ended([{"id": "lic_1", "status": "active", "expires_at": None}], [], [], [])

    assert "no end" in text(final_tables(Harvest({TITLE: STORY}, {TITLE: endless}, ())))


def test_a_license_that_was_taken_back_is_not_hidden() -> None:
    """Nobody ever had its key, but it stands in LicenseKit's books."""
    taken = ({"id": "lic_9", "status": "revoked"},)

    shown = text(final_tables(Harvest({TITLE: STORY}, {TITLE: ENDED}, (), taken)))

    assert "lic_9 was revoked" in shown


def test_the_verdict_names_every_fault_and_only_then_is_not_good() -> None:
    """The demo may not praise itself when something is wrong."""
    assert "Nothing was issued twice" in text(verdict_text(harvest()))

    shown = text(verdict_text(harvest("one too many", "one too few")))

    assert "FAULT  one too many" in shown
    assert "FAULT  one too few" in shown
    assert "Nothing was issued twice" not in shown


def test_machines_get_the_same_as_people() -> None:
    """A pipeline reads the verdict from JSON."""
    told = summary(harvest("one too many"), SALES, seed=7, seconds=61.25)

    assert told["ok"] is False
    assert told["faults"] == ["one too many"]
    assert told["mishaps"] == ["Redis was emptied"]
    assert (told["seed"], told["seconds"]) == (7, 61.2)
    assert told["sales"] == [
        {
            "title": TITLE,
            "sale": "sub_1",
            "deliveries": 1,
            "passes": ["failed", "applied"],
            "steps": ["issue pol_1"],
            "licenses": [{"id": "lic_1", "status": "active", "expires_at": "2026-12-20T12:00:00Z"}],
            "orders": [{"id": "ord_1", "status": "paid"}],
            "subscriptions": [{"id": "sub_lk", "status": "active"}],
            "moments": [],
        }
    ]


def test_the_verdict_counts_the_moments_at_which_a_buyer_was_looked_at() -> None:
    """Right at the end is not enough: nobody may wait for a license, or keep one too long."""
    lives = {TITLE: a_life("right", "right")}

    shown = text(verdict_text(replace(harvest(), lives=lives)))

    assert "at each of 2 moments" in shown


def test_machines_get_each_moment_of_a_life() -> None:
    """With what was held, and whether that was right."""
    told = summary(
        replace(harvest(), lives={TITLE: a_life("right", "wrong")}), SALES, seed=7, seconds=1
    )

    assert told["sales"][0]["moments"] == [
        {"day": 0, "told": "a month passes", "held": "right", "ok": True},
        {"day": 1, "told": "a month passes", "held": "wrong", "ok": False},
    ]
