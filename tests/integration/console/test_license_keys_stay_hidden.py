"""Where a buyer's license key never stands, and the one place where it does: sealed, in escrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from shared.database import reading
from shared.logs import LogFormat
from shared.secrets import Secret, Vault
from shared.tables import escrow, metadata, passes
from tests.conftest import FERNET_KEY
from tests.integration.console.conftest import Fulfill
from tests.worlds.lines import logged
from tests.worlds.moody import Mood
from tests.worlds.world import MONTH, World, make_deps, open_world
from worker.crew import Crew
from worker.deps import Deps

COMMANDS = [
    *(("log", "--json"), ("log",), ("show", "{id}", "--json"), ("show", "{id}")),
    *(("problems", "--json"), ("problems",), ("keys", "list", "--sale", "{id}"), ("keys", "list")),
]


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """On each kind of database, the one that commands of the test look into."""
    with open_world(tmp_path, database_url) as running:
        yield running


class LeakyVault(Vault):
    """Fails while it holds a key, with the key in its variables and even in its error's text."""

    def __init__(self) -> None:
        super().__init__([Secret(FERNET_KEY)])
        self.seen: list[str] = []

    def seal(self, secret: Secret) -> bytes:
        license_key = secret.reveal()
        self.seen.append(license_key)
        raise MemoryError(f"no room for {secret}, {len(license_key)} letters")


@dataclass(slots=True)
class Sold:
    """What was bought, the license keys that exist, and one id of each sale."""

    keys: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


def sell(world: World) -> Sold:
    """One of each kind: two units for good, and a subscription; one pass of it fails halfway."""
    once, first = world.price()
    monthly, _ = world.price("subscription", recurring=MONTH)
    world.map(once, first, quantity="license_per_unit")
    bought = [
        world.stripe.shop.buy({"price": once, "quantity": 2}),
        world.stripe.shop.subscribe(monthly),
    ]
    world.books.moods.plan(Mood(500, "POST", "/licenses", after_work=True))
    world.hear_all()
    world.come_due()
    world.hear_all()
    keys = [world.key_of(row.licensekit_id) for row in world.rows(escrow)]
    assert len(set(keys)) == len(keys) == 3
    assert all(len(key) > 12 for key in keys)
    return Sold(keys, [bought[0].session, str(bought[1].subscription)])


def assert_hidden(keys: list[str], text: str) -> None:
    """Neither a key nor the half of it that would be enough to guess the rest."""
    assert text
    assert [key for key in keys if key in text or key[len(key) // 2 :] in text] == []


def all_rows(world: World) -> str:
    """Every column of every table, as text."""
    with reading(world.engine) as tx:
        return "\n".join(
            str(tuple(row))
            for table in metadata.sorted_tables
            for row in tx.execute(table.select())
        )


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_license_key_stands_in_a_log(world: World, log_format: LogFormat) -> None:
    """Logs are sent to other companies; on any level."""
    with logged(log_format) as lines:
        sold = sell(world)

    assert "issue-license" in lines.text
    assert "step.failed" in lines.text
    assert_hidden(sold.keys, lines.text)


def test_no_license_key_stands_in_stripe(world: World) -> None:
    """Metadata holds ids only: whoever may read the Dashboard gets no license by it."""
    sold = sell(world)

    objects = [one["data"]["object"]["id"] for one in world.stripe.shop.events()]
    told = [world.stripe.shop.read(one) for one in dict.fromkeys(objects)]
    assert any(one.get("metadata", {}).get("licensekit_license_ids") for one in told)
    assert_hidden(sold.keys, json.dumps(told) + json.dumps(world.stripe.shop.events()))


def test_no_license_key_stands_in_our_database_in_plain_text(world: World) -> None:
    """Inbox, journal, links and problems are whole without it, and escrow holds it sealed."""
    sold = sell(world)

    text = all_rows(world)
    assert "issue-license" in text
    assert_hidden(sold.keys, text)


def test_no_command_shows_a_license_key(world: World, fulfill: Fulfill) -> None:
    """What support copies into a ticket is no license."""
    sold = sell(world)

    for command in COMMANDS:
        for sale in sold.ids:
            answer = fulfill(*(word.format(id=sale) for word in command))
            assert answer.exit_code == 0
            assert "lic_" in answer.stdout
            assert_hidden(sold.keys, answer.output)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_crash_with_a_key_in_hand_tells_it_to_nobody(world: World, log_format: LogFormat) -> None:
    """The log tells the place, the journal the kind; the license nobody has is replaced."""
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.tell(world.stripe.shop.events())
    vault = LeakyVault()

    def make() -> Deps:
        fresh = make_deps(world.engine, world.stripe_url, world.books.url, world.clock)
        return replace(fresh, vault=vault)

    crew = Crew(world.engine, make, threads=1, worker="crew", clock=world.clock)
    crew.start()
    with logged(log_format) as lines:
        crew.bring_to_rest(lambda: None)
        crew.close()

    assert "MemoryError" in lines.text
    assert_hidden(vault.seen, lines.text + all_rows(world))
    assert "MemoryError" in str(world.rows(passes)[0].error)
    world.clock.move(hours=1)
    world.run()
    states = [one["status"] for one in world.books.licenses(policy.product_id)]
    assert sorted(states) == ["active", "revoked"]


def test_the_key_in_escrow_is_one_that_a_buyers_machine_can_use(world: World) -> None:
    """Sealed at rest, and opened the very key that LicenseKit showed once."""
    sold = sell(world)

    for key in sold.keys:
        assert world.books.accepts(key)
        answer = httpx.post(
            f"{world.books.url}/api/v1/license/validate",
            json={"fingerprint": "a-buyers-machine"},
            headers={"Authorization": f"License {key}"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
    with reading(world.engine) as tx:
        sealed = tx.execute(sa.select(escrow.c.sealed_key)).scalars().all()
    opened = [Vault([Secret(FERNET_KEY)]).open(one).reveal() for one in sealed]
    assert sorted(opened) == sorted(sold.keys)
