"""Who holds licenses. A customer's code is unique over all products."""

from __future__ import annotations

from licensing import records
from licensing.bodies import CustomerCreate, CustomerUpdate, given
from licensing.call import Call, Data
from licensing.tables import customers


def list_customers(call: Call) -> list[Data]:
    return [records.present(customers, row) for row in records.newest(call, customers)]


def create_customer(call: Call, body: CustomerCreate) -> Data:
    return records.present(customers, records.create(call, customers, "cust", given(body)))


def get_customer(call: Call) -> Data:
    return records.present(customers, records.find(call, customers, call.id))


def update_customer(call: Call, body: CustomerUpdate) -> Data:
    records.find(call, customers, call.id, lock=True)
    return records.present(customers, records.change(call, customers, call.id, given(body)))


def delete_customer(call: Call) -> None:
    """409 while an order, a subscription or a license names this customer."""
    records.remove(call, customers, call.id)
