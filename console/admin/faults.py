"""What an admin route says when something that it needs is down: always the same four answers."""

from __future__ import annotations

from console.http import HttpError
from worker.errors import TemporaryError

WHILE_DOWN = (
    "Nothing was changed. Deliveries are taken in as always, and sales wait without being lost."
)
RETRY = {"Retry-After": "5"}


def service_fault(error: TemporaryError) -> HttpError:
    """Stripe or LicenseKit was slow, busy, down, or refused our key."""
    return HttpError(
        503,
        "SERVICE_UNAVAILABLE",
        f"Stripe or LicenseKit did not give what this needs. {WHILE_DOWN} Ask again in a moment; "
        '"fulfill check" says which of them lacks what. It heals once they answer.',
        str(error),
        headers=RETRY,
    )


def database_fault() -> HttpError:
    """No word of the driver's: it may hold the database's address and user."""
    return HttpError(
        503,
        "STORAGE_UNAVAILABLE",
        "The database did not answer. Nothing was changed by this. Deliveries get no 2xx "
        "meanwhile, so Stripe sends them again for three days. Look at /readyz and start it "
        "again. What waits goes on by itself then.",
        headers=RETRY,
    )


def our_fault() -> HttpError:
    """A bug. The log has it; the answer must not."""
    return HttpError(
        500,
        "INTERNAL_ERROR",
        "Our own code failed at this request. No buyer is touched by it: passes run elsewhere. "
        "Report the line admin.broke of the web process's log. It does not heal by itself.",
    )


def unknown(what: str, todo: str) -> HttpError:
    """404 for an id that nobody knows."""
    return HttpError(404, "NOT_FOUND", f"Nothing here knows {what}.", todo)
