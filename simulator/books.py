"""The books of one account in one mode: its objects and its events. No rule of commerce is here.

Objects are plain dicts, kept by id and shared, never copied: an item's price *is* the price.
Use only inside `with books.world.turn()`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.agreements import Agreements
from simulator.errors import missing, missing_reference
from simulator.events import letters, new_event
from simulator.values import Obj, frozen
from simulator.world import World

if TYPE_CHECKING:
    from simulator.orders import Order


class Books:
    """All that one account has in one mode. The other mode, and other accounts, see nothing."""

    def __init__(self, world: World, account: str, *, livemode: bool, connected: bool) -> None:
        self.world = world
        self.account = account
        self.livemode = livemode
        self.connected = connected
        self.declined: set[str] = set()  # customers whose payments fail
        self.agreed = Agreements()
        self.listeners: list[Callable[[str, Obj], None]] = []  # told of each event, after it
        self.orders: dict[str, Order] = {}  # what a session's buyer wants, by its id
        self._by_id: dict[str, Obj] = {}
        self._by_kind: dict[str, list[Obj]] = defaultdict(list)
        self._children: dict[tuple[str, str], list[Obj]] = defaultdict(list)

    @property
    def now(self) -> int:
        return self.world.clock.now

    def new_id(self, kind: str) -> str:
        return self.world.ids.new(kind, livemode=self.livemode)

    def add(self, obj: Obj) -> Obj:
        """Keep a new object; it becomes the newest of its kind."""
        if self.agreed.clock is not None and "test_clock" in obj:
            obj["test_clock"] = self.agreed.clock["id"]
        self._by_id[obj["id"]] = obj
        self._by_kind[obj["object"]].append(obj)
        return obj

    def find(self, object_id: Any) -> Obj | None:
        return self._by_id.get(object_id)

    def get(self, kind: str, object_id: str) -> Obj:
        """The object of that kind, or a 404."""
        found = self._by_id.get(object_id)
        if found is None or found["object"] != kind:
            raise missing(kind, object_id)
        return found

    def refer(self, kind: str, object_id: str, param: str) -> Obj:
        """The object that a parameter names, or a 400."""
        found = self._by_id.get(object_id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing_reference(kind, object_id, param)
        return found

    def all(self, kind: str) -> list[Obj]:
        """Oldest first."""
        return self._by_kind[kind]

    def delete(self, obj: Obj) -> Obj:
        """Of a deleted object three fields are left, and lists don't show it any more."""
        self._by_kind[obj["object"]].remove(obj)
        stub = {"id": obj["id"], "object": obj["object"], "deleted": True}
        obj.clear()
        obj.update(stub)
        return obj

    def children(self, parent_id: str, name: str) -> list[Obj]:
        """A list that belongs to an object: ("in_…", "lines"), ("cs_…", "line_items")."""
        return self._children[parent_id, name]

    def emit(self, event_type: str, obj: Obj, previous: Obj | None = None) -> Obj:
        """Write down that this happened, with the object as it is now, and deliver it."""
        event = self.add(new_event(self, event_type, obj, previous))
        self.world.keep(letters(self, event))
        for hear in self.listeners:
            hear(event_type, obj)
        return event

    def dump(self) -> Obj:
        """All objects by kind, as they are now; events are left out, as there are many."""
        kinds = {kind: rows for kind, rows in self._by_kind.items() if kind != "event"}
        return frozen({"account": self.account, "livemode": self.livemode, "objects": kinds})
