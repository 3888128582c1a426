"""`fulfill mappings import` and `export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.mappings.conftest import Mappings
from tests.integration.mappings.shop import Shop
from tests.unit.mappings.examples import draft

FILE = """
[[mapping]]
stripe_price_id = "price_1"
product_id = "prod_lk"
policy_id = "pol_1"

[[mapping]]
stripe_price_id = "price_2"
product_id = "prod_lk"
policy_id = "pol_1"
terms = { grace_days = 3 }
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A file with two mappings in the directory where the command runs."""
    path = tmp_path / "catalog.toml"
    path.write_text(FILE)
    return path


def test_a_file_is_imported_whole(mappings: Mappings, one_shop: Shop, catalog: Path) -> None:
    """Each mapping is told with what it changed."""
    one_shop.set(draft("price_2"))

    ran = mappings("import", "catalog.toml")

    assert (ran.exit_code, ran.output) == (
        0,
        "new     price_1 in test mode sells prod_lk / pol_1\n"
        "changed price_2 in test mode sells prod_lk / pol_1 grace_days=3\n"
        "1 new, 1 changed, 0 same\n",
    )
    assert len(one_shop.catalog().all_current()) == 2


def test_importing_the_same_file_again_changes_nothing(
    mappings: Mappings, one_shop: Shop, catalog: Path
) -> None:
    """It may run with every deployment."""
    mappings("import", "catalog.toml")
    before = one_shop.history()

    assert mappings("import", "catalog.toml").output.endswith("0 new, 0 changed, 2 same\n")
    assert one_shop.history() == before


def test_a_dry_run_shows_the_changes_and_writes_nothing(
    mappings: Mappings, one_shop: Shop, catalog: Path
) -> None:
    """What waits is not released either."""
    one_shop.waits("sub_1", "price_1")

    ran = mappings("import", "catalog.toml", "--dry-run")

    assert ran.output.endswith("2 new, 0 changed, 0 same; nothing was written\n")
    assert (one_shop.history(), one_shop.due()) == ([], [])


def test_an_import_releases_what_waited(mappings: Mappings, one_shop: Shop, catalog: Path) -> None:
    """As a single mapping does."""
    one_shop.waits("sub_1", "price_1")
    one_shop.waits("sub_2", "price_2", "price_1")

    answer = json.loads(mappings("import", "catalog.toml", "--json").stdout)

    assert (answer["dry_run"], answer["released"]) == (False, 2)
    assert [(row["change"], row["stripe_price_id"]) for row in answer["changes"]] == [
        ("new", "price_1"),
        ("new", "price_2"),
    ]
    assert one_shop.due() == ["sub_1", "sub_2"]


def test_a_file_with_faults_changes_nothing_and_tells_them_all(
    mappings: Mappings, one_shop: Shop, catalog: Path
) -> None:
    """With the line of each."""
    catalog.write_text(FILE + FILE.replace("3", "-3"))

    ran = mappings("import", "catalog.toml")

    assert ran.exit_code == 1
    assert ran.stderr.startswith(
        "2 faults in catalog.toml: "
        "line 14: price_1 in test mode is mapped twice, first on line 3; "
        "line 22: terms.grace_days must be a whole number from 0 to 365. Nothing was changed"
    )
    assert one_shop.history() == []


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "can't be read: No such file or directory."), (b"\xff", "is not UTF-8 at byte 0.")],
)
def test_a_file_that_cannot_be_read_is_told(
    mappings: Mappings, catalog: Path, content: bytes | None, says: str
) -> None:
    """Without a traceback."""
    catalog.unlink()
    if content is not None:
        catalog.write_bytes(content)

    ran = mappings("import", "catalog.toml")

    assert ran.exit_code == 1
    assert ran.stderr.startswith(f"catalog.toml {says}")


def test_what_is_exported_imports_to_no_change(
    mappings: Mappings, one_shop: Shop, tmp_path: Path
) -> None:
    """Also on a machine whose Stripe key has the other mode."""
    one_shop.set(draft(), draft("prod_[b]\"1'", livemode=True), draft(account="acct_1"))

    assert mappings("export", "out.toml").output == "3 mappings written to out.toml\n"
    ran = mappings("import", "out.toml", STRIPE_SECRET_KEY="sk_live_1")

    assert ran.output.endswith("0 new, 0 changed, 3 same\n")


def test_the_file_on_standard_output_is_the_same_as_the_written_one(
    mappings: Mappings, one_shop: Shop, tmp_path: Path
) -> None:
    """`export > catalog.toml` works, whatever the width of the terminal."""
    one_shop.set(draft(policy_id="pol_" + "x" * 200))
    mappings("export", "out.toml")

    assert mappings("export").stdout == (tmp_path / "out.toml").read_text()


def test_a_retired_mapping_is_not_exported(mappings: Mappings, one_shop: Shop) -> None:
    """The file holds what counts now."""
    one_shop.set(draft(), draft("price_2"))
    mappings("retire", "price_1")

    rows = json.loads(mappings("export", "--json").stdout)

    assert [row["stripe_price_id"] for row in rows] == ["price_2"]


def test_a_place_that_cannot_be_written_is_told(mappings: Mappings, one_shop: Shop) -> None:
    """With the reason that the system gives."""
    ran = mappings("export", "nowhere/out.toml")

    assert ran.exit_code == 1
    assert ran.stderr.startswith("nowhere/out.toml can't be written: No such file or directory.")
