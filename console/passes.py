"""Passes in this program: what `fulfill plan` and `fulfill reconcile` start with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from console.context import Context, end_for_settings, open_context, read_environment
from shared.settings import SettingsError, read_settings
from worker.deps import Deps
from worker.jobs import make_deps


@contextmanager
def open_passes(*, json: bool) -> Iterator[tuple[Context, Deps]]:
    """A context, and the clients a pass uses. Ends with status 2 when a worker's setting lacks.

    Redis is not needed: nobody has to be woken.
    """
    with open_context(json=json) as context:
        require_worker_settings(json=json)
        with closing(make_deps(context.settings, context.engine)) as deps:
            yield context, deps


def require_worker_settings(*, json: bool) -> None:
    """Ends the command with status 2 when a setting lacks that every pass needs."""
    try:
        read_settings({"REDIS_URL": "redis://unused", **read_environment()}, role="worker")
    except SettingsError as error:
        raise end_for_settings(error, json=json) from None
