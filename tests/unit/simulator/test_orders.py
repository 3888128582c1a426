"""What a buyer may ask for."""

from __future__ import annotations

import pytest

from simulator.discounts import cut
from simulator.orders import make_order


def test_one_price_alone_is_an_order() -> None:
    """As are a line with a quantity, and a list of both."""
    assert make_order("price_1", {}).lines == ("price_1",)
    assert make_order({"price": "price_1", "quantity": 2}, {}).lines == (
        {"price": "price_1", "quantity": 2},
    )
    assert len(make_order(["price_1", {"price": "price_2"}], {}).lines) == 2


def test_a_detail_that_does_not_exist_is_refused() -> None:
    """A typo must not pass unnoticed."""
    with pytest.raises(ValueError, match="colour"):
        make_order("price_1", {"colour": "red"})


@pytest.mark.parametrize(
    ("amount", "percent", "off"), [(4900, 0, 0), (4900, 100, 4900), (999, 50, 499), (1, 99, 0)]
)
def test_a_coupon_takes_off_whole_minor_units(amount: int, percent: int, off: int) -> None:
    """Never more than the share, never a fraction."""
    assert cut(amount, percent) == off
