"""The newest finding of each invariant, as the table keeps it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database import transaction
from shared.logs import get_logger
from shared.tables import findings
from worker.invariants.values import Finding, Look, Scene

log = get_logger("invariants")


def run_look(look: Look, scene: Scene) -> None:
    """Look, and keep what was found. Raises TemporaryError and PermanentError of LicenseKit."""
    tallies = look.look(scene)
    for name, tally in tallies.items():
        if tally.count:
            log.warning("invariant.broken", invariant=name, count=tally.count, ids=tally.examples)
    rows = [
        {
            "invariant": name,
            "count": tally.count,
            "examples": tally.examples,
            "checked_at": scene.now,
        }
        for name, tally in tallies.items()
    ]
    if rows:
        with transaction(scene.engine) as tx:
            tx.execute(findings.delete().where(findings.c.invariant.in_(list(tallies))))
            tx.execute(findings.insert(), rows)


def read_findings(connection: Connection) -> list[Finding]:
    """What each invariant found last, by name; those never looked at are missing."""
    rows = connection.execute(sa.select(findings).order_by(findings.c.invariant)).mappings()
    return [
        Finding(row["invariant"], row["count"], tuple(row["examples"]), row["checked_at"])
        for row in rows
    ]
