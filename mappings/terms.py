"""On which terms a mapping sells. Each term is one line here: its checks, TOML, JSON, options and
documentation all come from that line. What the terms do to a sale is the worker's business.
"""
# ruff: noqa: RUF009  (`term` gives a field, as dataclasses.field does; it makes no shared default)

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from mappings.allowed import Allowed, Pairs, an_id, ids, ids_by_name, one_of, whole

Quantity = Literal["one_license", "license_per_unit"]
OnPastDue = Literal["grace", "suspend", "keep"]
OnPause = Literal["suspend", "keep"]
OnCancel = Literal["period_end", "revoke"]
OnResubscribe = Literal["new", "reuse"]
OnRefund = Literal["revoke", "suspend", "keep"]
OnPartialRefund = Literal["keep", "revoke"]
OnDispute = Literal["suspend", "keep"]

NO_PAIRS = Pairs()


def term(default: object, allowed: Allowed, about: str, *, option: str = "") -> Any:
    """One field of `Terms`. A default of None makes the term one that may be left open.

    `option` is its name on a command line where that is another than the term's own.
    """
    told = {"allowed": allowed, "about": about, "option": option}
    return dataclasses.field(default=default, metadata=told)


# fmt: off
@dataclass(frozen=True, slots=True)
class Terms:
    """A sale keeps the terms it was sold under; other terms are a new version of the mapping."""

    grace_days: int = term(0, whole(0, 365), "days of access after the end of the paid period")
    quantity: Quantity = term("one_license", one_of("one_license", "license_per_unit"),
                              "one license that carries the quantity, or a license for each unit")
    term_days: int | None = term(None, whole(1, 36_500),
                                 "days that a one-time sale of a time-limited policy lasts")
    trial_policy: str | None = term(None, an_id("a LicenseKit policy"),
                                    "license policy while the trial runs; the first paid period "
                                    "replaces its license by one of policy_id")
    on_past_due: OnPastDue = term("grace", one_of("grace", "suspend", "keep"),
                                  "a renewal was not paid: hold the license after the grace, "
                                  "at once, or never")
    on_pause: OnPause = term("suspend", one_of("suspend", "keep"),
                             "what a paused subscription does to the license")
    on_cancel: OnCancel = term("period_end", one_of("period_end", "revoke"),
                               "canceled at once: access to the paid end, or none any more")
    on_resubscribe: OnResubscribe = term("new", one_of("new", "reuse"),
                                         "a buyer comes back: a new license, or the last one of "
                                         "this policy goes on")
    on_refund: OnRefund = term("revoke", one_of("revoke", "suspend", "keep"),
                               "what a full refund does to the license it paid for")
    on_partial_refund: OnPartialRefund = term("keep", one_of("keep", "revoke"),
                                              "whether a partial refund may count as a full one")
    partial_refund_percent: int = term(50, whole(1, 99),
                                       "share of a payment, in percent, above which "
                                       "on_partial_refund = revoke counts as a full refund")
    on_dispute: OnDispute = term("suspend", one_of("suspend", "keep"),
                                 "what a dispute does to the license while it is open")
    seat_feature: str | None = term(None, an_id("a LicenseKit feature"),
                                    "the feature whose limit follows the quantity")
    features: tuple[str, ...] = term((), ids("LicenseKit features"),
                                     "the features that come with the license", option="feature")
    entitlements: Mapping[str, str] = term(NO_PAIRS, ids_by_name("LicenseKit features",
                                                                 example='{ api = "feat_1" }'),
                                           "which feature each Stripe feature brings, by its "
                                           "lookup key", option="entitlement")
# fmt: on


@dataclass(frozen=True, slots=True)
class TermField:
    """One term as the table above has it."""

    name: str
    default: object
    allowed: Allowed
    about: str
    option: str  # "grace-days", on a command line

    @property
    def default_says(self) -> str:
        return "none" if self.default in (None, (), NO_PAIRS) else str(self.default)

    def fault_of(self, value: object) -> str | None:
        """What is wrong with `value`, as the end of a sentence about this term, or None."""
        open_end = value is None and self.default is None
        return None if open_end or self.allowed.fits(value) else f"must be {self.allowed.says}"

    def keep(self, value: object) -> object:
        """What `Terms` holds for a value from JSON or TOML."""
        return None if value is None else self.allowed.keep(value)

    def plain(self, terms: Terms) -> object:
        """What JSON or TOML holds for it."""
        value = getattr(terms, self.name)
        return None if value is None else self.allowed.plain(value)


TERM_FIELDS: dict[str, TermField] = {
    field.name: TermField(
        name=field.name,
        default=field.default,
        allowed=field.metadata["allowed"],
        about=field.metadata["about"],
        option=(field.metadata["option"] or field.name).replace("_", "-"),
    )
    for field in dataclasses.fields(Terms)
}


def check_terms(raw: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with each term of `raw`, by its name: `{"grace_days": "must be …"}`."""
    faults: dict[str, str] = {}
    for name, value in raw.items():
        field = TERM_FIELDS.get(name)
        fault = field.fault_of(value) if field else unknown(name, TERM_FIELDS)
        if fault:
            faults[name] = fault
    return faults


def unknown(name: str, known: Mapping[str, object]) -> str:
    """`is not known, did you mean "grace_days"?`, or the whole list when nothing is near."""
    near = get_close_matches(name, known, n=1)
    if near:
        return f'is not known, did you mean "{near[0]}"?'
    return f"is not known, known are {', '.join(known)}"


def terms_of(raw: Mapping[str, object]) -> Terms:
    """Terms from a checked body or a kept row; what isn't named there takes its default."""
    named = {name: TERM_FIELDS[name] for name in raw if name in TERM_FIELDS}
    kept: dict[str, Any] = {name: field.keep(raw[name]) for name, field in named.items()}
    return Terms(**kept)


def plain_terms(terms: Terms, *, only_changed: bool = False) -> dict[str, object]:
    """Every term by name in the table's order, or only those that differ from their default."""
    return {
        name: field.plain(terms)
        for name, field in TERM_FIELDS.items()
        if not only_changed or getattr(terms, name) != field.default
    }


def terms_in_markdown() -> str:
    """The table of terms for the documentation."""
    rows = [
        f"| `{f.name}` | {f.default_says} | {f.allowed.says} | {f.about} |"
        for f in TERM_FIELDS.values()
    ]
    return "\n".join(["| term | default | may be | what it says |", "|---|---|---|---|", *rows])
