"""Makes ids, license keys and tokens, and the hashes under which secrets are kept."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time

# Crockford's base 32 without i, l, o and u: nothing to misread over the phone.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TIME_CHARACTERS = 11  # 55 bits of microseconds since 1970: enough until the year 3111
RANDOM_CHARACTERS = 10  # 50 bits, for processes that meet in one microsecond
KEY_GROUPS = 5
KEY_GROUP_CHARACTERS = 5  # 25 characters are 125 bits; prefix and last4 give 45 of them away

_last_microsecond = 0
_lock = threading.Lock()


def new_id(prefix: str) -> str:
    """`lic_…`: later ids sort after earlier ones, whatever the injected clock says."""
    return f"{prefix}_{_encode(_next_microsecond(), TIME_CHARACTERS)}{_random(RANDOM_CHARACTERS)}"


def new_license_key() -> str:
    """`LK-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`: shown once, kept only as a hash."""
    groups = (_random(KEY_GROUP_CHARACTERS).upper() for _ in range(KEY_GROUPS))
    return "-".join(("LK", *groups))


def new_token() -> str:
    """`lk_` and 256 random bits: the token of an API key, shown once."""
    return f"lk_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    """SHA-256 in hex. No salt and no slow hash: what is hashed here is random, not chosen."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _next_microsecond() -> int:
    global _last_microsecond  # noqa: PLW0603 - the order of ids is the process's own
    with _lock:
        _last_microsecond = max(_last_microsecond + 1, time.time_ns() // 1000)
        return _last_microsecond


def _encode(number: int, width: int) -> str:
    return "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(width)))


def _random(width: int) -> str:
    return _encode(secrets.randbits(5 * width), width)
