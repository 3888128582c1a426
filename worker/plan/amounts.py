"""Amounts as people read them: 49.00 EUR, 500 JPY, 0.005 EUR. Exact, and only ever shown."""

from __future__ import annotations

from fractions import Fraction

# How many decimals Stripe's minor unit stands for; any other currency has two. ISK and UGX have
# no cents any more, but Stripe still counts them in hundredths.
# Source: docs.stripe.com/currencies
WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
THOUSANDTHS = "BHD JOD KWD OMR TND"
DECIMALS = dict.fromkeys(WHOLE.split(), 0) | dict.fromkeys(THOUSANDTHS.split(), 3)
FINEST = 12 + 3  # decimals: Stripe's twelve of a minor unit, and three that a minor unit may have


def rounded(minor_units: Fraction) -> int:
    """To the nearest whole minor unit; a half goes away from zero, so a credit mirrors its debit.

    Stripe rounds a line once, after the quantity is multiplied: 30 at 0.05 are 1.5, billed as 2.
    Source: docs.stripe.com/billing/subscriptions/decimal-amounts
    """
    whole = int(abs(minor_units) + Fraction(1, 2))
    return whole if minor_units >= 0 else -whole


def say_amount(minor_units: Fraction | int, currency: str) -> str:
    """`49.00 EUR`; parts of a minor unit are shown as far as they go: `0.005 EUR`."""
    decimals = DECIMALS.get(currency.upper(), 2)
    scaled = abs(int(Fraction(minor_units) * 10 ** (FINEST - decimals)))
    digits = f"{scaled:0{FINEST + 1}d}"
    part = digits[-FINEST:].rstrip("0").ljust(decimals, "0")
    number = f"{digits[:-FINEST]}.{part}".rstrip(".")
    return f"{'-' if minor_units < 0 else ''}{number} {currency.upper()}"
