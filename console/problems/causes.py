"""Every cause of a problem: what happened, what it means for the buyers, and what releases it.

The runbook (docs/6-operations.md) has the same table in the same words; a test keeps both alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.invariants import INVARIANTS

UNKNOWN_ACCOUNT = "unknown_account"
WRONG_MODE = "wrong_mode"
KEY_UNDELIVERED = "key_undelivered"
FAILING = "failing"

RECONCILE = "fulfill reconcile {ids}"
RETRY = "fulfill retry --cause {cause}"


@dataclass(frozen=True, slots=True)
class Cause:
    """`{subject}`, `{id}` (the oldest), `{ids}`, `{policy}` and `{where}` are filled in."""

    happened: str
    means: str
    command: str
    first: str = ""
    shared: bool = False  # whether many sales have one subject, whose mending releases them all
    placed: bool = False  # whether the subject belongs to one account and mode
    unit: str = "sale"
    many: str = ""  # where more wait than are shown; "" = the same, for those that are


CAUSES: dict[str, Cause] = {
    "unmapped_price": Cause(
        "{subject} was sold and has no mapping, so it sells nothing yet.",
        "They paid, and have no license for that line; their other lines are licensed.",
        "fulfill mappings set {subject} --policy pol_…{where}",
        shared=True,
        placed=True,
        unit="line",
    ),
    "term_missing": Cause(
        "{subject} was sold once for a license that ends, and its mapping does not say when.",
        "They paid, and have no license for that line; their other lines are licensed.",
        "fulfill mappings set {subject} --policy {policy} --term-days 365{where}",
        shared=True,
        placed=True,
        unit="line",
    ),
    "policy_missing": Cause(
        "{subject} is mapped to a policy that LicenseKit does not have.",
        "They paid, and have no license for that line; their other lines are licensed.",
        "fulfill mappings set {subject} --policy pol_…{where}",
        shared=True,
        placed=True,
        unit="line",
    ),
    "bad_metadata": Cause(
        "The metadata of a bare payment names a quantity that is no number.",
        "They paid, and have no license.",
        RECONCILE,
        many=RETRY,
        first="Mend the quantity in the metadata of the payment in Stripe.",
    ),
    "license_missing": Cause(
        "LicenseKit no longer knows a license that was issued.",
        "Their copies stop validating. Nothing is issued again by itself.",
        RECONCILE,
        many=RETRY,
        first="Find out who deleted it in LicenseKit, and restore it.",
        unit="license",
    ),
    "missing_in_stripe": Cause(
        "Stripe does not know the sale, or not in that account and mode.",
        "They keep what stands.",
        RECONCILE,
        many=RETRY,
        first="See that STRIPE_SECRET_KEY is that of the account which sent the events.",
    ),
    "account_closed": Cause(
        "The account of the sale uninstalled our app, or was disconnected.",
        "They keep what stands; nothing new is issued or changed for them.",
        RECONCILE,
        many=RETRY,
        first="Have the account install the app again; then its sales go on by themselves.",
        shared=True,
    ),
    "refused_by_stripe": Cause(
        "Stripe refused what was asked, and would refuse it again.",
        "They wait: nothing was changed for them since.",
        RECONCILE,
        many=RETRY,
        first="Mend what Stripe names; the request id leads to it in its Dashboard.",
    ),
    "refused_by_licensekit": Cause(
        "LicenseKit refused what was asked ({subject}), and would refuse it again.",
        "They wait: nothing was changed for them since.",
        RECONCILE,
        many=RETRY,
        first="Mend what LicenseKit names: a policy, a mapping or a record.",
        shared=True,
    ),
    "record_not_found": Cause(
        "LicenseKit says that a record is there, and does not list it among its newest 200.",
        "They wait for a license.",
        RECONCILE,
        many=RETRY,
        first="Delete the record in LicenseKit, or write its id into the sale's metadata in "
        "Stripe.",
    ),
    "licenses_unclear": Cause(
        "Licenses stand in LicenseKit that may be those of the line, and do not match its units.",
        "They keep what stands in LicenseKit; nothing was issued beside it.",
        RECONCILE,
        many=RETRY,
        first='Say which is theirs: "fulfill adopt --csv"; or revoke what is too much.',
        unit="line",
    ),
    "unexpected_shape": Cause(
        "An answer of Stripe lacks a field that must be there.",
        "They wait: nothing was decided from it.",
        RECONCILE,
        many=RETRY,
        first="Report it: Stripe answers in a shape that this release does not know.",
    ),
    "write_back_refused": Cause(
        "Stripe refused our ids in the metadata of an object.",
        "They have everything; only the pointer in Stripe is missing.",
        RECONCILE,
        many=RETRY,
        first="Mend what the message names.",
        unit="object",
    ),
    "guard": Cause(
        "The plan would take away more than the guard allows, so it was not applied.",
        "They keep what stands.",
        f"{RECONCILE} --force",
        first='See that it is right: "fulfill plan {id}".',
    ),
    UNKNOWN_ACCOUNT: Cause(
        "Events of {subject} came in, and it is not an account whose sales are fulfilled.",
        "Buyers of that account paid, and have no license from here.",
        "fulfill retry {ids}",
        many="fulfill retry --since {since}",
        first="Add it to STRIPE_ACCOUNTS and start web and workers again, or have it install "
        "the app.",
        unit="event",
    ),
    WRONG_MODE: Cause(
        "Events of {subject} mode came in, and STRIPE_SECRET_KEY is a key of the other mode.",
        "Nobody waits if that mode is a test; else buyers paid, and have no license from here.",
        "fulfill retry {ids}",
        many="fulfill retry --since {since}",
        first="Set the key of that mode, or take this address out of Stripe's endpoints there.",
        unit="event",
    ),
    KEY_UNDELIVERED: Cause(
        "License keys are kept here, encrypted, and were not given out.",
        "They have a license, and can't use it before they have its key.",
        "fulfill keys show {ids}",
        unit="license key",
    ),
    FAILING: Cause(
        "Sales fail again and again, and are tried again by themselves.",
        "They wait until the service that fails is back.",
        "fulfill retry --failed",
        first="Mend what the message names: a service, a key, a token.",
    ),
}

# Of a cause that this release does not know: another one wrote it, or a sweep of a later one.
UNHEARD_OF = Cause(
    "A pass met what it could not solve ({subject}).",
    "They may lack what they paid for.",
    RECONCILE,
    many=RETRY,
    first='Read the message, and the whole story with "fulfill show {id}".',
    shared=True,
)


def cause_of(name: str) -> Cause:
    """What is known of it, also of an invariant; never nothing."""
    if (one := INVARIANTS.get(name)) is not None:
        return Cause(one.happened, one.means, one.command, first=one.first, unit=one.unit)
    return CAUSES.get(name, UNHEARD_OF)
