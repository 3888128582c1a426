"""Schedules: what a subscription will be, phase by phase. How they stop is in schedule_ends.

Source: docs.stripe.com/billing/subscriptions/subscription-schedules
"""

from __future__ import annotations

from simulator.books import Books
from simulator.endings import cancel, refuse_ended
from simulator.errors import bad_parameter
from simulator.items import asked_change
from simulator.orders import Order
from simulator.params import Params
from simulator.phases import mirrored, read_phases, wanted_items
from simulator.schedule_ends import let_go, refuse_stopped, stop
from simulator.shapes import schedules as shapes
from simulator.subscription_updates import Wish, rebill
from simulator.subscriptions import start
from simulator.updates import changing, written
from simulator.values import Obj

ENDS = ("release", "cancel")


def create_schedule(books: Books, params: Params) -> Obj:
    """As `POST /v1/subscription_schedules`: of a subscription, or of a customer and phases."""
    params.take("billing_mode")
    followed = params.text("from_subscription")
    if followed is not None:
        return _follow(books, books.refer("subscription", followed, "from_subscription"), params)
    customer = books.refer("customer", params.needed("customer"), "customer")
    begins = params.text("start_date", "now")
    moment = books.now if begins == "now" else int(str(begins))
    phases = read_phases(books, params.rows("phases"), moment)
    if not phases:
        raise bad_parameter("phases", "Missing required param: phases.", "parameter_missing")
    schedule = shapes.schedule(books, customer["id"], _end_behavior(params, "release"))
    schedule["metadata"] = written(schedule, params).get("metadata", {})
    params.refuse_unknown()
    schedule["phases"] = phases
    books.emit("subscription_schedule.created", books.add(schedule))
    run_schedule(books, schedule)
    return schedule


def update_schedule(books: Books, schedule: Obj, params: Params) -> Obj:
    """As `POST /v1/subscription_schedules/{id}`; what changes in the present, changes now."""
    refuse_stopped(schedule)
    for name in ("default_settings", "proration_behavior"):
        params.take(name)
    first = schedule["current_phase"] or schedule["phases"][0]
    subscription = books.find(schedule["subscription"])
    anchor = subscription["billing_cycle_anchor"] if subscription else 0
    phases = read_phases(books, params.rows("phases"), first["start_date"], anchor)
    end_behavior = _end_behavior(params, schedule["end_behavior"])
    values = written(schedule, params)
    params.refuse_unknown()
    with changing(books, schedule):
        schedule.update(values, end_behavior=end_behavior)
        if phases:
            schedule["phases"] = phases
            _revise(books, schedule)
    return schedule


def release(books: Books, schedule: Obj, params: Params) -> Obj:
    """As `POST /v1/subscription_schedules/{id}/release`."""
    params.take("preserve_cancel_date")
    params.refuse_unknown()
    return let_go(books, schedule)


def cancel_schedule(books: Books, schedule: Obj, params: Params) -> Obj:
    """As `POST /v1/subscription_schedules/{id}/cancel`: the subscription ends now."""
    for name in ("invoice_now", "prorate"):
        params.take(name)
    params.refuse_unknown()
    stop(books, schedule, "canceled")
    if (subscription := books.find(schedule["subscription"])) is not None:
        cancel(books, subscription)
    return schedule


def schedule_due(schedule: Obj) -> int | None:
    """When its next phase begins, or its last one ends."""
    moment: int | None = None
    if schedule["status"] == "not_started":
        moment = schedule["phases"][0]["start_date"]
    elif schedule["status"] == "active":
        moment = schedule["current_phase"]["end_date"]
    return moment


def run_schedule(books: Books, schedule: Obj) -> None:
    """Enter the phase that begins now, or stop after the last one."""
    while (moment := schedule_due(schedule)) is not None and moment <= books.now:
        later = [phase for phase in schedule["phases"] if phase["start_date"] >= moment]
        if later:
            _enter(books, schedule, later[0])
        elif schedule["end_behavior"] == "cancel":
            stop(books, schedule, "completed")
            cancel(books, books.get("subscription", schedule["subscription"]), None)
        else:
            let_go(books, schedule)


def _follow(books: Books, subscription: Obj, params: Params) -> Obj:
    refuse_ended(subscription)
    if subscription["schedule"] is not None:
        text = f"{subscription['id']} follows the schedule {subscription['schedule']} already."
        raise bad_parameter("from_subscription", text)
    schedule = shapes.schedule(books, subscription["customer"], _end_behavior(params, "release"))
    schedule["metadata"] = written(schedule, params).get("metadata", {})
    params.refuse_unknown()
    phase = mirrored(books, subscription)
    schedule.update(phases=[phase], subscription=subscription["id"], status="active")
    schedule["current_phase"] = _current(phase)
    books.add(schedule)
    with changing(books, subscription):
        subscription["schedule"] = schedule["id"]
    books.emit("subscription_schedule.created", schedule)
    return schedule


def _enter(books: Books, schedule: Obj, phase: Obj) -> None:
    with changing(books, schedule):
        schedule.update(status="active", current_phase=_current(phase))
        if schedule["subscription"] is None:
            schedule["subscription"] = _begin(books, schedule, phase)["id"]
        else:
            _become(books, books.get("subscription", schedule["subscription"]), phase)


def _begin(books: Books, schedule: Obj, phase: Obj) -> Obj:
    """The first phase makes the subscription."""
    lines = tuple({name: row[name] for name in ("price", "quantity")} for row in phase["items"])
    order = Order(lines=lines, trial_end=phase["trial_end"], inner_metadata=phase["metadata"])
    return start(books, schedule["customer"], order, schedule["id"])


def _become(books: Books, subscription: Obj, phase: Obj) -> None:
    """What the phase says. What that costs at once is drafted, and collected an hour later."""
    trial = phase["trial_end"]
    if subscription["trial_end"] == trial or (trial or 0) <= books.now:
        trial = None
    rows = wanted_items(books, subscription, phase)
    with changing(books, subscription):
        subscription["metadata"] = {**subscription["metadata"], **phase["metadata"]}
        change = asked_change(books, subscription, rows)
        prorate = phase["proration_behavior"]
        rebill(books, subscription, Wish(change, prorate=prorate, trial_end=trial))


def _revise(books: Books, schedule: Obj) -> None:
    """The phases were rewritten: the one of now is made true at once."""
    running = [p for p in schedule["phases"] if p["start_date"] <= books.now < p["end_date"]]
    if schedule["status"] != "active":
        return
    if not running:
        raise bad_parameter("phases", "One of the phases must be the current one.")
    schedule["current_phase"] = _current(running[0])
    _become(books, books.get("subscription", schedule["subscription"]), running[0])


def _current(phase: Obj) -> Obj:
    return {name: phase[name] for name in ("end_date", "start_date")}


def _end_behavior(params: Params, default: str) -> str:
    asked = str(params.text("end_behavior", default))
    if asked not in ENDS:
        raise bad_parameter("end_behavior", f"Invalid end_behavior: one of {', '.join(ENDS)}")
    return asked
