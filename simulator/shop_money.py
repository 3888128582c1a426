"""The stories about money: refunds, disputes, invoices, payment intents. Rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator import balance, bills, disputes, intents, invoices, refunds, writeoffs
from simulator.params import Params
from simulator.values import Lines
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

    def invoice(self, customer: str, lines: Lines, *, pay: bool = True, **details: Any) -> str:
        """An invoice without a subscription, finalized and, unless told otherwise, paid.

        Details: `out_of_band=True` (the money came elsewhere), `period=(start, end)` of all its
        lines in seconds since 1970, `metadata`. Gives "in_…".
        """
        with self._turn():
            made = bills.bill(self.books, customer, bills.make_wish(lines, details))
            if made["status"] == "open" and pay:
                invoices.try_to_pay(self.books, made)
            return str(made["id"])

    def void_invoice(self, invoice: str) -> None:
        with self._turn():
            writeoffs.void(self.books, self.books.get("invoice", invoice))

    def give_up_invoice(self, invoice: str) -> None:
        """Mark it uncollectible."""
        with self._turn():
            writeoffs.mark_uncollectible(self.books, self.books.get("invoice", invoice))

    def pay_invoice_elsewhere(self, invoice: str) -> None:
        """Mark it as paid out of band."""
        with self._turn():
            writeoffs.pay_elsewhere(self.books, self.books.get("invoice", invoice))

    def credit(self, customer: str, amount: int, currency: str = "usd") -> None:
        """The next invoices take `amount` minor units from what the customer is owed."""
        with self._turn():
            owner = self.books.refer("customer", customer, "customer")
            given = Params({"amount": -amount, "currency": currency})
            balance.create_transaction(self.books, owner, given)

    def payment_intent(
        self,
        amount: int,
        *,
        customer: str | None = None,
        metadata: dict[str, str] | None = None,
        outcome: str = "succeeded",
        currency: str = "usd",
    ) -> str:
        """A payment without a checkout: "succeeded", "failed", "canceled", "processing"."""
        given = {"amount": amount, "currency": currency, "customer": customer}
        with self._turn():
            made = intents.create_intent(self.books, Params({**given, "metadata": metadata}))
            intents.bring_to(self.books, made, outcome)
            return str(made["id"])

    def settle_payment(self, payment_intent: str, *, succeed: bool = True) -> None:
        """A payment that was "processing" arrives, or fails."""
        with self._turn():
            found = self.books.get("payment_intent", payment_intent)
            intents.settle_intent(self.books, found, succeed=succeed)

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
