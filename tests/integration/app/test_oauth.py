"""An account installs our app: from the link to stored tokens, and all that must not work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.app.oauth import NotInstalled
from console.app.state import State
from shared.accounts import ServedAccount, close_account
from shared.database import transaction
from shared.secrets import Secret
from shared.tables import accounts, audit
from tests.integration.app.conftest import Doors, query_of
from tests.worlds.installing import GUEST, account_row, guest_sells
from worker.gateways.stripe_oauth import StripeOAuth

CALLBACK = "/stripe/oauth/callback"


@pytest.mark.parametrize("mode", ["test", "live"])
def test_an_account_installs_the_app_and_its_sale_becomes_a_license(
    doors: Doors, mode: str
) -> None:
    """Link, consent, callback, tokens; then the sale, with the tokens that came of it."""
    world, browser = doors.world, doors.browser()
    world.stripe.sign_in(GUEST)

    page = browser.get(browser.leave_for_stripe(mode))

    which = ServedAccount(GUEST, mode == "live")
    assert page.status_code == 200
    assert f"{GUEST} is connected in {mode} mode" in page.text
    assert f"--account {GUEST} --{mode}" in page.text
    assert [(row.account, row.livemode, row.state) for row in world.rows(accounts)] == [
        (GUEST, mode == "live", "installed")
    ]
    assert [(row.action, row.subject) for row in world.rows(audit)] == [
        ("accounts.install", str(which))
    ]
    shop, price, policy = guest_sells(world, which)
    shop.subscribe(price)
    world.tell(shop.events())
    world.run()
    assert [one["status"] for one in world.books.licenses(policy.product_id)] == ["active"]


def test_no_token_is_shown_or_kept_in_the_clear(doors: Doors) -> None:
    """Not on the page, not in a cookie, not in the audit log, and sealed in the database."""
    doors.world.stripe.sign_in(GUEST)
    browser = doors.browser()

    page = browser.get(browser.leave_for_stripe("test"))

    row = account_row(doors.world, ServedAccount(GUEST, False))
    vault = doors.world.deps.vault
    secrets = [vault.open(row.access_token).reveal(), vault.open(row.refresh_token).reveal()]
    told = page.text + str(page.headers) + str(doors.world.rows(audit)) + str(row)
    assert all(secret.startswith(("oat_test_", "ort_")) for secret in secrets)
    assert not any(secret in told for secret in secrets)
    assert browser.cookies == {}


def test_the_link_names_the_app_our_address_and_a_state_that_the_browser_holds_sealed(
    doors: Doors,
) -> None:
    """The cookie is out of reach of scripts and of other sites, and never in the clear."""
    sent = doors.browser().get("/stripe/oauth/install?mode=test")

    query = query_of(sent.headers["location"])
    cookie = sent.headers["set-cookie"]
    assert query["client_id"] == "ca_test_simulator"
    assert query["redirect_uri"] == f"https://licenses.example.com{CALLBACK}"
    assert query["state"].startswith("test.")
    assert cookie.startswith("__Host-install-test=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert query["state"] not in cookie


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (CALLBACK, "no state of ours"),
        (f"{CALLBACK}?code=ac_1", "no state of ours"),
        (f"{CALLBACK}?code=ac_1&state=guess", "no state of ours"),
        (f"{CALLBACK}?code=ac_1&state=test.guess", "did not begin an installation"),
        (f"{CALLBACK}?code=ac_1&state=test.%ff%fe", "did not begin an installation"),
    ],
)
def test_a_callback_without_the_state_of_this_browser_stores_nothing(
    doors: Doors, path: str, says: str
) -> None:
    """Else anybody could have a victim connect the attacker's account."""
    answer = doors.browser().get(path)

    assert (answer.status_code, doors.world.rows(accounts)) == (400, [])
    assert says in answer.text


def test_a_state_of_another_browser_is_refused(doors: Doors) -> None:
    """It is bound to the browser that began, even while another one has begun too."""
    ours, theirs = doors.browser(), doors.browser()
    theirs.leave_for_stripe("test")

    answer = theirs.get(ours.leave_for_stripe("test"))

    assert (answer.status_code, doors.world.rows(accounts)) == (400, [])
    assert "another installation" in answer.text


def test_a_state_is_good_once_and_for_ten_minutes(doors: Doors) -> None:
    """Also for whoever copied both the link and the cookie."""
    doors.world.stripe.sign_in(GUEST)
    first, late = doors.browser(), doors.browser()
    link = first.leave_for_stripe("test")
    copied = dict(first.cookies)
    first.get(link)
    first.cookies = copied
    late_link = late.leave_for_stripe("test")
    again = first.get(link)
    doors.world.clock.move(minutes=11)

    too_late = late.get(late_link)

    assert (again.status_code, "was used before" in again.text) == (400, True)
    assert (too_late.status_code, "longer than ten minutes" in too_late.text) == (400, True)


def test_a_cookie_that_was_tampered_with_is_refused(doors: Doors) -> None:
    """It is sealed, so it can't be made by hand; bytes of any kind are no error of ours."""
    browser = doors.browser()
    link = browser.leave_for_stripe("test")
    browser.cookies = {"__Host-install-test": "gAAAAAB-made-by-hand"}

    answer = browser.get(link)

    assert (answer.status_code, doors.world.rows(accounts)) == (400, [])


def test_a_live_code_on_a_test_link_is_refused(doors: Doors) -> None:
    """The modes never mix: the code is exchanged with the key of the mode that was begun."""
    doors.world.stripe.sign_in(GUEST)
    browser = doors.browser()
    link = browser.leave_for_stripe("test")
    live_code = doors.world.stripe.oauth.authorize(livemode=True)
    state = query_of(link)["state"]

    answer = browser.get(f"{CALLBACK}?code={live_code}&state={state}")

    assert (answer.status_code, doors.world.rows(accounts)) == (400, [])
    assert "Stripe does not take this code" in answer.text
    assert live_code not in answer.text


def test_a_code_that_is_too_old_is_refused(doors: Doors) -> None:
    """Stripe keeps it for five minutes."""
    browser = doors.browser()
    link = browser.leave_for_stripe("test")
    doors.world.stripe.advance(seconds=301)

    answer = browser.get(link)

    assert (answer.status_code, doors.world.rows(accounts)) == (400, [])


def test_an_owner_who_says_no_is_told_that_nothing_happened(doors: Doors) -> None:
    """What Stripe says of it is not repeated: it may hold anything."""
    browser = doors.browser()
    state = query_of(browser.leave_for_stripe("test"))["state"]

    answer = browser.get(
        f"{CALLBACK}?error=access_denied&error_description=%3Cscript%3E&state={state}"
    )

    assert (answer.status_code, doors.world.rows(accounts)) == (400, [])
    assert "The app was not installed" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("base", "key"), [("http://127.0.0.1:9", "sk_test_very_secret"), ("", "sk_test_very_secret")]
)
def test_an_exchange_that_fails_stores_nothing_and_shows_no_key(
    doors: Doors, base: str, key: str
) -> None:
    """Stripe is down, or our key is wrong: neither is the owner's business; web's log has it."""
    away = StripeOAuth(base or doors.world.stripe_url, {False: Secret(key), True: Secret("")})
    installer = replace(doors.installer, oauth=away)
    state = State.new(livemode=False, now=doors.world.clock.now())

    with pytest.raises(NotInstalled) as caught:
        installer.accept(state, Secret("ac_1"))

    assert (caught.value.status, doors.world.rows(accounts)) == (502, [])
    assert key not in str(caught.value.lines)


def test_without_a_mode_both_links_are_offered(doors: Doors) -> None:
    """Stripe's review wants a page that says what will happen."""
    answer = doors.browser().get("/stripe/oauth/install")

    assert answer.status_code == 200
    assert '<a href="/stripe/oauth/install?mode=live">' in answer.text
    assert '<a href="/stripe/oauth/install?mode=test">' in answer.text


def test_installing_again_lets_go_on_what_waited(doors: Doors) -> None:
    """New tokens replace what was deleted, and a worker is woken."""
    world, browser = doors.world, doors.browser()
    world.stripe.sign_in(GUEST)
    browser.get(browser.leave_for_stripe("test"))
    which = ServedAccount(GUEST, False)
    shop, price, policy = guest_sells(world, which)
    sale = shop.subscribe(price)
    world.tell(world.events(sale.subscription) or shop.events())
    with transaction(world.engine) as tx:
        close_account(tx, which, "tried", now=world.clock.now())
    world.run()
    waiting = set(world.problems())

    page = browser.get(browser.leave_for_stripe("test"))
    world.run()

    assert waiting == {("account_closed", GUEST)}
    assert "had waited for this" in page.text
    assert doors.woken == ["a worker"]
    assert [one["status"] for one in world.books.licenses(policy.product_id)] == ["active"]
