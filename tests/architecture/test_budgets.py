"""How long files and functions may be. A breach is a conversation, not a drift."""

from __future__ import annotations

from statistics import median, quantiles

from tests.architecture.source import Length, file_lengths, function_lengths


def ninth_tenth(lengths: list[Length]) -> float:
    """Nine of ten are at most this long."""
    return quantiles([one.lines for one in lengths], n=10, method="inclusive")[-1]


def longer_than(lengths: list[Length], limit: int) -> list[str]:
    return [f"{one.where} has {one.lines} lines" for one in lengths if one.lines > limit]


def test_a_file_can_be_read_in_one_sitting() -> None:
    """Median at most 120 lines, nine of ten at most 260, none over 400."""
    files = file_lengths()

    assert longer_than(files, 400) == []
    assert ninth_tenth(files) <= 260
    assert median(one.lines for one in files) <= 120


def test_a_function_can_be_seen_at_one_glance() -> None:
    """Median at most 8 lines, nine of ten at most 30, none over 60."""
    functions = function_lengths()

    assert longer_than(functions, 60) == []
    assert ninth_tenth(functions) <= 30
    assert median(one.lines for one in functions) <= 8
