"""What a line gives its buyer now: until when, and whether it is held or taken away, and why.

Pure. Dates come from Stripe's objects; `now` only tells whether one of them has passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mappings.terms import Terms
from mappings.values import Mapping as PriceMapping
from worker.plan.category import choose_category
from worker.plan.cover import Cover, choose_cover, in_trial
from worker.plan.ends import ENDLESS, choose_end
from worker.plan.rules import (
    COLLECTION_PAUSED,
    IF_ENDLESS,
    IF_UNPAID,
    NEVER_PAID,
    REMOVED,
    STATUS_RULES,
    TAKEN_BACK,
    UNKNOWN_STATUS,
    WRITTEN_OFF,
    Rule,
    When,
)
from worker.state import Bought, LicenseType, Line, Payment, Problem

NEEDLESS: tuple[When, ...] = (IF_ENDLESS, IF_UNPAID)  # where a license ends by itself in time


@dataclass(frozen=True, slots=True)
class Access:
    """The state that each license of a line should be in."""

    expires_at: datetime | None  # None = never ends
    hold: str = ""  # a cause of `rules.CAUSES`; "" = not suspended by us
    revoke: str = ""  # a cause; "" = it stands
    may_shorten: bool = False  # only what was taken back may move an end back
    look_again_at: datetime | None = None  # when time alone changes the answer


@dataclass(frozen=True, slots=True)
class Case:
    """One line with its terms, looked at in one moment."""

    bought: Bought
    line: Line
    mapping: PriceMapping
    license_type: LicenseType
    now: datetime

    @property
    def terms(self) -> Terms:
        return self.mapping.terms

    @property
    def moment(self) -> datetime:
        """On a test clock it is as late as Stripe's clock says."""
        return self.bought.test_clock or self.now


def choose_access(case: Case, first: Payment) -> Access | Problem:
    """`first` is the line's first payment; it dates a one-time sale of a time-limited policy."""
    cover = choose_cover(case.bought, case.line, case.terms)
    end = choose_end(case.line, first, case.mapping, case.license_type, cover.until)
    if isinstance(end, Problem):
        return end
    held, again = _held_by_rules(case, cover)
    revoke = _revoke(case, cover)
    by_time = not revoke and case.bought.test_clock is None  # what is revoked stays so
    return Access(
        expires_at=end.at,
        hold=_hold(cover) or held,
        revoke=revoke,
        may_shorten=cover.taken_back is not None,
        look_again_at=again if by_time else None,
    )


def _held_by_rules(case: Case, cover: Cover) -> tuple[str, datetime | None]:
    """The first cause that suspends now, or the moment at which one will."""
    again: list[datetime] = []
    for cause, rule in _rules(case, cover):
        when = rule.of(case.terms)
        if when == "never" or (when in NEEDLESS and _ends_by_itself(case, when)):
            continue
        begins = None if when == "at once" else _over_at(case, cover, when)
        if begins is None or begins <= case.moment:
            return cause, None
        again.append(begins)
    return "", min(again, default=None)


def _over_at(case: Case, cover: Cover, when: When) -> datetime | None:
    """The end of the paid time, with the grace where a payment may still come."""
    if cover.until is None or when == IF_UNPAID:
        return cover.until
    return cover.until + timedelta(days=case.terms.grace_days)


def _ends_by_itself(case: Case, when: When) -> bool:
    """Whether the license's own end is no later than that."""
    late = when == IF_UNPAID and case.terms.grace_days > 0
    return case.license_type not in ENDLESS and not late


def _hold(cover: Cover) -> str:
    if cover.disputed:
        return "disputed"
    back = cover.taken_back
    return back.cause if back is not None and not cover.left and back.then == "suspend" else ""


def _revoke(case: Case, cover: Cover) -> str:
    back = cover.taken_back
    if back is not None and not cover.left and back.then == "revoke":
        return back.cause
    if case.terms.on_cancel != "revoke":
        return ""
    if case.line.removed:
        return "removed"
    return "canceled" if _cut_short(case, cover) else ""


def _cut_short(case: Case, cover: Cover) -> bool:
    """Canceled with paid time left, or without an end that would come by itself."""
    subscription = case.bought.subscription
    if subscription is None or subscription.status != "canceled" or _paid_for_good(case):
        return False
    ended = subscription.ended_at
    if case.license_type in ENDLESS:
        return True
    return cover.until is not None and ended is not None and ended < cover.until


def _rules(case: Case, cover: Cover) -> Iterator[tuple[str, Rule]]:
    """What bears on this line, by cause; the first that suspends names the reason."""
    subscription = case.bought.subscription
    if subscription is None:
        return
    if cover.taken_back is not None and cover.shorter:
        yield cover.taken_back.cause, TAKEN_BACK
    if subscription.collection_paused is not None:
        yield "collection_paused", COLLECTION_PAUSED
    if case.line.removed:
        yield "removed", REMOVED
    if not (subscription.status == "canceled" and _paid_for_good(case)):
        rule = STATUS_RULES.get(subscription.status, UNKNOWN_STATUS)
        yield subscription.status, rule
        if subscription.latest_invoice in NEVER_PAID:
            yield "written_off", WRITTEN_OFF


def _paid_for_good(case: Case) -> bool:
    """Sold by one charge and paid: that the subscription has ended takes nothing away."""
    once = choose_category(case.bought) in ("one_time", "one_time_with_trial")
    return once and not in_trial(case.bought, case.line)
