"""`fulfill keys`: one door through which a license key comes out, and what it leaves behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine

from console.sweeps import person
from licensing.config import LicensingConfig
from licensing.config import Secret as LicensingSecret
from licensing.database import close_database, open_database, upgrade
from licensing.signing import Signer
from shared.database import reading, transaction
from shared.secrets import Secret, Unreadable, Vault
from shared.settings import default_licensing_url
from shared.tables import accounts, audit, escrow
from tests.conftest import FERNET_KEY
from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import NOON, Journal

HOSTED = {"LICENSEKIT_BASE_URL": "https://licensekit.example"}
FRESH = Fernet.generate_key().decode()


def seal(text: str, key: str = FERNET_KEY) -> bytes:
    return Vault([Secret(key)]).seal(Secret(text))


@pytest.fixture
def kept(journal: Journal) -> int:
    """A sale of two licenses whose keys nobody was given."""
    sale = journal.sale("cs_1", customer_id="cus_1")
    for license_id in ("lic_1", "lic_2"):
        journal.kept_key(license_id, sale, sealed=seal(f"KEY-OF-{license_id}"))
    return sale


def rows(engine: Engine, table: sa.Table) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))


def deeds(engine: Engine) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in rows(engine, audit)]


def test_the_list_says_whose_each_key_is_and_shows_none(fulfill: Fulfill, kept: int) -> None:
    """It may be pasted into a ticket."""
    assert kept
    answer = fulfill("keys", "list", "--undelivered")

    assert answer.stdout.splitlines() == [
        f"{one}  cs_1  customer cus_1  kept 2026-11-20 12:00:00  not given out"
        for one in ("lic_1", "lic_2")
    ]
    (newest, _) = json.loads(fulfill("keys", "list", "--json").stdout)
    assert (newest["license_id"], newest["sale"]["id"]) == ("lic_2", "cs_1")
    assert "KEY-OF" not in answer.output


def test_a_key_is_printed_and_who_asked_is_written_down(
    fulfill: Fulfill, kept: int, engine: Engine
) -> None:
    """It counts as given out from then on."""
    assert kept
    answer = fulfill("keys", "show", "lic_1", "--yes")

    assert answer.stdout == "lic_1  KEY-OF-lic_1\n"
    assert "lic_1  cs_1  customer cus_1" in answer.stderr
    first, second = rows(engine, escrow)
    assert (first.delivered_by, second.delivered_at) == (person(), None)
    assert first.delivered_at is not None
    assert deeds(engine) == [("keys.show", "lic_1")]
    assert "KEY-OF" not in str(rows(engine, audit))


def test_a_sale_gives_all_its_keys(fulfill: Fulfill, kept: int) -> None:
    """Support has the sale at hand, not its licenses."""
    assert kept
    answer = fulfill("keys", "show", "cs_1", "--yes", "--json")

    assert json.loads(answer.stdout) == [
        {"license_id": one, "license_key": f"KEY-OF-{one}"} for one in ("lic_1", "lic_2")
    ]


@pytest.mark.parametrize("words", [["show", "lic_1"], ["show", "lic_1", "--json"]])
def test_without_a_yes_no_key_is_shown(
    fulfill: Fulfill, kept: int, engine: Engine, words: list[str]
) -> None:
    """A wrong id ends here."""
    assert kept
    answer = fulfill("keys", *words)

    assert answer.exit_code == 1
    assert "KEY-OF" not in answer.output
    assert deeds(engine) == []
    assert [row.delivered_at for row in rows(engine, escrow)] == [None, None]


def test_showing_a_key_again_keeps_who_was_first(
    fulfill: Fulfill, kept: int, engine: Engine
) -> None:
    """Each time is in the audit log."""
    assert kept
    fulfill("keys", "show", "lic_1", "--yes")
    first = rows(engine, escrow)[0].delivered_at
    fulfill("keys", "show", "lic_1", "--yes")

    assert rows(engine, escrow)[0].delivered_at == first
    assert deeds(engine) == [("keys.show", "lic_1")] * 2


def test_a_key_that_no_setting_opens_is_not_given_out(
    fulfill: Fulfill, kept: int, engine: Engine
) -> None:
    """The error names what to put back, and the key still waits."""
    assert kept
    answer = fulfill("keys", "show", "lic_1", "--yes", FULFILL_ENCRYPTION_KEYS=FRESH)

    assert answer.exit_code == 1
    assert "No key in FULFILL_ENCRYPTION_KEYS opens lic_1" in answer.stderr
    assert (deeds(engine), rows(engine, escrow)[0].delivered_at) == ([], None)


def test_an_id_without_a_key_is_told_as_such(fulfill: Fulfill, kept: int) -> None:
    """With what may be the reason."""
    assert kept
    answer = fulfill("keys", "show", "lic_9", "cs_1", "--yes")

    assert answer.exit_code == 1
    assert "No key is kept for lic_9." in answer.stderr
    assert "KEY-OF" not in answer.output


def test_a_key_that_was_given_otherwise_waits_no_longer_and_can_be_taken_back(
    fulfill: Fulfill, kept: int, engine: Engine
) -> None:
    """By mail, by phone, or by the shop itself."""
    assert kept
    fulfill("keys", "mark", "lic_1", "--how", "by mail")
    assert "lic_1" not in fulfill("keys", "list", "--undelivered").stdout
    fulfill("keys", "mark", "lic_1", "--undo")

    assert "lic_1" in fulfill("keys", "list", "--undelivered").stdout
    assert deeds(engine) == [("keys.mark", "lic_1"), ("keys.unmark", "lic_1")]
    assert rows(engine, audit)[0].detail == {"how": "by mail"}


def test_all_that_were_kept_before_a_moment_can_be_marked_at_once(
    fulfill: Fulfill, kept: int, journal: Journal, engine: Engine
) -> None:
    """A shop that sends keys by itself says so for all of them."""
    journal.now = NOON.replace(day=22)
    journal.kept_key("lic_3", kept)

    answer = fulfill("keys", "mark", "--until", "2026-11-21", "--json")

    assert json.loads(answer.stdout) == {"marked": 2}
    assert [row.delivered_at is None for row in rows(engine, escrow)] == [False, False, True]


@pytest.mark.parametrize("words", [[], ["lic_1", "--until", "24h"], ["--until", "24h", "--undo"]])
def test_what_is_to_be_marked_must_be_clear(fulfill: Fulfill, kept: int, words: list[str]) -> None:
    """Names or a moment, and a moment is never taken back."""
    assert kept
    assert fulfill("keys", "mark", *words).exit_code == 2


def test_after_a_reseal_the_old_key_can_be_taken_out(
    fulfill: Fulfill, kept: int, engine: Engine
) -> None:
    """License keys and the tokens of installed accounts open with the first key alone."""
    assert kept
    token = {"account": "acct_1", "livemode": False, "state": "installed", "installed_at": NOON}
    with transaction(engine) as connection:
        sealed = {"refresh_token": seal("rt_1"), "access_token": seal("at_1", FRESH)}
        connection.execute(sa.insert(accounts), {**token, **sealed})
    both = {**HOSTED, "FULFILL_ENCRYPTION_KEYS": f"{FRESH},{FERNET_KEY}"}

    first = json.loads(fulfill("keys", "reseal", "--json", **both).stdout)
    second = json.loads(fulfill("keys", "reseal", "--json", **both).stdout)

    assert (first["anew"], first["already"]) == (3, 1)
    assert (second["anew"], second["already"]) == (0, 4)
    alone = Vault([Secret(FRESH)])
    assert [alone.open(row.sealed_key).reveal() for row in rows(engine, escrow)] == [
        "KEY-OF-lic_1",
        "KEY-OF-lic_2",
    ]
    assert alone.open(rows(engine, accounts)[0].refresh_token).reveal() == "rt_1"


def test_what_no_key_opens_is_named_and_the_rest_is_sealed_anew(
    fulfill: Fulfill, kept: int, journal: Journal, engine: Engine
) -> None:
    """So that nobody takes out a key that is still needed."""
    journal.kept_key("lic_3", kept, sealed=seal("lost", Fernet.generate_key().decode()))

    answer = fulfill("keys", "reseal", **HOSTED, FULFILL_ENCRYPTION_KEYS=f"{FRESH},{FERNET_KEY}")

    assert answer.exit_code == 1
    assert "opens escrow lic_3." in answer.stderr
    assert Vault([Secret(FRESH)]).open(rows(engine, escrow)[0].sealed_key)
    with pytest.raises(Unreadable):
        Vault([Secret(FERNET_KEY)]).open(rows(engine, escrow)[0].sealed_key)


def test_the_signing_key_of_the_embedded_licensekit_is_sealed_anew_too(
    fulfill: Fulfill, database_url: str
) -> None:
    """It lies under the same encryption keys; clients go on verifying what it signs."""
    url = default_licensing_url(database_url)
    upgrade(url)
    old, fresh = LicensingSecret(FERNET_KEY), LicensingSecret(FRESH)
    kid, _ = Signer(LicensingConfig(url, LicensingSecret("lk"), (old,)), open_database(url)).ready()

    answer = fulfill("keys", "reseal", FULFILL_ENCRYPTION_KEYS=f"{FRESH},{FERNET_KEY}")

    assert answer.exit_code == 0, answer.output
    assert "1 signing keys of the embedded LicenseKit" in answer.stdout
    alone = LicensingConfig(url, LicensingSecret("lk"), (fresh,))
    assert Signer(alone, open_database(url)).ready()[0] == kid
    close_database(url)
