"""Serves a simulator over HTTP from a thread of this process, for tests and benchmarks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn

from simulator.api.app import make_app
from simulator.stripe import Stripe

START_SECONDS = 10
KEEP_ALIVE_SECONDS = 75  # longer than a caller's pause, so that no reused connection is gone


class Server(uvicorn.Server):
    """uvicorn, which tells when it listens."""

    def __init__(self, stripe: Stripe) -> None:
        app = make_app(stripe)
        settings = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            date_header=False,  # the API writes its own
            ws="none",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        super().__init__(settings)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


@contextmanager
def serve(stripe: Stripe, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """The base URL of the API, ready to be called; all is stopped at the end."""
    listener = listen(host, port)
    server = Server(stripe)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        if not server.ready.wait(START_SECONDS):
            raise RuntimeError("the simulator did not start to listen")
        stripe.start()
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join()
        stripe.stop()
        listener.close()
