"""The outbox before anything is sent: what is taken, held, lost and copied."""

from __future__ import annotations

from simulator.deliveries import Deliveries, Endpoint, Letter

SHOP = Endpoint("http://127.0.0.1:9/hook", ("whsec_x",))
ONLY_INVOICES = Endpoint("http://127.0.0.1:9/other", ("whsec_x",), ("invoice.*",))


def outbox(*endpoints: Endpoint, **switches: object) -> Deliveries:
    made = Deliveries(seed=3)
    made.endpoints += endpoints
    made.switches = made.switches.changed(**switches)
    return made


def letter(number: int, event_type: str = "customer.created") -> Letter:
    return Letter(f"evt_{number}", event_type, b"{}")


def test_without_an_endpoint_nothing_is_kept() -> None:
    """Events can still be listed."""
    box = outbox()
    box.post([letter(1)])

    assert box.idle
    assert box.counts()["waiting"] == 0


def test_each_endpoint_gets_each_event() -> None:
    """Unless it asked for certain types only."""
    box = outbox(SHOP, ONLY_INVOICES)
    box.post([letter(1), letter(2, "invoice.paid")])

    assert box.counts()["waiting"] == 3
    assert not box.idle


def test_copies_are_made_for_each_delivery() -> None:
    """Three copies of two events are six deliveries."""
    box = outbox(SHOP, duplicate=3)
    box.post([letter(1), letter(2)])

    assert box.counts()["waiting"] == 6


def test_no_copies_means_no_delivery() -> None:
    """As if the endpoint had been switched off."""
    box = outbox(SHOP, duplicate=0)
    box.post([letter(1)])

    assert box.idle


def test_what_is_held_does_not_count_as_waiting() -> None:
    """So that a caller can wait for what is on its way."""
    box = outbox(SHOP, hold=True)
    box.post([letter(1)])

    assert box.idle
    assert box.counts()["held"] == 1
    assert box.flush() == 1
    assert (box.idle, box.counts()["held"]) == (False, 0)


def test_a_lost_event_is_written_down() -> None:
    """Each event once, however many endpoints there are."""
    box = outbox(SHOP, ONLY_INVOICES, drop=1.0)
    box.post([letter(1), letter(2, "invoice.paid")])

    assert (box.idle, box.dropped) == (True, ["evt_1", "evt_2"])


def test_the_same_seed_loses_the_same_events() -> None:
    """So that a failing story can be played again."""

    def lost() -> list[str]:
        box = outbox(SHOP, drop=0.5)
        box.post([letter(number) for number in range(50)])
        return box.dropped

    assert lost() == lost()
    assert 0 < len(lost()) < 50


def test_an_outbox_that_never_sent_can_be_stopped() -> None:
    """Stopping is always safe, and leaves nothing on its way."""
    box = outbox(SHOP)

    box.stop()

    assert box.idle


def test_an_endpoint_does_not_show_its_secret() -> None:
    """Neither in logs nor in errors."""
    assert "whsec_x" not in repr(SHOP)
