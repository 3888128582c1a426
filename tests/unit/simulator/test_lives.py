"""Any life of a subscription, by random steps: what must hold at every moment of it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from

from simulator.stripe import Stripe

STATUSES = {"incomplete", "incomplete_expired", "active", "past_due", "canceled"}


class Life(RuleBasedStateMachine):
    """One subscription of a monthly and a yearly item, and all that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.stripe = Stripe(now=datetime(2026, 1, 31, tzinfo=UTC), seed=1)
        self.shop = self.stripe.shop
        prices = [
            self.shop.price(unit, 900, recurring={"interval": unit}) for unit in ("month", "year")
        ]
        rented = self.shop.subscribe(prices)
        self.id, self.customer = str(rented.subscription), str(rented.customer)

    @property
    def subscription(self) -> dict[str, Any]:
        return self.shop.read(self.id)

    @property
    def invoices(self) -> list[dict[str, Any]]:
        return self.shop.books.all("invoice")

    def running(self) -> bool:
        return bool(self.subscription["status"] != "canceled")

    @rule(days=integers(0, 45), seconds=integers(0, 7200))
    def time_passes(self, days: int, seconds: int) -> None:
        self.stripe.advance(days=days, seconds=seconds)

    @rule(fail=booleans())
    def the_card_breaks_or_works_again(self, fail: bool) -> None:
        (self.shop.fail_payments if fail else self.shop.unfail)(self.customer)

    @precondition(running)
    @rule(at_period_end=sampled_from([True, True, True, False]))
    def it_is_canceled(self, at_period_end: bool) -> None:
        self.shop.cancel(self.id, at_period_end=at_period_end)

    @rule()
    def an_open_invoice_is_paid_by_hand(self) -> None:
        for invoice in self.invoices:
            if invoice["status"] == "open":
                self.shop.pay_invoice(invoice["id"])

    @invariant()
    def its_status_is_one_of_stripes(self) -> None:
        assert self.subscription["status"] in STATUSES

    @invariant()
    def a_running_subscription_is_inside_its_periods(self) -> None:
        if self.running():
            for item in self.subscription["items"]["data"]:
                start, end = item["current_period_start"], item["current_period_end"]
                assert start <= self.stripe.now < end

    @invariant()
    def periods_of_an_item_follow_each_other_without_a_gap(self) -> None:
        for item in self.subscription["items"]["data"]:
            periods = [
                line["period"]
                for invoice in self.invoices
                for line in self.shop.books.children(invoice["id"], "lines")
                if line["parent"]["subscription_item_details"]["subscription_item"] == item["id"]
            ]
            pairs = pairwise(periods)
            assert all(before["end"] == after["start"] for before, after in pairs)

    @invariant()
    def a_paid_invoice_was_paid_by_a_charge(self) -> None:
        for invoice in self.invoices:
            if invoice["status"] == "paid":
                (payment,) = self.shop.books.children(invoice["id"], "payments")
                assert payment["status"] == "paid"
                intent = self.shop.read(payment["payment"]["payment_intent"])
                assert intent["status"] == "succeeded"

    @invariant()
    def what_is_active_owes_nothing_after_its_hour(self) -> None:
        if self.subscription["status"] == "past_due":
            assert any(invoice["status"] == "open" for invoice in self.invoices)

    @invariant()
    def what_ended_says_when(self) -> None:
        ended = self.subscription["status"] == "canceled"
        assert (self.subscription["ended_at"] is not None) is ended

    @invariant()
    def events_never_go_back_in_time(self) -> None:
        times = [event["created"] for event in self.shop.books.all("event")]
        assert times == sorted(times)
        assert not times or times[-1] <= self.stripe.now


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
