"""Traces, when OTEL_EXPORTER_OTLP_ENDPOINT is set: a delivery, its pass, and the calls of that.

Without it nothing of OpenTelemetry is imported, and a span costs a look at one name. Attributes
hold ids, operations and statuses; never a secret, a license key or an e-mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.tracing.otel import Traces

Attribute = str | int | float | bool
Note = Callable[..., None]  # note(status=200): adds attributes to the span
Identity = tuple[str, str]  # event id, account: what a delivery's span is known by

_traces: Traces | None = None


def start(endpoint: str, program: str) -> None:
    """Once a program. `endpoint` is where an OTLP collector listens, "" = trace nothing."""
    global _traces  # noqa: PLW0603 - as the log, a program has one or none
    if endpoint and _traces is None:
        from shared.tracing.otel import Traces  # noqa: PLC0415 - only who traces pays for it

        _traces = Traces(endpoint, program)


def stop() -> None:
    """Send what is left, for a moment at the most, and trace no more."""
    global _traces  # noqa: PLW0603
    if _traces is not None:
        _traces.close()
        _traces = None


def on() -> bool:
    return _traces is not None


def trace_id() -> str | None:
    """The id of the trace that runs here, 32 hexadecimal digits; None outside one."""
    return None if _traces is None else _traces.trace_id()


@contextmanager
def span(name: str, **attributes: Attribute | None) -> Iterator[Note]:
    """A part of whatever runs here. An exception is marked by its kind; its text stays out."""
    if _traces is None:
        yield _nothing
        return
    with _traces.span(name, attributes) as note:
        yield note


@contextmanager
def pass_span(covers: Sequence[Identity], **attributes: Attribute | None) -> Iterator[Note]:
    """The span of a pass: in the trace of the newest delivery it covers, linked to the others.

    `covers` stand newest first; without any the pass has a trace of its own.
    """
    if _traces is None:
        yield _nothing
        return
    with _traces.pass_span(covers, attributes) as note:
        yield note


def tell_delivery(event: Identity, began_ns: int, **attributes: Attribute | None) -> None:
    """A delivery's span, once it is over. Its ids follow from the event, so that a pass in another
    program joins its trace.
    """
    if _traces is not None:
        _traces.tell_delivery(event, began_ns, attributes)


def _nothing(**_: Attribute | None) -> None:
    return None
