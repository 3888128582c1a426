"""`fulfill mappings migrate`: sold on one version of a mapping, going on under another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.mapping_commands import app
from mappings.store import read_catalog, set_mapping
from mappings.values import MappingDraft
from shared.database import reading, transaction
from shared.keys import SaleKey
from shared.links import read_sold_under
from shared.tables import passes, sale_terms
from tests.worlds.licensekit import Policy
from tests.worlds.world import STRIPE_KEY, World, open_world
from worker.lease import claim

Migrate = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A whole world on each kind of database."""
    with open_world(tmp_path, database_url) as running:
        yield running


@pytest.fixture
def migrate(
    shop: World,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    database_url: str,
    tmp_path: Path,
) -> Migrate:
    """Runs `fulfill mappings migrate` in this world; named variables change its environment."""
    monkeypatch.chdir(tmp_path)
    services = {"STRIPE_API_BASE": shop.stripe_url, "LICENSEKIT_BASE_URL": shop.books.url}
    own = {"STRIPE_SECRET_KEY": STRIPE_KEY, "DATABASE_URL": database_url, "COLUMNS": "200"}
    for name, value in {**environment, **services, **own}.items():
        monkeypatch.setenv(name, value)

    def run(old: int, new: int, *words: str, **variables: str) -> Result:
        asked = ["migrate", "--from", str(old), "--to", str(new), *words]
        return CliRunner().invoke(app, asked, env=variables)

    return run


def newest(shop: World) -> int:
    """The version of the mapping that was set last."""
    with reading(shop.engine) as tx:
        return max(mapping.version for mapping in read_catalog(tx).mappings)


def sold_under(shop: World) -> list[int]:
    """The version that each sold price has, sale by sale."""
    return [row.mapping_version for row in shop.rows(sale_terms)]


def two_versions(shop: World, sales: int = 1, **terms: Any) -> tuple[Policy, int, int]:
    """Yearly sales at rest under one version, and another version with other terms."""
    price, policy = shop.price("subscription", recurring={"interval": "year"})
    old = newest(shop)
    for _ in range(sales):
        shop.stripe.shop.subscribe(price)
    shop.hear_all()
    shop.map(price, policy, **terms)
    return policy, old, newest(shop)


def read_sold(shop: World, version: int) -> SaleKey:
    """The one sale under this version."""
    with reading(shop.engine) as tx:
        (sold,) = read_sold_under(tx, version)
    return sold.key


def ends(shop: World, policy: Policy) -> list[datetime]:
    licenses = shop.books.licenses(policy.product_id)
    return [datetime.fromisoformat(one["expires_at"]) for one in licenses]


def test_a_sale_keeps_its_terms_until_it_is_migrated(shop: World, migrate: Migrate) -> None:
    """A longer grace holds for new sales; the command brings it to the old ones."""
    policy, old, new = two_versions(shop, grace_days=7)
    (before,) = ends(shop, policy)
    shop.raise_all()
    assert {one.status for one in shop.run()} == {"settled"}

    ran = migrate(old, new)

    assert ran.exit_code == 0, ran.output
    assert "because paid until" in ran.stdout  # the plan, before it runs
    assert "1 sale: 1 renew license" in ran.stdout
    assert ran.stdout.endswith("1 sale moved, 1 found\n")
    assert (ends(shop, policy), sold_under(shop)) == ([before + timedelta(days=7)], [new])


def test_a_dry_run_shows_each_plan_and_changes_nothing(shop: World, migrate: Migrate) -> None:
    """Counts by kind of change come with it, for people and for programs."""
    policy, old, new = two_versions(shop, 2, grace_days=7)
    before = (ends(shop, policy), sold_under(shop), shop.passes())

    told = json.loads(migrate(old, new, "--dry-run", "--json").stdout)
    page = migrate(old, new, "--dry-run").stdout

    assert (told["from"], told["to"], told["dry_run"], told["guard"]) == (old, new, True, [])
    assert told["changes"] == {"renew-license": 2}
    assert [len(sale["steps"]) for sale in told["sales"]] == [1, 1]
    assert page.endswith("2 sales: 2 renew license\nNothing was changed.\n")
    assert (ends(shop, policy), sold_under(shop), shop.passes()) == before


def test_the_second_run_finds_nothing_to_move(shop: World, migrate: Migrate) -> None:
    """However often it is run, it is done once."""
    _, old, new = two_versions(shop, 2, grace_days=7)
    first = json.loads(migrate(old, new, "--json").stdout)

    second = json.loads(migrate(old, new, "--json").stdout)

    assert [one["status"] for one in first["outcomes"]] == ["applied", "applied"]
    assert (second["sales"], second["outcomes"]) == ([], [])
    assert migrate(old, new).stdout == "0 sales: no change\nNothing to move.\n"


def test_a_sale_goes_on_under_another_policy_with_a_license_in_the_olds_place(
    shop: World, migrate: Migrate
) -> None:
    """The old license goes only after the new key is kept."""
    price, policy = shop.price("subscription", recurring={"interval": "month"})
    old = newest(shop)
    shop.stripe.shop.subscribe(price)
    shop.hear_all()
    shop.map(price, other := shop.books.policy("subscription", policy.product_id))

    told = json.loads(migrate(old, newest(shop), "--json").stdout)

    assert told["changes"] == {"issue-license": 1, "revoke-license": 1, "write-back": 4}
    stand = {one["policy_id"]: one["status"] for one in shop.books.licenses(policy.product_id)}
    assert stand == {policy.id: "revoked", other.id: "active"}


def test_taking_away_from_too_many_is_refused_with_both_numbers(
    shop: World, migrate: Migrate
) -> None:
    """Six buyers would lose all but one of their licenses: somebody has to mean that."""
    price, policy = shop.price("perpetual")
    shop.map(price, policy, quantity="license_per_unit")
    old = newest(shop)
    for _ in range(6):
        shop.stripe.shop.buy({"price": price, "quantity": 2})
    shop.hear_all()
    shop.map(price, policy)

    dry = migrate(old, newest(shop), "--dry-run")
    refused = migrate(old, newest(shop))
    stood = [one["status"] for one in shop.books.licenses(policy.product_id)]
    forced = migrate(old, newest(shop), "--force")

    assert "6 of 6 sales would have licenses revoked or shortened, 100 %" in dry.stdout
    assert refused.exit_code == 1
    assert "The guard refused: 6 of 6 sales" in refused.stderr
    assert "more than the 20 % that FULFILL_GUARD_MAX_SHARE allows" in refused.stderr
    assert stood == ["active"] * 12
    assert forced.exit_code == 0, forced.output
    left = sorted(one["status"] for one in shop.books.licenses(policy.product_id))
    assert left == ["active"] * 6 + ["revoked"] * 6


def test_a_pass_above_its_own_limit_is_refused_and_the_journal_names_who_forced_it(
    shop: World, migrate: Migrate
) -> None:
    """One big sale counts by its licenses, not as one of few sales."""
    price, policy = shop.price("perpetual")
    shop.map(price, policy, quantity="license_per_unit")
    old = newest(shop)
    session = shop.stripe.shop.buy({"price": price, "quantity": 4}).session
    shop.hear_all()
    shop.map(price, policy)
    limit = {"FULFILL_GUARD_MAX_REVOKES": "2"}

    refused = migrate(old, newest(shop), **limit)
    kept = sold_under(shop)
    forced = migrate(old, newest(shop), "--force", "--json", **limit)

    assert refused.exit_code == 1
    assert f"{session}: the plan would revoke 3 licenses, more than the 2" in refused.stderr
    assert kept == [old]
    assert forced.exit_code == 0, forced.output
    assert "let this pass the guard" in shop.rows(passes)[-1].plan["notes"][-1]


def test_a_sale_that_a_worker_is_at_is_told_and_left_for_the_next_run(
    shop: World, migrate: Migrate
) -> None:
    """The worker would still carry out the old terms."""
    policy, old, new = two_versions(shop, grace_days=7)
    (before,) = ends(shop, policy)
    key = read_sold(shop, old)
    claim(shop.engine, key, worker="another", now=datetime.now(UTC))

    busy = migrate(old, new, "--json")
    shop.forget_leases()
    again = migrate(old, new, "--json")

    assert (busy.exit_code, again.exit_code) == (1, 0)
    assert json.loads(busy.stdout)["outcomes"][0]["status"] == "busy"
    assert sold_under(shop) == [new]
    assert ends(shop, policy) == [before + timedelta(days=7)]


def test_a_crash_after_the_move_is_healed_by_the_next_worker(
    shop: World, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sale is due, so its new terms are carried out when the lease has run out."""
    policy, old, new = two_versions(shop, grace_days=7)
    (before,) = ends(shop, policy)
    monkeypatch.setattr("console.mapping_moves.reconcile", None)  # the program ends here

    assert isinstance(migrate(old, new).exception, TypeError)
    shop.forget_leases()
    shop.clock.moment = datetime.now(UTC)
    shop.run()

    assert (sold_under(shop), ends(shop, policy)) == ([new], [before + timedelta(days=7)])


def test_a_sale_that_the_new_terms_can_not_be_carried_out_for_keeps_the_old_ones(
    shop: World, migrate: Migrate
) -> None:
    """Frozen terms that can't work would leave it stuck."""
    price, policy = shop.price("subscription", recurring={"interval": "month"})
    old = newest(shop)
    shop.stripe.shop.subscribe(price)
    shop.hear_all()
    shop.map(price, Policy(policy.product_id, "pol_gone"))

    ran = migrate(old, newest(shop))

    assert ran.exit_code == 1
    assert "It keeps its terms until this is mended." in ran.stdout
    assert "LicenseKit has no policy pol_gone" in ran.stdout
    assert sold_under(shop) == [old]
    shop.raise_all()
    assert {one.status for one in shop.run()} == {"settled"}


def test_the_mapping_of_a_product_may_take_over_from_that_of_its_price(
    shop: World, migrate: Migrate
) -> None:
    """Of another product it may not."""
    policy, old, _ = two_versions(shop)
    (sold,) = shop.rows(sale_terms)
    product = shop.stripe.shop.read(sold.price_id)["product"]
    drafts = (
        MappingDraft("", False, None, one, policy.product_id, policy.id)
        for one in (product, "prod_other")
    )
    with transaction(shop.engine) as tx:
        mine, other = (
            set_mapping(tx, draft, now=shop.clock.now(), by="test").version for draft in drafts
        )

    wrong = migrate(old, other)
    right = migrate(old, mine)

    assert wrong.exit_code == 1
    assert f"version {other} sells prod_other in test mode" in wrong.stderr
    assert right.exit_code == 0, right.output
    assert sold_under(shop) == [mine]


def test_versions_that_are_not_there_or_do_not_belong_together_are_told(
    shop: World, migrate: Migrate
) -> None:
    """A slip in a number must not change what people have paid for."""
    _, old, new = two_versions(shop, grace_days=7)
    shop.price()

    nowhere = migrate(old, 99)
    same = migrate(old, old)
    strangers = migrate(old, newest(shop))

    assert [one.exit_code for one in (nowhere, same, strangers)] == [1, 1, 1]
    assert "There is no version 99 of any mapping." in nowhere.stderr
    assert f"Version {old} is both" in same.stderr
    assert "so the one can't take the other's place" in strangers.stderr
    assert sold_under(shop) == [old]
    assert new == old + 1
