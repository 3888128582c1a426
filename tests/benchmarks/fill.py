"""Fills a migrated database with the history of a shop, in SQL alone: a million events in a minute
or two.

A sale has five events of about 3 KB, two passes of two steps, four links, a key in escrow that was
not given out, and what it bought as JSON. What waits for a person does not grow with the history:
it is 200 sales of one unmapped price, 20 that fail, and one refused event in a thousand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine

from shared.database import transaction

EVENTS_A_SALE = 5
WAITING = 200  # sales with an open problem
FAILING = 20
FIRST = 1_760_000_000  # unix seconds; a sale every ten from then on
PAYLOAD_BYTES = 3000

BOUGHT = {
    "stage": "paid",
    "reason": "the subscription is active; 1 invoice paid",
    "category": "flat",
    "buyer": {"id": "cus_NffrFeUfNV2Hib"},
    "subscription": {"status": "active", "trial_end": None, "cancel_at_period_end": False},
    "lines": [{"id": "si_1", "price": "price_1", "product": "prod_1", "quantity": 1,
               "paid_until": "2026-12-20T12:00:00Z", "removed": False, "pricing": None}],
    "payments": [{"id": "in_1", "paid_at": "2026-11-20T12:00:00Z", "payment_intent": "pi_1",
                  "charge": "ch_1", "amount_minor_units": 4900, "refunded_minor_units": 0,
                  "disputes": [], "currency": "eur"}],
}  # fmt: skip
CONTEXT = {
    "stripe_account": "own", "stripe_mode": "live", "stripe_subscription": "sub_1",
    "stripe_invoice": "in_1", "stripe_charge": "ch_1", "currency": "eur",
    "amount_minor_units": 4900, "lines": [{"stripe_line_item": "si_1", "stripe_price": "price_1"}],
}  # fmt: skip
PLAN = {"steps": [], "problems": [], "notes": ["a renewal"], "mapping_versions": {"price_1": 1}}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two databases write differently. `i` counts from 1."""

    series: str  # a FROM clause, with {n}
    moment: str  # from unix seconds, with {at}
    blob: str  # from a text, with {text}


DIALECTS = {
    "sqlite": Dialect(
        series="(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {n})"
        " SELECT i FROM c) AS n",
        moment="datetime({at}, 'unixepoch') || '.000000'",
        blob="CAST({text} AS BLOB)",
    ),
    "postgresql": Dialect(
        series="generate_series(1, {n}) AS n(i)",
        moment="to_timestamp({at})",
        blob="convert_to({text}, 'UTF8')",
    ),
}


def fill(engine: Engine, events: int, *, payload_bytes: int = PAYLOAD_BYTES) -> None:
    """So many events and all that came of them, with fresh statistics."""
    writer = _Writer(DIALECTS[engine.dialect.name], _payload(payload_bytes))
    sales = events // EVENTS_A_SALE
    for statement in writer.statements(sales, events):
        with transaction(engine) as tx:
            _run(tx, statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # as autovacuum does by itself after a while
        plain = engine.dialect.name == "sqlite"
        connection.exec_driver_sql("ANALYZE" if plain else "VACUUM ANALYZE")


def _run(tx: Connection, statement: str) -> None:
    # as it stands: JSON has colons and percent signs that would be taken for parameters
    cursor = tx.connection.cursor()
    cursor.execute(statement)
    cursor.close()


@dataclass(frozen=True, slots=True)
class _Writer:
    dialect: Dialect
    payload: str

    def statements(self, sales: int, events: int) -> list[str]:
        at = f"{FIRST} + i * 10"
        sale = f"(i - 1) / {EVENTS_A_SALE} + 1"
        failing = f"i > {sales - FAILING}"
        waits = f"i > {sales - FAILING - WAITING} AND i <= {sales - FAILING}"
        status = f"CASE WHEN {failing} THEN 'failed' WHEN {waits} THEN 'blocked' ELSE 'applied' END"
        json_of = {name: f"'{json.dumps(value)}'" for name, value in
                   (("bought", BOUGHT), ("context", CONTEXT), ("plan", PLAN))}  # fmt: skip
        return [
            self.insert("sales", sales, {
                "id": "i", "account": "''", "livemode": "true", "kind": "'subscription'",
                "object_id": "'sub_' || i", "customer_id": "'cus_' || (i / 2)",
                "wanted_generation": str(EVENTS_A_SALE),
                "seen_generation": f"CASE WHEN {failing} THEN 0 ELSE {EVENTS_A_SALE} END",
                "attempts": f"CASE WHEN {failing} THEN 9 ELSE 0 END",
                "status": status, "due_at": self.moment(at), "hinted_at": self.moment(at),
                "bought": json_of["bought"],
            }),
            self.insert("events", events, {
                "account": "CASE WHEN i % 1000 = 0 THEN 'acct_strange' ELSE '' END",
                "event_id": "'evt_' || i", "livemode": "true",
                "type": "CASE i % 3 WHEN 0 THEN 'invoice.paid' ELSE 'customer.updated' END",
                "created_at": self.moment(f"{FIRST} + i * 2"),
                "received_at": self.moment(f"{FIRST} + i * 2"),
                "state": "CASE WHEN i % 1000 = 0 THEN 'refused' ELSE 'recorded' END",
                "reason": "CASE WHEN i % 1000 = 0 THEN 'acct_strange is not served' END",
                "object_id": "'in_' || i",
                "sale_id": f"CASE WHEN i % 1000 = 0 THEN NULL ELSE {sale} END",
                "generation": f"(i - 1) % {EVENTS_A_SALE} + 1", "secret": "0",
                "payload": self.dialect.blob.format(text=f"'{self.payload}' || i"),
            }),
            self.insert("passes", 2 * sales, {
                "id": "i", "sale_id": "(i - 1) / 2 + 1", "worker": "'shop:1:1'",
                "from_generation": "CASE i % 2 WHEN 1 THEN 0 ELSE 2 END",
                "to_generation": f"CASE i % 2 WHEN 1 THEN 2 ELSE {EVENTS_A_SALE} END",
                "status": "CASE WHEN i % 500 = 0 THEN 'failed' ELSE 'applied' END",
                "started_at": self.moment(f"{FIRST} + i * 5"),
                "finished_at": self.moment(f"{FIRST} + i * 5 + 1"),
                "plan": json_of["plan"], "problems": "'[]'", "customer_id": "'cust_' || i",
                "order_ids": "'[]'", "license_ids": "'[]'",
            }),
            self.insert("steps", 4 * sales, {
                "pass_id": "(i - 1) / 2 + 1", "key": "'renew-license/lic_' || i",
                "step": "'renew lic_' || i || ' until 2027-01-01'", "why": "'in_1 is paid'",
                "status": "'done'", "started_at": self.moment(f"{FIRST} + i * 3"),
            }),
            *(self.links(kind, sales, json_of["context"]) for kind in
              ("customer", "order", "subscription", "license")),
            self.insert("escrow", sales, {
                "licensekit_id": "'license_' || i", "link_id": f"i + {3 * sales}",
                "sealed_key": self.dialect.blob.format(text="'sealed'"),
                "created_at": self.moment(at),
            }),
            *(self.insert("mentions", sales, {"stripe_id": f"'{one}_' || i", "sale_id": "i"})
              for one in ("ch", "pi", "in", "il", "si")),
            self.insert("problems", WAITING, {
                "sale_id": f"i + {sales - FAILING - WAITING}", "cause": "'unmapped_price'",
                "subject": "'price_1'", "message": "'map it'",
                "opened_at": self.moment(at),
            }),
        ]  # fmt: skip

    def links(self, kind: str, sales: int, context: str) -> str:
        number = ("customer", "order", "subscription", "license").index(kind)
        return self.insert("links", sales, {
            "id": f"i + {number * sales}", "account": "''", "livemode": "true",
            "kind": f"'{kind}'", "stripe_key": f"'{kind}_' || i || '/1'",
            "sale_id": "NULL" if kind == "customer" else "i",
            "licensekit_id": f"'{kind}_' || i", "mark": f"'mark_{kind}_' || i",
            "written": "'{}'", "context": context,
            "created_at": self.moment(f"{FIRST} + i * 10"),
            "linked_at": self.moment(f"{FIRST} + i * 10"),
        })  # fmt: skip

    def moment(self, at: str) -> str:
        return self.dialect.moment.format(at=at)

    def insert(self, table: str, number: int, columns: dict[str, str]) -> str:
        series = self.dialect.series.format(n=number)
        values = ", ".join(columns.values())
        return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {series}"


def _payload(size: int) -> str:
    """Text of an event's size, which compresses about as an event does."""
    event = {"object": "event", "type": "invoice.paid", "livemode": True, "data": CONTEXT}
    text = json.dumps(event)
    return (text * (size // len(text) + 1))[:size]
