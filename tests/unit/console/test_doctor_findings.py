"""What the check makes of what it saw: each finding whole, at both sides of every limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.doctor.ages import age_of
from console.doctor.endpoint_look import MEND, endpoint_findings
from console.doctor.endpoints import Registered, at_our_address
from console.doctor.findings import Finding, Status, fail, ok, warn, worst
from console.doctor.signing import OLD, OVERLAP, SigningSecret, secret_finding
from console.doctor.wakeups import SILENT, START_ONE, workers_finding
from console.doctor.wire import Answer
from shared.events.routing import ROUTES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
URL = "https://shop.example/webhooks/stripe"
ALL_TYPES = frozenset(ROUTES)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(), "0 s"),
        (-HOUR, "0 s"),
        (timedelta(seconds=119.9), "119 s"),
        (timedelta(seconds=120), "2 min"),
        (2 * HOUR - SECOND, "119 min"),
        (2 * HOUR, "2 h"),
        (2 * DAY - SECOND, "47 h"),
        (2 * DAY, "2 d"),
        (400 * DAY, "400 d"),
    ],
)
def test_an_age_is_said_in_the_largest_unit_that_fits_twice(age: timedelta, said: str) -> None:
    """A clock that is behind makes nothing younger than new."""
    assert age_of(age) == said


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (("ok",), "ok"),
        (("ok", "warn", "ok"), "warn"),
        (("warn", "fail"), "fail"),
        (("fail", "ok"), "fail"),
    ],
)
def test_a_finding_about_several_things_is_the_worst(
    statuses: tuple[Status, ...], status: Status
) -> None:
    """One fault among much that is fine must not be lost."""
    assert worst(*statuses) == status


def registered(**changes: Any) -> Registered:
    values = {"id": "we_1", "enabled": True, "api_version": "2026-01-01", "events": ALL_TYPES}
    return Registered(**{**values, "connect": False, **changes})


def without(*types: str) -> frozenset[str]:
    return ALL_TYPES - set(types)


FIRST = sorted(ROUTES)


@pytest.mark.parametrize(
    ("endpoint", "finding"),
    [
        (
            registered(),
            ok("endpoint", "we_1, API version 2026-01-01, enabled, sends all that we listen to"),
        ),
        (
            registered(api_version="", events=frozenset({"*"})),
            ok(
                "endpoint",
                "we_1, API version of the account, enabled, sends all that we listen to",
            ),
        ),
        (
            registered(events=ALL_TYPES | {"a.b", "c.d"}),
            ok(
                "endpoint",
                "we_1, API version 2026-01-01, enabled, sends all that we listen to; 2 more are "
                "sent, which is harmless",
            ),
        ),
        (
            registered(events=without(FIRST[0])),
            fail(
                "endpoint",
                f"we_1, API version 2026-01-01: does not send {FIRST[0]}, so what these tell is "
                "noticed late",
                f"Add the event types: {MEND}",
            ),
        ),
        (
            registered(events=without(*FIRST[:5])),
            fail(
                "endpoint",
                f"we_1, API version 2026-01-01: does not send {', '.join(FIRST[:3])} and 2 more, "
                "so what these tell is noticed late",
                f"Add the event types: {MEND}",
            ),
        ),
        (
            registered(enabled=False, events=frozenset()),
            fail(
                "endpoint",
                "we_1, API version 2026-01-01: disabled, so Stripe delivers nothing",
                f"Enable it: {MEND}",
            ),
        ),
    ],
    ids=["fine", "a star", "more than needed", "one lacks", "many lack", "disabled"],
)
def test_an_endpoint_is_told_in_one_finding(endpoint: Registered, finding: Finding) -> None:
    """What hinders most stands alone: who enables it sees the rest afterwards."""
    assert endpoint_findings([endpoint], "endpoint", URL) == [finding]


def test_an_endpoint_that_is_not_there_is_told_with_our_address() -> None:
    """So that a person sees whether it is only another address."""
    assert endpoint_findings([], "connect endpoint", URL) == [
        fail(
            "connect endpoint",
            f"no connect endpoint is registered for {URL}, so Stripe delivers nothing there",
            f"Register it: {MEND}",
        )
    ]


def test_only_endpoints_that_are_enabled_send_an_event_twice() -> None:
    """One that is switched off beside them is told, and not counted."""
    both = [registered(), registered(id="we_2")]
    off = registered(id="we_3", enabled=False)

    *_, twice = endpoint_findings([*both, off], "endpoint", URL)

    assert twice == warn(
        "endpoint",
        "2 with the same address: each event comes twice, signed differently",
        "One is enough: take the other out in Stripe's Dashboard.",
    )
    assert len(endpoint_findings([both[0], off], "endpoint", URL)) == 2


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"url": URL}, {"enabled": False, "api_version": "", "events": frozenset()}),
        (
            {"url": f"{URL}/", "status": "enabled", "api_version": "2025-01-01"},
            {"api_version": "2025-01-01", "events": frozenset()},
        ),
        (
            {"url": URL, "status": "enabled", "api_version": None, "enabled_events": ["*"]},
            {"api_version": "", "events": frozenset({"*"})},
        ),
        (
            {"url": URL, "status": "disabled", "application": "ca_1", "enabled_events": None},
            {"enabled": False, "api_version": "", "events": frozenset(), "connect": True},
        ),
    ],
)
def test_an_endpoint_is_read_also_where_stripe_leaves_fields_out(
    row: dict[str, Any], found: dict[str, Any]
) -> None:
    """One of Connect names its application."""
    strangers = [{"id": "we_8", "url": f"{URL}/other"}, {"id": "we_9"}]

    assert at_our_address([*strangers, {"id": "we_1", **row}], URL) == [registered(**found)]


def secret(**changes: Any) -> SigningSecret:
    values = {"place": 1, "first_seen_at": NOW - 3 * DAY, "matched_at": NOW - HOUR}
    return SigningSecret(
        **{**values, "front_since": NOW - 3 * DAY, "front_matched": True, **changes}
    )


@pytest.mark.parametrize(
    ("kept", "status", "told"),
    [
        (secret(), "ok", "in use for 3 d, matched last 60 min ago"),
        (secret(first_seen_at=None), "warn", "no receiver has started with it yet"),
        (
            secret(matched_at=None),
            "ok",
            "in use for 3 d, matched none of the newest 1000 deliveries",
        ),
        (secret(first_seen_at=NOW - OLD), "ok", "in use for 365 d, matched last 60 min ago"),
        (
            secret(first_seen_at=NOW - OLD - SECOND),
            "warn",
            "in use for 365 d, matched last 60 min ago",
        ),
        (
            secret(place=2, matched_at=None, front_since=NOW - OVERLAP),
            "ok",
            "in use for 3 d, matched none of the newest 1000 deliveries",
        ),
        (
            secret(place=2, matched_at=None, front_since=NOW - OVERLAP - SECOND),
            "warn",
            "in use for 3 d, matched none of the newest 1000 deliveries",
        ),
        (
            secret(place=2, matched_at=None, front_since=None),
            "ok",
            "in use for 3 d, matched none of the newest 1000 deliveries",
        ),
        (
            secret(place=2, matched_at=None, front_matched=False),
            "ok",
            "in use for 3 d, matched none of the newest 1000 deliveries",
        ),
    ],
)
def test_a_signing_secret_is_old_of_no_use_or_fine(
    kept: SigningSecret, status: str, told: str
) -> None:
    """The one in front is never of no use, however quiet the shop is."""
    found = secret_finding(kept, now=NOW)

    assert (found.name, found.status, found.told) == (f"signing secret {kept.place}", status, told)
    assert bool(found.todo) == (status == "warn")


@pytest.mark.parametrize(
    ("heard", "finding"),
    [
        ([], fail("workers", "none is running, so sales wait", START_ONE)),
        (
            [NOW - SILENT - SECOND, NOW - DAY],
            fail("workers", "none is running, so sales wait (2 went silent)", START_ONE),
        ),
        ([NOW - SILENT], ok("workers", "1 running, last heard of 4 min ago")),
        ([NOW, NOW - 30 * SECOND], ok("workers", "2 running, last heard of 0 s ago")),
        (
            [NOW - DAY, NOW - 30 * SECOND],
            warn(
                "workers",
                "1 running, last heard of 30 s ago; 1 went silent",
                "Look whether one died. Its sales were taken over; the others go on.",
            ),
        ),
    ],
)
def test_workers_count_while_they_are_heard_of(heard: list[datetime], finding: Finding) -> None:
    """One that ends a long job is silent for a minute, and not dead."""
    assert workers_finding(heard, now=NOW) == finding


KEYED = {"error": {"message": "Invalid API Key provided: sk_test_****1234", "type": "x"}}


@pytest.mark.parametrize(
    ("answer", "said", "error", "rows"),
    [
        (Answer(None), "gives no answer", "", []),
        (Answer(502), "answers 502", "", []),
        (Answer(400, {"error": {}}), "answers 400", "", []),
        (Answer(400, {"error": "broken"}), "answers 400", "", []),
        (Answer(401, KEYED), "answers 401", "Invalid API Key provided: …", []),
        (Answer(200, {"data": [{"id": "we_1"}, None, "x"]}), "answers 200", "", [{"id": "we_1"}]),
        (Answer(200, {"data": {"id": "we_1"}}), "answers 200", "", []),
    ],
)
def test_any_answer_of_a_service_can_be_told(
    answer: Answer, said: str, error: str, rows: list[object]
) -> None:
    """Whatever a proxy makes of it; and never with a part of our key."""
    assert (answer.said, answer.error, answer.rows) == (said, error, rows)
