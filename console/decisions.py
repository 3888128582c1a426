"""A person's decision about one sale: hold it, cancel it, or release it again.

Decision, audit row and hint are written in one transaction; a pass carries it out, here or in a
worker. A crash between leaves the sale due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from console.audit import Deed, note
from console.context import CommandError
from console.fulfillments.rows import sale_of
from console.fulfillments.values import stamp
from shared.database import transaction
from shared.inbox import BUYER_WAITS, raise_hint
from shared.keys import SaleKey
from shared.tables import sales
from worker.decisions import Release, end_decision, open_decision, read_open
from worker.state import Decision, DecisionKind

Verb = Literal["hold", "cancel", "release"]
LONGEST_REASON = 500  # characters: a reason, not a report


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, why, and who they are."""

    verb: Verb
    reason: str
    who: str  # "ada@workstation", "token:support"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What held before and what holds now; None = billing decides."""

    sale: SaleKey
    before: Decision | None
    after: Decision | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def decide(engine: Engine, key: SaleKey, wish: Wish, *, now: datetime) -> Ruling:
    """Write it down and make the sale due, ahead of others. Raises CommandError, with nothing done.

    Wishing again for what holds already changes nothing and makes the sale due once more: the first
    word stays, with its reason.
    """
    with transaction(engine) as tx:
        raise_hint(tx, key, now=now, urgency=BUYER_WAITS)  # locks the sale's row, or makes it
        sale_id, key = _sale(tx, key, now)
        before = read_open(tx, sale_id)
        after = choose(before, wish, key, now=now)
        if before != after:
            _write(tx, sale_id, before, after, _release(wish, now))
            note(tx, _deed(key, wish, before), now=now)
    return Ruling(key, before, after)


def choose(before: Decision | None, wish: Wish, key: SaleKey, *, now: datetime) -> Decision | None:
    """What will hold for the sale. Raises CommandError where the wish can't be."""
    reason = wish.reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise _no_reason()
    match wish.verb:
        case "release":
            if before is None:
                raise _nothing_to_release(key)
            return None
        case "hold":
            if before is not None and before.kind == "cancel":
                raise _canceled(key, before)
            return before or Decision("hold", reason, wish.who, now)
        case "cancel":
            if before is not None and before.kind == "cancel":
                return before
            return Decision("cancel", reason, wish.who, now)
        case _:
            assert_never(wish.verb)


def decision_json(decision: Decision | None) -> dict[str, Any] | None:
    """A decision as JSON has it; None where billing decides."""
    if decision is None:
        return None
    told: dict[str, Any] = {"kind": decision.kind, "reason": decision.reason}
    return told | {"decided_by": decision.by, "decided_at": stamp(decision.at)}


def _sale(tx: Connection, key: SaleKey, now: datetime) -> tuple[int, SaleKey]:
    """The sale's row, which was just raised; of an object in hand, the sale it belongs to."""
    named = {"account": key.account, "livemode": key.livemode, "kind": key.kind}
    row = tx.execute(sa.select(sales).filter_by(**named, object_id=key.id)).one()
    if row.moved_to is None:
        return int(row.id), key
    owner = sale_of(tx.execute(sa.select(sales).where(sales.c.id == row.moved_to)).one())
    raise_hint(tx, owner, now=now, urgency=BUYER_WAITS)
    return int(row.moved_to), owner


def _write(
    tx: Connection, sale_id: int, before: Decision | None, after: Decision | None, release: Release
) -> None:
    if before is not None:
        end_decision(tx, sale_id, release)
    if after is not None:
        open_decision(tx, sale_id, after)


def _release(wish: Wish, now: datetime) -> Release:
    instead = "canceled instead: " if wish.verb == "cancel" else ""
    return Release(wish.who, instead + wish.reason.strip(), now)


def _deed(key: SaleKey, wish: Wish, before: Decision | None) -> Deed:
    detail: dict[str, object] = {"sale": str(key), "reason": wish.reason.strip()}
    kind: DecisionKind | None = before.kind if before else None
    return Deed(wish.who, wish.verb, key.id, detail | ({"ended": kind} if kind else {}))


def _no_reason() -> CommandError:
    return CommandError(
        f"A decision needs a reason, on one line of at most {LONGEST_REASON} characters.",
        means="Nothing was decided, and the buyer keeps what stands.",
        todo='Say it with --reason "…"; whoever looks at the sale next year reads it.',
        heals="It does not heal by itself.",
    )


def _nothing_to_release(key: SaleKey) -> CommandError:
    return CommandError(
        f"Nobody holds {key.id} and nobody canceled it here.",
        means="Nothing was changed: billing decides what its buyer has.",
        todo=f'"fulfill show {key.id}" tells why it is as it is; what a person did in LicenseKit '
        "is undone there.",
        heals="It does not heal by itself.",
    )


def _canceled(key: SaleKey, before: Decision) -> CommandError:
    return CommandError(
        f"{before.by} canceled {key.id} on {before.at:%Y-%m-%d}: {before.reason}",
        means="Its licenses are revoked for good, so there is nothing to hold.",
        todo=f'Release it first with "fulfill release {key.id} --reason …", which issues a new '
        "license where it is paid; then hold it.",
        heals="It does not heal by itself.",
    )
