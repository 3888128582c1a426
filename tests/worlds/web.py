"""Serves any ASGI app from a thread of this process, on a free port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import uvicorn

START_SECONDS = 20


class _Server(uvicorn.Server):
    """uvicorn, which tells when it listens."""

    def __init__(self, app: Any, *, lifespan: bool) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="on" if lifespan else "off",
                ws="none",
                timeout_keep_alive=75,
                timeout_graceful_shutdown=2,
            )
        )
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


def free_socket() -> socket.socket:
    """A listening socket on a port that was free."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener


@contextmanager
def serve_app(app: Any, *, lifespan: bool = False) -> Iterator[str]:
    """The base URL, ready to be called; the server is stopped at the end."""
    listener = free_socket()
    server = _Server(app, lifespan=lifespan)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert server.ready.wait(START_SECONDS), "the server did not start to listen"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
