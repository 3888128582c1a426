"""Spans as OpenTelemetry has them, sent over OTLP/HTTP by a thread of their own.

A collector that is down costs nothing but the spans: they wait in a queue of fixed length.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from shared.tracing import Attribute, Identity, Note

SEND_SECONDS = 5  # how long a collector may take
LAST_SECONDS = 3.0  # how long the end of a program waits for one
Attributes = Mapping[str, Attribute | None]

_ids: ContextVar[tuple[int, int] | None] = ContextVar("ids", default=None)


class _Ids(RandomIdGenerator):
    """Random ids, and those of a delivery where they are given."""

    def generate_trace_id(self) -> int:
        given = _ids.get()
        return given[0] if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = _ids.get()
        return given[1] if given else super().generate_span_id()


def ids_of(event: Identity) -> tuple[int, int]:
    """Trace id and span id of the delivery that first brought this event: the same everywhere."""
    digest = hashlib.sha256("/".join(event).encode()).digest()
    return int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:24], "big")


class Traces:
    """What `shared.tracing` speaks through while it is on."""

    def __init__(self, endpoint: str, program: str) -> None:
        # the SDK reports each batch that it can't send; that deliveries and passes go on is known
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._provider = TracerProvider(
            resource=Resource.create({SERVICE_NAME: f"fulfill-{program}"}),
            id_generator=_Ids(),
            shutdown_on_exit=False,  # it would wait for a collector that is down
        )
        exporter = OTLPSpanExporter(
            endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=SEND_SECONDS
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("fulfill")

    def close(self) -> None:
        last = Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(LAST_SECONDS)

    def trace_id(self) -> str | None:
        context = trace.get_current_span().get_span_context()
        return f"{context.trace_id:032x}" if context.is_valid else None

    @contextmanager
    def span(self, name: str, attributes: Attributes) -> Iterator[Note]:
        with self._open(name, attributes, SpanKind.INTERNAL) as note:
            yield note

    @contextmanager
    def pass_span(self, covers: Sequence[Identity], attributes: Attributes) -> Iterator[Note]:
        contexts = [self._delivery(event) for event in covers]
        parent = Context()
        if contexts:
            parent = trace.set_span_in_context(NonRecordingSpan(contexts[0]), parent)
        links = [Link(context) for context in contexts[1:]]
        with self._open("pass", attributes, SpanKind.CONSUMER, (parent, links)) as note:
            yield note

    def tell_delivery(self, event: Identity, began_ns: int, attributes: Attributes) -> None:
        again = attributes.get("outcome") == "duplicate"
        parent, token = Context(), None
        if again:  # the first copy has the ids; the others are its children
            parent = trace.set_span_in_context(NonRecordingSpan(self._delivery(event)), parent)
        else:
            token = _ids.set(ids_of(event))
        try:
            span = self._tracer.start_span(
                "delivery",
                context=parent,
                kind=SpanKind.SERVER,
                attributes=_kept(attributes),
                start_time=began_ns,
            )
        finally:
            if token is not None:
                _ids.reset(token)
        span.end()

    def _delivery(self, event: Identity) -> SpanContext:
        """Where a delivery stands in its trace; sampled as the receiver's own sampler does it."""
        trace_id, span_id = ids_of(event)
        verdict = self._provider.sampler.should_sample(None, trace_id, "delivery")
        sampled = verdict.decision is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
        return SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)

    @contextmanager
    def _open(
        self,
        name: str,
        attributes: Attributes,
        kind: SpanKind,
        place: tuple[Context | None, Sequence[Link]] = (None, ()),
    ) -> Iterator[Note]:
        context, links = place
        with self._tracer.start_as_current_span(
            name,
            context=context,
            links=links,
            kind=kind,
            attributes=_kept(attributes),
            record_exception=False,  # an error's text may hold what a service says of a buyer
            set_status_on_exception=False,
        ) as span:
            try:
                yield _note_on(span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise


def _note_on(span: Span) -> Note:
    def note(**attributes: Attribute | None) -> None:
        span.set_attributes(_kept(attributes))

    return note


def _kept(attributes: Attributes) -> dict[str, Attribute]:
    """Without those that are not known."""
    return {name: value for name, value in attributes.items() if value is not None}
