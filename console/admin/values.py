"""What an admin route is, what it is asked, and what it answers. The table itself: `operations`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from console.admin.desk import Desk
from console.tokens import Scope

PREFIX = "/stripe/admin"

Method = Literal["GET", "POST"]
# An id of Stripe's or LicenseKit's. Both databases and every log can hold it.
Name = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
Q = TypeVar("Q", bound=Struct | None)
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str  # "ci", or "FULFILL_ADMIN_TOKEN"
    scopes: tuple[Scope, ...]

    @property
    def who(self) -> str:
        """As the audit log and a sale's journal name it."""
        return f"token:{self.name}"

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request, checked."""

    desk: Desk
    caller: Caller
    now: datetime
    path_id: str  # of the path; "" = it has none
    query: Q
    body: B


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` and what stands beside it in `meta`."""

    data: object
    status: int = 200
    meta: Mapping[str, object] = field(default_factory=dict)


class NoQuery(Struct, frozen=True):
    """A route without query parameters: any is refused."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that another module reads and describes; else a body is a Struct."""

    name: str  # in the OpenAPI document
    schema: Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table. The route and its description are both made from it."""

    name: str
    method: Method
    path: str  # below PREFIX; "{sale}" is a sale's id or key, "{number}" a whole number
    scope: Scope
    summary: str
    action: Callable[[Call[Any, Any]], Answer]
    data: Any  # the type of `data`
    meta: Any  # the type of `meta`
    query: type[Struct] = NoQuery
    body: type[Struct] | Body | None = None
    # further statuses and what each means; 400, 401, 403 and 503 may always come
    others: Mapping[int, str] = field(default_factory=dict)
    success: Mapping[int, str] = field(default_factory=lambda: {200: "What was asked for."})
    asks_services: bool = False  # Stripe or LicenseKit: such requests have threads of their own
