"""What the database keeps, and why. The verbs over it: `inbox`, `journal`, `links`.

Read in this order: events (what Stripe told us), sales (what is due), passes and steps (what we
did), problems (what waits for a person), decisions (what a person decided), links, sale_terms and
escrow (what stands in LicenseKit), sweeps and findings (what was looked for), accounts, tokens and
audit (who may, and who did). Migrations make these tables; a test keeps both the same.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared.database import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite numbers only INTEGER keys itself

# One row a Stripe event, deduplicated by account and event id. Kept as delivered.
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.Text, nullable=False),  # "" = our own, else "acct_…"
    sa.Column("event_id", sa.Text, nullable=False),  # a thin event's: its snapshot twin's id
    sa.Column("thin_id", sa.Text),  # the thin event's own id, when that copy came first
    sa.Column("livemode", sa.Boolean, nullable=False),
    sa.Column("type", sa.Text, nullable=False),  # "invoice.paid"; a thin one's without "v1."
    sa.Column("api_version", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),  # Stripe's clock
    sa.Column("received_at", UtcDateTime, nullable=False),  # ours
    sa.Column("state", sa.Text, nullable=False),  # recorded | ignored | refused
    sa.Column("reason", sa.Text),  # why it was ignored or refused
    sa.Column("object_id", sa.Text),  # data.object.id or related_object.id
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id")),  # whom the hint is for
    sa.Column("generation", sa.BigInteger),  # the sale's wanted generation that it raised
    # which signing secret matched, from 0; -1 = none: never delivered to us, a sweep fetched it
    sa.Column("secret", sa.SmallInteger, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("event_id", "account"),
    sa.Index("ix_events_sale_generation", "sale_id", "generation"),
    sa.Index("ix_events_received", "received_at"),
    sa.Index("ix_events_object", "object_id"),
    sa.Index("ix_events_type", "type", "id"),
    sa.Index(
        "ix_events_refused",
        "received_at",
        sqlite_where=sa.text("state = 'refused'"),
        postgresql_where=sa.text("state = 'refused'"),
    ),
    sa.Index(
        "ix_events_refused_account",
        "account",
        "livemode",
        "reason",
        "received_at",
        sqlite_where=sa.text("state = 'refused'"),
        postgresql_where=sa.text("state = 'refused'"),
    ),
    sa.Index(
        "ix_events_fetched",
        "received_at",
        sqlite_where=sa.text("secret = -1"),
        postgresql_where=sa.text("secret = -1"),
    ),
)
# as the index has it: SQLite takes a partial index only for the very same words
REFUSED = events.c.state == sa.literal_column("'refused'")
FETCHED = events.c.secret == sa.literal_column("-1")

# One row a sale, or an object in hand whose sale a pass must still find. This is the queue.
sales = sa.Table(
    "sales",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("livemode", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("object_id", sa.Text, nullable=False),
    sa.Column("wanted_generation", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seen_generation", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("urgency", sa.SmallInteger, nullable=False, server_default="5"),  # 0 first
    sa.Column("due_at", UtcDateTime, nullable=False),  # not before; a retry moves it on
    sa.Column("hinted_at", UtcDateTime, nullable=False),  # the oldest hint not yet seen
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # failed passes in a row
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("status", sa.Text),  # of the last closed pass
    sa.Column("moved_to", Id, sa.ForeignKey("sales.id")),  # the sale this object belongs to
    sa.Column("customer_id", sa.Text),  # "cus_…", once a pass has read it
    sa.Column("bought", sa.JSON),  # what the last pass read, for people to look at
    sa.Column("wake_at", UtcDateTime),  # look again then, also without an event; NULL = no need
    sa.UniqueConstraint("account", "livemode", "kind", "object_id"),
    sa.Index(
        "ix_sales_due",
        "urgency",
        "due_at",
        sqlite_where=sa.text("wanted_generation > seen_generation"),
        postgresql_where=sa.text("wanted_generation > seen_generation"),
    ),
    sa.Index(
        "ix_sales_wake",
        "wake_at",
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    ),
    sa.Index("ix_sales_object", "object_id"),
    sa.Index("ix_sales_customer", "customer_id"),
    sa.Index("ix_sales_status", "status", "id"),
)

# Every Stripe id that leads to a sale, as passes read it: its invoices, lines, charges, prices.
mentions = sa.Table(
    "mentions",
    metadata,
    sa.Column("stripe_id", sa.Text, primary_key=True),  # "ch_…", "il_…", "price_…"
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id"), primary_key=True, autoincrement=False),
    sa.Index("ix_mentions_sale", "sale_id"),
)

# One row a pass over a sale. It covers the events of generations (from, to].
passes = sa.Table(
    "passes",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id"), nullable=False),
    sa.Column("worker", sa.Text, nullable=False),  # host:pid:thread
    sa.Column("from_generation", sa.BigInteger, nullable=False),
    sa.Column("to_generation", sa.BigInteger, nullable=False),
    # running | applied | settled | blocked | refused | failed | moved
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("snapshot_digest", sa.Text),
    sa.Column("plan", sa.JSON),  # steps and the reason for each
    sa.Column("problems", sa.JSON),  # [{"cause", "subject", "message"}]
    sa.Column("error", sa.Text),  # what happened, what it means, what to do, when it heals
    sa.Column("customer_id", sa.Text),  # LicenseKit's
    sa.Column("order_ids", sa.JSON),
    sa.Column("subscription_id", sa.Text),  # LicenseKit's, the first of several
    sa.Column("license_ids", sa.JSON),
    sa.Index("ix_passes_sale", "sale_id", "id"),
    sa.Index("ix_passes_status", "status", "id"),
    sa.Index("ix_passes_started", "started_at", "id"),
)

# A journal row before and after each step. History, never a filter: no step is skipped for it.
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("pass_id", Id, sa.ForeignKey("passes.id"), nullable=False),
    sa.Column("key", sa.Text, nullable=False),  # "renew-license/lic_1/2027-01-01T00:00:00Z"
    sa.Column("step", sa.Text, nullable=False),  # "renew lic_1 (si_1) until 2027-01-01"
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),  # started | done | failed
    sa.Column("error", sa.Text),
    sa.Column("result", sa.JSON),  # ids that came of it
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Index("ix_steps_pass", "pass_id", "id"),
)

# What waits for a person. A pass replaces its sale's open problems.
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id"), nullable=False),
    sa.Column("cause", sa.Text, nullable=False),  # "unmapped_price"
    sa.Column("subject", sa.Text, nullable=False),  # "price_1": what mends it releases it
    sa.Column("line_id", sa.Text, nullable=False, server_default=""),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("sale_id", "cause", "subject", "line_id"),
    sa.Index("ix_problems_subject", "cause", "subject"),
)

# What a person decided about a sale, and why. Billing does not undo it, only a person does.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # hold | cancel
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),  # "ada@workstation", "token:support"
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("released_by", sa.Text),
    sa.Column("released_at", UtcDateTime),  # NULL = it holds
    sa.Column("release_reason", sa.Text),
    sa.Index("ix_decisions_sale", "sale_id", "id"),
    sa.Index(
        "uq_decisions_open",
        "sale_id",
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    ),
)

# What a Stripe object is in LicenseKit. The row is written before the call that creates:
# without a licensekit_id it is an intent.
links = sa.Table(
    "links",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("livemode", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # customer | order | subscription | license
    # customer: "cus_…" or the guest's "cs_…" | order: "in_…/prod_…" | subscription:
    # "sub_…/prod_…" | license: "si_…/1" (line and unit)
    sa.Column("stripe_key", sa.Text, nullable=False),
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id")),  # NULL for a customer, shared by sales
    sa.Column("licensekit_id", sa.Text),
    sa.Column("mark", sa.Text, nullable=False),  # also in the record's metadata: finds an orphan
    sa.Column("written", sa.JSON),  # what we wrote last: {"status": …, "expires_at": …}
    sa.Column("context", sa.JSON),  # invoice, payment, product, price, line, amount, quantity
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("linked_at", UtcDateTime),
    sa.UniqueConstraint("account", "livemode", "kind", "stripe_key"),
    sa.Index("ix_links_licensekit", "licensekit_id"),
    sa.Index("ix_links_sale", "sale_id"),
)

# A sale keeps the mapping version it was sold under, price by price.
sale_terms = sa.Table(
    "sale_terms",
    metadata,
    sa.Column("sale_id", Id, sa.ForeignKey("sales.id"), primary_key=True),
    sa.Column("price_id", sa.Text, primary_key=True),  # "price_…"
    sa.Column("mapping_version", Id, nullable=False),
)

# LicenseKit shows a license key once. Kept encrypted until its buyer has it.
escrow = sa.Table(
    "escrow",
    metadata,
    sa.Column("licensekit_id", sa.Text, primary_key=True),  # "lic_…"
    sa.Column("link_id", Id, sa.ForeignKey("links.id"), nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("delivered_at", UtcDateTime),  # when it was given out; NULL = its buyer waits for it
    sa.Column("delivered_by", sa.Text),  # "ada@workstation"
    sa.Index("ix_escrow_link", "link_id"),
    sa.Index(
        "ix_escrow_undelivered",
        "created_at",
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    ),
)

# How far Stripe's events were swept: nothing created before `moment` is missing in the inbox.
sweep_marks = sa.Table(
    "sweep_marks",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("livemode", sa.Boolean, primary_key=True),
    # where the first look began: what is older was never ours to take
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("moment", UtcDateTime, nullable=False),  # Stripe's clock
    sa.Column("swept_at", UtcDateTime, nullable=False),  # ours
)

# One row a sweep over Stripe's objects that somebody asked for. It goes on where it stopped.
sweeps = sa.Table(
    "sweeps",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("since", UtcDateTime),  # NULL = everything
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("forced", sa.Boolean, nullable=False),  # a person let it pass the guard
    # wanted | running | stopped | done | refused | failed
    sa.Column("state", sa.Text, nullable=False),
    # per account, mode and kind of object: the last id that was read, and whether it is done
    sa.Column("progress", sa.JSON, nullable=False),
    sa.Column("report", sa.JSON),  # counts by kind of change, the plans, what was refused
    sa.Column("error", sa.Text),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.Index("ix_sweeps_state", "state", "id"),
)

# What a sweep over objects has found so far: one row a sale, until the sweep is done.
sweep_sales = sa.Table(
    "sweep_sales",
    metadata,
    sa.Column("sweep_id", Id, sa.ForeignKey("sweeps.id"), primary_key=True),
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("livemode", sa.Boolean, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("object_id", sa.Text, primary_key=True),
    # found (not yet looked at) | rest | due (to be raised) | raised | moved (another sale's object)
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("seen", sa.JSON),  # kinds of steps, causes of problems, whether it takes away
    sa.Index("ix_sweep_sales_state", "sweep_id", "state"),
)

# What each invariant found when it was looked at last.
findings = sa.Table(
    "findings",
    metadata,
    sa.Column("invariant", sa.Text, primary_key=True),  # "paid_unlicensed"
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("examples", sa.JSON, nullable=False),  # ten ids at the most
    sa.Column("checked_at", UtcDateTime, nullable=False),
)

# Accounts that installed our Stripe App, each in its mode. Tokens are sealed.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),  # "acct_…"
    sa.Column("livemode", sa.Boolean, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # installed | closed
    sa.Column("reason", sa.Text),  # why it was closed
    sa.Column("scope", sa.Text),
    sa.Column("access_token", sa.LargeBinary),  # lives for an hour
    sa.Column("access_until", UtcDateTime),
    sa.Column("refresh_token", sa.LargeBinary),  # rolls on every use
    sa.Column("refreshed_at", UtcDateTime),
    sa.Column("licensekit_token", sa.LargeBinary),  # NULL = LICENSEKIT_API_TOKEN
    sa.Column("installed_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("lease_token", sa.Text),  # whoever refreshes holds it
    sa.Column("lease_until", UtcDateTime),
)

# Who may ask the admin routes. The token itself is shown once; its hash is kept.
tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("token_hash", sa.Text, nullable=False),  # SHA-256, hexadecimal
    sa.Column("last4", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),  # product:read | product:write | admin
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires_at", UtcDateTime),  # NULL = never
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("revoked_by", sa.Text),
    sa.Column("last_used_at", UtcDateTime),
    sa.UniqueConstraint("name"),
    sa.UniqueConstraint("token_hash"),
)

# Who did what, by command or over HTTP. Never a secret.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),  # "ada@workstation", "token:support"
    sa.Column("action", sa.Text, nullable=False),  # "retry", "mappings.set", "tokens.revoke"
    sa.Column("subject", sa.Text, nullable=False),  # "sub_1", "price_1"; "" = none
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index("ix_audit_at", "at"),
    sa.Index("ix_audit_subject", "subject", "id"),
)

# When each signing secret was first in use here, by its fingerprint: old ones want to be rolled.
signing_secrets = sa.Table(
    "signing_secrets",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),  # SHA-256, its first 16 digits
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
)

# Each scheduled task takes its slot here, so that two schedulers do everything once.
slots = sa.Table(
    "slots",
    metadata,
    sa.Column("task", sa.Text, primary_key=True),
    sa.Column("slot", UtcDateTime, primary_key=True),
    sa.Column("taken_by", sa.Text, nullable=False),
)
