"""What happens to customers later on: they are deleted. Changes are in `updates`."""

from __future__ import annotations

from simulator.books import Books
from simulator.endings import ENDED, cancel
from simulator.values import Obj, frozen


def delete_customer(books: Books, customer: Obj) -> Obj:
    """For good: subscriptions end at once, what was bought stays and names a deleted customer.

    Source: docs.stripe.com/api/customers/delete
    """
    for subscription in books.all("subscription"):
        if subscription["customer"] == customer["id"] and subscription["status"] not in ENDED:
            cancel(books, subscription)
    for invoice in books.all("invoice"):
        if invoice["customer"] == customer["id"]:  # nobody is asked for money any more
            invoice.update(next_payment_attempt=None, automatically_finalizes_at=None)
    was = frozen(customer)
    books.delete(customer)
    books.emit("customer.deleted", was)
    return customer
