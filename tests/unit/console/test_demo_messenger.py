"""The demo's bad luck: bad enough to matter, and never worse than events can heal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.demo.messenger import events_of, survivors


def event(number: int, kind: str = "invoice.paid", names: str = "sub_1") -> dict[str, object]:
    return {"id": f"evt_{number}", "type": kind, "data": {"object": {"subscription": names}}}


def test_only_events_that_we_listen_to_and_that_name_the_sale_are_carried() -> None:
    """The other subscription's deliveries stay calm."""
    events = [
        event(1),
        event(2, names="sub_2"),
        event(3, kind="balance.available"),
        event(4, names="sub_10"),
        event(5, kind="customer.subscription.updated"),
    ]

    assert [one["id"] for one in events_of("sub_1", events)] == ["evt_1", "evt_5"]


@given(st.integers(1, 12), st.integers())
def test_a_storm_loses_something_but_never_everything(number: int, seed: int) -> None:
    """Of several events some are lost; of a sale something always arrives."""
    events = [event(n) for n in range(number)]

    left = survivors(events, seed=seed)

    assert left
    assert len(left) < number or number == 1
    assert left == survivors(events, seed=seed)


def test_nothing_to_carry_is_carried_without_a_fault() -> None:
    """An advance that renews nothing makes no news."""
    assert survivors([], seed=1) == []
