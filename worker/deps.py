"""What a pass uses, handed in as one value. Made in `jobs`, once for each thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount
from shared.clock import Clock
from shared.secrets import Vault
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway
from worker.installed import InstalledClients
from worker.plan.guard import Limits


@dataclass(frozen=True, slots=True)
class Deps:
    """Clients, database, clock and limits. The clients serve one thread."""

    engine: Engine
    stripe: StripeGateway
    licensekit: LicenseKitGateway
    vault: Vault
    clock: Clock
    worker: str  # "host:pid", for the journal
    limits: Limits = field(default_factory=Limits)
    installed: InstalledClients | None = None  # None = no account can have our app
    ours: Deps | None = None  # those of our own account, where these are another's

    def of(self, account: str, livemode: bool) -> Deps:
        """The same with the clients of that account, "" for our own; kept for this thread.

        Close the one they come from only. Raises AccountClosed, TemporaryError.
        """
        base = self.ours or self
        if not account or base.installed is None:
            return base
        clients = base.installed.of(ServedAccount(account, livemode))
        if clients is None:
            return base
        licensekit = clients.licensekit or base.licensekit
        return replace(base, stripe=clients.stripe, licensekit=licensekit, ours=base)

    def close(self) -> None:
        """Give the clients' connections back. The engine is shared and stays open."""
        self.stripe.close()
        self.licensekit.close()
        if self.installed is not None:
            self.installed.close()
