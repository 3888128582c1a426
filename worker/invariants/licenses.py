"""Is every license in LicenseKit one that a sale explains? Asks LicenseKit, policy by policy.

Its lists end at 200 and have no second page. So a longer one is read again in windows of time by
the end of its licenses; what has no end can't be split, and that a list was cut is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mappings.store import read_catalog
from shared.accounts import ServedAccount
from shared.database import reading
from shared.tables import links
from worker.errors import NotFound
from worker.gateways.licensekit import PAGE, LicenseKitGateway
from worker.invariants.values import Scene, Tallies, Tally
from worker.plan.ids import MARK

STANDING = ("active", "suspended", "grace_period")  # the others open nothing for anyone
YOUNG = timedelta(minutes=15)  # a pass may still be about to write down what it made
FIRST, LAST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
NARROWEST = timedelta(hours=1)  # more licenses than a page that end in one hour are cut
MOST_CALLS = 1_000  # a look; at 30 ms each, half a minute
MOST_ASKED_AGAIN = 50  # suspects that are read once more by themselves
IDS_AT_ONCE = 500

Facts = dict[str, Any]
Window = tuple[datetime, datetime]  # licenses that end after the one and before the other


def look_at_licenses(scene: Scene) -> Tallies:
    """Nothing where LicenseKit can't be asked."""
    if scene.licensekit_of is None:
        return {}
    seen = Seen()
    for which, policy_ids in _policies(scene).items():
        licensekit = scene.licensekit_of(which)
        if licensekit is None:
            continue
        walk = Walk(licensekit, cut=seen.cut)
        for policy_id in sorted(policy_ids):
            seen.take(scene, licensekit, walk.standing(policy_id))
            if scene.stopping():
                return {}
    return {
        "unexplained_license": seen.unexplained,
        "foreign_license": seen.foreign,
        "licenses_not_listed": seen.cut,
    }


@dataclass(slots=True)
class Seen:
    """What was found so far. Accounts may share a LicenseKit: each license is judged once."""

    unexplained: Tally = field(default_factory=Tally)
    foreign: Tally = field(default_factory=Tally)
    cut: Tally = field(default_factory=Tally)
    judged: set[str] = field(default_factory=set)

    def take(self, scene: Scene, licensekit: LicenseKitGateway, found: Sequence[Facts]) -> None:
        new = [facts for facts in found if facts["id"] not in self.judged]
        self.judged.update(facts["id"] for facts in new)
        for facts, is_ours in _judge(scene, new):
            many = self.unexplained.count >= MOST_ASKED_AGAIN
            if not is_ours:
                self.foreign.add(facts["id"])
            elif many or _still_stands(licensekit, facts):
                self.unexplained.add(facts["id"])


@dataclass(slots=True)
class Walk:
    """Through LicenseKit's lists, with so many calls at the most."""

    licensekit: LicenseKitGateway
    calls: int = 0
    cut: Tally = field(default_factory=Tally)

    def standing(self, policy_id: str) -> list[Facts]:
        """All standing licenses of a policy that can be listed, each once."""
        found: dict[str, Facts] = {}
        for status in STANDING:
            newest = self._list(policy_id, status, None)
            found |= {one["id"]: one for one in newest}
            if len(newest) < PAGE:
                continue
            whole = all(one.get("expires_at") for one in newest)
            for page in self._split(policy_id, status, (FIRST, LAST)):
                whole = whole and page is not None
                found |= {one["id"]: one for one in page or ()}
            if not whole:
                self.cut.add(f"{policy_id} ({status})")
        return list(found.values())

    def _split(self, policy_id: str, status: str, window: Window) -> Iterator[list[Facts] | None]:
        """Pages that are whole; None for a window that is too full or was not looked at."""
        if self.calls >= MOST_CALLS:
            yield None
            return
        page = self._list(policy_id, status, window)
        after, before = window
        if len(page) < PAGE:
            yield page
        elif before - after <= NARROWEST:
            yield page
            yield None
        else:
            middle = (after + (before - after) / 2).replace(microsecond=0)
            # both bounds are exclusive: the halves overlap, so that what ends in the middle shows
            yield from self._split(policy_id, status, (after, middle + timedelta(seconds=1)))
            yield from self._split(policy_id, status, (middle, before))

    def _list(self, policy_id: str, status: str, window: Window | None) -> list[Facts]:
        self.calls += 1
        return self.licensekit.licenses_of_policy(policy_id, status, ends_between=window)


def _policies(scene: Scene) -> dict[ServedAccount, set[str]]:
    """What is or was sold, by account and mode; trials' own policies too."""
    with reading(scene.engine) as tx:
        mappings = list(read_catalog(tx).mappings)
    found: dict[ServedAccount, set[str]] = {}
    for mapping in mappings:
        which = ServedAccount(mapping.account, mapping.livemode)
        sold = (mapping.policy_id, mapping.terms.trial_policy)
        found.setdefault(which, set()).update(filter(None, sold))
    return found


def _judge(scene: Scene, found: Sequence[Facts]) -> Iterator[tuple[Facts, bool]]:
    """Those that no sale explains; True where they carry our mark or were revoked by us."""
    for start in range(0, len(found), IDS_AT_ONCE):
        some = found[start : start + IDS_AT_ONCE]
        explained = _explained(scene, [one["id"] for one in some])  # after the list: newer
        for one in some:
            known = explained.get(one["id"])
            if known or _is_young(one, scene.now):
                continue
            yield one, known is False or MARK in (one.get("metadata") or {})


def _explained(scene: Scene, ids: Sequence[str]) -> dict[str, bool]:
    """Whether a link says that the license stands; missing where there is no link."""
    query = sa.select(links.c.licensekit_id, links.c.written).where(
        links.c.licensekit_id.in_(ids), links.c.kind == "license"
    )
    known: dict[str, bool] = {}
    with reading(scene.engine) as tx:
        for row in tx.execute(query):
            stands = not (row.written or {}).get("revoked")
            known[row.licensekit_id] = stands or known.get(row.licensekit_id, False)
    return known


def _is_young(one: Facts, now: datetime) -> bool:
    return datetime.fromisoformat(one["created_at"]) > now - YOUNG


def _still_stands(licensekit: LicenseKitGateway, facts: Facts) -> bool:
    """Asked once more: a pass may have revoked it since it was listed."""
    try:
        return licensekit.license(facts["id"])["status"] in STANDING
    except NotFound:
        return False
