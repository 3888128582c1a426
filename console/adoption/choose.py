"""Which sales are looked at: those that are named, those that a file's rows lead to, or all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from console.adoption.rows import Row
from console.context import CommandError
from console.resolve import Choice, resolve
from console.served import NotServed, require_served
from shared.accounts import ServedAccount
from shared.database import reading
from shared.keys import SaleKey, StripeId
from worker.deps import Deps
from worker.errors import PermanentError
from worker.plan.clues import Search
from worker.reconcile import preview
from worker.sweep.kinds import lists_of

LINES = ("si_", "li_", "il_")  # the id of a line; any other is that of a whole sale
SHALLOW = Search()


@dataclass(frozen=True, slots=True)
class Named:
    """One sale, and the licenses that rows name for it."""

    key: SaleKey
    rows: tuple[Row, ...] = ()

    def search(self, where: str, metadata_key: str, *, any_policy: bool) -> Search:
        named = {
            row.license_id: (_line_of(row), f"named in line {row.line} of {where}")
            for row in self.rows
        }
        return Search(thorough=True, metadata_key=metadata_key, named=named, any_policy=any_policy)


def by_ids(names: Sequence[str], choice: Choice, deps: Deps) -> list[Named]:
    """Each sale once. Raises CommandError."""
    with reading(deps.engine) as connection:
        keys = [key for name in names for key in resolve(connection, name.strip(), choice)]
    return [Named(key) for key in dict.fromkeys(keys)]


def by_rows(rows: Sequence[Row], choice: Choice, deps: Deps) -> tuple[list[Named], list[str]]:
    """The sales that the rows lead to, and the faults of rows that lead to none or to several."""
    found: Mapping[SaleKey, list[Row]] = defaultdict(list)
    faults: list[str] = []
    for row in rows:
        try:
            found[_sale_of(row, choice, deps)].append(row)
        except CommandError as error:
            faults.append(row.fault(error.happened.rstrip(".")))
        except PermanentError as error:
            faults.append(row.fault(str(error)))
    return [Named(key, tuple(some)) for key, some in found.items()], faults


def everything(accounts: Sequence[ServedAccount], deps: Deps) -> Iterator[Named]:
    """Every sale that Stripe has, as a sweep over all objects reads it."""
    seen: set[SaleKey] = set()
    for _, account, kind in lists_of(list(accounts)):
        lists = deps.of(account.account, account.livemode).stripe.lists
        after: str | None = None
        while True:
            page = lists.page(account.account, kind.path, kind.asked(None), after=after)
            keys = (kind.key(row, account, None) for row in page.rows)
            for key in keys:
                if key is not None and key not in seen:
                    seen.add(key)
                    yield Named(key)
            if page.last is None:
                break
            after = page.last


def _sale_of(row: Row, choice: Choice, deps: Deps) -> SaleKey:
    """The root sale. Raises CommandError where the row's id stands for none or for several."""
    with reading(deps.engine) as connection:
        try:
            keys = resolve(connection, row.stripe_id, choice)
        except NotServed:
            raise
        except CommandError:
            if not row.stripe_id.startswith("si_"):
                raise
            require_served(connection, choice.settings, choice.place)
            keys = [_of_item(row.stripe_id, choice, deps)]
    if len(keys) > 1:
        raise CommandError(
            f"{row.stripe_id} stands for {len(keys)} sales: {', '.join(key.id for key in keys)}.",
            means="Nothing was linked.",
            todo="Name one of them instead.",
            heals="It does not heal by itself.",
        )
    # a subscription is its own root; what a session or an invoice belongs to, only Stripe knows
    return keys[0] if keys[0].kind == "subscription" else preview(keys[0], deps, search=SHALLOW).key


def _of_item(item_id: str, choice: Choice, deps: Deps) -> SaleKey:
    """The subscription of an item that no event told us of."""
    account, livemode = choice.place.account, choice.place.livemode
    item = deps.of(account, livemode).stripe.subscription_item(account, item_id)
    return SaleKey(account, livemode, "subscription", StripeId(item["subscription"]))


def _line_of(row: Row) -> str:
    return row.stripe_id if row.stripe_id.startswith(LINES) else ""
