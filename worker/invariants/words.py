"""All invariants, in words for whoever is told that one does not hold. The runbook has the same."""

from __future__ import annotations

from worker.invariants.values import Invariant

INVARIANTS: dict[str, Invariant] = {
    one.name: one
    for one in (
        Invariant(
            "paid_unlicensed",
            happened="A line is paid for, no license of it stands, and nothing explains why.",
            means="They paid and have no license.",
            command="fulfill reconcile {ids}",
            unit="sale",
        ),
        Invariant(
            "licensed_unpaid",
            happened="A license stands for a sale that was never paid, or whose money went back.",
            means="They use what they have not paid for.",
            command="fulfill reconcile {ids}",
            unit="sale",
        ),
        Invariant(
            "unexplained_license",
            happened="A license in LicenseKit carries our mark, and no sale holds it.",
            means="Nobody lacks anything, and nobody was given its key; it counts in reports.",
            command="fulfill show {id}",
            first="Revoke it in LicenseKit, unless the story of its id shows a sale.",
            unit="license",
        ),
        Invariant(
            "inbox_too_old",
            happened="No pass has seen a sale's hint for longer than it may wait.",
            means="They wait: for a license, a renewal, or an end.",
            command="fulfill show {id}",
            first='See that workers run and what they say: "fulfill check".',
            unit="sale",
        ),
        Invariant(
            "events_never_delivered",
            happened="Stripe delivered no copy of events of the last day; the sweep found them.",
            means="They waited some minutes longer, and have what they bought.",
            command="fulfill check",
            first="See which endpoint Stripe delivers to, and to which types it listens.",
            unit="event",
        ),
        Invariant(
            "foreign_license",
            happened="A license of a policy that we sell was not issued by us.",
            means="Nothing: a person or another integration gave it to them.",
            command="fulfill show {id}",
            unit="license",
            alarms=False,
        ),
        Invariant(
            "licenses_not_listed",
            happened="A policy has more licenses than LicenseKit lists; the newest were looked at.",
            means="Nothing.",
            command="fulfill check",
            unit="policy",
            alarms=False,
        ),
    )
}
