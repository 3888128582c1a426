"""An app with its lifespan, over real HTTP on loopback, in a thread of this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
import uvicorn
from starlette.applications import Starlette


@contextmanager
def serve_app(
    app: Starlette, headers: dict[str, str] | None = None, *, port: int = 0
) -> Iterator[httpx.Client]:
    """The socket listens before the server runs, so that an early request waits and isn't lost."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
