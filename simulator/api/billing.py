"""The special verbs about subscriptions: pause and resume, and the clock they live on."""

from __future__ import annotations

from simulator import pauses, schedules
from simulator.api.call import Call
from simulator.api.money import on
from simulator.params import Params
from simulator.values import Obj


def _advance(call: Call) -> Obj:
    """All of the simulator moves, as there is one time in it."""
    clock = call.books.get("test_helpers.test_clock", call.path_id)
    params = Params(call.given)
    moment = int(params.needed("frozen_time"))
    params.refuse_unknown()
    call.stripe.advance(to=moment)
    return clock


# Path, what it does, methods.
BILLING = (
    ("/v1/subscriptions/{id}/pause", on("subscription", pauses.pause), "POST"),
    ("/v1/subscriptions/{id}/resume", on("subscription", pauses.resume), "POST"),
    (
        "/v1/subscription_schedules/{id}/release",
        on("subscription_schedule", schedules.release),
        "POST",
    ),
    (
        "/v1/subscription_schedules/{id}/cancel",
        on("subscription_schedule", schedules.cancel_schedule),
        "POST",
    ),
    ("/v1/test_helpers/test_clocks/{id}/advance", _advance, "POST"),
)
# Methods of `Shop`, and the name under which each shows a plain result.
BILLING_STORIES = {
    "cancel_at": "",
    "uncancel": "",
    "move_trial_end": "",
    "end_trial": "",
    "pause_collection": "",
    "collect_again": "",
    "pause": "",
    "resume": "",
    "change_price": "",
    "change_quantity": "",
    "add_item": "item",
    "remove_item": "",
    "update": "",
    "add_card": "",
    "remove_card": "",
    "end_dunning_with": "",
    "schedule": "schedule",
    "change_schedule": "",
    "release_schedule": "",
    "cancel_schedule": "",
}
