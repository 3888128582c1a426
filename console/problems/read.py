"""All that waits for a person, what costs most first; and how much of each, for the metrics."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.problems.causes import FAILING, KEY_UNDELIVERED, UNKNOWN_ACCOUNT, WRONG_MODE
from console.problems.look import Look
from console.problems.of_events import cause_of_refusal, count_refused, read_of_events
from console.problems.of_failures import count_failing, read_of_failures
from console.problems.of_findings import BROKEN, read_of_findings
from console.problems.of_keys import count_undelivered, read_of_keys
from console.problems.of_sales import read_of_sales
from console.problems.values import ProblemGroup
from mappings.store import read_catalog
from shared.settings import Settings
from shared.tables import findings, problems


def read_problems(
    connection: Connection,
    settings: Settings,
    now: datetime,
    *,
    cause: str | None = None,
    everything: bool = False,
) -> list[ProblemGroup]:
    """Groups in the order in which a person should see to them: money and buyers first.

    `everything`: each group with all its ids and with every sale weighed; else with ten ids, and
    at most a thousand sales weighed. Nothing that was opened after `now` is meant.
    """
    look = Look(read_catalog(connection), settings.livemode, everything)
    found = read_of_sales(connection, look, cause)
    if cause in (None, UNKNOWN_ACCOUNT, WRONG_MODE):
        found += read_of_events(connection, look)
    if cause in (None, KEY_UNDELIVERED):
        found += read_of_keys(connection, look)
    if cause in (None, FAILING):
        found += read_of_failures(connection, look)
    found += read_of_findings(connection, look)
    wanted = [one for one in found if cause in (None, one.place.cause)]
    oldest = sorted(wanted, key=lambda one: one.since or now)
    return sorted(oldest, key=lambda one: one.weight, reverse=True)


def count_problems(connection: Connection) -> dict[str, int]:
    """How much waits, by cause: lines, events, keys, sales, or what an invariant found.

    A cause that nothing waits for is not in it. Each count comes out of an index.
    """
    number = sa.func.count()
    counted: Counter[str] = Counter()
    for cause, found in connection.execute(
        sa.select(problems.c.cause, number).group_by(problems.c.cause)
    ):
        counted[cause] += found
    for row in count_refused(connection):
        counted[cause_of_refusal(row.reason)] += row.number
    for invariant, found in connection.execute(
        sa.select(findings.c.invariant, findings.c.count).where(BROKEN)
    ):
        counted[invariant] += found
    counted[KEY_UNDELIVERED] += count_undelivered(connection)
    counted[FAILING] += count_failing(connection)
    return dict(+counted)
