"""Random lives, how a subscription changes: canceled, paused, tried for longer, sold otherwise."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from simulator.values import Obj
from tests.properties.lives import HOUR, Life, if_allowed, subscriptions, which
from tests.properties.rulebook import DAY
from tests.properties.shelf import recurring, some_units

AGREED_SECONDS = 2 * HOUR  # an end asked for sooner belongs to the sale
LATER_SECONDS = 20 * DAY

prorations = st.sampled_from(["create_prorations", "always_invoice", "none"])


class ChangingLife(Life):
    """Most rules do one thing, and undo it where it is done already."""

    @rule(sale=subscriptions, how=st.sampled_from(["period end", "period end", "later", "now"]))
    def cancel(self, sale: str, how: str) -> None:
        """Or stay after all, where the end was only announced."""
        for subscription in self.running(sale):
            if how == "now":
                self.shop.cancel(sale)
                return
            with if_allowed():
                if subscription["cancel_at"] is not None:
                    self.shop.uncancel(sale)
                elif how == "period end":
                    self.shop.cancel(sale, at_period_end=True)
                elif not self.is_new(subscription):
                    self.shop.cancel_at(sale, self.world.stripe.now + LATER_SECONDS)

    @rule(sale=subscriptions, at_once=st.booleans())
    def pause(self, sale: str, at_once: bool) -> None:
        """Or resume, at once or when the first payment succeeds."""
        terms = {} if at_once else {"payment_behavior": "resume_on_payment_success"}
        for subscription in self.running(sale):
            with if_allowed():
                if subscription["status"] == "paused":
                    self.shop.resume(sale, **terms)
                else:
                    self.shop.pause(sale)

    @rule(
        sale=subscriptions,
        behavior=st.sampled_from(["void", "keep_as_draft", "mark_uncollectible"]),
    )
    def pause_collection(self, sale: str, behavior: str) -> None:
        """Or collect again."""
        for subscription in self.running(sale):
            with if_allowed():
                if subscription["pause_collection"] is None:
                    self.shop.pause_collection(sale, behavior)
                else:
                    self.shop.collect_again(sale)

    @rule(sale=subscriptions, longer_by_days=st.sampled_from([0, 2, 7]))
    def trial_is_moved(self, sale: str, longer_by_days: int) -> None:
        """It lasts some days longer, or ends now."""
        for subscription in self.running(sale):
            if subscription["status"] != "trialing":
                return
            with if_allowed():
                if longer_by_days:
                    end = subscription["trial_end"] + longer_by_days * DAY
                    self.shop.move_trial_end(sale, end)
                else:
                    self.shop.end_trial(sale)

    @rule(sale=subscriptions, nth=which, plan=recurring, prorated=prorations)
    def change_price(self, sale: str, nth: int, plan: str, prorated: str) -> None:
        """Of one item, where no other has that price."""
        for _ in self.running(sale):
            items = self.shop.books.children(sale, "items")
            price, item = self.shelf.prices[plan], items[nth % len(items)]["id"]
            if price not in {one["price"]["id"] for one in items}:
                with if_allowed():
                    self.shop.change_price(sale, price, item=item, proration_behavior=prorated)

    @rule(sale=subscriptions, nth=which, units=some_units, prorated=prorations)
    def change_quantity(self, sale: str, nth: int, units: int, prorated: str) -> None:
        for _ in self.running(sale):
            items = self.shop.books.children(sale, "items")
            item = items[nth % len(items)]["id"]
            with if_allowed():
                self.shop.change_quantity(sale, units, item=item, proration_behavior=prorated)

    @rule(sale=subscriptions, plan=recurring, prorated=prorations)
    def add_item(self, sale: str, plan: str, prorated: str) -> None:
        """Or remove the last one, where there are two."""
        for _ in self.running(sale):
            items = self.shop.books.children(sale, "items")
            with if_allowed():
                if len(items) > 1:
                    self.shop.remove_item(sale, items[-1]["id"], proration_behavior=prorated)
                else:
                    price = self.shelf.prices[plan]
                    self.shop.add_item(sale, price, proration_behavior=prorated)

    def is_new(self, subscription: Obj) -> bool:
        """An end asked for so soon would be part of the sale: one charge, not a cancellation."""
        began: int = subscription["trial_end"] or subscription["created"]
        return self.world.stripe.now <= began + AGREED_SECONDS
