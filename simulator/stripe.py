"""The whole simulator as one value: its shops, its clock, its switches, its outbox.

Serving it over HTTP is left to `simulator.server`; a shop's stories are in `simulator.shop`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator.api_keys import Keyring
from simulator.books import Books
from simulator.clock import Moment, seconds_of
from simulator.entitlements import follow
from simulator.oauth import CLIENT_IDS, OAuth
from simulator.renewals import next_due, run_due
from simulator.shop import Shop
from simulator.switches import Switches
from simulator.test_clocks import show_time, start_clock
from simulator.values import Obj
from simulator.webhook_endpoints import delete_endpoint, register
from simulator.world import World

DAY = 24 * 3600


class Stripe:
    """Thread-safe. Starts at the real time, whole seconds; moves only by `advance`.

    With `test_clock` the objects in test mode say that they live on one, as Stripe's do.
    """

    def __init__(
        self,
        *,
        now: datetime | None = None,
        account: str = "acct_1Simulator",
        seed: int | None = None,
        senders: int = 1,
        test_clock: bool = False,
    ) -> None:
        moment = int(now.timestamp()) if now else int(time.time())
        self.world = World(now=moment, seed=seed)
        self.account = account
        self.oauth = OAuth(self.world.clock, account)
        self.started_at = moment
        self._books: dict[tuple[str, bool], Books] = {}
        self.keys = Keyring()
        self._senders = senders
        self._on_clock = test_clock
        self._next_fault = 0
        self.shop = self.shop_of()

    def shop_of(self, account: str | None = None, *, livemode: bool = False) -> Shop:
        """The shop of an account in a mode; an account not seen before is connected now."""
        return Shop(self._open_books(account or self.account, livemode=livemode))

    def books_of(self, account: str, *, livemode: bool) -> Books | None:
        """The books of a known account; None for one that was never connected."""
        known = account == self.account or any(name == account for name, _ in self._books)
        return self._open_books(account, livemode=livemode) if known else None

    def add_key(self, key: str, permissions: Iterable[str] | None = None) -> None:
        """Accept one more API key; its prefix says the mode.

        With permissions ("rak_customer_write") a restricted key may do no more than these; named
        again, it has new ones.
        """
        with self.world.turn():
            self.keys.add(key, permissions)

    def sign_in(self, account: str) -> None:
        """From now on this account is the one that follows an install link."""
        self.shop_of(account)
        self.oauth.visitor = account

    def uninstall(self, account: str, *, livemode: bool = False) -> None:
        """The account uninstalls the app in this mode; the app alone is told."""
        with self.world.turn():
            self.oauth.uninstall((account, livemode))
            application = {"id": CLIENT_IDS[livemode], "object": "application", "name": "Licenses"}
            books = self._open_books(account, livemode=livemode)
            books.emit("account.application.deauthorized", application)

    def deliver_to(self, url: str, *secrets: str, events: tuple[str, ...] = ("*",)) -> None:
        """Deliver events of all shops there, signed with each of the secrets."""
        if not secrets:
            raise ValueError("an endpoint needs at least one signing secret")
        with self.world.turn():
            register(self.shop.books, url, secrets, events)

    def forget_endpoints(self) -> None:
        """As if no endpoint had ever been registered."""
        with self.world.turn():
            for books in self._books.values():
                for endpoint in [*books.all("webhook_endpoint")]:
                    delete_endpoint(books, endpoint)

    def start(self) -> None:
        self.world.outbox.start(self._senders)

    def stop(self) -> None:
        self.world.outbox.stop()

    @property
    def now(self) -> int:
        """The simulator's time, in seconds since 1970."""
        return self.world.clock.now

    def advance(self, *, days: float = 0, seconds: int = 0, to: Moment | None = None) -> int:
        """Move the clock; all that falls due on the way happens at its own moment.

        `to` is a moment as a datetime, in seconds since 1970, or in ISO form with an offset.
        """
        with self.world.turn():
            goal = self.now + int(days * DAY) + seconds if to is None else seconds_of(to)
            while (moment := self._next_due()) is not None and moment <= goal:
                self._move(max(moment, self.now))
                for books in list(self._books.values()):
                    run_due(books)
            self._move(goal)
            return goal

    @property
    def switches(self) -> Switches:
        return self.world.outbox.switches

    def switch(self, **values: Any) -> Switches:
        """Change some switches and keep the others; ValueError for what can't be set."""
        with self.world.turn():
            self.world.outbox.switches = self.switches.changed(**values)
            self._next_fault = 0 if "fail_next" in values else self._next_fault
            return self.switches

    def planned_fault(self) -> int | None:
        """Take the next of the answers that `fail_next` asks for."""
        with self.world.turn():
            planned = self.switches.fail_next[self._next_fault :]
            self._next_fault += bool(planned)
            return planned[0] if planned else None

    def flush(self) -> int:
        """Release held deliveries and retry failed ones now; how many."""
        return self.world.outbox.flush()

    @property
    def idle(self) -> bool:
        return self.world.outbox.idle

    def wait_until_idle(self, timeout_seconds: float = 30) -> bool:
        """Wait until each delivery was answered or given up; False when time ran out."""
        return self.world.outbox.wait_until_idle(timeout_seconds)

    def state(self) -> Obj:
        """Clock, switches, deliveries, and all objects of each shop but its events."""
        with self.world.turn():
            shops = [books.dump() for books in self._books.values()]
            return {"now": self.now, "deliveries": self.world.outbox.counts(), "shops": shops}

    def _open_books(self, account: str, *, livemode: bool) -> Books:
        with self.world.turn():
            if (account, livemode) not in self._books:
                connected = account != self.account
                books = Books(self.world, account, livemode=livemode, connected=connected)
                follow(books)
                self._books[account, livemode] = books
                if self._on_clock and not livemode:
                    start_clock(books)
            return self._books[account, livemode]

    def _move(self, moment: int) -> None:
        self.world.clock.move_to(moment)
        for books in self._books.values():
            show_time(books)

    def _next_due(self) -> int | None:
        moments = [next_due(books) for books in self._books.values()]
        return min((moment for moment in moments if moment is not None), default=None)
