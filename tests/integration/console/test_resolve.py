"""Which sale a person means, by whatever id is typed."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from console.context import CommandError
from console.resolve import Choice, resolve, resolve_one
from shared.database import reading
from tests.integration.console.journal import Journal

ANY = Choice(account=None, livemode=None, key_livemode=False)


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

    assert keys(engine, "sub_1", Choice("acct_2", None, False)) == [
        "acct_2/live/subscription/sub_1"
    ]
    assert keys(engine, "sub_1", Choice(None, False, False)) == ["own/test/subscription/sub_1"]


def test_a_sale_we_never_heard_of_is_looked_up_in_the_mode_of_the_key(engine: Engine) -> None:
    """Its events may have been lost; Stripe knows it all the same."""
    assert keys(engine, "cs_9") == ["own/test/checkout_session/cs_9"]
    assert keys(engine, "sub_9", Choice(None, None, True)) == ["own/live/subscription/sub_9"]
    assert keys(engine, "ch_9", Choice("acct_1", True, False)) == ["acct_1/live/charge/ch_9"]


def test_a_whole_key_is_taken_as_it_stands(engine: Engine) -> None:
    """As the log and the pages show it."""
    assert keys(engine, "acct_1/live/invoice/in_1") == ["acct_1/live/invoice/in_1"]


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
