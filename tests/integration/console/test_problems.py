"""`console.problems`: what waits for a person, in groups, with what waits behind each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from console.problems import ProblemGroup, count_problems, read_problems
from console.problems.stakes import COUNTED
from console.retries import Wanted, choose_sales
from mappings.store import set_mapping
from mappings.values import MappingDraft, Terms
from shared.database import reading, transaction
from shared.settings import Settings
from tests.integration.console.journal import NOON, Journal

TEST_EVENT = "a live event, but STRIPE_SECRET_KEY is a test key"

Read = Callable[..., list[ProblemGroup]]


def paid(minor_units: int, currency: str = "eur", refunded: int = 0) -> dict[str, Any]:
    """A sale as a pass reads it."""
    payment = {"amount_minor_units": minor_units, "refunded_minor_units": refunded}
    return {"payments": [{**payment, "currency": currency}], "lines": []}


@pytest.fixture
def read(engine: Engine, settings: Settings) -> Read:
    def groups(**asked: Any) -> list[ProblemGroup]:
        with reading(engine) as connection:
            return read_problems(connection, settings, NOON + timedelta(days=1), **asked)

    return groups


def test_sales_that_wait_for_one_price_are_one_group(journal: Journal, read: Read) -> None:
    """With how many buyers wait, what they paid, and since when."""
    for sale, customer in (("cs_1", "cus_1"), ("cs_2", "cus_1"), ("cs_3", None)):
        row = journal.sale(sale, customer_id=customer, bought=paid(4900))
        journal.problem(row, "unmapped_price", "price_1", "map it")
        journal.now += timedelta(hours=1)

    (group,) = read()

    told = group.as_json()
    assert (told["cause"], told["subject"], told["count"]) == ("unmapped_price", "price_1", 3)
    assert told["waiting"] == {
        "sales": 3,
        "buyers": 2,
        "paid": [{"currency": "eur", "amount_minor_units": 14700, "amount": "147.00 EUR"}],
        "at_least": False,
    }
    assert told["since"] == "2026-11-20T12:00:00.000Z"
    assert told["ids"] == ["cs_1", "cs_2", "cs_3"]
    assert told["command"] == "fulfill mappings set price_1 --policy pol_…"


def test_money_is_told_in_each_currencys_own_units_without_what_was_given_back(
    journal: Journal, read: Read
) -> None:
    """A yen has no cents, and a refunded buyer waits for nothing."""
    for n, bought in enumerate((paid(500, "jpy"), paid(4900, refunded=900), paid(100, "usd", 100))):
        journal.problem(journal.sale(f"cs_{n}", bought=bought), "guard", f"cs_{n}", "too much")

    (group,) = read()

    amounts = [one["amount"] for one in group.stake.as_json()["paid"]]
    assert amounts == ["40.00 EUR", "500 JPY"]


def test_a_price_of_another_account_or_mode_is_a_group_of_its_own(
    journal: Journal, read: Read
) -> None:
    """Its command names both, so that it mends what it is about."""
    for account, livemode in (("", False), ("acct_1", False), ("acct_1", True)):
        sale = journal.sale("sub_1", account=account, livemode=livemode)
        journal.problem(sale, "unmapped_price", "price_1", "map it")

    assert {group.words.command.partition("pol_…")[2] for group in read()} == {
        "",
        " --account acct_1",
        " --account acct_1 --live",
    }


def test_a_missing_term_is_mended_with_the_policy_that_the_price_has(
    engine: Engine, journal: Journal, read: Read
) -> None:
    """The command can be typed as it stands."""
    draft = MappingDraft("", False, None, "prod_1", "lkprod_1", "pol_9", Terms())
    with transaction(engine) as connection:
        set_mapping(connection, draft, now=NOON, by="test")
    bought = {"lines": [{"price": "price_1", "product": "prod_1"}]}
    sale = journal.sale("cs_1", bought=bought)
    journal.problem(sale, "term_missing", "price_1", "give it one")

    (group,) = read()

    assert group.words.command == "fulfill mappings set price_1 --policy pol_9 --term-days 365"


def test_sales_with_a_subject_each_are_one_group_by_their_cause(
    journal: Journal, read: Read
) -> None:
    """A wrong Stripe key must not fill the page with a thousand groups."""
    for sale in ("sub_1", "sub_2"):
        row = journal.sale(sale)
        journal.problem(row, "missing_in_stripe", sale, f"{sale} can't be read")
        journal.problem(row, "write_back_refused", f"in_{sale}", "no room")

    groups = {group.place.cause: group for group in read()}

    missing = groups["missing_in_stripe"]
    assert missing.words.command == "fulfill reconcile sub_1 sub_2"
    assert (missing.place.subject, missing.says) == ("", "sub_1 can't be read")
    assert groups["write_back_refused"].stake.sales == 2


def test_refused_events_wait_by_account_and_by_mode(journal: Journal, read: Read) -> None:
    """A person who adds the account, or the key, releases them."""
    for n, account in enumerate(("acct_1", "acct_1", "acct_2")):
        journal.event(f"evt_{n}", state="refused", account=account, reason=f"no {account} here")
    journal.event("evt_live", state="refused", livemode=True, reason=TEST_EVENT)
    journal.event("evt_ignored", reason="nothing that is sold depends on it")

    told = {(g.place.cause, g.place.subject): (g.count, g.ids, g.words.command) for g in read()}

    assert told == {
        ("unknown_account", "acct_1"): (2, ("evt_0", "evt_1"), "fulfill retry evt_0 evt_1"),
        ("unknown_account", "acct_2"): (1, ("evt_2",), "fulfill retry evt_2"),
        ("wrong_mode", "live"): (1, ("evt_live",), "fulfill retry evt_live"),
    }


def test_keys_that_nobody_was_given_are_a_group_with_their_buyers(
    journal: Journal, read: Read
) -> None:
    """They paid and have a license that they can't use."""
    sale = journal.sale("cs_1", customer_id="cus_1", bought=paid(4900))
    journal.kept_key("lic_1", sale)
    journal.kept_key("lic_2", sale)

    (group,) = read(cause="key_undelivered")

    assert (group.count, group.stake.sales, group.stake.paid) == (2, 1, {"eur": 4900})
    assert group.words.command == "fulfill keys show lic_1 lic_2"


def test_a_sale_that_fails_again_and_again_is_shown_with_its_last_error(
    journal: Journal, read: Read
) -> None:
    """It heals by itself, and somebody should look; one that failed twice is left alone."""
    often = journal.sale("cs_1", status="failed", attempts=8, bought=paid(4900))
    journal.sale("cs_2", status="failed", attempts=2)
    journal.closed(often, "failed", error="LicenseKit did not answer as it should.")

    (group,) = read()

    assert (group.place.cause, group.ids) == ("failing", ("cs_1",))
    assert group.says == "LicenseKit did not answer as it should."
    assert group.words.command == "fulfill retry --failed"


def test_an_invariant_that_does_not_hold_is_a_problem(journal: Journal, read: Read) -> None:
    """One that holds is not."""
    journal.found("some_invariant", "cs_1", "cs_2")
    journal.found("another_invariant")

    (group,) = read()

    assert (group.place.cause, group.count, group.ids) == ("some_invariant", 2, ("cs_1", "cs_2"))
    assert group.words.command == "fulfill reconcile cs_1 cs_2"


def test_what_keeps_money_and_buyers_waiting_stands_first(journal: Journal, read: Read) -> None:
    """Whoever is woken begins at the top."""
    journal.problem(journal.sale("cs_free", bought=paid(0)), "guard", "cs_free", "too much")
    for n in range(2):
        sale = journal.sale(f"cs_{n}", bought=paid(100))
        journal.problem(sale, "unmapped_price", "price_many", "map it")
    journal.problem(journal.sale("cs_one", bought=paid(9900)), "unmapped_price", "price_one", "")

    assert [group.place.subject for group in read()] == ["price_many", "price_one", ""]


def test_ten_ids_are_shown_unless_all_are_asked_for(journal: Journal, read: Read) -> None:
    """A page is read at night; a list is read by a program."""
    for n in range(12):
        journal.problem(journal.sale(f"cs_{n}"), "unmapped_price", "price_1", "map it")

    assert [len(read(everything=everything)[0].ids) for everything in (False, True)] == [10, 12]


def test_what_does_not_fit_on_a_line_is_released_by_its_cause(
    engine: Engine, journal: Journal, read: Read
) -> None:
    """One command for four thousand sales; each is still in the count."""
    for n in range(12):
        journal.problem(journal.sale(f"cs_{n}"), "missing_in_stripe", f"cs_{n}", "gone")
        journal.event(f"evt_{n}", state="refused", account="acct_1", reason="no")

    commands = {group.place.cause: group.words.command for group in read()}

    assert commands == {
        "missing_in_stripe": "fulfill retry --cause missing_in_stripe",
        "unknown_account": "fulfill retry --since 2026-11-20T12:00:00Z",
    }
    with reading(engine) as connection:
        assert len(choose_sales(connection, Wanted(cause="missing_in_stripe"))) == 12
        assert choose_sales(connection, Wanted(cause="guard")) == set()


def test_a_number_that_is_only_to_be_known_is_no_problem(
    engine: Engine, journal: Journal, read: Read
) -> None:
    """Nobody is woken for a license that somebody else issued."""
    journal.found("foreign_license", "lic_1")
    journal.found("paid_unlicensed", "cs_1")

    assert [group.place.cause for group in read()] == ["paid_unlicensed"]
    with reading(engine) as connection:
        assert count_problems(connection) == {"paid_unlicensed": 1}


def test_a_sale_that_no_pass_has_read_counts_without_money(journal: Journal, read: Read) -> None:
    """What it paid is not known yet, and the page says so."""
    journal.problem(journal.sale("pi_1"), "bad_metadata", "pi_1", "mend it")

    (group,) = read()

    assert (group.stake.sales, group.stake.paid, group.stake.at_least) == (1, {}, True)


def test_more_than_a_thousand_sales_are_weighed_only_when_all_are_asked_for(
    engine: Engine, journal: Journal, read: Read
) -> None:
    """A page must not take longer the worse the night is; the count itself is exact."""
    many = COUNTED + 5
    journal.waiting("price_1", many, bought=paid(100))

    (page,), (whole,) = read(), read(everything=True)

    assert (page.count, page.stake.sales, page.stake.at_least) == (many, COUNTED, True)
    assert (whole.count, whole.stake.sales, whole.stake.at_least) == (many, many, False)
    assert whole.stake.paid == {"eur": many * 100}


def test_the_counts_for_the_metrics_are_those_of_the_groups(
    engine: Engine, journal: Journal, read: Read
) -> None:
    """The dashboard and the command tell the same."""
    sale = journal.sale("cs_1", status="failed", attempts=9)
    journal.problem(sale, "unmapped_price", "price_1", "map it")
    journal.problem(sale, "unmapped_price", "price_2", "map it")
    journal.event("evt_1", state="refused", account="acct_1", reason="no")
    journal.event("evt_2", state="refused", livemode=True, reason=TEST_EVENT)
    journal.kept_key("lic_1", sale)
    journal.found("some_invariant", "cs_1")
    journal.found("another_invariant")

    with reading(engine) as connection:
        counted = count_problems(connection)

    by_cause: dict[str, int] = {}
    for group in read():
        by_cause[group.place.cause] = by_cause.get(group.place.cause, 0) + group.count
    assert counted == by_cause
    assert counted == {
        "unmapped_price": 2,
        "unknown_account": 1,
        "wrong_mode": 1,
        "key_undelivered": 1,
        "failing": 1,
        "some_invariant": 1,
    }
