"""The load: a process that keeps connections busy with deliveries and prints what it saw.

Run as `python -m tests.benchmarks.receiver_load PORT CONNECTIONS COUNT PREFIX`. It parses next to
nothing, so that the machine's time goes to the server.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

from tests.deliveries import event, sign

FILLER = {"description": "x" * 3_000}  # a subscription event of today has about 3.5 kB


def requests(prefix: str, count: int) -> Iterator[bytes]:
    """Distinct events of distinct sales, each a whole HTTP request."""
    for number in range(count):
        payload = {"id": f"sub_{prefix}{number}", "object": "subscription", **FILLER}
        body = event(f"evt_{prefix}{number}", "customer.subscription.updated", payload)
        head = (
            "POST /stripe/webhook HTTP/1.1\r\nHost: door\r\nUser-Agent: Stripe/1.0\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Stripe-Signature: {sign(body)}\r\n\r\n"
        )
        yield head.encode() + body


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, waiting: Iterator[bytes], took: list[float]) -> None:
        self.waiting, self.took = waiting, took
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop has its own class
        self.send()

    def send(self) -> None:
        request = next(self.waiting, None)
        if request is None:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        if not self.answer.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(self.answer.decode()))
            self.transport.close()
            return
        if not self.answer.endswith(b"}"):  # every answer is a JSON object
            return
        self.took.append(time.perf_counter() - self.sent_at)
        self.answer = b""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, connections: int, prepared: list[bytes]) -> dict[str, object]:
    """Send all requests; gives the seconds it took and each answer's time, sorted."""
    waiting, took = iter(prepared), list[float]()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: Connection(waiting, took), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return {"seconds": time.perf_counter() - started, "took": sorted(took)}


def main() -> None:
    port, connections, count, prefix = sys.argv[1:]
    prepared = list(requests(prefix, int(count)))
    print(json.dumps(uvloop.run(load(int(port), int(connections), prepared))))


if __name__ == "__main__":
    main()
