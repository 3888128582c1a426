"""How Stripe merges metadata, and what it refuses. Source: docs.stripe.com/metadata"""

from __future__ import annotations

from typing import Any

from simulator.errors import StripeFault, bad_parameter

MOST_KEYS = 50
KEY_CHARACTERS = 40
VALUE_CHARACTERS = 500


def merged(current: dict[str, str], given: Any) -> dict[str, str]:
    """Given keys are set, "" unsets one, metadata="" unsets all; other keys stay."""
    if given == "":
        return {}
    if not isinstance(given, dict):
        raise bad_parameter("metadata", "Invalid object")
    for key, value in given.items():
        _check(key, value)
    both = {**current, **{key: str(value) for key, value in given.items()}}
    kept = {key: value for key, value in both.items() if value != ""}
    if len(kept) > MOST_KEYS:
        raise bad_parameter(
            "metadata",
            f"Metadata can have up to {MOST_KEYS} keys; you passed in {len(kept)} keys.",
        )
    return kept


def _check(key: str, value: Any) -> None:
    if len(key) > KEY_CHARACTERS:
        raise _too_long("key", key, KEY_CHARACTERS)
    if "[" in key or "]" in key:
        raise bad_parameter("metadata", "Metadata keys can't contain square brackets.")
    if isinstance(value, (dict, list)):
        raise bad_parameter(f"metadata[{key}]", "Metadata values must be strings.")
    if len(str(value)) > VALUE_CHARACTERS:
        raise _too_long("value", key, VALUE_CHARACTERS)


def _too_long(part: str, key: str, most: int) -> StripeFault:
    return bad_parameter(
        f"metadata[{key[:KEY_CHARACTERS]}]", f"Metadata {part}s can have up to {most} characters."
    )
