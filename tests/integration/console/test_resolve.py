"""Which sale a person means, by whatever id is typed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.context import CommandError
from console.resolve import Choice, resolve, resolve_one
from console.served import NotServed
from shared.accounts import INSTALLED
from shared.database import reading, transaction
from shared.settings import Settings, read_settings
from shared.tables import accounts
from tests.integration.console.journal import NOON, Journal


def settings_of(key: str, accounts: str = "") -> Settings:
    return read_settings({"STRIPE_SECRET_KEY": key, "STRIPE_ACCOUNTS": accounts})


TEST, LIVE = settings_of("sk_test_1", "acct_1"), settings_of("sk_live_1", "acct_1")
ANY = Choice(account=None, livemode=None, settings=TEST)


@pytest.fixture(autouse=True)
def guest(engine: Engine) -> None:
    """acct_2 has our app installed in live mode, and acct_3 had it."""
    row = {"livemode": True, "installed_at": NOON}
    states = {"acct_2": INSTALLED, "acct_3": "closed"}
    with transaction(engine) as tx:
        for account, state in states.items():
            tx.execute(sa.insert(accounts).values(account=account, state=state, **row))


def keys(engine: Engine, name: str, choice: Choice = ANY) -> list[str]:
    with reading(engine) as connection:
        return [str(key) for key in resolve(connection, name, choice)]


def test_an_event_or_a_license_stands_for_its_sale(engine: Engine, journal: Journal) -> None:
    """A pass is over a sale, whatever led to it."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    journal.link("license", "si_1/1", "lic_1", sale_id=sale)

    assert keys(engine, "evt_1") == ["own/test/subscription/sub_1"]
    assert keys(engine, "lic_1") == ["own/test/subscription/sub_1"]


def test_a_customer_stands_for_all_sales_newest_first(engine: Engine, journal: Journal) -> None:
    """Reconciling a customer brings everything that was bought to rest."""
    journal.sale("sub_1", customer_id="cus_1")
    journal.sale("cs_2", customer_id="cus_1")

    assert keys(engine, "cus_1") == [
        "own/test/checkout_session/cs_2",
        "own/test/subscription/sub_1",
    ]


def test_account_and_mode_choose_among_sales_of_one_name(engine: Engine, journal: Journal) -> None:
    """The same id in another account is another sale."""
    journal.sale("sub_1")
    journal.sale("sub_1", account="acct_2", livemode=True)

    assert keys(engine, "sub_1", Choice("acct_2", None, TEST)) == ["acct_2/live/subscription/sub_1"]
    assert keys(engine, "sub_1", Choice(None, False, TEST)) == ["own/test/subscription/sub_1"]


def test_a_sale_we_never_heard_of_is_looked_up_in_the_mode_of_the_key(engine: Engine) -> None:
    """Its events may have been lost; Stripe knows it all the same."""
    assert keys(engine, "cs_9") == ["own/test/checkout_session/cs_9"]
    assert keys(engine, "sub_9", Choice(None, None, LIVE)) == ["own/live/subscription/sub_9"]
    assert keys(engine, "ch_9", Choice("acct_1", True, LIVE)) == ["acct_1/live/charge/ch_9"]


def test_a_whole_key_is_taken_as_it_stands(engine: Engine) -> None:
    """As the log and the pages show it."""
    assert keys(engine, "acct_1/test/invoice/in_1") == ["acct_1/test/invoice/in_1"]


@pytest.mark.parametrize("name", ["evt_9", "lic_9", "cus_9", "a/b", "a/b/c/d", "123"])
def test_an_id_that_leads_to_no_sale_is_a_clear_fault(engine: Engine, name: str) -> None:
    """A command that silently did nothing would be believed."""
    with pytest.raises(CommandError):
        keys(engine, name)


def test_a_command_for_one_sale_names_all_it_could_mean(engine: Engine, journal: Journal) -> None:
    """The person chooses, not the program."""
    journal.sale("sub_1", customer_id="cus_1")
    journal.sale("sub_2", customer_id="cus_1")

    with reading(engine) as connection, pytest.raises(CommandError, match="stands for 2 sales"):
        resolve_one(connection, "cus_1", ANY)


@pytest.mark.parametrize(
    ("name", "choice", "whose"),
    [
        ("sub_9", Choice(None, True, TEST), "Your own account is not served here in live mode"),
        ("sub_9", Choice(None, False, LIVE), "Your own account is not served here in test mode"),
        ("own/live/invoice/in_1", ANY, "Your own account is not served here in live mode"),
        ("sub_9", Choice("acct_1", True, TEST), "acct_1 is not served here in live mode"),
        ("sub_9", Choice("acct_2", False, TEST), "acct_2 is not served here in test mode"),
        ("sub_9", Choice("acct_3", True, TEST), "acct_3 is not served here in live mode"),
        ("sub_9", Choice("acct_9", None, TEST), "acct_9 is not served here in test mode"),
    ],
    ids=["our live", "our test", "a key", "of settings", "installed", "closed", "a stranger"],
)
def test_a_sale_of_an_account_or_mode_that_is_not_served_is_refused(
    engine: Engine, name: str, choice: Choice, whose: str
) -> None:
    """Our key would read its own mode's data, and a live sale would be made of test data."""
    with pytest.raises(NotServed) as refused:
        keys(engine, name, choice)

    told = str(refused.value)
    assert told.startswith(f"{whose}.")
    assert all(part in told for part in ("Nothing was looked at", "STRIPE_SECRET_KEY", "heal"))


def test_a_known_sale_of_the_other_mode_is_refused_and_not_left_out(
    engine: Engine, journal: Journal
) -> None:
    """The key was changed to another mode: to pass over such a sale in silence would hide it."""
    journal.sale("sub_1", customer_id="cus_1", livemode=True)
    journal.sale("sub_2", customer_id="cus_1")

    with pytest.raises(NotServed):
        keys(engine, "cus_1")
    assert keys(engine, "cus_1", Choice(None, False, TEST)) == ["own/test/subscription/sub_2"]
