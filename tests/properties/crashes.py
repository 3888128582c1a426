"""A worker that dies at a chosen moment: before a call, after its answer, or at a commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from worker.deps import Deps

CHANGES = ("_license", "_feature")  # create_license, suspend_license, assign_feature, …


class Crash(BaseException):
    """The process is gone. No code of ours may catch this."""


@dataclass(slots=True)
class Fuse:
    """Burns down one moment at a time; None never blows."""

    left: int | None = None

    def burn(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


class Fused:
    """A gateway whose every call may be the last thing that happens, before or after its work."""

    def __init__(self, gateway: Any, fuse: Fuse, *, changes_only: bool) -> None:
        self._gateway, self._fuse, self._changes_only = gateway, fuse, changes_only

    def __getattr__(self, name: str) -> Any:
        work = getattr(self._gateway, name)
        if self._changes_only and not name.endswith(CHANGES):
            return work

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.burn()
            answer = work(*args, **kwargs)
            self._fuse.burn()
            return answer

        return call


@contextmanager
def fused(engine: Engine, deps: Deps, *, changes_only: bool = False) -> Iterator[tuple[Fuse, Deps]]:
    """Deps that may crash, as the fuse says, while inside.

    With `changes_only` just before or after a license is changed: the moments that hurt most.
    """
    fuse = Fuse()

    def at_commit(_connection: object) -> None:
        if not changes_only:
            fuse.burn()  # before the commit takes place: all of it is lost

    event.listen(engine, "commit", at_commit)
    stripe: Any = Fused(deps.stripe, fuse, changes_only=changes_only)
    licensekit: Any = Fused(deps.licensekit, fuse, changes_only=changes_only)
    try:
        yield fuse, replace(deps, stripe=stripe, licensekit=licensekit)
    finally:
        event.remove(engine, "commit", at_commit)
