"""What was bought, as the last pass read it: the kind of sale, its lines and what was paid.

The facts come as JSON from the database. A pass of an older release wrote fewer of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from worker.plan.amounts import say_amount
from worker.plan.category import SAID

Facts = Mapping[str, Any]
UNDER = " " * 6
# Disputes that need nobody any more; any other is shown as something to look at.
OVER = ("won", "warning_closed", "prevented")


def bought_lines(bought: Facts) -> Iterator[Text]:
    """Nothing where nothing was bought."""
    if bought.get("lines"):
        yield _head(bought)
    yield from _subscription(bought.get("subscription") or {})
    for line in bought.get("lines", ()):
        yield from _line(line)
    for payment in bought.get("payments", ()):
        yield from _payment(payment)


def _head(bought: Facts) -> Text:
    said = SAID.get(bought.get("category") or "")
    return Text.assemble(("\nBought", "bold"), f"  {said}" if said else "")


def _subscription(facts: Facts) -> Iterator[Text]:
    """One line: its status, and whatever is special about it."""
    if facts:
        status = f"  subscription {str(facts['status']).replace('_', ' ')}"
        yield Text(", ".join([status, *_special(facts)]))


def _special(facts: Facts) -> Iterator[str]:
    if facts.get("pause_reason"):
        yield f"because of {facts['pause_reason']}"
    if facts.get("collection_paused"):
        yield f"collection paused ({facts['collection_paused']})"
    if facts.get("trial_end"):
        yield f"trial until {facts['trial_end']}"
    if facts.get("ended_at"):
        yield f"ended {facts['ended_at']}"
    elif facts.get("ends_at"):
        yield f"ends {facts['ends_at']}"
    elif facts.get("cancel_at_period_end"):
        yield "ends with its period"


def _line(line: Facts) -> Iterator[Text]:
    said = Text(f"  {line['id']}  {line['quantity']} x {line['price']}")
    if line["paid_until"]:
        said.append(f"  paid until {line['paid_until']}")
    if line.get("removed"):
        said.append("  taken off the subscription", "yellow")
    yield said
    if line.get("pricing"):
        yield Text(f"{UNDER}{line['pricing']['explanation']}", "dim")


def _payment(payment: Facts) -> Iterator[Text]:
    paid = say_amount(payment["amount_minor_units"], payment["currency"])
    ids = "  ".join(filter(None, (payment["payment_intent"], payment["charge"])))
    yield Text.assemble(f"  {payment['id']}  {paid}, {payment['paid_at']}  ", (ids, "dim"))
    if payment.get("refunded_minor_units"):
        back = say_amount(payment["refunded_minor_units"], payment["currency"])
        yield Text(f"{UNDER}refunded {back}", "yellow")
    for status in payment.get("disputes", ()):
        yield Text(f"{UNDER}dispute {status.replace('_', ' ')}", "" if status in OVER else "yellow")
