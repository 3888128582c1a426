"""On which line of a TOML file a field stands, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from mappings.toml import write_toml
from mappings.toml_lines import find_lines
from mappings.values import MappingDraft
from tests.unit.mappings.examples import DRAFT_LISTS


def test_each_field_is_found_on_its_own_line() -> None:
    """Lines count from 1, as editors do."""
    lines = find_lines("# head\n\n[[mapping]]\na = 1\n\n  b = 2  # why\n[[mapping]]\na = 3\n")

    assert [lines.of(0, ("a",)), lines.of(0, ("b",)), lines.of(1, ("a",))] == [4, 6, 8]


def test_a_field_that_is_missing_is_placed_on_its_table() -> None:
    """That is where it has to be added."""
    lines = find_lines("[[mapping]]\na = 1\n[mapping.terms]\n")

    assert lines.of(0, ("b",)) == 1
    assert lines.of(0, ("terms", "grace_days")) == 3


@pytest.mark.parametrize(
    "text",
    [
        "[[mapping]]\n[mapping.terms]\nx = 1\n",
        "[[mapping]]\n\nterms.x = 1\n",
        "[[mapping]]\n\nterms = { y = 2, x = 1 }\n",
        "[[mapping]]\n\n\"terms\" . 'x' = 1\n",
        "[[ mapping ]] # one\n[ mapping . terms ] # two\nx = 1\n",
        "[[mapping]]\r\n\r\nterms.x = 1\r\n",
    ],
)
def test_a_term_is_found_in_every_spelling_that_toml_has(text: str) -> None:
    """Table, dotted name, inline table, quotes, blanks and Windows line ends."""
    assert find_lines(text).of(0, ("terms", "x")) == 3


@pytest.mark.parametrize(
    "before",
    [
        '"""\nx = 9\n[[mapping]]\n"""',
        "'''\nx = 9\n[[mapping]]\n'''",
        '"# [ { \\" "',
        "'# [ { \" '",
        '[\n  "]", # ]\n\n]',
        '"""a\\""""\n\n\n',
        "1 # it's { [",
    ],
)
def test_texts_lists_and_comments_hide_no_field_and_make_none(before: str) -> None:
    """What looks like a field inside a text isn't one."""
    text = f"[[mapping]]\nw = {before}\nx = 1\n"

    lines = find_lines(text)

    assert text.splitlines()[lines.of(0, ("x",)) - 1] == "x = 1"
    assert len(lines.mappings) == 1


@settings(max_examples=25)  # each is a whole file, and tomlkit takes its time
@given(DRAFT_LISTS)
def test_in_any_file_that_we_write_every_id_is_found_on_its_line(
    drafts: list[MappingDraft],
) -> None:
    """Whatever stands in the ids: quotes, brackets, hashes, other scripts."""
    text = write_toml(drafts)
    written = text.split("\n")

    lines = find_lines(text)

    assert len(lines.mappings) == len(drafts)
    for number in range(len(drafts)):
        assert written[lines.of(number, ("policy_id",)) - 1].startswith("policy_id = ")
        assert written[lines.of(number, ()) - 1] == "[[mapping]]"
