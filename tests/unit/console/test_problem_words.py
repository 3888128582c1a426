"""The words of a problem: every placeholder is filled, and the command is ready to be copied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.problems.causes import CAUSES, UNHEARD_OF, cause_of
from console.problems.look import Look, Shown, policy_of, words_of
from console.problems.values import Place
from mappings.values import Catalog
from tests.worlds.sales import mapping
from worker.invariants import INVARIANTS

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEST, LIVE = Look(Catalog(), livemode=False), Look(Catalog(), livemode=True)
KEYLESS = Look(Catalog(), livemode=None)
IDS = Shown(("sub_1", "sub_2"), since=NOON)
PRICE = "price_sub"


@pytest.mark.parametrize(
    ("place", "look", "command"),
    [
        (Place("unmapped_price", PRICE, "", False), TEST, ""),
        (Place("unmapped_price", PRICE, "", True), LIVE, ""),
        (Place("unmapped_price", PRICE, "", True), TEST, " --live"),
        (Place("unmapped_price", PRICE, "", False), LIVE, " --test"),
        (Place("unmapped_price", PRICE, "acct_1", True), TEST, " --account acct_1 --live"),
        (Place("unmapped_price", PRICE, "acct_1", False), TEST, " --account acct_1"),
        (Place("unmapped_price", PRICE, "", False), KEYLESS, ""),
        (Place("unmapped_price", PRICE, "", True), KEYLESS, " --live"),
    ],
)
def test_a_command_names_the_place_where_it_is_not_the_keys_own(
    place: Place, look: Look, command: str
) -> None:
    """Without a key the commands themselves mean test mode."""
    told = words_of(place, IDS, look, policy="pol_1").command

    assert told == f"fulfill mappings set {PRICE} --policy pol_…{command}"


@pytest.mark.parametrize(
    ("cause", "shown", "command"),
    [
        ("guard", IDS, "fulfill reconcile sub_1 sub_2 --force"),
        ("license_missing", IDS, "fulfill reconcile sub_1 sub_2"),
        ("license_missing", Shown(("sub_1",), more=True), "fulfill retry --cause license_missing"),
        ("guard", Shown(("sub_1",), more=True), "fulfill reconcile sub_1 --force"),
        ("wrong_mode", Shown(("evt_1",)), "fulfill retry evt_1"),
        (
            "wrong_mode",
            Shown(("evt_1",), more=True, since=NOON),
            "fulfill retry --since 2026-11-20T12:00:00Z",
        ),
        (
            "unknown_account",
            Shown((), more=True, since=NOON.astimezone(timezone(timedelta(hours=9)))),
            "fulfill retry --since 2026-11-20T12:00:00Z",
        ),
        ("failing", IDS, "fulfill retry --failed"),
        ("key_undelivered", Shown(("lic_1",), more=True), "fulfill keys show lic_1"),
    ],
)
def test_where_more_wait_than_are_shown_the_command_is_for_all(
    cause: str, shown: Shown, command: str
) -> None:
    """But by force nothing is done that nobody looked at, and no key is shown unseen."""
    assert words_of(Place(cause, "test"), shown, TEST).command == command


@pytest.mark.parametrize("cause", [*CAUSES, *INVARIANTS, "of_another_release"])
@pytest.mark.parametrize("shown", [IDS, Shown(()), Shown(("sub_1",), more=True, since=NOON)])
def test_no_placeholder_is_left_in_any_words(cause: str, shown: Shown) -> None:
    """Whatever is known of the place; and what stands in braces in Stripe is left as it is."""
    told = words_of(Place(cause, "{id} of {x}", "acct_1", True), shown, TEST, policy="pol_1")
    texts = (told.happened, told.first, told.command, told.means)

    assert all("{" not in text.replace("{id} of {x}", "") for text in texts)
    assert told.happened.endswith(".")
    assert told.command.startswith("fulfill ")


def test_what_has_no_id_is_named_by_its_subject() -> None:
    """A cause whose first step names one sale still names something to look at."""
    told = words_of(Place("of_another_release", "sub_9"), Shown(()), TEST)

    assert told.first == 'Read the message, and the whole story with "fulfill show sub_9".'
    assert cause_of("of_another_release") is UNHEARD_OF


@pytest.mark.parametrize("name", INVARIANTS)
def test_an_invariant_is_told_in_its_own_words(name: str) -> None:
    """They stand where it is looked at; the page of problems has no second version."""
    told, known = cause_of(name), INVARIANTS[name]

    assert (told.happened, told.means, told.command, told.first, told.unit) == (
        *(known.happened, known.means, known.command, known.first, known.unit),
    )


BY_PRICE = mapping(PRICE, "pol_price")
BY_PRODUCT = mapping("prod_stripe", "pol_product", version=2)
LINES = {"lines": [{"price": PRICE, "product": "prod_stripe"}]}


@pytest.mark.parametrize(
    ("mapped", "bought", "policy"),
    [
        ((BY_PRICE, BY_PRODUCT), LINES, "pol_price"),
        ((BY_PRODUCT,), LINES, "pol_product"),
        ((BY_PRODUCT,), {"lines": [{"price": "price_other", "product": "prod_stripe"}]}, "pol_…"),
        ((BY_PRICE,), None, "pol_price"),
        ((BY_PRODUCT,), None, "pol_…"),
        ((), LINES, "pol_…"),
    ],
)
def test_the_policy_that_a_price_has_now_is_filled_in(
    mapped: tuple[object, ...], bought: object, policy: str
) -> None:
    """By itself or by its product; what no mapping says a person has to say."""
    look = Look(Catalog(mapped), livemode=False)  # type: ignore[arg-type]

    assert policy_of(Place("term_missing", PRICE, "", False), bought, look) == policy


@pytest.mark.parametrize(
    "place",
    [
        Place("guard", PRICE, "", False),
        Place("term_missing", PRICE),
        Place("term_missing", PRICE, "acct_1", False),
        Place("term_missing", PRICE, "", True),
    ],
)
def test_a_policy_of_another_place_is_never_offered(place: Place) -> None:
    """Nor where the subject is no price."""
    assert policy_of(place, LINES, Look(Catalog((BY_PRICE,)), livemode=False)) == "pol_…"
