"""The stories of a subscription's life: trials, pauses, changes, ends. Rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator import dunning, endings, pauses
from simulator.clock import Moment, seconds_of
from simulator.params import Params
from simulator.subscription_updates import update_subscription
from simulator.values import Obj
from simulator.verbs import Verbs


class SubscriptionVerbs(Verbs):
    """What happens to a subscription after it began. `when` is a datetime, seconds, or ISO."""

    def cancel(self, subscription: str, *, at_period_end: bool = False) -> None:
        """Now, or when what is paid for has run out."""
        if at_period_end:
            self.update(subscription, cancel_at_period_end=True)
            return
        with self._turn():
            endings.cancel(self.books, self._subscription(subscription))

    def cancel_at(self, subscription: str, when: Moment) -> None:
        """It goes on until that moment and ends then."""
        self.update(subscription, cancel_at=seconds_of(when))

    def uncancel(self, subscription: str) -> None:
        """The buyer stays after all, as long as it has not ended."""
        found = self._subscription(subscription)
        if found["cancel_at_period_end"]:
            self.update(subscription, cancel_at_period_end=False)
        else:
            self.update(subscription, cancel_at="")

    def move_trial_end(self, subscription: str, when: Moment) -> None:
        """Longer or shorter; also a new trial for one that is active."""
        self.update(subscription, trial_end=seconds_of(when))

    def end_trial(self, subscription: str) -> None:
        """Now, with the first real invoice."""
        self.update(subscription, trial_end="now")

    def pause_collection(
        self, subscription: str, behavior: str = "void", *, resumes_at: Moment | None = None
    ) -> None:
        """Invoices go on, and nobody pays them: "void", "keep_as_draft", "mark_uncollectible"."""
        wish: Obj = {"behavior": behavior}
        if resumes_at is not None:
            wish["resumes_at"] = seconds_of(resumes_at)
        self.update(subscription, pause_collection=wish)

    def collect_again(self, subscription: str) -> None:
        """The end of `pause_collection`."""
        self.update(subscription, pause_collection="")

    def pause(self, subscription: str, **details: Any) -> None:
        """Status `paused`: no period begins, nothing is billed. Details as in Stripe's API."""
        with self._turn():
            pauses.pause(self.books, self._subscription(subscription), Params(details))

    def resume(self, subscription: str, **details: Any) -> None:
        """From any kind of `paused`: with a new period now, unless the details say otherwise."""
        with self._turn():
            pauses.resume(self.books, self._subscription(subscription), Params(details))

    def change_price(
        self, subscription: str, price: str, *, item: str | None = None, **terms: Any
    ) -> None:
        """Of the only item, or of `item`. Terms as in Stripe's API: `proration_behavior`, …"""
        changed = {"id": item or self._only_item(subscription), "price": price}
        self.update(subscription, items=[changed], **terms)

    def change_quantity(
        self, subscription: str, quantity: int, *, item: str | None = None, **terms: Any
    ) -> None:
        """Of the only item, or of `item`."""
        changed = {"id": item or self._only_item(subscription), "quantity": quantity}
        self.update(subscription, items=[changed], **terms)

    def add_item(self, subscription: str, price: str, quantity: int = 1, **terms: Any) -> str:
        """Gives "si_…"."""
        self.update(subscription, items=[{"price": price, "quantity": quantity}], **terms)
        return str(self.books.children(subscription, "items")[-1]["id"])

    def remove_item(self, subscription: str, item: str, **terms: Any) -> None:
        """The last one can't be removed: cancel instead."""
        self.update(subscription, items=[{"id": item, "deleted": True}], **terms)

    def update(self, subscription: str, **params: Any) -> None:
        """Any change that `POST /v1/subscriptions/{id}` allows."""
        with self._turn():
            update_subscription(self.books, self._subscription(subscription), Params(params))

    def add_card(self, customer: str) -> None:
        """A buyer who left no payment method gives one now."""
        with self._turn():
            self.books.agreed.cardless.discard(self.books.get("customer", customer)["id"])

    def remove_card(self, customer: str) -> None:
        """There is nothing to pay with any more; no charge is even tried."""
        with self._turn():
            self.books.agreed.cardless.add(self.books.get("customer", customer)["id"])

    def end_dunning_with(self, status: str) -> None:
        """What the last failed attempt leads to: canceled, unpaid, past_due or paused."""
        if status not in dunning.OUTCOMES:
            raise ValueError(f"dunning ends with one of {', '.join(dunning.OUTCOMES)}")
        with self._turn():
            self.books.agreed.after_last_attempt = status

    def _subscription(self, subscription: str) -> Obj:
        return self.books.get("subscription", subscription)

    def _only_item(self, subscription: str) -> str:
        items = self.books.children(subscription, "items")
        if len(items) != 1:
            raise ValueError(f'{subscription} has {len(items)} items: name one, item="si_…"')
        return str(items[0]["id"])
