"""What a pass uses, handed in as one value. Made in `jobs`, once for each thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.engine import Engine

from shared.clock import Clock
from shared.secrets import Vault
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway
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

    def close(self) -> None:
        """Give the clients' connections back. The engine is shared and stays open."""
        self.stripe.close()
        self.licensekit.close()
