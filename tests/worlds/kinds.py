"""Every kind of sale, and what can happen to it: data for a month of them (see `month`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.worlds.month import Month

Buy = Callable[["Month"], str]
Act = Callable[["Month", str], Any]

NO_CARD: dict[str, Any] = {
    "trial_days": 14,
    "payment_method_collection": "if_required",
    "missing_payment_method": "cancel",
}

ONCE: dict[str, Buy] = {
    "a copy": lambda m: m.buy(m.line("copy")),
    "two things": lambda m: m.buy(m.line("copy"), m.line("year's copy")),
    "three copies": lambda m: m.buy(m.line("copy each", 3)),
    "a guest's": lambda m: m.buy(m.line("copy"), guest=True),
    "a slow one": lambda m: m.buy(m.line("copy"), unpaid=True),
    "a slow one that fails": lambda m: m.buy(m.line("copy"), unpaid=True),
    "a gift": lambda m: m.buy(m.line("copy"), discount_percent=100),
    "with a receipt": lambda m: m.buy(m.line("copy"), invoice_creation=True),
    "by invoice": lambda m: m.shop.invoice(m.shop.customer(name="Ben"), [m.line("copy")]),
    "an open invoice": lambda m: m.shop.invoice(
        m.shop.customer(name="Ben"), [m.line("copy")], pay=False
    ),
    "a bare payment": lambda m: m.shop.payment_intent(
        4900, metadata={"price": m.prices["copy"], "quantity": "1"}
    ),
    "paid back": lambda m: m.buy(m.line("copy")),
    "paid back in part": lambda m: m.buy(m.line("copy")),
    "lent, and paid back": lambda m: m.buy(m.line("lent")),
    "disputed": lambda m: m.buy(m.line("copy")),
    "disputed and won": lambda m: m.buy(m.line("copy")),
    "disputed and lost": lambda m: m.buy(m.line("copy")),
    "of a buyer who is renamed": lambda m: m.buy(m.line("copy")),
}

RENTED: dict[str, Buy] = {
    "a month": lambda m: m.rent(m.line("month")),
    "a year": lambda m: m.rent(m.line("year")),
    "by coupon": lambda m: m.rent(m.line("month"), discount_percent=50),
    "for ever": lambda m: m.rent(m.line("rented for ever")),
    "a trial": lambda m: m.rent(m.line("tried"), trial_days=14),
    "a trial that goes on": lambda m: m.rent(m.line("month"), trial_days=60),
    "a trial without a card": lambda m: m.rent(m.line("tried"), **NO_CARD),
    "two products": lambda m: m.rent(m.line("month"), m.line("month of another product")),
    "another policy": lambda m: m.rent(m.line("month")),
    "another product": lambda m: m.rent(m.line("month")),
    "another interval": lambda m: m.rent(m.line("month")),
    "more seats": lambda m: m.rent(m.line("seats", 2)),
    "more units": lambda m: m.rent(m.line("each", 2)),
    "fewer units": lambda m: m.rent(m.line("each", 3)),
    "an item more": lambda m: m.rent(m.line("month")),
    "an item less": lambda m: m.rent(m.line("month"), m.line("seats")),
    "paused": lambda m: m.rent(m.line("month")),
    "paused and resumed": lambda m: m.rent(m.line("month")),
    "not collected": lambda m: m.rent(m.line("month")),
    "canceled at the end": lambda m: m.rent(m.line("month")),
    "canceled at once": lambda m: m.rent(m.line("month")),
    "canceled and taken": lambda m: m.rent(m.line("strict")),
    "not paid any more": lambda m: m.rent(m.line("month")),
    "held at once": lambda m: m.rent(m.line("strict")),
    "a month paid back": lambda m: m.rent(m.line("month")),
    "a month disputed": lambda m: m.rent(m.line("month")),
    "come back": lambda m: m.rent(m.line("again")),
}


def decline(m: Month, sale: str) -> None:
    m.shop.fail_payments(m.buyer(sale))


def lose(m: Month, sale: str) -> None:
    m.shop.close_dispute(m.shop.dispute(m.money(sale)), "lost")


def come_back(m: Month, sale: str) -> None:
    """The old subscription ends, and the buyer begins another."""
    m.shop.cancel(sale)
    m.hear()
    again = m.rent(m.line("again"), customer=m.buyer(sale))
    m.sold.setdefault("come back again", []).append(again)


SOON: dict[str, Act] = {  # ten days after
    "a slow one": lambda m, s: m.shop.settle(s),
    "a slow one that fails": lambda m, s: m.shop.settle(s, succeed=False),
    "an open invoice": lambda m, s: m.shop.pay_invoice(s),
    "paid back": lambda m, s: m.shop.refund(payment_intent=m.money(s)),
    "paid back in part": lambda m, s: m.shop.refund(payment_intent=m.money(s), amount=1000),
    "lent, and paid back": lambda m, s: m.shop.refund(payment_intent=m.money(s)),
    "disputed": lambda m, s: m.shop.dispute(m.money(s)),
    "disputed and won": lambda m, s: m.shop.close_dispute(m.shop.dispute(m.money(s)), "won"),
    "disputed and lost": lose,
    "of a buyer who is renamed": lambda m, s: m.shop.change_customer(m.buyer(s), name="Eve"),
    "another policy": lambda m, s: m.shop.change_price(s, m.prices["month of another"]),
    "another product": lambda m, s: m.shop.change_price(s, m.prices["month of another product"]),
    "another interval": lambda m, s: m.shop.change_price(s, m.prices["year"]),
    "more seats": lambda m, s: m.shop.change_quantity(s, 5),
    "more units": lambda m, s: m.shop.change_quantity(s, 4),
    "fewer units": lambda m, s: m.shop.change_quantity(s, 1),
    "an item more": lambda m, s: m.shop.add_item(s, m.prices["seats"]),
    "an item less": lambda m, s: m.shop.remove_item(s, m.item(s, 1)),
    "paused": lambda m, s: m.shop.pause(s),
    "paused and resumed": lambda m, s: m.shop.pause(s),
    "not collected": lambda m, s: m.shop.pause_collection(s, "void"),
    "canceled at the end": lambda m, s: m.shop.cancel(s, at_period_end=True),
    "canceled at once": lambda m, s: m.shop.cancel(s),
    "canceled and taken": lambda m, s: m.shop.cancel(s),
    "not paid any more": decline,
    "held at once": decline,
    "a month paid back": lambda m, s: m.shop.refund(payment_intent=m.money(s)),
    "come back": come_back,
}

LATE: dict[str, Act] = {  # when the second month has begun
    "paused and resumed": lambda m, s: m.shop.resume(s),
    "a month disputed": lambda m, s: m.shop.dispute(m.money(s)),
    "more units": lambda m, s: m.shop.change_quantity(s, 3),
    "another policy": lambda m, s: m.shop.change_price(s, m.prices["month"]),
}
