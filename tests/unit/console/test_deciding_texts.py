"""What a decision turns into before it is written, and the words a person reads of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.context import CommandError
from console.decisions import LONGEST_REASON, Ruling, Verb, Wish, choose, decision_json
from console.stripe_words import say_billing
from shared.keys import SaleKey, StripeId
from tests.worlds.sales import SUBSCRIPTION, item, payment, session, subscription
from worker.state import Bought, Decision

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOLD = Decision("hold", "the card was stolen", "ada@desk", NOON)
CANCEL = Decision("cancel", "sold by mistake", "ada@desk", NOON)


def wanted(before: Decision | None, verb: Verb, reason: str = "so") -> Decision | None:
    return choose(before, Wish(verb, reason, "ben@desk"), SUBSCRIPTION, now=LATER)


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (None, "hold", Decision("hold", "so", "ben@desk", LATER)),
        (HOLD, "hold", HOLD),
        (None, "cancel", Decision("cancel", "so", "ben@desk", LATER)),
        (HOLD, "cancel", Decision("cancel", "so", "ben@desk", LATER)),
        (CANCEL, "cancel", CANCEL),
        (HOLD, "release", None),
        (CANCEL, "release", None),
    ],
)
def test_what_holds_follows_from_what_held_and_what_is_wished(
    before: Decision | None, verb: Verb, after: Decision | None
) -> None:
    """The first word of a kind stays; a cancellation takes the place of a hold."""
    assert wanted(before, verb) == after
    assert Ruling(SUBSCRIPTION, before, after).changed == (before != after)


@pytest.mark.parametrize(
    ("before", "verb", "text"),
    [
        (
            None,
            "release",
            "Nobody holds sub_1 and nobody canceled it here. "
            "Nothing was changed: billing decides what its buyer has. "
            '"fulfill show sub_1" tells why it is as it is; what a person did in LicenseKit is '
            "undone there. It does not heal by itself.",
        ),
        (
            CANCEL,
            "hold",
            "ada@desk canceled sub_1 on 2026-11-20: sold by mistake "
            "Its licenses are revoked for good, so there is nothing to hold. "
            'Release it first with "fulfill release sub_1 --reason …", which issues a new license '
            "where it is paid; then hold it. It does not heal by itself.",
        ),
    ],
)
def test_a_wish_that_can_not_be_is_told_in_full(
    before: Decision | None, verb: Verb, text: str
) -> None:
    """What happened, what it means for the buyer, what to do, and when it heals."""
    with pytest.raises(CommandError) as told:
        wanted(before, verb)

    assert str(told.value) == text


@pytest.mark.parametrize("verb", ["hold", "cancel", "release"])
@pytest.mark.parametrize("reason", ["", " \t", "a\nb", "a\x1b[31mb", "x" * (LONGEST_REASON + 1)])
def test_no_verb_goes_without_a_reason_on_one_line(verb: Verb, reason: str) -> None:
    """It is shown in terminals: nothing in it may move the cursor."""
    with pytest.raises(CommandError) as told:
        wanted(HOLD, verb, reason)

    assert str(told.value) == (
        "A decision needs a reason, on one line of at most 500 characters. "
        "Nothing was decided, and the buyer keeps what stands. "
        'Say it with --reason "…"; whoever looks at the sale next year reads it. '
        "It does not heal by itself."
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  fraud  ", "fraud"),
        ("Käufer bat darum 🙏", "Käufer bat darum 🙏"),
        ("盗まれたカード", "盗まれたカード"),
        (f" {'x' * LONGEST_REASON} ", "x" * LONGEST_REASON),
    ],
)
def test_a_reason_in_any_language_is_kept_as_it_was_typed(given: str, kept: str) -> None:
    """But for the blanks around it."""
    decided = wanted(None, "hold", given)

    assert decided is not None
    assert decided.reason == kept


def test_a_decision_in_json_says_who_why_and_when() -> None:
    """Where billing decides there is none."""
    assert decision_json(None) is None
    assert decision_json(HOLD) == {
        "kind": "hold",
        "reason": "the card was stolen",
        "decided_by": "ada@desk",
        "decided_at": "2026-11-20T12:00:00.000Z",
    }


PAID = subscription(payment("in_1", item("si_1")))
OF_ANOTHER = SaleKey("acct_1", True, "subscription", StripeId("sub_1"))
LIVE = SaleKey("", True, "checkout_session", StripeId("cs_1"))
STILL = (
    "Stripe still bills: sub_1 is {status} there, and nothing here ends that. Cancel it, or pause "
    "its collection, in Stripe at https://dashboard.stripe.com/{place}."
)
NO_MORE = (
    "Stripe bills nothing more for it. Money that is to go back is refunded in Stripe, at "
    "https://dashboard.stripe.com/{place}."
)


@pytest.mark.parametrize(
    ("bought", "said"),
    [
        (PAID, STILL.format(status="active", place="test/subscriptions/sub_1")),
        (
            subscription(payment("in_1", item("si_1")), status="past_due"),
            STILL.format(status="past_due", place="test/subscriptions/sub_1"),
        ),
        (
            replace(PAID, key=OF_ANOTHER),
            STILL.format(status="active", place="subscriptions/sub_1 of acct_1"),
        ),
        *(
            (
                subscription(payment("in_1", item("si_1")), status=status),
                f"Stripe bills no more: sub_1 is {status} there.",
            )
            for status in ("canceled", "incomplete_expired")
        ),
        (session(), NO_MORE.format(place="test/payments")),
        (session(key=LIVE), NO_MORE.format(place="payments")),
    ],
)
def test_a_person_is_told_what_stripe_goes_on_doing(bought: Bought, said: str) -> None:
    """A decision here ends no subscription; the address is that of the sale's mode and account."""
    assert say_billing(bought) == said
