"""`fulfill plan` shows and `fulfill reconcile` does, against a Stripe twin and LicenseKit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.cli import main
from shared.database import reading
from shared.settings import Settings
from shared.tables import audit, decisions, passes, sales
from tests.integration.console.conftest import Fulfill
from tests.integration.console.shop import Shop, open_shop


@pytest.fixture
def shop(
    monkeypatch: pytest.MonkeyPatch,
    fulfill: Fulfill,
    make_settings: Callable[..., Settings],
    database_url: str,
    engine: Engine,
) -> Iterator[Shop]:
    assert fulfill  # it sets the environment, which this adds to
    with open_shop(make_settings, database_url, engine) as shop:
        for name, value in shop.environment.items():
            monkeypatch.setenv(name, value)
        yield shop


def answer(fulfill: Fulfill, *words: str) -> Any:
    return json.loads(fulfill(*words, "--json").stdout)


def test_a_plan_tells_what_would_be_done_and_changes_nothing(fulfill: Fulfill, shop: Shop) -> None:
    """Looking is free: no license, no journal row, no due sale comes of it."""
    shop.map_price()
    session = shop.stripe.shop.buy(shop.price).session

    told = answer(fulfill, "plan", session)

    assert told["sale"]["id"] == session
    assert told["category"] == "one_time"
    assert [one["terms"]["on_refund"] for one in told["terms"]] == ["revoke"]
    assert any("issue" in step["step"] for step in told["steps"]), told
    assert all(step["why"] for step in told["steps"])
    assert shop.licensekit.licenses(shop.editor) == []
    with reading(shop.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(passes)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(sales)) == 0


def test_people_read_each_step_with_its_reason(fulfill: Fulfill, shop: Shop) -> None:
    """And with the command that does it."""
    shop.map_price()
    session = shop.stripe.shop.buy(shop.price).session

    page = fulfill("plan", session).stdout

    assert "because" in page
    assert f"fulfill reconcile {session}" in page


def test_reconcile_issues_the_license_once_however_often_it_runs(
    fulfill: Fulfill, shop: Shop
) -> None:
    """No event came, no Redis, no worker: one command brings the sale to rest."""
    shop.map_price()
    session = shop.stripe.shop.buy(shop.price).session

    first = answer(fulfill, "reconcile", session)
    second = answer(fulfill, "reconcile", session)

    assert [one["status"] for one in first + second] == ["applied", "settled"]
    assert len(shop.licensekit.licenses(shop.editor)) == 1
    assert "Nothing to do" in fulfill("plan", session).stdout
    metadata = shop.stripe.shop.read(session)["metadata"]
    assert "licensekit_license_ids" in metadata


def test_an_invoice_in_hand_leads_to_its_subscription(fulfill: Fulfill, shop: Shop) -> None:
    """The buyer quotes the invoice; the license hangs on the subscription."""
    team = shop.stripe.shop.price("Team", 900, recurring={"interval": "month"})
    shop.map_price(team)
    purchase = shop.stripe.shop.subscribe(team)

    assert purchase.invoice
    assert purchase.subscription
    (done,) = answer(fulfill, "reconcile", purchase.invoice)

    assert done["status"] == "applied"
    assert answer(fulfill, "plan", purchase.subscription)["steps"] == []
    assert answer(fulfill, "show", purchase.invoice)["sales"][0]["sale"]["id"] == (
        purchase.subscription
    )


def test_the_story_of_a_sale_tells_what_it_costs_and_under_which_terms_it_was_sold(
    fulfill: Fulfill, shop: Shop
) -> None:
    """The category, the price and the mapping version, from the pass itself to the page."""
    team = shop.stripe.shop.price("Team", 900, recurring={"interval": "month"})
    shop.map_price(team)
    bought = shop.stripe.shop.subscribe(team).subscription
    assert bought
    answer(fulfill, "reconcile", bought)

    page = fulfill("show", bought).stdout
    (sale,) = answer(fulfill, "show", bought)["sales"]

    assert "Bought  recurring sale" in page
    assert "flat-rate: 1 unit at 9.00 USD = 9.00 USD a month" in page
    assert f"{team}  mapping 1: {shop.editor.product_id} / {shop.editor.policy_id}" in page
    assert sale["bought"]["lines"][0]["pricing"]["expected_amount_minor_units"] == 900
    assert sale["terms"][0]["terms"]["on_dispute"] == "suspend"


def test_several_sales_are_reconciled_in_one_go(fulfill: Fulfill, shop: Shop) -> None:
    """A list from a spreadsheet will do."""
    shop.map_price()
    sessions = [shop.stripe.shop.buy(shop.price).session for _ in range(3)]

    done = fulfill("reconcile", *sessions, sessions[0])

    assert done.exit_code == 0
    assert done.stdout.count("applied") == 3
    assert len(shop.licensekit.licenses(shop.editor)) == 3


def test_a_sale_that_is_not_at_rest_afterwards_is_told_by_the_exit_status(
    fulfill: Fulfill, shop: Shop
) -> None:
    """A script must notice that a person is needed."""
    session = shop.stripe.shop.buy(shop.price).session

    done = fulfill("reconcile", session)

    assert done.exit_code == 1
    assert "blocked" in done.stdout
    assert shop.price in done.stdout


def test_what_a_pass_cannot_do_without_is_told_before_it_begins(
    fulfill: Fulfill, shop: Shop
) -> None:
    """Settings faults end a command with status 2 and touch nothing."""
    done = fulfill("reconcile", "cs_1", FULFILL_ENCRYPTION_KEYS=None, STRIPE_SECRET_KEY=None)

    assert shop
    assert done.exit_code == 2
    assert "FULFILL_ENCRYPTION_KEYS" in done.stderr
    assert "STRIPE_SECRET_KEY" in done.stderr


def test_a_sale_that_stripe_does_not_know_is_told_and_nothing_is_taken_away(
    fulfill: Fulfill, shop: Shop
) -> None:
    """A wrong id, or a key of the other mode, must never revoke anything."""
    done = fulfill("reconcile", "cs_unknown")

    assert done.exit_code == 1
    assert "cs_unknown" in done.stdout
    assert shop.licensekit.licenses(shop.editor) == []


def test_a_plan_while_stripe_is_down_is_a_sentence_and_not_a_traceback(
    fulfill: Fulfill,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reader learns whom to wait for."""
    assert shop
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["fulfill", "plan", "cs_1"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert fulfill
    assert ended.value.code == 1
    assert "Stripe" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("plan",),
        ("reconcile",),
        ("reconcile", "--force"),
        ("hold", "--reason", "asked"),
        ("cancel", "--reason", "asked"),
        ("release", "--reason", "asked"),
        ("adopt",),
    ],
    ids=" ".join,
)
def test_no_command_reads_test_data_as_a_live_sale(
    fulfill: Fulfill, engine: Engine, words: tuple[str, ...]
) -> None:
    """A test key answers in test mode whatever was asked: nothing is read, nothing is written."""
    refused = fulfill(words[0], "sub_1", *words[1:], "--live", STRIPE_API_BASE="http://127.0.0.1:9")

    assert refused.exit_code == 1
    assert "is not served here in live mode" in refused.stderr
    with reading(engine) as connection:
        for table in (sales, passes, decisions, audit):
            assert connection.execute(sa.select(table)).all() == []
