"""Webhook endpoints: made, changed and deleted through the API, and obeyed by the deliveries.

Source: docs.stripe.com/api/webhook_endpoints
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.books import Books
from simulator.deliveries import Endpoint
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.values import API_VERSION, Obj

APPLICATION = "ca_Simulator"  # whose endpoint it is when it hears of connected accounts


def create_endpoint(books: Books, params: Params) -> Obj:
    """A new endpoint; its secret is shown here and never again."""
    secret = books.new_id("webhook_secret")
    connect = params.flag("connect", default=False)
    endpoint: Obj = {
        "id": books.new_id("webhook_endpoint"),
        "object": "webhook_endpoint",
        "api_version": params.text("api_version", API_VERSION),
        "application": APPLICATION if connect else None,
        "created": books.now,
        "description": params.text("description"),
        "enabled_events": _events(params.take("enabled_events")),
        "livemode": books.livemode,
        "metadata": _metadata({}, params),
        "status": "enabled",
        "url": _url(params.needed("url")),
    }
    params.refuse_unknown()
    books.world.outbox.put(_to_deliver(endpoint, (secret,)))
    return books.add(endpoint) | {"secret": secret}


def update_endpoint(books: Books, endpoint: Obj, params: Params) -> Obj:
    """URL, event types, status, description and metadata; its secret and version stay."""
    url, events = params.text("url"), params.take("enabled_events")
    changed = {
        "url": endpoint["url"] if url is None else _url(url),
        "enabled_events": endpoint["enabled_events"] if events is None else _events(events),
        "description": params.text("description", endpoint["description"]),
        "metadata": _metadata(endpoint["metadata"], params),
        "status": _status(endpoint, params),
    }
    params.refuse_unknown()
    endpoint.update(changed)
    outbox = books.world.outbox
    for known in outbox.endpoints:
        if known.endpoint_id == endpoint["id"]:
            enabled = endpoint["status"] == "enabled"
            events_now = tuple(endpoint["enabled_events"])
            outbox.put(replace(known, url=endpoint["url"], events=events_now, enabled=enabled))
    return endpoint


def delete_endpoint(books: Books, endpoint: Obj) -> Obj:
    books.world.outbox.take_away(endpoint["id"])
    return books.delete(endpoint)


def register(books: Books, url: str, secrets: tuple[str, ...], events: tuple[str, ...]) -> None:
    """An endpoint for the events of all shops, with secrets of one's own. It is listed too."""
    number = len(books.all("webhook_endpoint")) + 1
    endpoint: Obj = {
        "id": f"we_1Simulated{number}",
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": books.now,
        "description": None,
        "enabled_events": list(events),
        "livemode": books.livemode,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
    whole = replace(_to_deliver(endpoint, secrets), livemode=None, connect=None)
    books.world.outbox.put(whole)
    books.add(endpoint)


def _to_deliver(endpoint: Obj, secrets: tuple[str, ...]) -> Endpoint:
    return Endpoint(
        endpoint["url"],
        secrets,
        tuple(endpoint["enabled_events"]),
        endpoint["id"],
        enabled=endpoint["status"] == "enabled",
        livemode=endpoint["livemode"],
        connect=endpoint["application"] is not None,
    )


def _events(given: Any) -> list[str]:
    if given is None:
        text = "Missing required param: enabled_events."
        raise bad_parameter("enabled_events", text, "parameter_missing")
    if not isinstance(given, list) or not given:
        raise bad_parameter("enabled_events", "Invalid array")
    return [str(one) for one in given]


def _metadata(current: dict[str, str], params: Params) -> dict[str, str]:
    given = params.take("metadata")
    return current if given is None else merged(current, given)


def _url(given: str) -> str:
    if not given.startswith(("http://", "https://")):
        text = f"Invalid URL: An explicit scheme (such as https) must be provided: {given}"
        raise bad_parameter("url", text, "url_invalid")
    return given


def _status(endpoint: Obj, params: Params) -> str:
    disabled = params.flag("disabled", default=endpoint["status"] == "disabled")
    return "disabled" if disabled else "enabled"
