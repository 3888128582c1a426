"""The license keys that are kept: can they be opened, and who still waits for one?"""

from __future__ import annotations

import sqlalchemy as sa

from console.doctor.ages import age_of
from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import Visit
from shared.database import reading
from shared.secrets import Unreadable, Vault
from shared.tables import escrow

WAITS = escrow.c.delivered_at.is_(None)


def look_at_escrow(visit: Visit) -> list[Finding]:
    """The newest key: if it opens, the keys in the settings are those that wrote it."""
    if not visit.settings.encryption_keys:
        told = "FULFILL_ENCRYPTION_KEYS is not set, so no license can be issued"
        return [fail("escrow", told, '"fulfill init" makes one.')]
    newest = sa.select(escrow.c.sealed_key).order_by(escrow.c.created_at.desc()).limit(1)
    with reading(visit.house.engine) as connection:
        # those that wait have an index, so a million keys are not sorted to find the newest
        sealed = connection.scalar(newest.where(WAITS)) or connection.scalar(newest)
    if sealed is None:
        return [ok("escrow", "no license key is kept yet")]
    try:
        Vault(visit.settings.encryption_keys).open(sealed)
    except Unreadable:
        todo = "Put the key it was written with back into FULFILL_ENCRYPTION_KEYS."
        return [fail("escrow", "the newest license key can't be opened", todo)]
    return [ok("escrow", "the newest license key can be opened")]


def look_at_undelivered(visit: Visit) -> list[Finding]:
    """How many keys were not given out yet, and since when the oldest waits."""
    query = sa.select(sa.func.count(), sa.func.min(escrow.c.created_at)).where(WAITS)
    with reading(visit.house.engine) as connection:
        number, oldest = connection.execute(query).one()
    if not number:
        return [ok("keys", "every license key that is kept was given out")]
    age = age_of(visit.house.clock.now() - oldest)
    told = f"{number} kept and not given out, the oldest for {age}"
    return [warn("keys", told, 'See whose they are with "fulfill keys list".')]
