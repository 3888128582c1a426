"""The page that `fulfill log` prints."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import typer
from rich.console import Console

from console.commands.options import moment_of
from console.fulfillments.page import log_page
from console.fulfillments.values import Fulfillment, Page, StepRow
from shared.keys import SaleKey, StripeId

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def row(number: int = 7, **changes: Any) -> Fulfillment:
    told: dict[str, Any] = {
        "pass_id": number,
        "sale": SaleKey("", False, "subscription", StripeId("sub_1")),
        "events": (),
        "status": "settled",
        "steps": (),
        "problems": (),
        "customer_id": None,
        "order_ids": (),
        "subscription_id": None,
        "license_ids": (),
        "started_at": NOON,
        "finished_at": None,
        "error": None,
    }
    return Fulfillment(**{**told, **changes})


def shown(*rows: Fulfillment) -> str:
    console = Console(width=160, record=True, file=StringIO())
    console.print(log_page(Page(rows, None)), soft_wrap=True)
    return console.export_text()


def test_each_pass_begins_with_its_number_when_how_it_ended_and_for_whom() -> None:
    """The number leads on to the whole story."""
    text = shown(row(7, license_ids=("lic_1",)), row(6))

    lines = text.splitlines()
    assert lines == [
        "#7  2026-11-20 12:00:00  settled  subscription sub_1  nothing to do",
        "      holds lic_1",
        "#6  2026-11-20 12:00:00  settled  subscription sub_1  nothing to do",
    ]


def test_a_long_id_is_never_broken() -> None:
    """An id is there to be copied, however narrow the terminal is."""
    name = "cs_test_" + "x" * 120
    text = shown(row(sale=SaleKey("", False, "checkout_session", StripeId(name))))

    assert name in text


def test_a_pass_over_a_sale_at_rest_says_that_there_was_nothing_to_do() -> None:
    """An empty cell would look like a lost line."""
    assert "nothing to do" in shown(row())


def test_steps_that_did_not_end_well_carry_their_status() -> None:
    """What is done needs no word."""
    steps = (
        StepRow("record order in_1", "k1", "done", None, "w"),
        StepRow("issue license si_1/1", "k2", "failed", "no answer", "w"),
    )

    text = shown(row(steps=steps, status="failed"))

    assert "issue license si_1/1 (failed)" in text
    assert "record order in_1 (" not in text


def test_problems_and_errors_stand_under_the_steps() -> None:
    """Why it stopped is read where one looks first."""
    problems = ({"cause": "unmapped_price", "message": "price_2 has no policy"},)

    text = shown(row(status="blocked", problems=problems, error="The guard found it unsafe."))

    assert "price_2 has no policy" in text
    assert "The guard found it unsafe." in text
    assert "nothing to do" not in text


def test_a_moment_that_is_none_names_its_option() -> None:
    """The person sees which of two dates was wrong."""
    assert moment_of(None, now=NOON, option="--since") is None

    with pytest.raises(typer.BadParameter) as wrong:
        moment_of("soon", now=NOON, option="--until")

    assert wrong.value.param_hint == "--until"
