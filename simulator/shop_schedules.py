"""The stories of schedules: what a subscription will become, and when. Rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator import schedules
from simulator.params import Params
from simulator.values import Obj
from simulator.verbs import Verbs

PHASE = ("start_date", "end_date", "proration_behavior", "trial_end")


class ScheduleVerbs(Verbs):
    """A phase is {"items": [{"price", "quantity"}], "duration" or "iterations" or "end_date"}."""

    def schedule(
        self, subscription: str | None = None, *, phases: list[Obj], **details: Any
    ) -> str:
        """After the current period, or, with `customer="cus_…"`, as a new sale; gives its id.

        Details: `end_behavior` "release" or "cancel", `start_date`, `metadata`.
        """
        with self._turn():
            if subscription is None:
                given = {"phases": phases, **details}
                return str(schedules.create_schedule(self.books, Params(given))["id"])
            terms = {"from_subscription": subscription, **details}
            made = schedules.create_schedule(self.books, Params(terms))
            present = _as_asked(made["phases"][0])
            both = Params({"phases": [present, *phases]})
            return str(schedules.update_schedule(self.books, made, both)["id"])

    def change_schedule(self, schedule: str, **params: Any) -> None:
        """Any change that `POST /v1/subscription_schedules/{id}` allows."""
        with self._turn():
            schedules.update_schedule(self.books, self._schedule(schedule), Params(params))

    def release_schedule(self, schedule: str) -> None:
        """The subscription goes on as it stands."""
        with self._turn():
            schedules.release(self.books, self._schedule(schedule), Params({}))

    def cancel_schedule(self, schedule: str) -> None:
        """And its subscription, now."""
        with self._turn():
            schedules.cancel_schedule(self.books, self._schedule(schedule), Params({}))

    def _schedule(self, schedule: str) -> Obj:
        return self.books.get("subscription_schedule", schedule)


def _as_asked(phase: Obj) -> Obj:
    """A phase in the words of a request."""
    items = [{"price": row["price"], "quantity": row["quantity"]} for row in phase["items"]]
    return {**{name: phase[name] for name in PHASE if phase[name] is not None}, "items": items}
