"""Mappings as a TOML file, both ways. What changes in the database by it: `store`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import tomlkit

from mappings.body import read_draft
from mappings.terms import plain_terms, unknown
from mappings.toml_lines import find_lines
from mappings.values import MappingDraft, MappingKey

HEADLINE = "Stripe prices and products, and what each sells in LicenseKit."


@dataclass(frozen=True, slots=True, order=True)
class FileFault:
    """One thing that is wrong with a file."""

    line: int  # from 1
    says: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.says}"


class FileError(Exception):
    """A file of mappings has faults, so none of it was taken. `faults` are in order of lines."""

    def __init__(self, name: str, faults: Iterable[FileFault]) -> None:
        self.faults = sorted(faults)
        number = f"{len(self.faults)} fault{'s' if len(self.faults) > 1 else ''}"
        super().__init__(f"{number} in {name}: " + "; ".join(map(str, self.faults)))


def read_toml(text: str, *, name: str, livemode: bool) -> list[MappingDraft]:
    """The drafts of a file, in its order. Raises FileError with every fault at once.

    A table without `livemode` takes the one given. `name` is only said in the error.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(name, [_syntax_fault(str(error), text)]) from None
    lines = find_lines(text)
    faults = [
        FileFault(lines.keys.get((key,), 1), f"{key} {unknown(key, {'mapping': 0})}")
        for key in tables
        if key != "mapping"
    ]
    bodies = tables.get("mapping", [])
    if not isinstance(bodies, list):
        raise FileError(name, [*faults, FileFault(lines.of(0, ()), "write [[mapping]]")])
    drafts: list[tuple[int, MappingDraft]] = []
    for number, body in enumerate(bodies):
        found = read_draft(body, livemode=livemode)
        if isinstance(found, MappingDraft):
            drafts.append((lines.of(number, _sold_path(found)), found))
        else:
            faults += [FileFault(lines.of(number, f.path), str(f)) for f in found]
    faults += _duplicates(drafts)
    if faults:
        raise FileError(name, faults)
    return [draft for _, draft in drafts]


def _sold_path(draft: MappingDraft) -> tuple[str]:
    return ("stripe_price_id" if draft.stripe_price_id is not None else "stripe_product_id",)


def _duplicates(drafts: list[tuple[int, MappingDraft]]) -> Iterator[FileFault]:
    first: dict[MappingKey, int] = {}
    for line, draft in drafts:
        if draft.key in first:
            says = f"{draft.key} is mapped twice, first on line {first[draft.key]}"
            yield FileFault(line, says)
        first.setdefault(draft.key, line)


def _syntax_fault(message: str, text: str) -> FileFault:
    """tomllib says where only in its text: `Invalid value (at line 3, column 5)`."""
    says = f"not TOML: {re.sub(r' [(]at .*', '', message)}"
    found = re.search(r"at line (\d+)", message)
    return FileFault(int(found[1]) if found else max(1, len(text.splitlines())), says)


def write_toml(drafts: Iterable[MappingDraft]) -> str:
    """A file that reads back to the same drafts: sorted, and the same text for the same mappings.

    Each field is written out but terms at their default.
    """
    tables = tomlkit.aot()
    for draft in sorted(drafts, key=lambda draft: draft.key):
        tables.append(_table(draft))
    document = tomlkit.document()
    document.add(tomlkit.comment(HEADLINE))
    if len(tables):
        document.add("mapping", tables)
    return tomlkit.dumps(document)


def _table(draft: MappingDraft) -> tomlkit.items.Table:
    table = tomlkit.table()
    (sold,) = _sold_path(draft)
    table.add(sold, getattr(draft, sold))
    table.add("product_id", draft.product_id)
    table.add("policy_id", draft.policy_id)
    if draft.account:
        table.add("account", draft.account)
    table.add("livemode", draft.livemode)
    changed = plain_terms(draft.terms, only_changed=True)
    if changed:
        terms = tomlkit.inline_table()
        terms.update(changed)
        table.add("terms", terms)
    return table
