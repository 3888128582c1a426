"""The public door: a delivery comes in, is verified, written down and answered.

Order: verify, read, commit, answer; the wake-up follows. No Stripe or LicenseKit call, no decision.
The route is raw ASGI: Starlette's request and response objects would halve its rate.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.types import Receive, Scope, Send

from shared import inbox, tracing
from shared.events.parsing import NotAnEvent, Served, read_delivery
from shared.inbox import Delivery, Duplicate, Ignored, Outcome, Recorded
from shared.logs import get_logger
from shared.metrics import DELIVERIES
from shared.settings import Settings
from webhooks.answers import Answer, answer_for, fault, say
from webhooks.committer import BATCH_LIMIT, Committer, NotWritten
from webhooks.fingerprints import remember_secrets
from webhooks.installed import Installed
from webhooks.signature import BadSignature, verify
from webhooks.wakeups import WakeUps

# How long the event loop may keep Python's one lock while the writer's thread waits for it between
# two statements. Python's own 5 ms are longer than a whole batch takes.
SWITCH_SECONDS = 0.0005
BODY_LIMIT_BYTES = 1024 * 1024  # the largest of Stripe's events seen is below 100 kB

log = get_logger("receiver")


class TooLarge(Exception):
    """The body is longer than BODY_LIMIT_BYTES."""


class Gone(Exception):
    """The sender hung up before its body was whole."""


class Receiver:
    """The ASGI endpoint of `POST /stripe/webhook`. Run it inside `running()`."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        wake: Callable[[], bool],
        *,
        batch_limit: int = BATCH_LIMIT,
    ) -> None:
        """`wake` enqueues a wake-up, if needed, and may raise RedisError; called from a thread."""
        self._kept = settings.stripe_webhook_secrets
        self._secrets = tuple(s.reveal().encode() for s in self._kept)
        self._served = Served.by(settings)
        self._installed = Installed(engine, self._served)
        self._engine = engine
        self._wake_ups = WakeUps(wake)
        self._committer = Committer(self._write, is_outage=_is_outage, batch_limit=batch_limit)
        self._verbose = False
        self._traced = False

    def start(self) -> None:
        """Start both threads; call from the event loop that will serve."""
        # asked once: a log call that prints nothing still costs more than the signature
        self._verbose = log.is_enabled_for(logging.DEBUG)
        self._traced = tracing.on()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._committer.start()
        self._wake_ups.start()

    async def stop(self) -> None:
        """Write and wake for what was taken in, then end both threads."""
        await self._committer.stop()
        self._wake_ups.stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For a lifespan: started inside, stopped after."""
        await asyncio.to_thread(self._remember_secrets)
        self.start()
        try:
            yield
        finally:
            await self.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._take(scope, receive)
        except Gone:
            return
        await say(answer, send)

    async def _take(self, scope: Scope, receive: Receive) -> Answer:
        began = time.time_ns() if self._traced else 0
        try:
            signature, length = _headers(scope)
            body = await _read_body(receive, length)
            delivery = self._verified(body, signature)
            outcome = await self._committer.submit(delivery)
            if self._traced:
                _trace(delivery, outcome, began)
            return answer_for(outcome)
        except TooLarge:
            return _too_large()
        except (BadSignature, NotAnEvent) as error:
            return _bad(error)
        except NotWritten:
            return _not_written()

    def _verified(self, body: bytes, signature: bytes | None) -> Delivery:
        if self._verbose:
            log.debug("delivery.received", bytes=len(body))
        now = time.time()
        place = verify(body, signature, secrets=self._secrets, now=now)
        delivery = read_delivery(
            body,
            secret=place,
            served=self._served,
            now=datetime.fromtimestamp(now, UTC),
        )
        if self._verbose:
            log.debug("delivery.verified", event_id=delivery.event_id, secret=place)
        return delivery

    def _remember_secrets(self) -> None:
        remember_secrets(self._engine, self._kept, now=datetime.now(UTC))

    def _write(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One transaction, then one log line for each kind of outcome; in the writer's thread."""
        deliveries = self._installed.judged(deliveries)
        try:
            outcomes = inbox.record(self._engine, deliveries, datetime.now(UTC))
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # the database was started again; its pool has dropped the dead connections
            outcomes = inbox.record(self._engine, deliveries, datetime.now(UTC))
        if any(isinstance(outcome, Recorded) for outcome in outcomes):
            self._wake_ups.want()
        _tell_outcomes(deliveries, outcomes)
        return outcomes


def _headers(scope: Scope) -> tuple[bytes | None, int]:
    signature, length = None, 0
    for name, value in scope["headers"]:
        if name == b"stripe-signature":
            signature = value
        elif name == b"content-length" and value.isdigit():
            length = int(value[:20])
    return signature, length


async def _read_body(receive: Receive, length: int) -> bytes:
    """The whole body. Raises TooLarge before reading when it says so itself, else on the way."""
    if length > BODY_LIMIT_BYTES:
        raise TooLarge
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT_BYTES:
            raise TooLarge
        more = message.get("more_body", False)
    return body


def _is_outage(error: Exception) -> bool:
    return isinstance(error, OperationalError)


def _name(outcome: Outcome) -> str:
    if isinstance(outcome, Recorded):
        return "recorded"
    if isinstance(outcome, Duplicate):
        return "duplicate"
    return "ignored" if isinstance(outcome, Ignored) else "refused"


def _tell_outcomes(deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]) -> None:
    """Logged and counted once a batch and outcome."""
    events: dict[str, list[str]] = {}
    for delivery, outcome in zip(deliveries, outcomes, strict=True):
        events.setdefault(_name(outcome), []).append(delivery.event_id)
    for name, event_ids in events.items():
        DELIVERIES[name].inc(len(event_ids))
        log.info(f"inbox.{name}", event_ids=event_ids)


def _trace(delivery: Delivery, outcome: Outcome, began_ns: int) -> None:
    facts = {"outcome": _name(outcome), "type": delivery.type, "event_id": delivery.event_id}
    tracing.tell_delivery(delivery.identity, began_ns, **facts)


def _bad(error: Exception) -> Answer:
    log.warning("delivery.refused", reason=str(error))
    if isinstance(error, NotAnEvent):
        DELIVERIES["not_an_event"].inc()
        return fault(400, "NOT_AN_EVENT", str(error), "Send Stripe's event as it is.")
    detail = (
        "STRIPE_WEBHOOK_SECRET must hold the signing secret of the endpoint that sent this, and "
        "this machine's clock must be right. Stripe delivers again for three days, newly signed."
    )
    DELIVERIES["bad_signature"].inc()
    return fault(400, "BAD_SIGNATURE", str(error), detail)


def _too_large() -> Answer:
    log.warning("delivery.refused", reason="too large")
    DELIVERIES["too_large"].inc()
    detail = f"A delivery may have {BODY_LIMIT_BYTES} bytes."
    return fault(413, "BODY_TOO_LARGE", "the body is too large", detail)


def _not_written() -> Answer:
    detail = "The database did not take it. Stripe will deliver it again; see /readyz."
    DELIVERIES["not_written"].inc()
    return fault(503, "INBOX_UNAVAILABLE", "the event could not be written down", detail)
