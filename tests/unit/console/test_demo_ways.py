"""The way of a sale as the demo prints it: short, in time order, and with names for ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console, RenderableType

from console.demo.lives import Life, Moment
from console.demo.ways import way_page
from console.fulfillments.values import Fulfillment, StepRow
from console.story.values import Delivered, Passed, Queued, Story
from shared.keys import SaleKey, StripeId

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = SaleKey("", False, "subscription", StripeId("sub_1V99k29JE7zMb28UwguXmi3f"))
TITLE = "3. a subscription"
NAMES = {"pol_1k0xegq91j5bw14zmx666": "Team"}


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def heard(type_: str, minute: int = 0) -> Delivered:
    return Delivered("evt_1", type_, "recorded", None, "in_1", NOON, at(minute))


def step(text: str, status: str = "done") -> StepRow:
    return StepRow(text, "k", status, None, "w")


def a_pass(
    number: int, status: str, *steps: StepRow, minute: int = 0, error: str | None = None
) -> Passed:
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
        started_at=at(minute),
        finished_at=at(minute),
        error=error,
    )
    return Passed(row, "shop:1", ())


def lines(*told: Delivered | Passed, life: Life | None = None) -> list[str]:
    """What is printed, without the width of its gaps."""
    queue = Queued(1, 1, NOON, NOON, 0, None)
    story = Story(KEY, "applied", "cus_1", {}, queue, told, (), ())
    page = text(way_page(TITLE, story, NAMES, life))
    return [" ".join(line.split()) for line in page.splitlines() if line.strip()]


def text(page: RenderableType) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(page)
    return console.export_text()


def test_the_way_of_a_sale_is_told_stage_by_stage() -> None:
    """Delivery, the pass whose worker was killed, and the one that took over."""
    issue = "issue license si_8rwHZ1rVD3llXq/1 under pol_1k0xegq91j5bw14zmx666 for ever"

    shown = lines(
        heard("invoice.paid"),
        a_pass(1, "failed", step(issue, "started"), error="the worker is gone"),
        a_pass(2, "applied", step(issue)),
    )

    assert shown == [
        "3. a subscription sub_…mi3f",
        "delivery invoice.paid",
        "pass 1 failed",
        "started: issue license si_…llXq/1 under Team for ever",
        "the worker is gone",
        "pass 2 applied",
        "issue license si_…llXq/1 under Team for ever",
    ]


def test_deliveries_that_came_together_are_one_line() -> None:
    """Each type once: how often it came is the storm's business."""
    shown = lines(heard("invoice.paid"), heard("invoice.updated"), heard("invoice.paid"))

    assert shown[1:] == ["delivery invoice.paid, invoice.updated"]


def test_ids_that_are_written_back_are_one_line() -> None:
    """A dozen objects in Stripe carry our ids; a reader wants to know that it was done."""
    writes = [step(f"write ids to {kind}") for kind in ("customer cus_1", "payment intent pi_1")]

    shown = lines(a_pass(1, "applied", step("record order in_1 of prod_1: paid"), *writes))

    assert shown[2:] == [
        "record order in_1 of prod_1: paid",
        "write ids to customer, payment intent",
    ]


def test_a_write_back_that_was_cut_short_keeps_a_line_of_its_own() -> None:
    """What was not done may not look as if it were."""
    shown = lines(
        a_pass(
            1,
            "failed",
            step("write ids to customer cus_1"),
            step("write ids to invoice in_1", "started"),
        )
    )

    assert shown[2:] == ["write ids to customer", "started: write ids to invoice"]


def test_a_pass_that_found_all_at_rest_says_so() -> None:
    """Our own writes come back as events; they change nothing."""
    assert lines(a_pass(4, "settled"))[1:] == ["pass 4 settled: nothing left to do"]


def test_a_life_is_told_day_by_day_with_what_the_buyer_holds() -> None:
    """What Stripe said after a day began belongs to that day."""
    life = Life(
        "Finn",
        TITLE,
        moments=[
            Moment(0, "Finn subscribes", at(0), "Studio: active", "Studio: active"),
            Moment(32, "the card is declined", at(10), "Studio: active", "Studio: suspended"),
        ],
    )

    shown = lines(
        heard("invoice.paid", 1),
        a_pass(1, "applied", minute=2),
        heard("invoice.payment_failed", 10),
        a_pass(2, "settled", minute=11),
        life=life,
    )

    assert shown[1:] == [
        "day 0: Finn subscribes",
        "delivery invoice.paid",
        "pass 1 applied",
        "holds Studio: active",
        "day 32: the card is declined",
        "delivery invoice.payment_failed",
        "pass 2 settled: nothing left to do",
        "holds Studio: active, instead of Studio: suspended",
    ]
