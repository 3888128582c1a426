"""What every look may use: opened once, closed at the end. No look is taken here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from console.doctor.wire import Answer, Wire
from mappings.store import read_catalog
from mappings.values import Catalog
from shared.accounts import ServedAccount, installed_accounts, served_accounts
from shared.clock import Clock
from shared.database import reading
from shared.migrations import missing
from shared.settings import Settings
from worker.deps import Deps
from worker.gateways.patience import HURRIED
from worker.jobs import make_deps

KNOCK = "/v1/account"  # names whose key it is; a restricted key may be refused, by name


@dataclass(frozen=True, slots=True)
class House:
    """What is to be looked at, as the command found it."""

    settings: Settings
    engine: Engine
    environment: Mapping[str, str]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Visit:
    """A house whose doors were tried."""

    house: House
    stripe: Wire
    licensekit: Wire
    knock: Answer  # Stripe's answer to KNOCK; without a key none
    database_fault: str | None  # why the database can't be read; None = it can
    catalog: Catalog  # empty while the database can't be read
    served: tuple[ServedAccount, ...]  # none then
    installed: frozenset[ServedAccount]  # of these, those that have our app

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @property
    def stripe_opens(self) -> bool:
        """Stripe answers and knows our key, so it can be asked more."""
        return self.knock.status in (200, 403)

    @property
    def database_opens(self) -> bool:
        return self.database_fault is None

    @contextmanager
    def clients(self) -> Iterator[Deps]:
        """What a pass asks Stripe with, for one thread; somebody waits, so without much patience.

        Raises ValueError without encryption keys.
        """
        house = self.house
        made = make_deps(house.settings, house.engine, patience=HURRIED, clock=house.clock)
        with closing(made) as deps:
            yield deps


@contextmanager
def pay_visit(house: House) -> Iterator[Visit]:
    """Try the doors; what was opened is closed at the end."""
    settings = house.settings
    with ExitStack() as stack:
        stripe = stack.enter_context(
            closing(Wire(settings.stripe_api_base, settings.stripe_secret_key))
        )
        licensekit = stack.enter_context(
            closing(Wire(f"{settings.licensekit_url}/api/v1", settings.licensekit_api_token))
        )
        knock = stripe.get(KNOCK) if settings.stripe_secret_key else Answer(None)
        yield Visit(house, stripe, licensekit, knock, *_read_database(house))


def _read_database(
    house: House,
) -> tuple[str | None, Catalog, tuple[ServedAccount, ...], frozenset[ServedAccount]]:
    try:
        reason = missing(house.engine)
        if reason is None:
            with reading(house.engine) as connection:
                served = tuple(served_accounts(connection, house.settings))
                return None, read_catalog(connection), served, installed_accounts(connection)
    except SQLAlchemyError as error:
        # only its kind: a driver's text may hold the database's address and user
        where = house.engine.url.render_as_string(hide_password=True)
        reason = f"{where} can't be read ({type(error).__name__})"
    return reason, Catalog(), (), frozenset()
