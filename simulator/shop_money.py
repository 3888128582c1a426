"""The stories about money: refunds, disputes, invoices, payment intents. Rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator import disputes, refunds
from simulator.params import Params
from simulator.verbs import Verbs


class MoneyVerbs(Verbs):
    """What happens to money after, or beside, a checkout."""

    def refund(self, **details: Any) -> str:
        """`payment_intent` or `charge`, all of it or `amount` minor units; gives "re_…".

        With `pending=True` the money is on its way until `settle_refund` or `fail_refund`.
        """
        pending = bool(details.pop("pending", False))
        with self._turn():
            made = refunds.create_refund(self.books, Params(details), pending=pending)
            return str(made["id"])

    def settle_refund(self, refund: str) -> None:
        """A pending refund has reached the buyer."""
        with self._turn():
            refunds.settle(self.books, self.books.get("refund", refund))

    def fail_refund(self, refund: str) -> None:
        """The buyer's bank sends the money back: the charge is paid again."""
        with self._turn():
            refunds.fail(self.books, self.books.get("refund", refund))

    def dispute(
        self,
        payment_intent: str | None = None,
        *,
        charge: str | None = None,
        warning: bool = False,
        reason: str = "fraudulent",
    ) -> str:
        """The buyer's bank asks for the money back, or, as a warning, asks; gives "dp_…"."""
        with self._turn():
            asked = Params({"payment_intent": payment_intent, "charge": charge})
            disputed = refunds.charge_of(self.books, asked)
            made = disputes.open_dispute(self.books, disputed, reason, warning=warning)
            return str(made["id"])

    def close_dispute(self, dispute: str, outcome: str) -> None:
        """`outcome` is "won", "lost" or "warning_closed"."""
        with self._turn():
            disputes.close(self.books, self.books.get("dispute", dispute), outcome)

    def withdraw_dispute(self, dispute: str) -> None:
        """The buyer takes it back: it ends as won, or as a closed warning."""
        with self._turn():
            disputes.withdraw(self.books, self.books.get("dispute", dispute))

    def answer_dispute(self, dispute: str) -> None:
        """The seller sends evidence; the bank looks at it."""
        with self._turn():
            disputes.answer(self.books, self.books.get("dispute", dispute))
