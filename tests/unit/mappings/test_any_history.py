"""Whatever is set and retired, in whatever order, the mappings keep their promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from mappings.store import read_catalog, read_history, retire_mapping, set_mapping
from mappings.tables import metadata
from mappings.terms import Terms
from mappings.values import Mapping, MappingDraft, MappingKey
from tests.unit.mappings.examples import draft

NOW = datetime(2026, 11, 21, tzinfo=UTC)

# few enough that the same price comes up again and again
DRAFTS = st.builds(
    draft,
    st.sampled_from(["price_1", "price_2", "prod_1"]),
    livemode=st.booleans(),
    policy_id=st.sampled_from(["pol_1", "pol_2"]),
    terms=st.builds(Terms, grace_days=st.sampled_from([0, 3])),
)
DEEDS = st.lists(DRAFTS | DRAFTS.map(lambda one: one.key), max_size=20)
Deed = MappingDraft | MappingKey


@contextmanager
def empty_store() -> Iterator[Connection]:
    """The table of mappings, in memory."""
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            yield connection
    finally:
        engine.dispose()


def do(connection: Connection, deed: Deed) -> Mapping | None:
    """Set a draft, or retire what a key names."""
    if isinstance(deed, MappingDraft):
        return set_mapping(connection, deed, now=NOW, by="ann")
    return retire_mapping(connection, deed, now=NOW, by="ann")


def outcome(deeds: list[Deed]) -> dict[MappingKey, MappingDraft]:
    """What counts in the end, told in the simplest way: the last word on each key."""
    counts: dict[MappingKey, MappingDraft] = {}
    for deed in deeds:
        if isinstance(deed, MappingDraft):
            counts[deed.key] = deed
        else:
            counts.pop(deed, None)
    return counts


@given(DEEDS)
def test_the_last_word_on_a_price_is_the_one_that_counts(deeds: list[Deed]) -> None:
    """Whatever came before, and in both modes apart."""
    with empty_store() as connection:
        for deed in deeds:
            do(connection, deed)
        catalog = read_catalog(connection)

    assert {m.key: m.draft for m in catalog.all_current()} == outcome(deeds)


@given(DEEDS)
def test_a_version_once_given_to_a_sale_always_says_the_same(deeds: list[Deed]) -> None:
    """Only whether it is retired may change, never what was sold."""
    given_out: dict[int, MappingDraft] = {}
    with empty_store() as connection:
        for deed in deeds:
            kept = do(connection, deed)
            if kept is not None:
                given_out.setdefault(kept.version, kept.draft)
            catalog = read_catalog(connection)
            for version, sold in given_out.items():
                found = catalog.version(version)
                assert found is not None
                assert found.draft == sold


@given(DEEDS)
def test_saying_the_last_words_again_changes_nothing(deeds: list[Deed]) -> None:
    """Importing what already counts leaves no trace in the history."""
    with empty_store() as connection:
        for deed in deeds:
            do(connection, deed)
        before = read_history(connection)
        for last in outcome(deeds).values():
            do(connection, last)

        assert read_history(connection) == before


@given(DEEDS)
def test_of_each_price_at_most_one_version_is_current(deeds: list[Deed]) -> None:
    """And every other version says when and by whom it ended."""
    with empty_store() as connection:
        for deed in deeds:
            do(connection, deed)
        history = read_history(connection)

    current = [entry.mapping.key for entry in history if entry.state == "current"]
    assert len(current) == len(set(current))
    for entry in history:
        ended = (entry.ended_at, entry.ended_by)
        assert ended == ((None, None) if entry.state == "current" else (NOW, "ann"))
        assert entry.mapping.retired == (entry.state == "retired")
