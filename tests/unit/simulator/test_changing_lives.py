"""Any life of a subscription that is changed, paused, tried and planned, by random steps."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from

from simulator.errors import StripeFault
from simulator.renewals import next_due
from simulator.stripe import Stripe

STATUSES = {
    *("incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled"),
    *("unpaid", "paused"),
}
RUNNING = {"trialing", "active", "past_due", "unpaid"}
PRORATIONS = sampled_from(["create_prorations", "always_invoice", "none"])
PAYMENTS = sampled_from(["allow_incomplete", "pending_if_incomplete", "error_if_incomplete"])
BEHAVIORS = sampled_from(["void", "keep_as_draft", "mark_uncollectible", ""])


class ChangingLife(RuleBasedStateMachine):
    """One subscription, and all that seller, buyer and time may do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.stripe = Stripe(now=datetime(2026, 1, 31, tzinfo=UTC), seed=1)
        self.shop = self.stripe.shop
        self.prices = [
            self.shop.price(f"{unit} {amount}", amount, recurring={"interval": unit})
            for unit, amount in (("month", 900), ("month", 2900), ("year", 9000))
        ]

    @initialize(
        trial=sampled_from([0, 2, 14]),
        missing=sampled_from(["cancel", "pause", "create_invoice"]),
        card=booleans(),
        end=sampled_from(["canceled", "unpaid", "past_due", "paused"]),
    )
    def begins(self, *, trial: int, missing: str, card: bool, end: str) -> None:
        self.shop.end_dunning_with(end)
        rented = self.shop.subscribe(
            self.prices[0],
            trial_days=trial,
            payment_method_collection="always" if card else "if_required",
            missing_payment_method=missing,
        )
        self.id, self.customer = str(rented.subscription), str(rented.customer)

    @property
    def subscription(self) -> dict[str, Any]:
        return self.shop.read(self.id)

    @property
    def items(self) -> list[dict[str, Any]]:
        return self.shop.books.children(self.id, "items")

    @property
    def invoices(self) -> list[dict[str, Any]]:
        return self.shop.books.all("invoice")

    def paused(self) -> bool:
        return bool(self.subscription["status"] == "paused")

    def tell(self, **params: Any) -> None:
        """What Stripe refuses, it refuses whole; the rest of the rules hold all the same."""
        with suppress(StripeFault):
            self.shop.update(self.id, **params)

    @rule(days=integers(0, 45), seconds=integers(0, 90_000))
    def time_passes(self, days: int, seconds: int) -> None:
        self.stripe.advance(days=days, seconds=seconds)

    @rule(fail=booleans())
    def the_card_breaks_or_works_again(self, fail: bool) -> None:
        self.shop.add_card(self.customer)
        (self.shop.fail_payments if fail else self.shop.unfail)(self.customer)

    @rule(number=integers(0, 2), quantity=integers(1, 4), prorate=PRORATIONS, payment=PAYMENTS)
    def it_is_changed(self, number: int, quantity: int, prorate: str, payment: str) -> None:
        row = {"id": self.items[0]["id"], "price": self.prices[number], "quantity": quantity}
        self.tell(items=[row], proration_behavior=prorate, payment_behavior=payment)

    @rule(number=integers(1, 2), prorate=PRORATIONS)
    def an_item_comes_or_goes(self, number: int, prorate: str) -> None:
        rows = [{"id": item["id"], "deleted": True} for item in self.items[1:]]
        self.tell(items=rows or [{"price": self.prices[number]}], proration_behavior=prorate)

    @rule(behavior=BEHAVIORS)
    def collecting_is_paused_or_goes_on(self, behavior: str) -> None:
        self.tell(pause_collection={"behavior": behavior} if behavior else "")

    @rule()
    def it_is_paused(self) -> None:
        with suppress(StripeFault):
            self.shop.pause(self.id)

    @precondition(paused)
    @rule(anchor=sampled_from(["now", "unchanged"]), waits=booleans())
    def it_is_resumed(self, anchor: str, waits: bool) -> None:
        behavior = "resume_on_payment_success" if waits else "resume_on_payment_attempt"
        self.shop.resume(self.id, billing_cycle_anchor={"type": anchor}, payment_behavior=behavior)

    @rule(days=integers(1, 40))
    def its_trial_is_moved(self, days: int) -> None:
        self.tell(trial_end=self.stripe.now + days * 24 * 3600)

    @rule(wanted=booleans())
    def an_end_is_set_or_taken_back(self, wanted: bool) -> None:
        self.tell(cancel_at_period_end=wanted)

    @rule(end=sampled_from(["release", "cancel", "release", "release"]))
    def a_schedule_is_made(self, end: str) -> None:
        phases = [{"items": [{"price": price}]} for price in self.prices[1:]]
        with suppress(StripeFault):
            self.shop.schedule(self.id, phases=phases, end_behavior=end)

    @rule()
    def open_invoices_are_paid_by_hand(self) -> None:
        for invoice in self.invoices:
            if invoice["status"] == "open":
                self.shop.pay_invoice(invoice["id"])

    @invariant()
    def its_status_is_one_of_stripes(self) -> None:
        assert self.subscription["status"] in STATUSES

    @invariant()
    def a_running_subscription_is_inside_its_periods(self) -> None:
        if self.subscription["status"] in RUNNING:
            for item in self.items:
                start, end = item["current_period_start"], item["current_period_end"]
                assert start <= self.stripe.now < end

    @invariant()
    def only_what_is_paused_says_why(self) -> None:
        said = self.subscription["status_details"] is not None
        assert said is self.paused() or self.subscription["status"] == "canceled"

    @invariant()
    def an_invoice_is_the_sum_of_its_lines(self) -> None:
        for invoice in self.invoices:
            lines = self.shop.books.children(invoice["id"], "lines")
            assert invoice["total"] == sum(line["amount"] for line in lines)

    @invariant()
    def what_was_paid_was_charged(self) -> None:
        paid = sum(one["amount_paid"] for one in self.invoices)
        charges = self.shop.books.all("charge")
        assert paid == sum(one["amount"] for one in charges if one["status"] == "succeeded")

    @invariant()
    def a_pending_update_waits_for_an_invoice(self) -> None:
        if self.subscription["pending_update"] is not None:
            assert any(invoice["status"] in {"open", "draft"} for invoice in self.invoices)

    @invariant()
    def what_ended_says_when(self) -> None:
        ended = self.subscription["status"] in {"canceled", "incomplete_expired"}
        assert (self.subscription["ended_at"] is not None) is ended

    @invariant()
    def nothing_is_overdue(self) -> None:
        moment = next_due(self.shop.books)
        assert moment is None or moment >= self.stripe.now


TestChangingLife = ChangingLife.TestCase
TestChangingLife.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
