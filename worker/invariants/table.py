"""All invariants in words, and the looks that answer for them. The runbook has the same names."""

from __future__ import annotations

from worker.invariants.inbox import look_at_inbox
from worker.invariants.licenses import look_at_licenses
from worker.invariants.sales import look_at_sales
from worker.invariants.values import Invariant, Look

LOOKS = (
    Look("inbox", 60, look_at_inbox),
    Look("sales", 3_600, look_at_sales),  # reads every sale
    Look("licenses", 3_600, look_at_licenses),  # asks LicenseKit
)

INVARIANTS: dict[str, Invariant] = {
    one.name: one
    for one in (
        Invariant(
            "paid_unlicensed",
            happened="A line of a sale is paid for, and no license of it stands.",
            means="They paid and have no license, and nothing else says so.",
            todo="fulfill reconcile {id}",
        ),
        Invariant(
            "licensed_unpaid",
            happened="A license stands for a sale that was never paid, or whose money went back.",
            means="They use what they have not paid for.",
            todo="fulfill reconcile {id}",
        ),
        Invariant(
            "unexplained_license",
            happened=(
                "A license in LicenseKit carries our mark and belongs to no sale, or we revoked it."
            ),
            means="None lacks anything: nobody was given its key. It counts in reports.",
            todo="fulfill show {id}",
        ),
        Invariant(
            "inbox_too_old",
            happened="No pass has looked at a sale for longer than it may wait.",
            means="They wait: for a license, a renewal, or an end.",
            todo="fulfill show {id}",
        ),
        Invariant(
            "events_never_delivered",
            happened="Stripe did not deliver events in the last day; the sweep found them.",
            means="They waited some minutes longer, and have what they bought.",
            todo="fulfill check",
        ),
        Invariant(
            "foreign_license",
            happened="A license of a policy that we sell was not issued by us.",
            means="Nothing: a person or another integration gave it.",
            todo="fulfill adopt",
            alarms=False,
        ),
        Invariant(
            "licenses_not_listed",
            happened="LicenseKit's lists are cut at 200, and a policy has more licenses than that.",
            means="Nothing: only the newest of them were looked at.",
            todo="fulfill log",
            alarms=False,
        ),
    )
}
