"""Ids that sort by time, keys and tokens that nobody guesses."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from licensing.identifiers import ALPHABET, digest, new_id, new_license_key, new_token


def test_an_id_says_what_it_names() -> None:
    """A prefix, and 21 characters that can't be misread."""
    assert re.fullmatch(rf"lic_[{ALPHABET}]{{21}}", new_id("lic"))


def test_later_ids_sort_after_earlier_ones() -> None:
    """However fast they are made: lists by id are lists by time."""
    made = [new_id("ord") for _ in range(5000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_made_side_by_side_are_all_different() -> None:
    """Threads share one clock hand."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(new_id, ["dev"] * 4000))

    assert len(set(made)) == len(made)


def test_a_license_key_can_be_read_aloud() -> None:
    """Five groups of five, without letters that look like digits."""
    key = new_license_key()

    assert re.fullmatch(r"LK(-[0-9A-HJKMNP-TV-Z]{5}){5}", key)
    assert key != new_license_key()


def test_a_token_is_long_and_new_each_time() -> None:
    """256 random bits behind a prefix that leak scanners can know."""
    made = {new_token() for _ in range(100)}

    assert len(made) == 100
    assert all(token.startswith("lk_") and len(token) == 46 for token in made)


def test_a_hash_tells_secrets_apart_and_does_not_give_them_back() -> None:
    """The same secret has the same hash, in any text that a header can carry."""
    assert digest("a") == digest("a") != digest("b")
    assert len(digest("ü\udcff")) == 64
