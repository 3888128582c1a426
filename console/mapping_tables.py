"""How `fulfill mappings` looks, on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from mappings.check import Finding
from mappings.store import Change, Entry
from mappings.terms import plain_terms
from mappings.values import Mapping, MappingDraft, Terms, plain_mapping
from shared.moments import rfc3339


def plain_entry(entry: Entry) -> dict[str, object]:
    """A version with its story, as JSON has it."""
    return {
        **plain_mapping(entry.mapping),
        "state": entry.state,
        "set_at": rfc3339(entry.set_at),
        "set_by": entry.set_by,
        "ended_at": rfc3339(entry.ended_at) if entry.ended_at else None,
        "ended_by": entry.ended_by,
    }


def count_of(number: int, noun: str) -> str:
    """`1 mapping`, `2 mappings`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def say_released(number: int) -> str:
    """A line to add to an answer; nothing when nothing waited."""
    are = "is" if number == 1 else "are"
    return f"\n{count_of(number, 'waiting sale')} {are} due now" if number else ""


def mode_of(livemode: bool) -> str:
    return "live" if livemode else "test"


def say_terms(terms: Terms) -> str:
    """`grace_days=3`; nothing for terms at their default."""
    changed = plain_terms(terms, only_changed=True)
    return " ".join(f"{name}={_say(value)}" for name, value in changed.items())


def _say(value: object) -> str:
    """`3`, `feat_1,feat_2`, `api:feat_1,sso:feat_2`."""
    if isinstance(value, dict):
        return ",".join(f"{name}:{said}" for name, said in value.items())
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def say_draft(draft: MappingDraft) -> str:
    """`price_1 in test mode sells prod_1 / pol_1 grace_days=3`."""
    sold = f"{draft.key} sells {draft.product_id} / {draft.policy_id}"
    return f"{sold} {say_terms(draft.terms)}".strip()


def mappings_table(mappings: list[Mapping]) -> Table | str:
    if not mappings:
        return "No mappings yet. Add one: fulfill mappings set price_1 --policy pol_1"
    table = Table("Sold in Stripe", "Mode", "Account", "Product", "Policy", "Terms", "Version")
    for mapping in mappings:
        table.add_row(*_cells(mapping), str(mapping.version))
    return table


def history_table(entries: list[Entry]) -> Table:
    table = Table(
        "Version", "Sold in Stripe", "Mode", "Account", "Product", "Policy", "Terms", "State",
        "Set", "Ended",
    )  # fmt: skip
    for entry in entries:
        ended = (
            f"{entry.ended_at:%Y-%m-%d %H:%M} {escape(entry.ended_by or '')}"
            if entry.ended_at
            else ""
        )
        table.add_row(
            str(entry.mapping.version),
            *_cells(entry.mapping),
            entry.state,
            f"{entry.set_at:%Y-%m-%d %H:%M} {escape(entry.set_by)}",
            ended,
        )
    return table


def _cells(mapping: Mapping) -> list[str]:
    cells = [
        mapping.key.stripe_id,
        mode_of(mapping.livemode),
        mapping.account or "own",
        mapping.product_id,
        mapping.policy_id,
        say_terms(mapping.terms),
    ]
    return [escape(cell) for cell in cells]  # an id may look like rich's markup


def changes_text(changes: Iterable[Change], *, dry: bool) -> str:
    """One line a change, then their number."""
    listed = list(changes)
    lines = [f"{change.kind:<8}{say_draft(change.draft)}" for change in listed]
    counts = ", ".join(
        f"{sum(change.kind == kind for change in listed)} {kind}"
        for kind in ("new", "changed", "same")
    )
    return "\n".join([*lines, f"{counts}{'; nothing was written' if dry else ''}"])


def findings_text(findings: list[Finding], *, checked: int, asked: list[str]) -> str:
    """`asked` are the services that answered."""
    where = f"against {' and '.join(asked)}" if asked else "on their own"
    lines = [f"{finding.level:<8} {finding}" for finding in findings]
    faults = sum(finding.level == "fault" for finding in findings)
    counts = f"{count_of(faults, 'fault')}, {count_of(len(findings) - faults, 'warning')}"
    end = f"{count_of(checked, 'mapping')} checked {where}: {counts}"
    return "\n".join([*lines, end])
