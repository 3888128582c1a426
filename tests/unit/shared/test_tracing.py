"""Spans as a collector receives them: who is in whose trace, and what they may hold."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import tracing
from shared.tracing.otel import ids_of
from tests.worlds.collector import Collector, SeenSpan, serve_collector

EVENT = ("evt_1", "")
OTHER = ("evt_2", "acct_1")
names = st.text("ab_/é1", max_size=6)


@contextmanager
def traced(program: str = "test") -> Iterator[Collector]:
    """Everything that is traced inside has been sent after."""
    with serve_collector() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        tracing.start(collector.url, program)
        try:
            yield collector
        finally:
            tracing.stop()


def only(collector: Collector, name: str) -> SeenSpan:
    (found,) = collector.named(name)
    return found


def told(event: tracing.Identity, outcome: str = "recorded") -> None:
    tracing.tell_delivery(event, time.time_ns(), outcome=outcome)


def place(event: tracing.Identity) -> tuple[str, str]:
    """Trace and span of a delivery, in hexadecimal."""
    trace, span = ids_of(event)
    return f"{trace:032x}", f"{span:016x}"


def test_without_a_collector_every_call_is_there_and_does_nothing() -> None:
    """Whoever calls does not have to ask first."""
    tracing.start("", "test")
    with tracing.span("plan", steps=1) as note, tracing.pass_span([EVENT]) as note_pass:
        note(status="done")
        note_pass(status="applied")
        told(EVENT)
        inside = tracing.trace_id()
    tracing.stop()

    assert (tracing.on(), inside) == (False, None)


def test_a_span_inside_another_is_its_part() -> None:
    """With what was known at the start, what came later, and nothing that is not known."""
    with (
        traced() as collector,
        tracing.span("apply", sale="sub_1", request_id=None),
        tracing.span("step", tries=2, share=0.5, again=False) as note,
    ):
        note(status="done", error=None)

    step, apply = only(collector, "step"), only(collector, "apply")
    assert (step.trace, step.parent) == (apply.trace, apply.id)
    assert step.attributes == {"tries": 2, "share": 0.5, "again": False, "status": "done"}
    assert apply.attributes == {"sale": "sub_1"}


def test_a_note_replaces_what_was_said_before() -> None:
    """A pass is first running, then applied."""
    with traced() as collector, tracing.span("pass", status="running") as note:
        note(status="applied")

    assert only(collector, "pass").attributes == {"status": "applied"}


def test_spans_side_by_side_are_traces_of_their_own() -> None:
    """Outside of a span there is no trace to belong to."""
    ids = []
    with traced() as collector:
        for name in ("first", "second"):
            with tracing.span(name):
                ids.append(tracing.trace_id())
        outside = tracing.trace_id()

    assert outside is None
    assert ids == [only(collector, name).trace for name in ("first", "second")]
    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", str(one)) for one in ids)


@pytest.mark.parametrize("opened", [tracing.span, lambda _: tracing.pass_span([])])
def test_an_exception_goes_on_and_leaves_its_kind_and_not_its_text(
    opened: Callable[[str], AbstractContextManager[tracing.Note]],
) -> None:
    """What a service says of a buyer must not reach a collector."""
    with traced() as collector, pytest.raises(LookupError, match="ada@example"), opened("call"):
        raise LookupError("no customer ada@example.com")

    (span,) = collector.spans
    assert span.attributes == {"error.type": "LookupError"}
    assert not any(b"ada@" in body for body in collector.bodies)


def test_a_program_that_is_told_to_end_marks_its_span() -> None:
    """KeyboardInterrupt and SystemExit too: the span is not lost."""
    with traced() as collector, suppress(SystemExit), tracing.span("call"):
        raise SystemExit(1)

    assert only(collector, "call").attributes == {"error.type": "SystemExit"}


def test_a_pass_stands_in_the_trace_of_the_newest_delivery_that_it_covers() -> None:
    """Linked to the others, so that each of them leads to it."""
    with traced() as collector, tracing.pass_span([OTHER, EVENT], sale="sub_1"):
        inside = tracing.trace_id()

    span = only(collector, "pass")
    assert (span.trace, span.parent) == place(OTHER)
    assert span.links == (place(EVENT)[1],)
    assert (span.attributes, inside) == ({"sale": "sub_1"}, span.trace)


def test_a_pass_that_covers_no_delivery_has_a_trace_of_its_own() -> None:
    """A retry by hand, or a wake-up by the clock; also inside of another span."""
    with traced() as collector, tracing.span("tick"), tracing.pass_span([]):
        pass

    span = only(collector, "pass")
    assert (span.parent, span.links) == ("", ())
    assert span.trace != only(collector, "tick").trace


def test_a_delivery_is_found_by_its_event_alone() -> None:
    """Told once it is over, outside of whatever runs just then; what follows is not drawn in."""
    with traced() as collector:
        with tracing.span("batch"):
            told(EVENT)
        with tracing.span("after"):
            pass

    delivery = only(collector, "delivery")
    assert (delivery.trace, delivery.id, delivery.parent) == (*place(EVENT), "")
    assert only(collector, "after").trace != delivery.trace


def test_a_second_copy_is_a_part_of_the_first_with_an_id_of_its_own() -> None:
    """Two spans of one id would be shown as one, at random."""
    with traced() as collector:
        for outcome in ("recorded", "duplicate", "duplicate"):
            told(EVENT, outcome)

    first, *others = collector.named("delivery")
    assert {(one.trace, one.parent) for one in others} == {place(EVENT)}
    assert len({one.id for one in (first, *others)}) == 3


def test_a_second_start_changes_nothing_and_stopping_twice_is_fine() -> None:
    """Programs in one process, as in `fulfill demo`, share the first one's."""
    with traced("first") as collector:
        tracing.start("http://127.0.0.1:1", "second")
        with tracing.span("plan"):
            pass
        tracing.stop()
        tracing.stop()
        off = tracing.on()

    assert not off
    assert len(collector.spans) == 1
    assert b"fulfill-first" in collector.bodies[0]


@given(names, names, names, names)
def test_two_events_have_two_places(event: str, account: str, other: str, elsewhere: str) -> None:
    """Of another account too; and the same event has the same one in every program."""
    one, two = (f"evt_{event}", account), (f"evt_{other}", elsewhere)
    same = "/".join(one) == "/".join(two)

    assert (ids_of(one) == ids_of(two)) is same
    assert all(number > 0 for number in ids_of(one))
