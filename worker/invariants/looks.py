"""The looks that answer for all invariants, and how often each is made."""

from __future__ import annotations

from worker.invariants.inbox import look_at_inbox
from worker.invariants.licenses import look_at_licenses
from worker.invariants.sales import look_at_sales
from worker.invariants.values import Look

LOOKS = (
    Look("inbox", 60, look_at_inbox),
    Look("sales", 3_600, look_at_sales),  # reads every sale
    Look("licenses", 3_600, look_at_licenses, asks_licensekit=True),
)
