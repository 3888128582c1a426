"""What each program counts, in Prometheus' format. What the database knows is not counted here.

Labels have few values: never an id. The programs of one machine count together where
PROMETHEUS_MULTIPROC_DIR names a folder for all of them; else each counts for itself.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.secrets import Secret

# read by prometheus_client itself, while it is imported and as soon as a counter is made
FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)

import prometheus_client as prometheus  # noqa: E402
from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

CONTENT_TYPE = prometheus.CONTENT_TYPE_LATEST
CALL_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds; calls end at 30
PASS_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0, 300.0)

prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter was made tells nobody anything
COUNTED = CollectorRegistry()


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(name, about, labels, registry=COUNTED)


def _seconds(name: str, about: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(name, about, labels, buckets=buckets, registry=COUNTED)


_deliveries = _counter("fulfill_deliveries", "Deliveries by what became of them", "outcome")
PASSES = _counter("fulfill_passes", "Passes by how they ended", "status")
PASS_SECONDS = _seconds("fulfill_pass_seconds", "How long a pass took", PASS_BUCKETS)
STEPS = _counter("fulfill_steps", "Steps by kind and outcome", "kind", "outcome")
STRIPE_CALLS = _counter(
    "fulfill_stripe_calls", "Requests to Stripe, each try of its own", "operation", "status"
)
STRIPE_SECONDS = _seconds(
    "fulfill_stripe_call_seconds", "How long Stripe took to answer", CALL_BUCKETS, "operation"
)
LICENSEKIT_CALLS = _counter(
    "fulfill_licensekit_calls", "Requests to LicenseKit, each try of its own", "operation", "status"
)
LICENSEKIT_SECONDS = _seconds(
    "fulfill_licensekit_call_seconds",
    "How long LicenseKit took to answer",
    CALL_BUCKETS,
    "operation",
)
SWEPT_EVENTS = _counter(
    "fulfill_swept_events", "Events that the sweep fetched, by what became of them", "outcome"
)
TASK_RUNS = _counter("fulfill_task_runs", "Runs of scheduled tasks", "task", "outcome")

# Made once: deliveries come by the thousand a second. They stand at 0 from the start on, so that
# the first one of a kind is seen to rise.
DELIVERIES = {
    outcome: _deliveries.labels(outcome)
    for outcome in (
        *("recorded", "duplicate", "ignored", "refused"),
        *("bad_signature", "not_an_event", "too_large", "not_written"),
    )
}


class _Together(Collector):
    """Several sources as one page."""

    def __init__(self, sources: Iterable[Collector | CollectorRegistry]) -> None:
        self._sources = list(sources)

    def collect(self) -> Iterable[prometheus.Metric]:
        for source in self._sources:
            yield from source.collect()


def exposition(*more: Collector) -> bytes:
    """All that was counted, on this machine or in this program, and what `more` adds."""
    counted: Collector | CollectorRegistry = COUNTED
    if FOLDER:
        counted = multiprocess.MultiProcessCollector(None, FOLDER)  # type: ignore[no-untyped-call]
    page = CollectorRegistry(auto_describe=False)
    page.register(_Together([counted, *more]))
    return prometheus.generate_latest(page)


def read_counts() -> Mapping[str, float]:
    """This program's counters as they stand, by name and labels. For whoever looks at a change."""
    return {
        f"{sample.name}{{{','.join(f'{k}={v}' for k, v in sorted(sample.labels.items()))}}}": (
            sample.value
        )
        for metric in COUNTED.collect()
        for sample in metric.samples
    }


def lets_in(authorization: str, token: Secret) -> bool:
    """Whether this header opens the page: `Bearer <token>`. Without a token nobody is let in."""
    scheme, _, given = authorization.partition(" ")
    # as bytes: compare_digest raises TypeError on a text beyond ASCII
    right = hmac.compare_digest(given.strip().encode(), token.reveal().encode())
    return bool(token) and scheme.lower() == "bearer" and right
