"""Bodies that come in pieces, senders that hang up, and a Redis that comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from threading import Event

from redis.exceptions import ConnectionError as RedisDown
from sqlalchemy.engine import Engine
from starlette.types import Message, Scope

from shared.settings import Settings
from tests.deliveries import sign, subscription_updated
from tests.integration.receiver.conftest import event_rows, nobody
from webhooks.receiver import BODY_LIMIT_BYTES, Receiver
from webhooks.wakeups import WakeUps

PATIENCE_SECONDS = 30  # a test that waits longer has failed


async def pour(receiver: Receiver, pieces: Iterable[Message], signature: str) -> list[int]:
    """Send the messages of one request; gives the statuses that were answered."""
    waiting, answered = iter(pieces), list[int]()

    async def receive() -> Message:
        return next(waiting)

    async def send(message: Message) -> None:
        answered.extend([message["status"]] if "status" in message else [])

    scope: Scope = {"type": "http", "headers": [(b"stripe-signature", signature.encode())]}
    async with receiver.running():
        await receiver(scope, receive, send)
    return answered


def piece(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_pieces_is_put_together(settings: Settings, engine: Engine) -> None:
    """How the network cut it up makes no difference."""
    body = subscription_updated("evt_1")
    pieces = [piece(body[:10]), piece(body[10:], more=False)]

    assert asyncio.run(pour(Receiver(settings, engine, nobody), pieces, sign(body))) == [200]


def test_a_body_without_end_is_cut_off(settings: Settings, engine: Engine) -> None:
    """A sender that announces no length is refused at the limit; nothing more is read."""
    pieces = [piece(b" " * BODY_LIMIT_BYTES), piece(b" ")]

    assert asyncio.run(pour(Receiver(settings, engine, nobody), pieces, "t=1,v1=0")) == [413]


def test_a_sender_that_hangs_up_is_not_answered(settings: Settings, engine: Engine) -> None:
    """Half an event is no event."""
    pieces: list[Message] = [piece(b"{"), {"type": "http.disconnect"}]

    assert asyncio.run(pour(Receiver(settings, engine, nobody), pieces, "t=1,v1=0")) == []
    assert event_rows(engine) == []


def test_a_wake_up_that_failed_is_sent_when_redis_is_back() -> None:
    """The workers need not wait for the sweep once Redis answers again."""
    tries: list[str] = []
    back = Event()

    def wake() -> bool:
        tries.append("try")
        if len(tries) == 1:
            raise RedisDown("down")
        back.set()
        return True

    wake_ups = WakeUps(wake)
    wake_ups.start()
    wake_ups.want()

    assert back.wait(PATIENCE_SECONDS)
    wake_ups.stop()


def test_a_wake_up_still_wanted_at_the_end_is_sent() -> None:
    """A receiver that stops tells the workers of what it took in last."""
    woken: list[str] = []
    wake_ups = WakeUps(lambda: bool(woken.append("woken")) or True)
    wake_ups.start()

    wake_ups.want()
    wake_ups.stop()

    assert "woken" in woken
